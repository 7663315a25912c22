//! `eider ask`: one question on the terminal, or many from a file.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

use super::{Outcome, answer, batch, print};
use crate::config::Config;
use crate::consult::{Need, Situation, TopicFit};
use crate::engine::{Engine, Explanation};
use crate::id::{self, DrugId};
use crate::protocol::{self, AnswerBody};
use crate::text::Lang;
use crate::time::Clock;

/// Ask one question and print the answer as a visitor would see it.
///
/// `||` inside a text marks a break between two messages of the same visitor. Exit status: 0
/// answered, also when nothing was found; 1 a question, or a line of the batch, could not be
/// answered; 2 a wrong option.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  eider ask \"What are the side effects of Besponsa?\"
  eider ask --drug opicapone \"With food or without?\"
  eider ask --json \"奥加伊妥珠单抗的用法用量\"
  eider ask --batch questions.jsonl > answers.jsonl")]
pub(super) struct Options {
    /// The question.
    #[arg(required_unless_present = "batch")]
    question: Option<String>,
    /// Drug of the page that the visitor is on: a folder's name under drugs/.
    #[arg(long, value_name = "SLUG")]
    drug: Option<String>,
    /// Language to answer in when the question does not tell.
    #[arg(long, value_parser = ["en", "zh"])]
    lang: Option<String>,
    /// The visitor's market, such as US or EU.
    #[arg(long)]
    region: Option<String>,
    /// Print the protocol's answer object.
    #[arg(long)]
    json: bool,
    /// Say why: names, topics, scores.
    #[arg(long)]
    explain: bool,
    /// Read questions from a file, one JSON object per line: {"id","text","drug"?,"lang"?,"region"?};
    /// `-` reads standard input. Prints one answer object per line; a faulty line is told on
    /// standard error with its number, and the others are answered.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["question", "explain"])]
    batch: Option<PathBuf>,
}

/// What a line of a batch looks like.
const SHAPE: &str = r#"{"id", "text", "drug"?, "lang"?, "region"?}"#;

#[derive(Deserialize)]
struct BatchLine {
    id: String,
    text: String,
    drug: Option<String>,
    lang: Option<String>,
    region: Option<String>,
}

pub(super) fn run(config: &Config, options: &Options) -> anyhow::Result<Outcome> {
    let engine = print::engine(config)?;
    if let Some(file) = &options.batch {
        return answer_all(&engine, file);
    }
    let line = BatchLine {
        id: id::random_hex::<8>(),
        text: options.question.clone().unwrap_or_default(),
        drug: options.drug.clone(),
        lang: options.lang.clone(),
        region: options.region.clone(),
    };
    answer_line(&engine, &line, |body, explanation| {
        if options.json {
            print::line(serde_json::to_string(body)?);
        } else {
            answer::show(&serde_json::to_value(body)?);
        }
        if options.explain {
            explain(&engine, explanation);
        }
        Ok(())
    })?;
    Ok(Outcome::Done)
}

fn answer_all(engine: &Engine, file: &Path) -> anyhow::Result<Outcome> {
    batch::each(file, SHAPE, |line: BatchLine| {
        answer_line(engine, &line, |body, _| {
            print::line(serde_json::to_string(body)?);
            Ok(())
        })
    })
}

/// Asks the messages of a line one after the other; hands the last answer to `use_answer`.
fn answer_line(
    engine: &Engine,
    line: &BatchLine,
    use_answer: impl FnOnce(&AnswerBody<'_>, &Explanation) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let page = line.drug.as_deref().map(DrugId::from);
    if let Some(drug) = page.as_ref().filter(|drug| engine.knowledge.drug(drug).is_none()) {
        let known: Vec<&str> = engine.knowledge.drugs.iter().map(|drug| drug.id.as_str()).collect();
        anyhow::bail!("unknown drug \"{drug}\"; known: {}", known.join(", "));
    }
    let lang = line.lang.as_deref().and_then(Lang::from_tag);
    let mut situation =
        Situation { lang, page, region: line.region.clone(), ..Situation::default() };
    let today = Clock::System.now().date();
    let mut messages: Vec<&str> = line.text.split("||").map(str::trim).collect();
    let last = messages.pop().unwrap_or_default();
    for message in messages {
        situation.follow(&engine.ask(message, &situation, today)?);
        situation.recent.push_back(engine.hear(message));
    }
    let (found, explanation) = engine.explain(last, &situation, today)?;
    let body =
        protocol::answer(line.id.clone(), &found, last, &engine.knowledge, engine.generation)?;
    use_answer(&body, &explanation)
}

fn explain(engine: &Engine, explanation: &Explanation) {
    let asked = &explanation.understanding;
    let list =
        |items: Vec<String>| if items.is_empty() { "none".to_owned() } else { items.join(", ") };
    print::line("\n--- why");
    print::line(format!("language   {}", asked.lang.tag()));
    let origin = if asked.assumed { " (from page or session)" } else { "" };
    print::line(format!(
        "drugs      {}{origin}",
        list(asked.drugs.iter().map(ToString::to_string).collect())
    ));
    print::line(format!("others     {}", list(asked.others.clone())));
    print::line(format!(
        "topics     {}",
        list(asked.topics.iter().map(ToString::to_string).collect())
    ));
    let verdict = &explanation.verdict;
    let rules = list(verdict.rules.clone());
    print::line(format!(
        "triage     level {} {}, rules: {rules}",
        verdict.level,
        verdict.category.as_deref().unwrap_or("")
    ));
    let concepts = asked.concepts.iter().map(|concept| {
        let words: Vec<String> = concept.alternatives.all().map(|words| words.join(" ")).collect();
        format!("{}: {}", need(&concept.need), words.join(" = "))
    });
    print::line(format!("concepts   {}", list(concepts.collect())));
    print::line("  score  covers    like  topic         passage");
    for candidate in explanation.candidates.iter().take(12) {
        let (article, passage) = candidate.get(&engine.knowledge);
        let heading = article.headings(passage).join(" > ");
        print::line(format!(
            "{:7.2} {:7.2} {:7.2}  {:12}  {} # {heading}",
            candidate.score,
            candidate.coverage,
            candidate.likeness,
            topic_fit(candidate.topic),
            article.id
        ));
    }
}

fn need(need: &Need) -> String {
    match need {
        Need::Matter => "matter".to_owned(),
        Need::Cue => "cue".to_owned(),
        Need::OtherMedicine => "other medicine".to_owned(),
        Need::Topic(topic) => format!("topic {topic}"),
        Need::Extra => "extra".to_owned(),
    }
}

fn topic_fit(fit: TopicFit) -> &'static str {
    match fit {
        TopicFit::Heading => "heading",
        TopicFit::Introduction => "introduction",
        TopicFit::Article => "article",
        TopicFit::Aside => "aside",
        TopicFit::Earlier => "earlier",
        TopicFit::None => "none",
    }
}
