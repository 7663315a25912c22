//! The answer object: an answer in words, each quote with its proof.

use serde::{Deserialize, Serialize};

use crate::alarm::{Alarm, Call};
use crate::consult::{Answer, Ask, Clarify, Disagreement, Quote};
use crate::id::{ArticleId, DrugId, TopicId};
use crate::knowledge::{Knowledge, Rank};
use crate::text::Lang;

/// The body of a bot message, the result of `POST /v1/ask` and of `eider ask --json`.
#[derive(Debug, Serialize)]
pub struct AnswerBody<'a> {
    /// Name of this answer.
    pub id: String,
    /// answer, clarify, `not_found`, urgent, service or smalltalk.
    pub kind: &'static str,
    /// Language of the canned texts.
    pub lang: &'static str,
    /// The verdict on emergencies.
    pub triage: TriageBody<'a>,
    /// Present, and true, when the message reports a side effect.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub adverse_event: bool,
    /// Drugs it is about.
    pub drugs: &'a [DrugId],
    /// The names of those drugs, to show.
    pub about: Vec<String>,
    /// Whether the drug was taken from the page or the session instead of the message.
    pub assumed: bool,
    /// Topics it is about.
    pub topics: &'a [TopicId],
    /// Groups of people it is about.
    pub population: Vec<&'static str>,
    /// The canned reply, if one is said.
    pub text: Option<&'a str>,
    /// The quotes, best first.
    pub quotes: Vec<QuoteBody<'a>>,
    /// Matters on which quotes disagree.
    pub conflicts: Vec<ConflictBody<'a>>,
    /// Disclaimers, in the order in which to show them.
    pub disclaimers: Vec<TextBody<'a>>,
    /// A question back.
    pub ask: Option<AskBody<'a>>,
    /// Questions to ask next.
    pub suggestions: Vec<String>,
    /// Articles to read next.
    pub related: Vec<RelatedBody<'a>>,
    /// Whether a person is offered.
    pub handoff: HandoffBody<'a>,
    /// The generation of the knowledge base that answered.
    pub generation: u64,
    /// What else the answer depended on, in the log of a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<Given>,
}

/// What an answer depends on besides its message and the day: enough to write it anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Language that was spoken before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<Lang>,
    /// Drug of the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<DrugId>,
    /// The visitor's market.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Drugs that the session was about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drugs: Vec<DrugId>,
    /// Topics that the session was about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<TopicId>,
    /// How many questions in a row had not been answered.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures: usize,
    /// Numbers of the earlier messages that were judged together with this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// The verdict on emergencies.
#[derive(Debug, Serialize)]
pub struct TriageBody<'a> {
    /// 3 interrupt, 2 priority, 1 soft line, 0 none.
    pub level: u8,
    /// What kind of emergency.
    pub category: Option<&'a str>,
    /// Ids of the rules that fired.
    pub rules: &'a [String],
    /// What to show at once, before anything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<CardBody<'a>>,
}

/// An emergency card.
#[derive(Debug, Serialize)]
pub struct CardBody<'a> {
    /// Call whom, now.
    pub text: &'a str,
    /// What to do while waiting.
    pub steps: &'a [String],
    /// Numbers to tap.
    pub numbers: Vec<NumberBody<'a>>,
}

/// A telephone number to tap.
#[derive(Debug, Serialize)]
pub struct NumberBody<'a> {
    /// Who answers there.
    pub label: &'a str,
    /// The number as dialled.
    pub tel: &'a str,
}

/// A passage of one version of one article, with the proof.
#[derive(Debug, Serialize)]
pub struct QuoteBody<'a> {
    /// Id of the article.
    pub article: &'a ArticleId,
    /// Its title.
    pub title: &'a str,
    /// Headings down to the passage.
    pub heading: Vec<&'a str>,
    /// Name of the passage within the article.
    pub anchor: String,
    /// Exactly the bytes `span` of the article's file.
    pub text: &'a str,
    /// Start and end in bytes.
    pub span: [usize; 2],
    /// `sha256:` and the hash of the article's file.
    pub version: &'a str,
    /// Who says so.
    pub source: &'a str,
    /// Where the source can be read.
    pub source_url: Option<&'a str>,
    /// Day of publication.
    pub published: String,
    /// Day of the last check against the source.
    pub reviewed: String,
    /// label, reference or article.
    pub rank: Rank,
    /// Markets it holds for; empty means everywhere.
    pub markets: &'a [String],
    /// Language of the quote.
    pub lang: &'static str,
    /// Whether it is overdue for review.
    pub stale: bool,
    /// Whether it holds for other markets than the one asked about, or the visitor's.
    pub other_market: bool,
    /// Other articles that say the same, in (nearly) the same words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<AlsoBody<'a>>,
}

/// An article that says the same as a quote.
#[derive(Debug, Serialize)]
pub struct AlsoBody<'a> {
    /// Its id.
    pub article: &'a ArticleId,
    /// Its title.
    pub title: &'a str,
    /// Who says so.
    pub source: &'a str,
}

/// A matter on which quotes disagree.
#[derive(Debug, Serialize)]
pub struct ConflictBody<'a> {
    /// The matter.
    pub about: &'a str,
    /// What is said, the source that counts most first.
    pub values: Vec<ValueBody<'a>>,
}

/// What one quote says on a matter.
#[derive(Debug, Serialize)]
pub struct ValueBody<'a> {
    /// The figure as it is written.
    pub value: &'a str,
    /// Position of the quote.
    pub quote: usize,
}

/// A canned text.
#[derive(Debug, Serialize)]
pub struct TextBody<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its words.
    pub text: &'a str,
}

/// A question back.
#[derive(Debug, Serialize)]
pub struct AskBody<'a> {
    /// The question.
    pub text: &'a str,
    /// Answers to click.
    pub options: Vec<OptionBody>,
}

/// An answer to click.
#[derive(Debug, Serialize)]
pub struct OptionBody {
    /// What to show.
    pub label: String,
    /// The message to send.
    pub send: String,
}

/// An article to read next.
#[derive(Debug, Serialize)]
pub struct RelatedBody<'a> {
    /// Its id.
    pub article: &'a ArticleId,
    /// Its title.
    pub title: &'a str,
}

/// Whether and why a person is offered.
#[derive(Debug, Serialize)]
pub struct HandoffBody<'a> {
    /// none, offered, recommended or urgent.
    pub state: &'a str,
    /// Id of the reason.
    pub reason: Option<&'a str>,
    /// What to tell the visitor about it.
    pub text: Option<&'a str>,
}

/// A quote that is not what its article says: nothing may be sent.
#[derive(Debug, thiserror::Error)]
#[error("quote {quote} of article \"{article}\" does not match the article's bytes")]
pub struct Unverified {
    /// Position of the quote.
    pub quote: usize,
    /// The article it names.
    pub article: String,
}

/// Longest part of the visitor's message that is repeated in an option to click, in characters.
const MAX_REPEATED: usize = 300;

/// Puts `answer` into words, with quotes that are proven to be the article's own bytes.
pub fn answer<'a>(
    id: String,
    answer: &'a Answer,
    message: &str,
    knowledge: &'a Knowledge,
    generation: u64,
) -> Result<AnswerBody<'a>, Unverified> {
    let lang = answer.lang;
    let reply = |key: &str| knowledge.policy.reply(key).map(|reply| reply.text.get(lang).as_str());
    let texts = knowledge
        .policy
        .disclaimers
        .iter()
        .filter(|disclaimer| answer.disclaimers.contains(&disclaimer.id));
    let reason = answer.handoff.reason.and_then(|id| knowledge.policy.handoff_reason(id));
    let body = AnswerBody {
        id,
        kind: answer.kind.name(),
        lang: lang.tag(),
        triage: verdict(&answer.alarm),
        adverse_event: answer.alarm.reports_side_effect,
        drugs: &answer.drugs,
        about: answer.drugs.iter().map(|drug| display_name(drug, lang, knowledge)).collect(),
        assumed: answer.assumed,
        topics: &answer.topics,
        population: answer.population.iter().map(|group| group.name()).collect(),
        text: answer.reply.as_deref().filter(|_| answer.ask.is_none()).and_then(reply),
        quotes: answer.quotes.iter().filter_map(|quoted| quote(quoted, knowledge)).collect(),
        conflicts: answer.conflicts.iter().map(conflict).collect(),
        disclaimers: texts
            .map(|found| TextBody { id: &found.id, text: found.text.get(lang) })
            .collect(),
        ask: answer.ask.as_ref().map(|ask| question_back(ask, lang, message, knowledge)),
        suggestions: suggestions(answer, knowledge),
        related: answer.related.iter().filter_map(|id| related(id, knowledge)).collect(),
        handoff: HandoffBody {
            state: match (answer.handoff.reason, reason) {
                (_, Some(reason)) => &reason.state,
                (Some(_), None) => "offered",
                (None, None) => "none",
            },
            reason: answer.handoff.reason,
            text: reason.map(|reason| reason.text.get(lang).as_str()),
        },
        generation,
        given: None,
    };
    if body.quotes.len() != answer.quotes.len() {
        return Err(Unverified { quote: body.quotes.len(), article: "unknown".to_owned() });
    }
    verify(&body, knowledge)?;
    Ok(body)
}

/// Checks that every quote is exactly the named bytes of the named version of its article.
pub fn verify(body: &AnswerBody<'_>, knowledge: &Knowledge) -> Result<(), Unverified> {
    for (at, quote) in body.quotes.iter().enumerate() {
        let article = knowledge.article(quote.article);
        let [start, end] = quote.span;
        let matches = article.is_some_and(|article| {
            article.is_quotable()
                && article.version == quote.version
                && article.text.get(start..end) == Some(quote.text)
        });
        if !matches || quote.text.is_empty() {
            return Err(Unverified { quote: at, article: quote.article.to_string() });
        }
    }
    Ok(())
}

/// Returns a passage as a quote, if there is such a quotable passage.
pub fn passage<'a>(
    article: &ArticleId,
    anchor: &str,
    stale: bool,
    knowledge: &'a Knowledge,
) -> Option<QuoteBody<'a>> {
    let found = knowledge.article(article).filter(|article| article.is_quotable())?;
    let passage = found.passages.iter().position(|passage| found.anchor(passage) == anchor)?;
    let (article, also) = (article.clone(), Vec::new());
    let body = quote(&Quote { article, passage, stale, other_market: false, also }, knowledge)?;
    let [start, end] = body.span;
    (found.text.get(start..end) == Some(body.text) && !body.text.is_empty()).then_some(body)
}

fn quote<'a>(quote: &Quote, knowledge: &'a Knowledge) -> Option<QuoteBody<'a>> {
    let article = knowledge.article(&quote.article)?;
    let passage = article.passages.get(quote.passage)?;
    let span = passage.span();
    Some(QuoteBody {
        article: &article.id,
        title: &article.title,
        heading: article.headings(passage),
        anchor: article.anchor(passage),
        text: article.passage_text(passage),
        span: [span.start, span.end],
        version: &article.version,
        source: &article.source,
        source_url: article.source_url.as_deref(),
        published: article.published.to_string(),
        reviewed: article.reviewed.to_string(),
        rank: article.rank,
        markets: &article.markets,
        lang: article.lang.tag(),
        stale: quote.stale,
        other_market: quote.other_market,
        also: quote.also.iter().filter_map(|id| also(id, knowledge)).collect(),
    })
}

fn also<'a>(id: &ArticleId, knowledge: &'a Knowledge) -> Option<AlsoBody<'a>> {
    let article = knowledge.article(id)?;
    Some(AlsoBody { article: &article.id, title: &article.title, source: &article.source })
}

fn conflict(disagreement: &Disagreement) -> ConflictBody<'_> {
    let values = disagreement.values.iter();
    ConflictBody {
        about: &disagreement.about,
        values: values.map(|(value, quote)| ValueBody { value, quote: *quote }).collect(),
    }
}

/// Returns the body of a verdict.
pub fn verdict(alarm: &Alarm) -> TriageBody<'_> {
    TriageBody {
        level: alarm.verdict.level,
        category: alarm.verdict.category.as_deref(),
        rules: &alarm.verdict.rules,
        card: alarm.card.as_ref().map(|card| CardBody {
            text: &card.text,
            steps: &card.steps,
            numbers: card.calls.iter().map(number).collect(),
        }),
    }
}

/// Returns a number to call.
pub fn number(call: &Call) -> NumberBody<'_> {
    NumberBody { label: &call.label, tel: &call.number }
}

/// Returns the body of a safety event.
///
/// # Panics
/// Never: a verdict holds numbers and texts only, which JSON can always hold.
pub fn safety(alarm: &Alarm) -> String {
    let body = serde_json::to_string(&verdict(alarm));
    body.expect("a verdict holds numbers and texts only")
}

fn question_back<'a>(
    ask: &Ask,
    lang: Lang,
    message: &str,
    knowledge: &'a Knowledge,
) -> AskBody<'a> {
    let key = match ask.clarify {
        Clarify::WhichDrug => "which_drug",
        Clarify::DidYouMean => "did_you_mean",
    };
    let repeated: String = message.chars().take(MAX_REPEATED).collect();
    let options = ask
        .drugs
        .iter()
        .map(|drug| {
            let label = display_name(drug, lang, knowledge);
            let send = match ask.clarify {
                Clarify::WhichDrug => format!("{label}: {repeated}"),
                Clarify::DidYouMean => label.clone(),
            };
            OptionBody { label, send }
        })
        .collect();
    let text = knowledge.policy.reply(key).or_else(|| knowledge.policy.reply("which_drug"));
    AskBody { text: text.map_or("", |reply| reply.text.get(lang)), options }
}

fn suggestions(answer: &Answer, knowledge: &Knowledge) -> Vec<String> {
    let Some(drug) = answer.drugs.first() else { return Vec::new() };
    let name = short_name(drug, answer.lang, knowledge);
    let suggests = answer
        .suggestions
        .iter()
        .filter_map(|topic| knowledge.lexicon.topic(topic)?.suggest.as_ref());
    suggests.map(|text| text.get(answer.lang).replace("{drug}", &name)).collect()
}

fn related<'a>(id: &ArticleId, knowledge: &'a Knowledge) -> Option<RelatedBody<'a>> {
    knowledge.article(id).map(|article| RelatedBody { article: &article.id, title: &article.title })
}

fn display_name(drug: &DrugId, lang: Lang, knowledge: &Knowledge) -> String {
    let Some(found) = knowledge.drug(drug) else { return drug.to_string() };
    match (lang, found.names.zh.first()) {
        (Lang::Zh, Some(name)) => {
            format!("{name} ({})", found.brands.first().unwrap_or(&found.name))
        }
        _ => found.display_name(),
    }
}

fn short_name(drug: &DrugId, lang: Lang, knowledge: &Knowledge) -> String {
    let Some(found) = knowledge.drug(drug) else { return drug.to_string() };
    let own = if lang == Lang::Zh { found.names.zh.first() } else { None };
    own.or(found.brands.first()).unwrap_or(&found.name).clone()
}
