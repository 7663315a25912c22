//! A search over all documents, which must not take longer the more of them there are.
//!
//! Documents are looked at in windows, some dozens side by side: those of one article or two, since
//! articles stand together. Of each word that is asked for it is known how much it counts at most
//! in each window; the sum is what a document there can reach. Windows are read from the most
//! promising one on, until none is left that could hold a better document than those found, or
//! until so many were read that others would only offer more of the same: where thousands of
//! articles answer a question equally well, the first of them do. (Ranges with bounds of their own,
//! visited best first: Mackenzie, Petri and Moffat, 'Anytime ranking on document-ordered indexes',
//! ACM Transactions on Information Systems 40(1), 2021.)

use tantivy::{DocSet as _, TERMINATED};

use super::terms::{Found, Scored, Segment, Terms};
use super::{Error, Query};

/// Documents of one window.
const WINDOW: u32 = 64;
/// Windows read first; then twice as many, and so on.
const FIRST: usize = 16;
/// Windows that are read at most, unless more documents are wanted.
const MOST: usize = 496;
/// Most terms of a search over all passages, the most telling ones.
const MAX_TERMS: usize = 160;
/// More than what a sum of scores may be off by.
const ROUNDING: f32 = 1.001;
/// A term's share of its weight is kept as a whole number of these parts.
const PARTS: f32 = 255.0;

/// Which documents a search over all of them returns.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// At most so many.
    pub most: usize,
    /// They are ranked anew, and of those the first so many are taken.
    pub limit: usize,
    /// What that adds to a score at most, for a score of one.
    pub bonus: f32,
}

impl Wanted {
    /// Returns the score that a document must have to be among them, beside those found.
    fn least(&self, found: &[Found]) -> f32 {
        let mut scores: Vec<f32> = found.iter().map(|found| found.score).collect();
        let mut nth_best = |nth: usize| match nth.checked_sub(1) {
            Some(nth) if nth < scores.len() => {
                *scores.select_nth_unstable_by(nth, |a, b| b.total_cmp(a)).1
            }
            _ => 0.0,
        };
        nth_best(self.most).max(nth_best(self.limit) / (1.0 + self.bonus))
    }
}

impl Terms {
    /// Returns the best documents of all that hold a term of `query`, best first.
    pub(super) fn find_anywhere(
        &self,
        query: &Query,
        wanted: &Wanted,
    ) -> Result<Vec<Found>, Error> {
        let Some(segment) = &self.segment else { return Ok(Vec::new()) };
        let known = query.terms.iter().filter_map(|(term, weight)| {
            self.known.get(term.as_str()).map(|known| segment.weigh(term, known, *weight))
        });
        let mut terms: Vec<Scored<'_>> = known.collect();
        terms.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        terms.truncate(MAX_TERMS);
        let bounds = segment.bounds(&terms)?;
        let order = most_promising(&bounds, MOST.max(wanted.most));
        let mut found: Vec<Found> = Vec::new();
        let (mut left, mut size) = (order.as_slice(), FIRST);
        loop {
            let least = wanted.least(&found);
            let promising = left.iter().take(size);
            let promising = promising.take_while(|&&at| bounds[at as usize] * ROUNDING >= least);
            let mut windows: Vec<u32> = promising.copied().collect();
            if windows.is_empty() {
                break;
            }
            (left, size) = (&left[windows.len()..], size * 2);
            windows.sort_unstable();
            segment.read(&windows, &terms, &mut found)?;
        }
        let better =
            |a: &Found, b: &Found| b.score.total_cmp(&a.score).then(a.document.cmp(&b.document));
        if wanted.most < found.len() {
            found.select_nth_unstable_by(wanted.most, better);
            found.truncate(wanted.most);
        }
        found.sort_by(better);
        Ok(found)
    }
}

/// Returns the windows in which a document can reach a score, at most `most`, the highest first;
/// of equal ones the first.
fn most_promising(bounds: &[f32], most: usize) -> Vec<u32> {
    let numbered = (0_u32..).zip(bounds).filter(|(_, bound)| **bound > 0.0);
    // Positive numbers are in the order of their bits.
    let key = |(at, bound): (u32, &f32)| u64::from(!bound.to_bits()) << 32 | u64::from(at);
    let mut keys: Vec<u64> = numbered.map(key).collect();
    if most < keys.len() {
        keys.select_nth_unstable(most);
        keys.truncate(most);
    }
    keys.sort_unstable();
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is the window")]
    let windows = keys.into_iter().map(|key| key as u32);
    windows.collect()
}

impl Segment {
    /// Returns what a document of each window can reach.
    fn bounds(&self, terms: &[Scored<'_>]) -> Result<Vec<f32>, Error> {
        let mut bounds = vec![0.0; self.documents.div_ceil(WINDOW) as usize];
        for term in terms {
            let part = term.weight / PARTS;
            if self.is_rare(term) {
                self.each_height(term, |window, height| bounds[window] += part * height)?;
            } else {
                let heights = self.heights(term)?;
                for (bound, &height) in bounds.iter_mut().zip(heights) {
                    *bound += part * f32::from(height);
                }
            }
        }
        Ok(bounds)
    }

    /// Returns whether reading a term's postings takes no longer than looking at all windows.
    fn is_rare(&self, term: &Scored<'_>) -> bool {
        term.documents() < self.documents / WINDOW / 8
    }

    /// Returns how much of its weight a term reaches in each window, in [`PARTS`], rounded up.
    fn heights<'a>(&self, term: &Scored<'a>) -> Result<&'a [u8], Error> {
        if let Some(heights) = term.known.heights.get() {
            return Ok(heights);
        }
        let mut heights = vec![0; self.documents.div_ceil(WINDOW) as usize];
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255")]
        self.each_height(term, |window, height| heights[window] = height as u8)?;
        Ok(term.known.heights.get_or_init(|| heights.into()))
    }

    /// Tells `take` of each window that holds the term, in order, and how much of its weight the
    /// term reaches there, in [`PARTS`], rounded up.
    fn each_height(
        &self,
        term: &Scored<'_>,
        mut take: impl FnMut(usize, f32),
    ) -> Result<(), Error> {
        let mut postings = self.postings(term)?;
        while postings.doc() != TERMINATED {
            let window = postings.doc() / WINDOW;
            let mut height = 0.0_f32;
            while postings.doc() / WINDOW == window {
                height = height.max(self.height(term, &postings));
                postings.advance();
            }
            take(window as usize, (height * PARTS).ceil());
        }
        Ok(())
    }

    /// Adds the documents of `windows`, which are in order, that hold a term.
    fn read(
        &self,
        windows: &[u32],
        terms: &[Scored<'_>],
        found: &mut Vec<Found>,
    ) -> Result<(), Error> {
        let of = |window: u32| window * WINDOW..((window + 1) * WINDOW).min(self.documents);
        let blank = |document| Found { document, score: 0.0, matched: 0 };
        let mut documents: Vec<Found> =
            windows.iter().flat_map(|&window| of(window)).map(blank).collect();
        for term in terms {
            let heights = if self.is_rare(term) { None } else { Some(self.heights(term)?) };
            let holds = |window: u32| heights.is_none_or(|all| all[window as usize] > 0);
            let placed = windows.iter().enumerate().filter(|(_, window)| holds(**window));
            let stretches = placed.map(|(at, &window)| (at * WINDOW as usize, of(window)));
            self.score(term, 1, stretches, &mut documents)?;
        }
        let held = documents.into_iter().filter(|document| document.matched != 0);
        found.extend(held.map(|document| Found { matched: 0, ..document }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::{File, Knowledge};
    use crate::search::{Hit, Index, quotable_passages};

    /// Returns a knowledge base of so many medicines that their passages fill hundreds of windows:
    /// each has articles of the same kinds, in words of its own and words that all share.
    fn many(medicines: usize) -> Knowledge {
        let mut state = 3_usize;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % below
        };
        let mut files = Vec::new();
        for medicine in 0..medicines {
            let drug = format!("drugx{medicine}");
            let toml = format!("name = \"{drug}\"\nclass = \"x\"\ncategory = \"general\"\n");
            files.push(File { path: format!("drugs/{drug}/drug.toml"), text: toml });
            for kind in ["storage", "dosage", "liver"] {
                let mut text = format!(
                    "---\ntitle: {drug} {kind}\ndrug: {drug}\nlang: en\nsource: A label\n\
                     published: 2026-01-01\nreviewed: 2026-01-01\naudience: public\n\
                     status: published\nrank: article\n---\n"
                );
                for section in 0..10 {
                    // The lower its number, the more common a word is.
                    let words = 4 + random(40);
                    let words: Vec<String> = (0..words)
                        .map(|_| format!("word{}", random(400) * random(400) / 400))
                        .collect();
                    for part in ["## ", kind, &format!(" {section}\n"), &words.join(" "), ".\n"] {
                        text.push_str(part);
                    }
                }
                files.push(File { path: format!("drugs/{drug}/{kind}.md"), text });
            }
        }
        let (knowledge, _) = Knowledge::parse_owned(files);
        assert_eq!(quotable_passages(&knowledge).len(), medicines * 30);
        knowledge
    }

    #[test]
    fn a_search_that_leaves_windows_out_finds_what_one_of_all_finds() {
        let knowledge = many(400);
        let dir = tempfile::tempdir().unwrap();
        Index::build(dir.path(), &knowledge, |_| {}).unwrap();
        let index = Index::open(dir.path(), &knowledge).unwrap();
        for text in [
            "drugx77 liver",
            "drugx0 word3 word5 word9",
            "word399 word250",
            "liver word1 word2 word3 word4 word5 word6",
            "dosage word100 drugx399 storage",
            "word0",
        ] {
            let query = Query::from_message(text);
            let all = index.find(&query, index.len()).unwrap();
            for limit in [1, 10] {
                assert_eq!(index.find(&query, limit).unwrap(), all[..limit], "{limit}: {text}");
            }
            let wanted = Wanted { most: 200, limit: 10, bonus: 0.5 };
            let few = index.find_to_rank(&query, &wanted).unwrap();
            let least = all[9].score / 1.5;
            let expected: Vec<Hit> =
                all.iter().take(200).take_while(|hit| hit.score >= least).copied().collect();
            assert_eq!(few[..expected.len()], expected, "{text}");
        }
    }
}
