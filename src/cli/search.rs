//! `eider search`: raw retrieval, for editors and for evaluation.

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Deserialize;

use super::{Outcome, batch, print};
use crate::config::Config;
use crate::engine::Engine;
use crate::id::DrugId;
use crate::search::Hit;

/// Search passages, without understanding or choosing.
///
/// Exit status: 0 something was found, or the batch is done; 1 nothing was found, or a line of the
/// batch is faulty; 2 a wrong option.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  eider search \"infusion reaction\" --k 5
  eider search --batch queries.jsonl --by article --k 100 > run.trec")]
pub(super) struct Options {
    /// What to look for.
    #[arg(required_unless_present = "batch")]
    text: Option<String>,
    /// Most results of one search.
    #[arg(long, default_value = "10")]
    k: NonZeroUsize,
    /// Only passages about this drug: a folder's name under drugs/.
    #[arg(long, value_name = "SLUG")]
    drug: Option<String>,
    /// Print results as JSON, one object per line.
    #[arg(long)]
    json: bool,
    /// Read queries from a file, one JSON object {"id","text"} per line; `-` reads standard input.
    /// Prints a TREC run: qid Q0 document rank score eider. A faulty line is told on standard error
    /// with its number, and the others are searched for.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["text", "json"])]
    batch: Option<PathBuf>,
    /// What a result is.
    #[arg(long, value_enum, default_value_t = By::Passage)]
    by: By,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// Each passage for itself.
    Passage,
    /// Each article once, by its best passage.
    Article,
}

/// What a line of a batch looks like.
const SHAPE: &str = r#"{"id", "text"}"#;

#[derive(Deserialize)]
struct BatchLine {
    id: String,
    text: String,
}

pub(super) fn run(config: &Config, options: &Options) -> anyhow::Result<Outcome> {
    let engine = print::engine(config)?;
    let drug = options.drug.as_deref().map(DrugId::from);
    if let Some(file) = &options.batch {
        return batch::each(file, SHAPE, |query: BatchLine| {
            let found = find(&engine, &query.text, drug.as_ref(), options)?;
            for (rank, (name, hit)) in found.iter().enumerate() {
                print::line(format!("{} Q0 {name} {} {} eider", query.id, rank + 1, hit.score));
            }
            Ok(())
        });
    }
    let text = options.text.as_deref().unwrap_or_default();
    let found = find(&engine, text, drug.as_ref(), options)?;
    for (rank, (name, hit)) in found.iter().enumerate() {
        let (article, passage) = hit.passage.get(&engine.knowledge);
        if options.json {
            print::line(serde_json::json!({
                "rank": rank + 1, "score": hit.score, "article": article.id, "title": article.title,
                "heading": article.headings(passage), "text": article.passage_text(passage),
            }));
        } else {
            let first_line = article.passage_text(passage).lines().next().unwrap_or_default();
            let start: String = first_line.chars().take(100).collect();
            print::line(format!(
                "{:3}. {:7.3}  {name}\n              {start}",
                rank + 1,
                hit.score
            ));
        }
    }
    if found.is_empty() {
        print::note("eider: nothing found");
        return Ok(Outcome::Problems);
    }
    Ok(Outcome::Done)
}

fn find(
    engine: &Engine,
    text: &str,
    drug: Option<&DrugId>,
    options: &Options,
) -> anyhow::Result<Vec<(String, Hit)>> {
    // An article may hold several of the best passages: look deeper, then keep each once.
    let deeper = if options.by == By::Article { 4 } else { 1 };
    let hits = engine.find(text, drug, options.k.get().saturating_mul(deeper))?;
    let mut seen = HashSet::new();
    let named = hits.into_iter().map(|hit| {
        let (article, passage) = hit.passage.get(&engine.knowledge);
        let name = match options.by {
            By::Passage => format!("{}#{}", article.id, article.anchor(passage)),
            By::Article => article.id.to_string(),
        };
        (name, hit)
    });
    Ok(named.filter(|(name, _)| seen.insert(name.clone())).take(options.k.get()).collect())
}
