//! The terms of the index with their postings, scored over all its documents or some stretches of
//! them, with parameters of our own: tantivy keeps k1 and b as constants.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::InvertedIndexReader;
use tantivy::postings::{Postings as _, SegmentPostings, TermInfo};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet as _, Searcher, TERMINATED, TantivyError};

use super::build::Fields;
use super::{Error, Query};
use crate::text;

/// How soon a repeated word counts no more: Okapi BM25's k1.
const K1: f32 = 1.5;
/// The same for Chinese, where a repeated word of four characters makes three repeated pairs.
const K1_HAN: f32 = 0.6;
/// How much a long passage is held back: Okapi BM25's b. It is more than usual, because passages
/// are sections already: a long one rather lists many matters than treats one at length.
const B: f32 = 0.9;
/// Most terms of a search over all passages, the most telling ones.
const MAX_TERMS: usize = 160;

/// More than what a sum of scores may be off by.
const ROUNDING: f32 = 1.001;

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

/// All terms of an index.
pub(super) struct Terms {
    known: FxHashMap<Box<str>, TermInfo>,
    segment: Option<Segment>,
}

/// The one segment of an index.
struct Segment {
    postings: Arc<InvertedIndexReader>,
    lengths: FieldNormReader,
    documents: u32,
    /// How a passage of each length, as tantivy codes it, is held back, for a k1 of one.
    norms: [f32; 256],
}

/// A document found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) document: u32,
    pub(super) score: f32,
    /// Bit `i` tells whether `Query::terms[i]` occurs in it; 0 in a search over all documents.
    pub(super) matched: u64,
}

impl Terms {
    /// Reads the terms of an index of at most one segment, whose documents are in order.
    /// `total` is the length of all documents together, in terms.
    pub(super) fn open(searcher: &Searcher, fields: Fields, total: u64) -> Result<Self, Error> {
        let mut terms = Self { known: FxHashMap::default(), segment: None };
        let [segment] = searcher.segment_readers() else {
            return if searcher.num_docs() == 0 { Ok(terms) } else { Err(Error::Disorder) };
        };
        let ordinals = segment.fast_fields().u64("ordinal")?;
        let in_order = (1..segment.max_doc())
            .all(|document| ordinals.first(document - 1) < ordinals.first(document));
        if !in_order || segment.has_deletes() {
            return Err(Error::Disorder);
        }
        let postings = segment.inverted_index(fields.terms)?;
        let mut stream = postings.terms().stream().map_err(TantivyError::from)?;
        while let Some((term, info)) = stream.next() {
            if let Ok(term) = std::str::from_utf8(term) {
                terms.known.insert(term.into(), info.clone());
            }
        }
        drop(stream);
        let documents = segment.max_doc();
        #[expect(clippy::cast_precision_loss, reason = "an average needs no more")]
        let average = total as f32 / documents.max(1) as f32;
        #[expect(clippy::cast_precision_loss, reason = "lengths are small")]
        let norm = |code| FieldNormReader::id_to_fieldnorm(code) as f32 / average.max(1.0);
        let norms =
            std::array::from_fn(|code| 1.0 - B + B * norm(u8::try_from(code).unwrap_or(u8::MAX)));
        let lengths = segment.get_fieldnorms_reader(fields.terms)?;
        terms.segment = Some(Segment { postings, lengths, documents, norms });
        Ok(terms)
    }

    /// Returns how many documents hold `term`.
    pub(super) fn documents_with(&self, term: &str) -> u32 {
        self.known.get(term).map_or(0, |info| info.doc_freq)
    }

    /// Returns the best documents of all that hold a term of `query`, best first.
    ///
    /// The most telling terms come first. As soon as those that are left cannot lift a document
    /// without any of the others to the score that is wanted, their postings are read only where
    /// documents were found already: a common word costs little beside a rare one.
    pub(super) fn find_anywhere(
        &self,
        query: &Query,
        wanted: &Wanted,
    ) -> Result<Vec<Found>, Error> {
        let Some(segment) = &self.segment else { return Ok(Vec::new()) };
        let known = query.terms.iter().filter_map(|(term, weight)| {
            self.known.get(term.as_str()).map(|info| segment.weigh(term, info, *weight))
        });
        let mut scored: Vec<Scored<'_>> = known.collect();
        scored.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        scored.truncate(MAX_TERMS);
        let mut found: Vec<Found> = Vec::new();
        let mut is_complete = false;
        for (at, term) in scored.iter().enumerate() {
            let left: f32 = scored[at..].iter().map(|term| term.weight).sum();
            let least = || nth_best(&found, wanted.limit) / (1.0 + wanted.bonus);
            is_complete = is_complete || left * ROUNDING < least();
            if is_complete {
                segment.score_found(term, &mut found)?;
            } else {
                found = segment.score_all(term, &found)?;
            }
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

    /// Returns every document in `stretches` (ascending, apart) that holds a term of `query`, by
    /// number; all of them for a query without terms.
    pub(super) fn find(
        &self,
        query: &Query,
        stretches: &[Range<u32>],
    ) -> Result<Vec<Found>, Error> {
        let blank = |document| Found { document, score: 0.0, matched: 0 };
        let mut found: Vec<Found> = stretches.iter().cloned().flatten().map(blank).collect();
        let Some(segment) = self.segment.as_ref().filter(|_| !query.terms.is_empty()) else {
            return Ok(found);
        };
        for (bit, (term, weight)) in query.terms.iter().enumerate().take(64) {
            if let Some(info) = self.known.get(term.as_str()) {
                let scored = segment.weigh(term, info, *weight);
                segment.score(&scored, 1 << bit, stretches, &mut found)?;
            }
        }
        found.retain(|found| found.matched != 0);
        Ok(found)
    }
}

/// Returns the `nth` best score; 0 when there are fewer.
fn nth_best(found: &[Found], nth: usize) -> f32 {
    let mut scores: Vec<f32> = found.iter().map(|found| found.score).collect();
    if nth == 0 || scores.len() < nth {
        return 0.0;
    }
    *scores.select_nth_unstable_by(nth - 1, |a, b| b.total_cmp(a)).1
}

/// A term with what it counts.
struct Scored<'a> {
    info: &'a TermInfo,
    k1: f32,
    /// What it counts at most: its weight, its rarity, and k1.
    weight: f32,
}

impl Segment {
    fn weigh<'a>(&self, term: &str, info: &'a TermInfo, weight: f32) -> Scored<'a> {
        let k1 = if term.chars().next().is_some_and(text::is_han) { K1_HAN } else { K1 };
        let weight = weight * rarity(info.doc_freq, self.documents) * (1.0 + k1);
        Scored { info, k1, weight }
    }

    fn postings(&self, term: &Scored<'_>) -> Result<SegmentPostings, Error> {
        let postings =
            self.postings.read_postings_from_terminfo(term.info, IndexRecordOption::WithFreqs);
        Ok(postings.map_err(TantivyError::from)?)
    }

    /// Returns what a term counts in the document that its postings stand at.
    fn value(&self, term: &Scored<'_>, postings: &SegmentPostings) -> f32 {
        let norm = self.norms[usize::from(self.lengths.fieldnorm_id(postings.doc()))];
        #[expect(clippy::cast_precision_loss, reason = "a passage has few words")]
        let times = postings.term_freq() as f32;
        term.weight * times / (times + term.k1 * norm)
    }

    /// Adds what one term counts in each document of `stretches`, which `found` holds in order.
    fn score(
        &self,
        term: &Scored<'_>,
        bit: u64,
        stretches: &[Range<u32>],
        found: &mut [Found],
    ) -> Result<(), Error> {
        let mut postings = self.postings(term)?;
        let mut base = 0;
        for stretch in stretches {
            let mut document = postings.doc();
            if document < stretch.start {
                document = postings.seek(stretch.start);
            }
            while document < stretch.end {
                let here = &mut found[base + (document - stretch.start) as usize];
                here.score += self.value(term, &postings);
                here.matched |= bit;
                document = postings.advance();
            }
            base += stretch.len();
        }
        Ok(())
    }

    /// Adds what one term counts to the documents found, which are in order.
    fn score_found(&self, term: &Scored<'_>, found: &mut [Found]) -> Result<(), Error> {
        let mut postings = self.postings(term)?;
        for here in found {
            if postings.doc() < here.document {
                postings.seek(here.document);
            }
            if postings.doc() == here.document {
                here.score += self.value(term, &postings);
            }
        }
        Ok(())
    }

    /// Returns the documents found, which are in order, and those that hold the term, with what it
    /// counts in each.
    fn score_all(&self, term: &Scored<'_>, found: &[Found]) -> Result<Vec<Found>, Error> {
        let mut postings = self.postings(term)?;
        let mut all = Vec::with_capacity(found.len() + term.info.doc_freq as usize);
        let mut found = found.iter().copied().peekable();
        loop {
            let document = postings.doc();
            all.extend(std::iter::from_fn(|| found.next_if(|found| found.document < document)));
            if document == TERMINATED {
                return Ok(all);
            }
            let here = found.next_if(|found| found.document == document);
            let mut here = here.unwrap_or(Found { document, score: 0.0, matched: 0 });
            here.score += self.value(term, &postings);
            all.push(here);
            postings.advance();
        }
    }
}

/// Returns how much a term tells that stands in `held` of `all` documents (BM25's idf).
fn rarity(held: u32, all: u32) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a weight needs no more than single precision")]
    let (held, all) = (held as f32, all as f32);
    (1.0 + (all - held + 0.5) / (held + 0.5)).ln()
}
