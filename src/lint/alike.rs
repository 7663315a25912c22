//! Passages that repeat one another: near-duplicates within one medicine, and passages copied from
//! another medicine with its name left in.
//!
//! Two passages are alike when most of their shingles (three words in a row; for Chinese three
//! characters) are the same. Candidates are found by `MinHash` signatures, so that the time grows
//! with the number of passages, not with its square; see A. Broder, "On the resemblance and
//! containment of documents" (1997).

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{path_of, quantity};
use crate::consult::Markets;
use crate::id::DrugId;
use crate::knowledge::{Article, Code, Knowledge, Passage, Problem, Rank};
use crate::text::{self, Lang, PhraseSet, Word};

/// Least share of all their shingles that near-duplicates have in common.
const ALIKE: f64 = 0.8;
/// Fewest shingles of a passage that is compared.
const MIN_SHINGLES: usize = 10;
/// Words in a shingle.
const WIDTH: usize = 3;
/// Signature: so many bands of so many rows; passages that agree in a band are compared.
const BANDS: usize = 10;
const ROWS: usize = 3;
/// Most passages of one bucket that a passage is compared with.
const MOST_COMPARED: usize = 24;

struct Row<'a> {
    article: &'a Article,
    passage: &'a Passage,
    markets: (Markets, Markets),
    /// Hashes of the shingles, sorted, each once.
    shingles: Vec<u32>,
}

pub(super) fn report(knowledge: &Knowledge, problems: &mut Vec<Problem>) {
    let mut groups: FxHashMap<(Option<&DrugId>, Lang), Vec<Row<'_>>> = FxHashMap::default();
    for article in knowledge.articles.iter().filter(|article| article.is_quotable()) {
        for passage in &article.passages {
            let row = Row::new(article, passage);
            if row.shingles.len() >= MIN_SHINGLES {
                groups.entry((article.drug.as_ref(), article.lang)).or_default().push(row);
            }
        }
    }
    for rows in groups.values() {
        near_duplicates(rows, problems);
    }
    copied_names(knowledge, &groups, problems);
}

impl<'a> Row<'a> {
    fn new(article: &'a Article, passage: &'a Passage) -> Self {
        let text = article.passage_text(passage);
        let codes = article.markets.iter().map(|code| Markets::of_code(code));
        let own = codes.fold(Markets::default(), Markets::and);
        let heading = article.headings(passage).join(" ");
        let named = Markets::named_in(text).and(Markets::named_in(&heading));
        Self { article, passage, markets: (own, named), shingles: shingles(text) }
    }

    fn alike(&self, other: &Self) -> f64 {
        let (mut i, mut j, mut common) = (0, 0, 0_usize);
        while let (Some(a), Some(b)) = (self.shingles.get(i), other.shingles.get(j)) {
            common += usize::from(a == b);
            i += usize::from(a <= b);
            j += usize::from(b <= a);
        }
        let all = self.shingles.len() + other.shingles.len() - common;
        #[expect(clippy::cast_precision_loss, reason = "passages have few words")]
        let share = common as f64 / all as f64;
        share
    }

    /// Returns whether they are for different markets, or official labels: those repeat themselves.
    fn may_repeat(&self, other: &Self) -> bool {
        let labels = self.article.rank == Rank::Label && other.article.rank == Rank::Label;
        labels || self.markets != other.markets
    }

    fn at(&self) -> String {
        let line = self.article.text[..self.passage.span().start].matches('\n').count() + 1;
        format!("{}:{line}", path_of(self.article))
    }

    fn warning(&self, code: Code, message: String, hint: &str) -> Problem {
        let problem = Problem::warning(code, &path_of(self.article), 0, message, hint);
        problem.at(&self.article.text, self.passage.span())
    }
}

fn shingles(text: &str) -> Vec<u32> {
    let folded = text::fold(text);
    let mut tokens: Vec<&str> = Vec::new();
    for word in text::words(&folded) {
        match word {
            Word::Latin(word) => tokens.push(word),
            Word::Han(run) => tokens.extend(run.split_inclusive(|_: char| true)),
        }
    }
    let mut shingles: Vec<u32> = tokens.windows(WIDTH).map(hash).collect();
    shingles.sort_unstable();
    shingles.dedup();
    shingles
}

/// FNV-1a; the same on every machine, so that the findings are.
fn hash(words: &[&str]) -> u32 {
    let bytes = words.iter().flat_map(|word| word.bytes().chain([b' ']));
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Returns the smallest value of each of the signature's hash functions.
fn signature(shingles: &[u32]) -> [u32; BANDS * ROWS] {
    let mut least = [u32::MAX; BANDS * ROWS];
    for &shingle in shingles {
        let mut mixed = u64::from(shingle) | 1 << 40;
        for slot in &mut least {
            // A step of SplitMix64 for each function.
            mixed = mixed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut value = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *slot = (*slot).min(u32::try_from(value >> 32).unwrap_or(u32::MAX));
        }
    }
    least
}

/// Reports every passage that nearly repeats one before it, with the one it is most like.
fn near_duplicates(rows: &[Row<'_>], problems: &mut Vec<Problem>) {
    let mut buckets: FxHashMap<(usize, [u32; ROWS]), Vec<usize>> = FxHashMap::default();
    for (at, row) in rows.iter().enumerate() {
        let signature = signature(&row.shingles);
        let mut candidates: FxHashSet<usize> = FxHashSet::default();
        for (band, values) in signature.as_chunks::<ROWS>().0.iter().enumerate() {
            let bucket = buckets.entry((band, *values)).or_default();
            candidates.extend(bucket.iter().take(MOST_COMPARED));
            bucket.push(at);
        }
        let likely = candidates.into_iter().filter(|&other| !row.may_repeat(&rows[other]));
        let alike = likely.map(|other| (row.alike(&rows[other]), other));
        let best = alike.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        if let Some((share, other)) = best.filter(|(share, _)| *share >= ALIKE) {
            problems.push(repeats(row, &rows[other], share));
        }
    }
}

fn repeats(row: &Row<'_>, other: &Row<'_>, share: f64) -> Problem {
    let figures = |row: &Row<'_>| -> BTreeSet<String> {
        quantity::read(row.article.passage_text(row.passage))
            .into_iter()
            .map(|quantity| quantity.written)
            .collect()
    };
    let (own, theirs) = (figures(row), figures(other));
    let list = |a: &BTreeSet<String>, b: &BTreeSet<String>| {
        let only: Vec<&str> = a.difference(b).map(String::as_str).collect();
        if only.is_empty() { "none".to_owned() } else { only.join(", ") }
    };
    let place = other.at();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
    let percent = (share * 100.0) as u32;
    let (message, hint) = if own == theirs {
        (
            format!("says nearly the same as {place} ({percent}% of the wording)"),
            "keep one and link to it with `related`, or let each say what only it knows",
        )
    } else {
        let (here, there) = (list(&own, &theirs), list(&theirs, &own));
        (
            format!(
                "says nearly the same as {place}, with other figures: {here} here, {there} there"
            ),
            "compare both with their source; keep each figure where its source is named",
        )
    };
    row.warning(Code::NearDuplicate, message, hint)
}

/// Reports passages that name another medicine, never their own, and repeat a passage about it.
fn copied_names(
    knowledge: &Knowledge,
    groups: &FxHashMap<(Option<&DrugId>, Lang), Vec<Row<'_>>>,
    problems: &mut Vec<Problem>,
) {
    let names = knowledge.drugs.iter().flat_map(|drug| drug.all_names().map(move |n| (n, drug)));
    let names = PhraseSet::new(names);
    for (&(drug, lang), rows) in groups {
        let Some(own) = drug else { continue };
        for row in rows {
            let folded = text::fold(row.article.passage_text(row.passage));
            let mentioned: BTreeSet<&DrugId> =
                names.find(&folded).iter().map(|found| &found.value.id).collect();
            if mentioned.contains(own) {
                continue;
            }
            // The name alone makes some shingles differ; so little may.
            let others = mentioned.iter().filter_map(|other| groups.get(&(Some(*other), lang)));
            let copied = others.flatten().find(|other| row.alike(other) >= ALIKE);
            if let Some(other) = copied {
                let theirs = other.article.drug.as_ref().map_or("", DrugId::as_str);
                problems.push(row.warning(
                    Code::CopiedName,
                    format!("names \"{theirs}\", not \"{own}\", and repeats {}", other.at()),
                    "it was copied: compare every word and figure with a source on this medicine",
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_find_what_is_alike_in_both_languages() {
        let english = "Keep the vial of testamab in a refrigerator at two to eight degrees and do \
                       not freeze it or shake it before the infusion is prepared by the nurse";
        let chinese =
            "请将药品放在二至八度的冰箱中保存，不要冷冻，也不要在护士配制输液之前摇晃药瓶。";
        for text in [english, chinese] {
            let changed = text.replacen("freeze", "cool", 1).replacen("冷冻", "冰冻", 1);
            let (a, b) = (shingles(text), shingles(&changed));
            let common = a.iter().filter(|shingle| b.contains(shingle)).count();
            assert!(common * 2 > a.len(), "{common} of {}", a.len());
            let (a, b) = (signature(&a), signature(&b));
            let mut bands = a.as_chunks::<ROWS>().0.iter().zip(b.as_chunks::<ROWS>().0);
            assert!(bands.any(|(a, b)| a == b), "{text}");
        }
        assert_eq!(shingles("one two"), Vec::<u32>::new());
    }
}
