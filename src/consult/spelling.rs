//! Typing errors in everyday words, mended before a message is read: 'besponsa storge'.
//!
//! Only words that nobody here ever wrote are looked at, and only towards words by which topics
//! and matters are named. Names of medicines and numbers are never touched: a wrong guess there
//! would answer about another medicine.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::knowledge::{Drug, Knowledge};
use crate::text::{self, Word};

/// Shortest word that is mended, in letters: shorter words are too near to each other.
const MIN_LETTERS: usize = 6;

/// The words of a knowledge base.
#[derive(Debug, Default)]
pub(super) struct Spelling {
    known: FxHashSet<Box<str>>,
    /// Words that a misspelling may mean, by their first letter.
    meant: FxHashMap<u8, Vec<Box<str>>>,
}

impl Spelling {
    pub(super) fn new(knowledge: &Knowledge) -> Self {
        let mut spelling = Self::default();
        let lexicon = &knowledge.lexicon;
        let topics = lexicon.topics.values();
        let topics = topics.flat_map(|topic| [&topic.phrases, &topic.cues, &topic.hints]);
        for phrases in topics.chain([&lexicon.fillers]) {
            phrases.en.iter().for_each(|phrase| spelling.learn(phrase, true));
        }
        for group in &lexicon.synonyms {
            group.terms.en.iter().for_each(|term| spelling.learn(term, true));
        }
        let names = knowledge.drugs.iter().flat_map(Drug::all_names);
        let others = lexicon.others.iter();
        let others = others.flat_map(|other| [&other.name].into_iter().chain(&other.aliases));
        let confusable = lexicon.confusable.iter().flat_map(|pair| &pair.names);
        names.for_each(|name| spelling.learn(name, false));
        others.chain(confusable).for_each(|name| spelling.learn(name, false));
        for article in &knowledge.articles {
            spelling.learn(&article.text, false);
        }
        spelling
    }

    /// Takes over the words of a text; those of phrases are what a misspelling may mean.
    fn learn(&mut self, text: &str, is_phrase: bool) {
        for word in text::words(&text::fold(text)) {
            let Word::Latin(letters) = word else { continue };
            let may_be_meant = is_phrase && is_mendable(letters);
            if may_be_meant {
                let meant = self.meant.entry(letters.as_bytes()[0]).or_default();
                // Phrases are singular; people write plurals.
                let plural = (!letters.ends_with('s')).then(|| format!("{letters}s"));
                for word in [Some(letters), plural.as_deref()].into_iter().flatten() {
                    if !meant.iter().any(|known| **known == *word) {
                        meant.push(word.into());
                    }
                }
            }
            if !self.known.contains(letters) {
                self.known.insert(letters.into());
            }
        }
    }

    /// Returns whether a word stands in the knowledge base.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.known.contains(word)
    }

    /// Returns the folded message with its typing errors mended.
    pub(super) fn mend(&self, folded: String) -> String {
        let unknown = |word: &&str| is_mendable(word) && !self.known.contains(*word);
        if !folded.split(' ').any(|word| unknown(&word)) {
            return folded;
        }
        let mended = folded
            .split(' ')
            .map(|word| if unknown(&word) { self.meant_by(word).unwrap_or(word) } else { word });
        mended.collect::<Vec<_>>().join(" ")
    }

    /// Returns the one word that is a single typing error away; none when words of different
    /// meaning are.
    fn meant_by(&self, word: &str) -> Option<&str> {
        let same_letter = self.meant.get(word.as_bytes().first()?)?;
        let mut near = same_letter.iter().filter(|meant| text::edits(word, meant, 1).is_some());
        let first = near.next()?;
        let terms = text::search_terms(first);
        near.all(|other| text::search_terms(other) == terms).then_some(&**first)
    }
}

fn is_mendable(word: &str) -> bool {
    word.len() >= MIN_LETTERS && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::File;

    #[test]
    fn only_everyday_words_are_mended() {
        let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
        let topics = "[storage]\nlabel.en = \"Storage\"\nlabel.zh = \"储存\"\nphrases.en = \
                      [\"storage\", \"stopping\", \"shopping list\", \"breastfeeding\", \"dosages\", \"dosage\"]\n";
        let drug =
            "name = \"storagine\"\nbrands = [\"Stoppin\"]\nclass = \"x\"\ncategory = \"general\"\n";
        let files = [file("lexicon/topics.toml", topics), file("drugs/storagine/drug.toml", drug)];
        let (knowledge, _) = Knowledge::parse(&files);
        let spelling = Spelling::new(&knowledge);
        let cases = [
            ("besponsa storge", "besponsa storage"),
            ("brestfeeding and storgae", "breastfeeding and storage"),
            // One edit away from words of one meaning, and of several.
            ("dosagess", "dosages"),
            ("stoppping", "stopping"),
            ("sthopping", "sthopping"),
            // Two errors, a short word, another first letter, a name, a number.
            ("strge", "strge"),
            ("stroges", "stroges"),
            ("atorage", "atorage"),
            ("stoppin", "stoppin"),
            ("storagine", "storagine"),
            ("10 mg storage2", "10 mg storage2"),
            ("保存storge", "保存storge"),
            ("", ""),
        ];
        for (written, expected) in cases {
            assert_eq!(spelling.mend(written.to_owned()), expected, "{written:?}");
        }
    }
}
