//! The test bench: a question, answered by what is served and by what a draft would make of it, and
//! why. Nothing of it is kept.

use std::sync::Arc;

use super::drafts::edit;
use super::{Editorial, Refused, locked};
use crate::consult::{Answer, Situation};
use crate::engine::{Engine, Explanation};
use crate::publish::Source;
use crate::time::Date;

/// An answer, and why it came out so.
#[derive(Debug)]
pub struct Tried {
    /// What answered.
    pub engine: Arc<Engine>,
    /// The answer.
    pub answer: Answer,
    /// Why.
    pub why: Explanation,
}

/// A question that was tried out.
#[derive(Debug)]
pub struct Trial {
    /// What visitors are answered now; nothing before the first publication.
    pub old: Option<Tried>,
    /// What they would be answered with the draft.
    pub new: Option<Tried>,
}

/// The last engine that was built for a trial, and what it was built from.
#[derive(Debug)]
pub(super) struct Cached {
    draft: String,
    revision: i64,
    standing: Arc<super::Standing>,
    engine: Arc<Engine>,
}

impl Editorial {
    /// Answers a question from what is served and, if one is named, with a draft in the folder.
    pub async fn try_out(
        self: &Arc<Self>,
        question: String,
        situation: Situation,
        served: Option<Arc<Engine>>,
        draft: Option<&str>,
        today: Date,
    ) -> Result<Trial, Refused> {
        let draft = match draft {
            Some(id) => Some(self.store.draft(id).await?.ok_or(Refused::NotFound)?.0),
            None => None,
        };
        self.apart(move |editorial| {
            let tried = |engine: Arc<Engine>| -> Result<Tried, Refused> {
                let (answer, why) = engine.explain(&question, &situation, today)?;
                Ok(Tried { engine, answer, why })
            };
            let new = draft.map(|draft| editorial.trial_engine(&draft, today)).transpose()?;
            Ok(Trial { old: served.map(tried).transpose()?, new: new.map(tried).transpose()? })
        })
        .await
    }

    /// Returns an engine over the folder with a draft in it: the last one, if nothing has changed.
    fn trial_engine(
        &self,
        draft: &crate::store::ArticleDraft,
        today: Date,
    ) -> Result<Arc<Engine>, Refused> {
        let standing = self.read(today)?;
        if let Some(known) = &*locked(&self.trial)
            && known.draft == draft.id
            && known.revision == draft.revision
            && Arc::ptr_eq(&known.standing, &standing)
        {
            return Ok(known.engine.clone());
        }
        let source = Source { folder: &self.folder, edits: &[edit(draft)] };
        let engine = Arc::new(self.shelf.open_trial(source)?);
        let (id, revision) = (draft.id.clone(), draft.revision);
        *locked(&self.trial) =
            Some(Cached { draft: id, revision, standing, engine: engine.clone() });
        Ok(engine)
    }
}
