//! The matters of a message: what a passage must hold to answer it, and what merely tells
//! passages apart.

use super::names::NamesFound;
use crate::id::TopicId;
use crate::knowledge::{Lexicon, Mention, Naming, SynonymGroup};
use crate::text::{self, PhraseSet, Stemmed, Word};

/// A matter of the question: held by a passage that has all terms of one alternative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concept {
    /// Search terms; the first alternative is what the visitor wrote.
    pub alternatives: Vec<Vec<String>>,
    /// Whether a passage must hold it.
    pub need: Need,
}

/// What a concept is needed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// A passage that answers holds it.
    Matter,
    /// It is a matter of its own within a topic; a passage that answers holds one such at least.
    Cue,
    /// A medicine outside the knowledge base, asked about beside one of ours: no passage answers
    /// without it.
    OtherMedicine,
    /// It is part of a topic's name: a passage on the topic need not repeat it.
    Topic(TopicId),
    /// It only tells passages apart.
    Extra,
}

/// What was recognised in a message, by byte range of its text.
pub(super) struct Recognised<'a> {
    /// The message, folded, with our names replaced.
    pub(super) text: &'a Stemmed<'a>,
    /// Names of medicines.
    pub(super) names: &'a NamesFound,
    /// Phrases that name topics.
    pub(super) mentions: &'a [Mention],
}

type Span = (usize, usize);

/// The synonyms of a lexicon, compiled.
#[derive(Debug)]
pub(super) struct Synonyms {
    phrases: PhraseSet<usize>,
    /// The search terms of each group's phrases.
    groups: Vec<Vec<Vec<String>>>,
}

impl Synonyms {
    pub(super) fn new(lexicon: &Lexicon) -> Self {
        let numbered = lexicon.synonyms.iter().enumerate();
        let phrases =
            numbered.flat_map(|(at, group)| phrases_of(group).map(move |phrase| (phrase, at)));
        let terms = |phrase: &String| text::search_terms(&text::fold(phrase));
        let groups =
            lexicon.synonyms.iter().map(|group| phrases_of(group).map(terms).collect()).collect();
        Self { phrases: PhraseSet::tolerant(phrases), groups }
    }
}

fn phrases_of(group: &SynonymGroup) -> impl Iterator<Item = &String> {
    group.terms.en.iter().chain(&group.terms.zh)
}

/// Returns the matters of a message, the visitor's words first in each.
pub(super) fn concepts(
    found: &Recognised<'_>,
    synonyms: &Synonyms,
    fillers: &PhraseSet<()>,
) -> Vec<Concept> {
    let folded = found.text.folded();
    let fillers: Vec<Span> =
        fillers.find_in(found.text).iter().map(|filler| (filler.start, filler.end)).collect();
    let mut taken: Vec<Span> = Vec::new();
    let mut concepts: Vec<Concept> = Vec::new();
    for other in &found.names.others {
        let alternatives = other.names.iter().map(|name| text::search_terms(name)).collect();
        push(&mut concepts, alternatives, Need::OtherMedicine);
        taken.push(other.range);
    }
    for synonym in synonyms.phrases.find_in(found.text) {
        let span = (synonym.start, synonym.end);
        if taken.iter().chain(&fillers).any(|&other| overlaps(other, span) && inside(span, other)) {
            continue;
        }
        let written = text::search_terms(&folded[span.0..span.1]);
        let group = synonyms.groups[*synonym.value].iter().cloned();
        let alternatives = [written].into_iter().chain(group).collect();
        push(&mut concepts, alternatives, need_of(span, found.mentions));
        taken.push(span);
    }
    for word in rest(folded, &taken) {
        let in_filler = fillers.iter().any(|&filler| word.touches(filler));
        let across = word.is_pair && found.mentions.iter().any(|mention| word.crosses(mention));
        let weak = word.weak || in_filler || across;
        let need = if weak { Need::Extra } else { need_of(word.span, found.mentions) };
        for term in word.terms {
            push(&mut concepts, vec![vec![term]], need.clone());
        }
    }
    concepts
}

/// Adds a concept unless it is there already; the stronger need counts.
fn push(concepts: &mut Vec<Concept>, alternatives: Vec<Vec<String>>, need: Need) {
    let mut unique: Vec<Vec<String>> = Vec::with_capacity(alternatives.len());
    for terms in alternatives {
        if !terms.is_empty() && !unique.contains(&terms) {
            unique.push(terms);
        }
    }
    let Some(written) = unique.first() else { return };
    match concepts.iter_mut().find(|known| known.alternatives[0] == *written) {
        Some(known) if known.need == Need::Extra => known.need = need,
        Some(_) => {}
        None => concepts.push(Concept { alternatives: unique, need }),
    }
}

/// Words inside a name of a topic are not demanded of a passage on that topic.
fn need_of(span: Span, mentions: &[Mention]) -> Need {
    let holding = |mention: &&Mention| inside(span, (mention.start, mention.end));
    if mentions.iter().filter(holding).any(|mention| mention.naming == Naming::Cue) {
        return Need::Cue;
    }
    mentions.iter().find(holding).map_or(Need::Matter, |mention| Need::Topic(mention.topic.clone()))
}

/// Negations and bare numbers tell passages apart, but no passage is refused for want of them.
fn is_weak(word: &str) -> bool {
    let is_number = word.chars().all(|c| c.is_ascii_digit() || c == '.');
    is_number || matches!(word, "not" | "no" | "without" | "never")
}

fn overlaps(a: Span, b: Span) -> bool {
    a.0 < b.1 && b.0 < a.1
}

fn inside(inner: Span, outer: Span) -> bool {
    outer.0 <= inner.0 && inner.1 <= outer.1
}

/// A word that no name and no synonym covers.
struct Left {
    span: Span,
    terms: Vec<String>,
    /// Whether it says too little to be demanded of a passage.
    weak: bool,
    /// Whether it is a pair of Han characters, which may lie across the edge of a word.
    is_pair: bool,
}

impl Left {
    fn touches(&self, span: Span) -> bool {
        overlaps(self.span, span)
    }

    fn crosses(&self, mention: &Mention) -> bool {
        let span = (mention.start, mention.end);
        overlaps(self.span, span) && !inside(self.span, span)
    }
}

/// Returns the words outside of `taken`, with their search terms.
fn rest(folded: &str, taken: &[Span]) -> Vec<Left> {
    let mut open = folded.to_owned();
    for &(start, end) in taken {
        open.replace_range(start..end, &" ".repeat(end - start));
    }
    let mut left = Vec::new();
    for word in text::words(&open) {
        let (Word::Latin(letters) | Word::Han(letters)) = word;
        let start = letters.as_ptr() as usize - open.as_ptr() as usize;
        match word {
            Word::Latin(_) => left.push(Left {
                span: (start, start + letters.len()),
                terms: text::search_terms(letters),
                weak: is_weak(letters),
                is_pair: false,
            }),
            // Each pair of characters for itself: a phrase may cover a part of the run.
            Word::Han(_) => left.extend(text::pairs(letters).map(|(at, pair)| Left {
                span: (start + at, start + at + pair.len()),
                terms: vec![pair.to_owned()],
                weak: pair.chars().nth(1).is_none(),
                is_pair: true,
            })),
        }
    }
    left
}
