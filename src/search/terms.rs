//! The terms of the index with their postings, scored over all its documents or some stretches of
//! them, with parameters of our own: tantivy keeps k1 and b as constants.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::InvertedIndexReader;
use tantivy::postings::{Postings as _, TermInfo};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet as _, Searcher, TantivyError};

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
    /// Bit `i` tells whether `Query::terms[i]` occurs in it; in a search over all documents only
    /// whether any does.
    pub(super) matched: u64,
}

impl Terms {
    /// Reads the terms of an index of at most one segment, whose documents are in order.
    pub(super) fn open(searcher: &Searcher, fields: Fields) -> Result<Self, Error> {
        let mut terms = Self { known: FxHashMap::default(), segment: None };
        let [segment] = searcher.segment_readers() else {
            return if searcher.num_docs() == 0 { Ok(terms) } else { Err(Error::Disorder) };
        };
        let ordinals = segment.fast_fields().u64("ordinal")?;
        let in_order = (0..segment.max_doc())
            .all(|document| ordinals.first(document) == Some(u64::from(document)));
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
        let average = postings.total_num_tokens() as f32 / documents.max(1) as f32;
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

    /// Returns the best `limit` documents of all that hold a term of `query`, best first.
    pub(super) fn find_anywhere(&self, query: &Query, limit: usize) -> Result<Vec<Found>, Error> {
        let Some(segment) = &self.segment else { return Ok(Vec::new()) };
        let known = query.terms.iter().filter_map(|(term, weight)| {
            self.known.get(term.as_str()).map(|info| segment.weigh(term, info, *weight))
        });
        let mut scored: Vec<Scored<'_>> = known.collect();
        scored.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        scored.truncate(MAX_TERMS);
        let blank = |document| Found { document, score: 0.0, matched: 0 };
        let mut found: Vec<Found> = (0..segment.documents).map(blank).collect();
        let all = 0..segment.documents;
        for term in &scored {
            segment.score(term, 1, std::slice::from_ref(&all), &mut found)?;
        }
        found.retain(|found| found.matched != 0);
        let better =
            |a: &Found, b: &Found| b.score.total_cmp(&a.score).then(a.document.cmp(&b.document));
        if limit < found.len() {
            found.select_nth_unstable_by(limit, better);
            found.truncate(limit);
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

    /// Adds what one term counts in each document of `stretches`, which `found` holds in order.
    fn score(
        &self,
        term: &Scored<'_>,
        bit: u64,
        stretches: &[Range<u32>],
        found: &mut [Found],
    ) -> Result<(), Error> {
        let mut postings = self
            .postings
            .read_postings_from_terminfo(term.info, IndexRecordOption::WithFreqs)
            .map_err(TantivyError::from)?;
        let mut base = 0;
        for stretch in stretches {
            let mut document = postings.doc();
            if document < stretch.start {
                document = postings.seek(stretch.start);
            }
            while document < stretch.end {
                let norm = self.norms[usize::from(self.lengths.fieldnorm_id(document))];
                #[expect(clippy::cast_precision_loss, reason = "a passage has few words")]
                let times = postings.term_freq() as f32;
                let here = &mut found[base + (document - stretch.start) as usize];
                here.score += term.weight * times / (times + term.k1 * norm);
                here.matched |= bit;
                document = postings.advance();
            }
            base += stretch.len();
        }
        Ok(())
    }
}

/// Returns how much a term tells that stands in `held` of `all` documents (BM25's idf).
fn rarity(held: u32, all: u32) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a weight needs no more than single precision")]
    let (held, all) = (held as f32, all as f32);
    (1.0 + (all - held + 0.5) / (held + 0.5)).ln()
}
