//! Names of medicines in a message: ours, others, and words that only look like one.

use std::collections::HashSet;
use std::sync::Arc;

use crate::id::DrugId;
use crate::knowledge::Knowledge;
use crate::text::{self, PhraseSet, Word};

/// Least similarity of a misspelling to the name it may mean.
const CLOSE: f64 = 0.75;
/// Shortest word whose spelling is compared with the names, in characters.
const MIN_COMPARED: usize = 5;

/// All names that are recognised, compiled once per generation.
#[derive(Debug)]
pub struct Names {
    phrases: PhraseSet<Name>,
    /// The words of our drugs' names.
    ours: Vec<(Spelt, DrugId)>,
    confusable: Vec<Spelt>,
    endings: Vec<String>,
}

#[derive(Debug, Clone)]
enum Name {
    Ours(DrugId),
    /// Another medicine, with all its names, folded.
    Other(Arc<[String]>),
}

/// A word that may be a misspelt name of one of our drugs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// The drugs it may mean, most similar first.
    pub drugs: Vec<DrugId>,
}

/// What names a message holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NamesFound {
    /// Our drugs, each once, in order of appearance.
    pub(super) drugs: Vec<DrugId>,
    /// Medicines outside the knowledge base.
    pub(super) others: Vec<Other>,
    /// Byte ranges of our drugs' names.
    pub(super) ours: Vec<(usize, usize)>,
    /// A misspelling, when no name of ours was found.
    pub(super) suspect: Option<Suspect>,
}

/// A medicine outside the knowledge base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Other {
    /// Byte range of its name in the message.
    pub(super) range: (usize, usize),
    /// Its names, folded; the written one first.
    pub(super) names: Vec<String>,
    /// Where the name stands once ours are replaced.
    moved: Option<(usize, usize)>,
}

impl Other {
    fn new(range: (usize, usize), written: &str, names: &[String]) -> Self {
        let others = names.iter().filter(|name| *name != written).cloned();
        let names = [written.to_owned()].into_iter().chain(others).collect();
        Self { range, names, moved: None }
    }
}

/// Stands for our drugs' names when phrases are looked for: 'what is it used for'.
const PRONOUN: &str = "it";

impl NamesFound {
    /// Puts a pronoun in the place of our drugs' names and returns the new text; the ranges of
    /// the other medicines then hold for it.
    pub(super) fn replace_ours(&mut self, folded: &str) -> String {
        let mut text = String::with_capacity(folded.len());
        let mut copied = 0;
        for &(start, end) in &self.ours {
            if start < copied {
                continue;
            }
            text.push_str(&folded[copied..start]);
            text.push_str(PRONOUN);
            copied = end;
            let grown = |at: usize| at - end + text.len();
            for other in self.others.iter_mut().filter(|other| other.range.0 >= end) {
                // Each replacement before a name moves it; only the last one's shift stays.
                other.moved = Some((grown(other.range.0), grown(other.range.1)));
            }
        }
        text.push_str(&folded[copied..]);
        for other in &mut self.others {
            other.range = other.moved.unwrap_or(other.range);
        }
        text
    }
}

impl Names {
    /// Compiles the names of a knowledge base.
    pub fn new(knowledge: &Knowledge) -> Self {
        let mut phrases = Vec::new();
        let mut ours: Vec<(Spelt, DrugId)> = Vec::new();
        let mut known: HashSet<String> = HashSet::new();
        for drug in &knowledge.drugs {
            // The first word of 'inotuzumab ozogamicin' is how people shorten it.
            let first = drug.name.split_once(' ').map(|(first, _)| first);
            for name in drug.all_names().chain(first) {
                phrases.push((name.to_owned(), Name::Ours(drug.id.clone())));
                let folded = text::fold(name);
                let words = folded.split(' ').filter(|word| word.len() >= MIN_COMPARED);
                ours.extend(words.map(|word| (Spelt::new(word), drug.id.clone())));
                known.insert(folded);
            }
        }
        let lexicon = &knowledge.lexicon;
        for other in &lexicon.others {
            let all = || [&other.name].into_iter().chain(&other.aliases);
            let names: Arc<[String]> = all().map(|name| text::fold(name)).collect();
            phrases.extend(all().map(|name| (name.clone(), Name::Other(Arc::clone(&names)))));
        }
        let confusable: Vec<String> = lexicon
            .confusable
            .iter()
            .flat_map(|pair| pair.names.iter().map(|name| text::fold(name)))
            .filter(|name| !known.contains(name))
            .collect();
        phrases.extend(confusable.iter().map(|name| (name.clone(), Name::Other([].into()))));
        let confusable = confusable.iter().map(|name| Spelt::new(name)).collect();
        let endings = lexicon.name_endings.iter().map(|ending| text::fold(ending)).collect();
        Self { phrases: PhraseSet::new(phrases), ours, confusable, endings }
    }

    /// Finds the names in a folded text; a word that `is_known` for something else is no misspelt
    /// name.
    pub(super) fn find(&self, folded: &str, is_known: impl Fn(&str) -> bool) -> NamesFound {
        let mut found = NamesFound::default();
        for name in self.phrases.find(folded) {
            match name.value {
                Name::Ours(drug) => {
                    found.ours.push((name.start, name.end));
                    if !found.drugs.contains(drug) {
                        found.drugs.push(drug.clone());
                    }
                }
                Name::Other(names) => {
                    let range = (name.start, name.end);
                    let known = found.others.iter_mut().find(|other| other.range == range);
                    match known {
                        Some(other) if other.names.len() > names.len() => {}
                        Some(other) => *other = Other::new(range, &folded[range.0..range.1], names),
                        None => {
                            found.others.push(Other::new(range, &folded[range.0..range.1], names));
                        }
                    }
                }
            }
        }
        // What is a name of ours, or overlaps with one, is not the name of another medicine.
        let NamesFound { others, ours, .. } = &mut found;
        let is_free =
            |range: (usize, usize)| !ours.iter().any(|&(from, to)| from < range.1 && range.0 < to);
        others.retain(|other| is_free(other.range));
        self.look_at_unknown_words(folded, is_known, &mut found);
        found
    }

    fn look_at_unknown_words(
        &self,
        folded: &str,
        is_known: impl Fn(&str) -> bool,
        found: &mut NamesFound,
    ) {
        for word in text::words(folded) {
            let Word::Latin(letters) = word else { continue };
            let start = letters.as_ptr() as usize - folded.as_ptr() as usize;
            let range = (start, start + letters.len());
            let named = found
                .ours
                .iter()
                .chain(found.others.iter().map(|other| &other.range))
                .any(|&(from, to)| from < range.1 && range.0 < to);
            if named
                || letters.chars().count() < MIN_COMPARED
                || letters.starts_with(|c: char| c.is_ascii_digit())
            {
                continue;
            }
            let drugs = if is_known(letters) { Vec::new() } else { self.similar(letters) };
            if !drugs.is_empty() {
                found.suspect.get_or_insert(Suspect { drugs });
            } else if self.looks_like_a_medicine(letters) {
                found.others.push(Other::new(range, letters, &[]));
            }
        }
    }

    /// Returns our drugs whose name `word` may be a misspelling of. A word that is nearer to a
    /// name we must not confuse it with is none.
    fn similar(&self, word: &str) -> Vec<DrugId> {
        let word = &Spelt::new(word);
        let ours = self.ours.iter().map(|(name, drug)| (similarity(word, name), drug));
        let mut close: Vec<(f64, &DrugId)> = ours.filter(|(score, _)| *score >= CLOSE).collect();
        if close.is_empty() {
            return Vec::new();
        }
        let nearest_other =
            self.confusable.iter().map(|name| similarity(word, name)).fold(0.0, f64::max);
        close.retain(|(score, _)| *score > nearest_other);
        close.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        let mut drugs: Vec<DrugId> = Vec::new();
        for (_, drug) in close {
            if !drugs.contains(drug) {
                drugs.push(drug.clone());
            }
        }
        drugs.truncate(3);
        drugs
    }

    fn looks_like_a_medicine(&self, word: &str) -> bool {
        word.len() >= 7 && self.endings.iter().any(|ending| word.ends_with(ending.as_str()))
    }
}

/// Returns how alike two words are: one minus their edit distance (with swaps of neighbours) for
/// each character of the longer one, or 0 when they cannot be [`CLOSE`].
fn similarity(a: &Spelt, b: &Spelt) -> f64 {
    let longest = a.word.len().max(b.word.len());
    // Each edit adds or takes away at most two different letters.
    let edits = longest / 4;
    let unlike = (a.letters ^ b.letters).count_ones() as usize;
    if longest == 0 || a.word.len().abs_diff(b.word.len()) > edits || unlike > edits * 2 {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "words are short")]
    let distance = strsim::osa_distance(&a.word, &b.word) as f64 / longest as f64;
    1.0 - distance
}

/// A word with its letters, so that most others are told from it at a glance.
#[derive(Debug)]
struct Spelt {
    word: Box<str>,
    letters: u32,
}

impl Spelt {
    fn new(word: &str) -> Self {
        Self { word: word.into(), letters: letters(word) }
    }
}

/// Returns which letters a word holds, one bit for each; other characters share one.
fn letters(word: &str) -> u32 {
    word.bytes()
        .fold(0, |set, byte| set | 1 << if byte.is_ascii_lowercase() { byte - b'a' } else { 26 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::File;

    #[test]
    fn a_name_of_ours_is_not_another_medicine_too() {
        let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
        let drug = "name = \"penicillin procaine\"\nclass = \"x\"\ncategory = \"general\"\n";
        let others =
            "[[other]]\nname = \"penicillin procaine\"\n[[other]]\nname = \"procaine hydrate\"\n";
        let files = [file("drugs/a/drug.toml", drug), file("lexicon/confusable.toml", others)];
        let (knowledge, _) = Knowledge::parse(&files);
        let names = Names::new(&knowledge);
        for text in ["is penicillin procaine safe", "penicillin procaine hydrate with it"] {
            let mut found = names.find(text, |_| false);
            assert_eq!(found.drugs.len(), 1, "{text}");
            assert_eq!(found.others, [], "{text}");
            assert!(found.replace_ours(text).contains("it"), "{text}");
        }
    }

    #[test]
    fn similarity_counts_edits() {
        let similarity = |a, b| similarity(&Spelt::new(a), &Spelt::new(b));
        assert!(similarity("besponsa", "besponsa") > 0.99);
        assert!(similarity("bespnosa", "besponsa") > 0.87);
        assert!(similarity("beponsa", "besponsa") > 0.87);
        assert!(similarity("tagrisso", "tabrecta") < 0.5);
        assert!(similarity("", "") < 0.1);
    }
}
