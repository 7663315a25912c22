//! What many files have in common, such as a source, a topic or a phrase: each is kept once. It is
//! needed only while files are parsed.

use std::hash::Hash;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::id::TopicId;

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Common {
    texts: FxHashSet<Arc<str>>,
    markets: FxHashSet<Arc<[String]>>,
    topics: FxHashSet<Arc<[TopicId]>>,
}

impl Common {
    /// Returns the one text with these words.
    pub(super) fn text(&mut self, text: &str) -> Arc<str> {
        one(&mut self.texts, text)
    }

    /// Returns the one list of these markets.
    pub(super) fn markets(&mut self, markets: &[String]) -> Arc<[String]> {
        one(&mut self.markets, markets)
    }

    /// Returns the one list of these topics.
    pub(super) fn topics(&mut self, topics: &[TopicId]) -> Arc<[TopicId]> {
        one(&mut self.topics, topics)
    }
}

fn one<T: ?Sized + Eq + Hash>(known: &mut FxHashSet<Arc<T>>, new: &T) -> Arc<T>
where
    for<'a> Arc<T>: From<&'a T>,
{
    if let Some(known) = known.get(new) {
        return known.clone();
    }
    let new = Arc::from(new);
    known.insert(Arc::clone(&new));
    new
}
