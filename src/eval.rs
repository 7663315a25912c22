//! Golden questions: asked of an engine, compared with what editors expect.

use serde::Serialize;

use crate::consult::{Answer, Situation};
use crate::engine::Engine;
use crate::knowledge::{Article, Knowledge, Question};
use crate::search;
use crate::time::Date;

/// How one golden question came out.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The visitor's message.
    pub ask: String,
    /// Where the question stands: file and line.
    pub at: String,
    /// Whether a miss stops publishing.
    pub must: bool,
    /// Position of the first quote that fits all expectations, 1-based.
    pub rank: Option<usize>,
    /// What was not as expected; empty when all was well.
    pub misses: Vec<String>,
}

impl Outcome {
    /// Returns whether everything was as expected.
    pub fn passed(&self) -> bool {
        self.misses.is_empty()
    }
}

/// Asks every question and returns the outcomes in the same order.
pub fn run(
    engine: &Engine,
    questions: &[Question],
    today: Date,
    mut progress: impl FnMut(usize),
) -> Result<Vec<Outcome>, search::Error> {
    let mut outcomes = Vec::with_capacity(questions.len());
    for question in questions {
        let answer = answer(engine, question, today)?;
        outcomes.push(judge(question, &answer, &engine.knowledge));
        progress(outcomes.len());
    }
    Ok(outcomes)
}

/// What an answer says, to compare two generations by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// Its kind.
    pub kind: String,
    /// Level of urgency, 0 to 3.
    pub level: u8,
    /// The canned reply, if one is said.
    pub reply: Option<String>,
    /// The quotes, best first: id of the article, and the words.
    pub quotes: Vec<(String, String)>,
    /// Ids of the disclaimers.
    pub disclaimers: Vec<String>,
    /// Why a person is offered, if one is.
    pub handoff: Option<String>,
}

/// Returns what an engine says to a question.
pub fn said(engine: &Engine, question: &Question, today: Date) -> Result<Said, search::Error> {
    let answer = answer(engine, question, today)?;
    let quotes = answer.quotes.iter().filter_map(|quote| {
        let article = engine.knowledge.article(&quote.article)?;
        let text = article.passage_text(article.passages.get(quote.passage)?);
        Some((article.id.to_string(), text.to_owned()))
    });
    Ok(Said {
        kind: answer.kind.name().to_owned(),
        level: answer.alarm.verdict.level,
        quotes: quotes.collect(),
        handoff: answer.handoff.reason.map(ToString::to_string),
        reply: answer.reply,
        disclaimers: answer.disclaimers,
    })
}

/// Asks a question after the messages that went before it.
fn answer(engine: &Engine, question: &Question, today: Date) -> Result<Answer, search::Error> {
    let mut situation = Situation {
        page: question.page.clone(),
        region: question.region.clone(),
        ..Situation::default()
    };
    for message in &question.before {
        let answer = engine.ask(message, &situation, today)?;
        situation.follow(&answer);
        situation.recent.push_back(engine.hear(message));
    }
    engine.ask(&question.ask, &situation, today)
}

/// Compares an answer with what was expected.
fn judge(question: &Question, answer: &Answer, knowledge: &Knowledge) -> Outcome {
    let expected = &question.expected;
    let mut misses = Vec::new();
    let mut expect = |holds: bool, miss: String| {
        if !holds {
            misses.push(miss);
        }
    };
    let quotes: Vec<(&Article, &str)> = answer
        .quotes
        .iter()
        .filter_map(|quote| {
            let article = knowledge.article(&quote.article)?;
            Some((article, article.passage_text(article.passages.get(quote.passage)?)))
        })
        .collect();
    let kind = answer.kind.name();
    expect(kind == expected.kind, format!("kind is {kind}, not {}", expected.kind));
    if let Some(lang) = expected.lang {
        expect(
            answer.lang == lang,
            format!("language is {}, not {}", answer.lang.tag(), lang.tag()),
        );
    }
    if let Some(drug) = &expected.drug {
        let wrong: Vec<&str> = quotes
            .iter()
            .filter_map(|(article, _)| article.drug.as_ref())
            .filter(|other| *other != drug)
            .map(crate::id::DrugId::as_str)
            .collect();
        expect(wrong.is_empty(), format!("quotes about another drug: {}", wrong.join(", ")));
        expect(answer.drugs.contains(drug), format!("not understood as about {drug}"));
    }
    if let Some(topic) = &expected.topic {
        let found: Vec<&str> = answer.topics.iter().map(crate::id::TopicId::as_str).collect();
        expect(
            answer.topics.contains(topic),
            format!("topics are [{}], without {topic}", found.join(", ")),
        );
    }
    if let Some(article) = &expected.article {
        expect(
            quotes.iter().any(|(quoted, _)| quoted.id == *article),
            format!("{article} is not quoted"),
        );
    }
    for text in &expected.quote_contains {
        expect(
            quotes.iter().any(|(_, quote)| quote.contains(text.as_str())),
            format!("no quote holds \"{text}\""),
        );
    }
    for text in &expected.forbidden {
        expect(
            !quotes.iter().any(|(_, quote)| quote.contains(text.as_str())),
            format!("a quote holds \"{text}\""),
        );
    }
    for id in &expected.disclaimers {
        expect(answer.disclaimers.contains(id), format!("the disclaimer \"{id}\" is missing"));
    }
    if let Some(state) = &expected.handoff {
        let found = answer.handoff.reason.map_or("none", |id| {
            knowledge.policy.handoff_reason(id).map_or("offered", |reason| reason.state.as_str())
        });
        expect(found == state, format!("hand-off is {found}, not {state}"));
    }
    if let Some(conflict) = expected.conflict {
        expect(
            answer.shows_conflict() == conflict,
            "sources that disagree are not shown as such".to_owned(),
        );
    }
    let rank = quotes.iter().position(|(article, quote)| {
        let drug = expected.drug.is_none() || article.drug == expected.drug;
        let id = expected.article.as_ref().is_none_or(|id| article.id == *id);
        let text = expected.quote_contains.is_empty()
            || expected.quote_contains.iter().any(|text| quote.contains(text.as_str()));
        drug && id && text
    });
    Outcome {
        ask: question.ask.clone(),
        at: format!("{}:{}", question.path, question.line),
        must: question.must,
        rank: rank.map(|at| at + 1),
        misses,
    }
}
