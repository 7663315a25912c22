//! Long messages: which sentences ask, and which only tell the story.
//!
//! A message of many sentences holds many words that no article on the matter need hold. What is
//! demanded of a passage is then taken from the sentences that ask; the rest only tells passages
//! apart. Groups of people and medicines outside the knowledge base count wherever they stand.

use std::collections::HashSet;

use super::concepts::{Concept, Need};
use crate::knowledge::Mention;
use crate::text;

/// A message of more search terms than these may tell a story.
const LONG: usize = 14;
/// A first sentence of at most so many is a subject line.
const SUBJECT: usize = 2;

/// The sentences of a long message that ask.
pub(super) struct Asking {
    /// Search terms of each sentence before the first that asks, the nearest last.
    before: Vec<HashSet<String>>,
    /// Search terms of the sentences that ask, and of a subject line.
    terms: HashSet<String>,
}

impl Asking {
    /// Reads a message; `None` when it is short, or when all or none of its sentences ask.
    pub(super) fn in_message(message: &str, mend: impl Fn(String) -> String) -> Option<Self> {
        let asks = || text::sentences(message).map(is_question);
        if !asks().any(|asks| asks) || asks().all(|asks| asks) {
            return None;
        }
        let mut sentences: Vec<(bool, Vec<String>)> = text::sentences(message)
            .map(|sentence| {
                (is_question(sentence), text::search_terms(&mend(text::fold(sentence))))
            })
            .filter(|(_, terms)| !terms.is_empty())
            .collect();
        let length: usize = sentences.iter().map(|(_, terms)| terms.len()).sum();
        let first = sentences.iter().position(|(asks, _)| *asks)?;
        if length <= LONG || sentences.iter().all(|(asks, _)| *asks) {
            return None;
        }
        let subject = &mut sentences[0];
        subject.0 |= subject.1.len() <= SUBJECT;
        let set = |terms: &Vec<String>| terms.iter().cloned().collect();
        let before = sentences[..first].iter().map(|(_, terms)| set(terms)).collect();
        let asking = sentences.iter().filter(|(asks, _)| *asks).flat_map(|(_, terms)| terms);
        Some(Self { before, terms: asking.cloned().collect() })
    }

    /// Leaves to the story what stands in no sentence that asks: its matters become extras and the
    /// topics it names are dropped. Sentences are taken in from the question backwards until there
    /// is something to look for.
    pub(super) fn reduce(
        mut self,
        concepts: &mut [Concept],
        mentions: &mut Vec<Mention>,
        text: &str,
    ) {
        let is_matter = |concept: &&Concept| matches!(concept.need, Need::Matter | Need::Cue);
        let named = |mention: &Mention| text::search_terms(&text[mention.start..mention.end]);
        loop {
            let has_matter = concepts.iter().filter(is_matter).any(|concept| self.holds(concept));
            let has_topic = mentions.iter().any(|mention| self.has_all(&named(mention)));
            if has_matter || has_topic {
                break;
            }
            let Some(sentence) = self.before.pop() else { return };
            self.terms.extend(sentence);
        }
        for concept in concepts.iter_mut() {
            if concept.need != Need::OtherMedicine && !self.holds(concept) {
                concept.need = Need::Extra;
            }
        }
        let kept = |mention: &Mention| self.has_all(&named(mention));
        if mentions.iter().any(kept) {
            mentions.retain(kept);
        }
    }

    fn holds(&self, concept: &Concept) -> bool {
        self.has_all(concept.alternatives.first())
    }

    fn has_all(&self, terms: &[String]) -> bool {
        !terms.is_empty() && terms.iter().all(|term| self.terms.contains(term))
    }
}

fn is_question(sentence: &str) -> bool {
    sentence.ends_with(['?', '？'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(message: &str) -> Option<Vec<String>> {
        let asking = Asking::in_message(message, |folded| folded)?;
        let mut terms: Vec<String> = asking.terms.into_iter().collect();
        terms.sort_unstable();
        Some(terms)
    }

    #[test]
    fn the_sentences_that_ask_are_told_from_the_story() {
        let story = "My mother lives by the sea. She walks a dog every single day, in rain and snow, \
                     and paints old boats. ";
        assert_eq!(asking("Is it safe for the liver?"), None);
        assert_eq!(asking(&format!("{story}She has pain.")), None);
        let question = asking(&format!("{story}Is a stroke a risk?"));
        assert_eq!(question.unwrap(), ["risk", "stroke"]);
        let with_subject = asking(&format!("Eye injections. {story}Is a stroke a risk?"));
        assert_eq!(with_subject.unwrap(), ["eye", "inject", "risk", "stroke"]);
    }
}
