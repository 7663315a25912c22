//! The matters of a message: what a passage must hold to answer it, and what merely tells
//! passages apart.

use std::sync::Arc;

use super::names::NamesFound;
use crate::id::TopicId;
use crate::knowledge::{Lexicon, Mention, Naming, SynonymGroup};
use crate::text::{self, PhraseSet, Stemmed, Word};

/// A matter of the question: held by a passage that has all terms of one alternative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concept {
    /// Search terms; the first alternative is what the visitor wrote.
    pub alternatives: Alternatives,
    /// Whether a passage must hold it.
    pub need: Need,
}

/// One way or several in which a matter is put, each as search terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternatives {
    first: Vec<String>,
    /// What else means the same; it may hold the first, too.
    others: Arc<[Vec<String>]>,
}

impl Alternatives {
    /// Returns what the visitor wrote, or else the first of the `others`, with these; `None` when
    /// there are no terms at all. None of the others is empty, and no two are the same.
    fn new(written: Vec<String>, others: Arc<[Vec<String>]>) -> Option<Self> {
        let first = if written.is_empty() { others.first()?.clone() } else { written };
        Some(Self { first, others })
    }

    /// Returns the first.
    pub fn first(&self) -> &[String] {
        &self.first
    }

    /// Returns all, each once.
    pub fn all(&self) -> impl Iterator<Item = &Vec<String>> {
        let others = self.others.iter().filter(|other| **other != self.first);
        std::iter::once(&self.first).chain(others)
    }
}

impl FromIterator<Vec<String>> for Alternatives {
    fn from_iter<T: IntoIterator<Item = Vec<String>>>(all: T) -> Self {
        let mut all = all.into_iter();
        Self { first: all.next().unwrap_or_default(), others: different(all) }
    }
}

/// Leaves out what has no terms, and what was there before.
fn different(alternatives: impl Iterator<Item = Vec<String>>) -> Arc<[Vec<String>]> {
    let mut unique: Vec<Vec<String>> = Vec::new();
    for terms in alternatives {
        if !terms.is_empty() && !unique.contains(&terms) {
            unique.push(terms);
        }
    }
    unique.into()
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
    groups: Vec<Arc<[Vec<String>]>>,
    /// No synonyms at all.
    none: Arc<[Vec<String>]>,
}

impl Synonyms {
    pub(super) fn new(lexicon: &Lexicon) -> Self {
        let numbered = lexicon.synonyms.iter().enumerate();
        let phrases =
            numbered.flat_map(|(at, group)| phrases_of(group).map(move |phrase| (phrase, at)));
        let terms = |phrase: &String| text::search_terms(&text::fold(phrase));
        let groups = lexicon.synonyms.iter();
        let groups = groups.map(|group| different(phrases_of(group).map(terms))).collect();
        Self { phrases: PhraseSet::tolerant(phrases), groups, none: Arc::default() }
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
        let others = different(other.names.iter().map(|name| text::search_terms(name)));
        push(&mut concepts, Alternatives::new(Vec::new(), others), Need::OtherMedicine);
        taken.push(other.range);
    }
    for synonym in synonyms.phrases.find_in(found.text) {
        let span = (synonym.start, synonym.end);
        if taken.iter().chain(&fillers).any(|&other| overlaps(other, span) && inside(span, other)) {
            continue;
        }
        let written = text::search_terms(&folded[span.0..span.1]);
        let group = synonyms.groups[*synonym.value].clone();
        push(&mut concepts, Alternatives::new(written, group), need_of(span, found.mentions));
        taken.push(span);
    }
    for word in rest(folded, &taken) {
        let in_filler = fillers.iter().any(|&filler| word.touches(filler));
        let across = word.is_pair && found.mentions.iter().any(|mention| word.crosses(mention));
        let weak = word.weak || in_filler || across;
        let need = if weak { Need::Extra } else { need_of(word.span, found.mentions) };
        for term in word.terms {
            let alternatives = Alternatives::new(vec![term], synonyms.none.clone());
            push(&mut concepts, alternatives, need.clone());
        }
    }
    concepts
}

/// Adds a concept, if it has terms, unless it is there already; the stronger need counts.
fn push(concepts: &mut Vec<Concept>, alternatives: Option<Alternatives>, need: Need) {
    let Some(alternatives) = alternatives else { return };
    match concepts.iter_mut().find(|known| known.alternatives.first == alternatives.first) {
        Some(known) if known.need == Need::Extra => known.need = need,
        Some(_) => {}
        None => concepts.push(Concept { alternatives, need }),
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

/// Negations, bare numbers and times of day tell passages apart, but no passage is refused for want
/// of them.
fn is_weak(word: &str) -> bool {
    let number = word.strip_suffix("am").or(word.strip_suffix("pm")).unwrap_or(word);
    let is_number = number.chars().all(|c| c.is_ascii_digit() || c == '.');
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
