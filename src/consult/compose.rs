//! Puts an answer together: quotes, canned texts by key, disclaimers by policy, what to read next.

use super::{
    Answer, Ask, Beside, Candidate, Clarify, Conflict, Disagreement, Handoff, Kind, MarketFit,
    Quote, Understanding,
};
use crate::alarm::Alarm;
use crate::id::{ArticleId, DrugId, TopicId};
use crate::knowledge::{Article, Audience, Facts, Knowledge};
use crate::text::Lang;
use crate::time::Date;

/// Most articles offered to read next.
const MAX_RELATED: usize = 4;
/// Most questions offered to ask next.
const MAX_SUGGESTIONS: usize = 3;

/// Returns the answer that quotes `chosen`, and says where they disagree.
pub fn compose(
    kind: Kind,
    asked: &Understanding,
    chosen: &[Candidate],
    knowledge: &Knowledge,
    beside: &Beside,
    today: Date,
) -> Answer {
    let quotes: Vec<Quote> = chosen
        .iter()
        .map(|candidate| {
            let (article, _) = candidate.get(knowledge);
            Quote {
                article: article.id.clone(),
                passage: candidate.passage,
                stale: knowledge.review_due(article) < today,
                other_market: candidate.market == MarketFit::Other,
                also: also(candidate, chosen, knowledge, beside),
            }
        })
        .collect();
    let mut topics = asked.topics.clone();
    if topics.is_empty() {
        topics = chosen
            .iter()
            .filter_map(|candidate| candidate.get(knowledge).0.topic.clone())
            .take(1)
            .collect();
    }
    let stale = quotes.iter().any(|quote| quote.stale);
    let mut answer = blank(kind, asked);
    answer.suggestions = suggestions(asked, &topics, knowledge);
    answer.related = related(&quotes, asked.lang, knowledge);
    answer.quotes = quotes;
    answer.topics = topics;
    answer.conflicts = disagreements(chosen, knowledge, beside);
    let disagree = answer.shows_conflict().then_some("conflict");
    let needs_care = stale || asked.is_about_changing() || asked.is_pair();
    let sensitive = needs_care.then_some("sensitive");
    answer.handoff = Handoff { reason: sensitive.or(disagree) };
    with_disclaimers(answer, knowledge)
}

/// Returns the articles that say the same as a quoted passage and are not quoted themselves.
fn also(
    candidate: &Candidate,
    chosen: &[Candidate],
    knowledge: &Knowledge,
    beside: &Beside,
) -> Vec<ArticleId> {
    let places = beside.twins((candidate.article, candidate.passage), knowledge).iter();
    let is_quoted = |place: &(usize, usize)| {
        chosen.iter().any(|found| (found.article, found.passage) == *place)
    };
    let unquoted = places.filter(|place| !is_quoted(place));
    let mut articles: Vec<ArticleId> =
        unquoted.map(|&(article, _)| knowledge.articles[article].id.clone()).collect();
    articles.dedup();
    articles
}

/// Returns the matters on which the quoted passages disagree.
fn disagreements(
    chosen: &[Candidate],
    knowledge: &Knowledge,
    beside: &Beside,
) -> Vec<Disagreement> {
    let mut known: Vec<&Conflict> = Vec::new();
    for candidate in chosen {
        for conflict in beside.conflicts((candidate.article, candidate.passage), knowledge) {
            if !known.contains(&conflict) {
                known.push(conflict);
            }
        }
    }
    let shown = known.into_iter().filter_map(|conflict| {
        let quoted = conflict.statements.iter().filter_map(|statement| {
            let place = (statement.article, statement.passage);
            let at = chosen.iter().position(|found| (found.article, found.passage) == place)?;
            Some((statement.value.clone(), at))
        });
        let values: Vec<(String, usize)> = quoted.collect();
        let differ = values.iter().any(|(value, _)| *value != values[0].0);
        differ.then(|| Disagreement { about: conflict.about.clone(), values })
    });
    shown.collect()
}

/// Returns an answer without quotes: a canned reply, perhaps with a question back.
pub fn refuse(
    kind: Kind,
    reply: &str,
    ask: Option<(Clarify, Vec<DrugId>)>,
    asked: &Understanding,
    knowledge: &Knowledge,
) -> Answer {
    let mut answer = blank(kind, asked);
    answer.reply = Some(reply.to_owned());
    answer.ask = ask.map(|(clarify, drugs)| Ask { clarify, drugs });
    if kind == Kind::NotFound {
        answer.handoff = Handoff { reason: Some("not_found") };
        answer.related = service_articles(asked.lang, knowledge);
    }
    with_disclaimers(answer, knowledge)
}

/// Returns the answer to an emergency: the card, no drug answer, a person.
pub fn urgent(alarm: Alarm, asked: &Understanding, knowledge: &Knowledge) -> Answer {
    let answer =
        Answer { handoff: Handoff { reason: Some("urgent") }, ..blank(Kind::Urgent, asked) };
    with_disclaimers(warn(answer, alarm), knowledge)
}

/// Puts an alarm's card before an answer, and offers a person when it calls for one or when a side
/// effect is reported.
pub fn warn(mut answer: Answer, alarm: Alarm) -> Answer {
    if alarm.is_priority() {
        answer.handoff = Handoff { reason: Some("urgent") };
    } else if alarm.reports_side_effect {
        answer.handoff = Handoff { reason: Some("adverse_event") };
    }
    answer.alarm = alarm;
    answer
}

/// Recommends a person when this was one question too many that was not answered.
pub fn offer_after_failures(answer: &mut Answer, before: usize, knowledge: &Knowledge) {
    let most = knowledge.policy.duty.calls.failures;
    let failed_again = answer.kind.answered() == Some(false) && before + 1 >= most && most > 0;
    if failed_again && matches!(answer.handoff.reason, None | Some("not_found")) {
        answer.handoff = Handoff { reason: Some("repeated_failure") };
    }
}

/// Returns a canned reply that answers nothing in particular.
pub fn say(kind: Kind, reply: &str, lang: Lang, knowledge: &Knowledge) -> Answer {
    let asked = Understanding { lang, ..Understanding::default() };
    let mut answer = blank(kind, &asked);
    answer.reply = Some(reply.to_owned());
    answer.related = service_articles(lang, knowledge);
    with_disclaimers(answer, knowledge)
}

fn blank(kind: Kind, asked: &Understanding) -> Answer {
    Answer {
        kind,
        alarm: Alarm::default(),
        lang: asked.lang,
        drugs: asked.drugs.clone(),
        assumed: asked.assumed,
        topics: asked.topics.clone(),
        population: asked.population.clone(),
        reply: None,
        quotes: Vec::new(),
        conflicts: Vec::new(),
        disclaimers: Vec::new(),
        ask: None,
        suggestions: Vec::new(),
        related: Vec::new(),
        handoff: Handoff::default(),
    }
}

fn with_disclaimers(mut answer: Answer, knowledge: &Knowledge) -> Answer {
    let professional = answer.quotes.iter().any(|quote| {
        knowledge
            .article(&quote.article)
            .is_some_and(|article| article.audience == Audience::Professional)
    });
    let facts = Facts {
        kind: answer.kind.name(),
        topics: &answer.topics,
        professional,
        stale: answer.quotes.iter().any(|quote| quote.stale),
        other_market: answer.quotes.iter().any(|quote| quote.other_market),
        conflict: answer.shows_conflict(),
    };
    let applying =
        knowledge.policy.disclaimers.iter().filter(|disclaimer| disclaimer.applies(&facts));
    answer.disclaimers = applying.map(|disclaimer| disclaimer.id.clone()).collect();
    answer
}

/// Topics of the first drug that have an article and were not asked about.
fn suggestions(asked: &Understanding, topics: &[TopicId], knowledge: &Knowledge) -> Vec<TopicId> {
    let Some(drug) = asked.drugs.first() else { return Vec::new() };
    let articles = knowledge.articles_about(drug);
    let written: Vec<&TopicId> =
        articles.filter_map(|(_, article)| article.topic.as_ref()).collect();
    let offered = knowledge.lexicon.topics.iter().filter(|(id, topic)| {
        topic.suggest.is_some() && topic.clinical && !topics.contains(id) && written.contains(id)
    });
    offered.map(|(id, _)| id.clone()).take(MAX_SUGGESTIONS).collect()
}

fn related(quotes: &[Quote], lang: Lang, knowledge: &Knowledge) -> Vec<ArticleId> {
    let is_quoted = |id: &ArticleId| quotes.iter().any(|quote| &quote.article == id);
    let mut related: Vec<ArticleId> = Vec::new();
    let named = quotes
        .iter()
        .filter_map(|quote| knowledge.article(&quote.article))
        .flat_map(|article| &article.related);
    let drug = quotes.first().and_then(|quote| knowledge.article(&quote.article)?.drug.clone());
    let siblings = drug.iter().flat_map(|drug| knowledge.articles_about(drug));
    let siblings =
        siblings.filter(|(_, article)| article.lang == lang).map(|(_, article)| &article.id);
    for id in named.chain(siblings) {
        let readable = knowledge.article(id).is_some_and(Article::is_quotable);
        if readable && !is_quoted(id) && !related.contains(id) && related.len() < MAX_RELATED {
            related.push(id.clone());
        }
    }
    related
}

/// The service lines, offered when the knowledge base has no answer.
fn service_articles(lang: Lang, knowledge: &Knowledge) -> Vec<ArticleId> {
    let services = knowledge.services().filter(|article| article.lang == lang);
    services.map(|article| article.id.clone()).take(MAX_RELATED + 1).collect()
}
