//! What a publication would change, before it is published: the questions whose answer differs.

use serde::Serialize;

use super::{Error, Prepared, Shelf, Source, Step};
use crate::eval::{self, Outcome, Said};
use crate::knowledge::{Problem, Question};
use crate::library;
use crate::time::Timestamp;

/// What publishing the knowledge folder as it is would do.
#[derive(Debug)]
pub struct Preview {
    /// How many articles could be quoted.
    pub articles: usize,
    /// How many passages they have.
    pub passages: usize,
    /// Problems of the knowledge base.
    pub problems: Vec<Problem>,
    /// Golden questions marked `must` that would fail: publishing would be refused.
    pub failed: Vec<Outcome>,
    /// How many questions were asked of both generations.
    pub asked: usize,
    /// Those whose answer would change.
    pub changes: Vec<Change>,
}

/// A question whose answer would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The question.
    pub ask: String,
    /// Where it comes from: file and line of a golden question, or `session log`.
    pub at: String,
    /// What is answered now; nothing before the first publication.
    pub old: Option<Said>,
    /// What would be answered.
    pub new: Said,
}

impl Shelf {
    /// Builds a generation without publishing it, and asks it and the
    /// current one every golden question and `recent` ones. Nothing of it is kept. Faulty articles
    /// are left out, as with `force`.
    pub fn preview<'a>(
        &self,
        knowledge: impl Into<Source<'a>>,
        recent: &[Question],
        now: Timestamp,
        mut progress: impl FnMut(Step),
    ) -> Result<Preview, Error> {
        let source = knowledge.into();
        library::require(source.folder)?;
        let _lock = self.lock()?;
        let served = self.open().ok();
        let prepared = self.prepare(source, true, now, &mut progress)?;
        let Prepared { engine, problems, outcomes, articles, passages, .. } = prepared;
        let questions: Vec<&Question> = engine.knowledge.questions.iter().chain(recent).collect();
        let mut changes = Vec::new();
        for (at, question) in questions.iter().enumerate() {
            let new = eval::said(&engine, question, now.date())?;
            let old =
                served.as_ref().map(|old| eval::said(old, question, now.date())).transpose()?;
            if old.as_ref() != Some(&new) {
                let ask = question.ask.clone();
                let at = if question.line == 0 {
                    question.path.clone()
                } else {
                    format!("{}:{}", question.path, question.line)
                };
                changes.push(Change { ask, at, old, new });
            }
            progress(Step::Asking(at + 1, questions.len()));
        }
        let failed = outcomes.into_iter().filter(|outcome| outcome.must && !outcome.passed());
        let failed = failed.collect();
        Ok(Preview { articles, passages, problems, failed, asked: questions.len(), changes })
    }
}
