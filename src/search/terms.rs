//! The terms of the index with their postings, scored over stretches of its documents, with
//! parameters of our own: tantivy keeps k1 and b as constants.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

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
/// Room for the postings of terms that were asked for, in bytes …
const ROOM: usize = 16 * 1024 * 1024;
/// … of which a term takes no more than for so many documents: reading more is worth its while.
const MOST_KEPT: u32 = 4096;

/// All terms of an index.
pub(super) struct Terms {
    pub(super) known: FxHashMap<Box<str>, Known>,
    pub(super) segment: Option<Segment>,
}

/// A term of an index.
pub(super) struct Known {
    info: TermInfo,
    /// Its postings, once they were asked for, if they are kept.
    kept: OnceLock<Box<[Posting]>>,
    /// How much it counts in each window of documents (`windows`), once that was asked for.
    pub(super) heights: OnceLock<Box<[u8]>>,
}

/// A document that holds a term.
#[derive(Debug, Clone, Copy)]
struct Posting {
    document: u32,
    /// What the term counts there, as a share of what it counts at most.
    height: f32,
}

/// The one segment of an index.
pub(super) struct Segment {
    postings: Arc<InvertedIndexReader>,
    /// Bytes that are left for postings to be kept in.
    room: AtomicUsize,
    lengths: FieldNormReader,
    pub(super) documents: u32,
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
        terms.known.reserve(postings.terms().num_terms());
        let mut stream = postings.terms().stream().map_err(TantivyError::from)?;
        while let Some((term, info)) = stream.next() {
            if let Ok(term) = std::str::from_utf8(term) {
                let (kept, heights) = (OnceLock::new(), OnceLock::new());
                let known = Known { info: info.clone(), kept, heights };
                terms.known.insert(term.into(), known);
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
        let room = AtomicUsize::new(ROOM);
        terms.segment = Some(Segment { postings, room, lengths, documents, norms });
        Ok(terms)
    }

    /// Leaves no room to keep postings in.
    #[cfg(test)]
    pub(super) fn keep_nothing(&mut self) {
        if let Some(segment) = &mut self.segment {
            segment.room = AtomicUsize::new(0);
        }
    }

    /// Returns how many documents hold `term`.
    pub(super) fn documents_with(&self, term: &str) -> u32 {
        self.known.get(term).map_or(0, |known| known.info.doc_freq)
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
        let ends = stretches.iter().scan(0, |end, stretch| {
            *end += stretch.len();
            Some(*end)
        });
        let bases =
            ends.zip(stretches).map(|(end, stretch)| (end - stretch.len(), stretch.clone()));
        let placed: Vec<(usize, Range<u32>)> = bases.collect();
        for (bit, (term, weight)) in query.terms.iter().enumerate().take(64) {
            if let Some(known) = self.known.get(term.as_str()) {
                let scored = segment.weigh(term, known, *weight);
                segment.score(&scored, 1 << bit, placed.iter().cloned(), &mut found)?;
            }
        }
        found.retain(|found| found.matched != 0);
        Ok(found)
    }
}

/// A term with what it counts.
pub(super) struct Scored<'a> {
    pub(super) known: &'a Known,
    k1: f32,
    /// What it counts at most: its weight, its rarity, and k1.
    pub(super) weight: f32,
}

impl Scored<'_> {
    /// Returns in how many documents the term stands.
    pub(super) fn documents(&self) -> u32 {
        self.known.info.doc_freq
    }
}

impl Segment {
    pub(super) fn weigh<'a>(&self, term: &str, known: &'a Known, weight: f32) -> Scored<'a> {
        let k1 = if term.chars().next().is_some_and(text::is_han) { K1_HAN } else { K1 };
        let weight = weight * rarity(known.info.doc_freq, self.documents) * (1.0 + k1);
        Scored { known, k1, weight }
    }

    pub(super) fn postings(&self, term: &Scored<'_>) -> Result<SegmentPostings, Error> {
        let postings = self
            .postings
            .read_postings_from_terminfo(&term.known.info, IndexRecordOption::WithFreqs);
        Ok(postings.map_err(TantivyError::from)?)
    }

    /// Returns the postings of a term that not many documents hold, as long as there is room to
    /// keep them: opening them costs more than looking through them.
    fn kept<'a>(&self, term: &Scored<'a>) -> Result<Option<&'a [Posting]>, Error> {
        if let Some(kept) = term.known.kept.get() {
            return Ok(Some(kept));
        }
        let bytes = term.documents() as usize * size_of::<Posting>();
        let take = |left: usize| left.checked_sub(bytes);
        let has_room =
            || self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok();
        if term.documents() > MOST_KEPT || !has_room() {
            return Ok(None);
        }
        let mut postings = self.postings(term)?;
        let mut kept = Vec::with_capacity(term.documents() as usize);
        while postings.doc() != TERMINATED {
            let height = self.height(term, &postings);
            kept.push(Posting { document: postings.doc(), height });
            postings.advance();
        }
        Ok(Some(term.known.kept.get_or_init(|| kept.into())))
    }

    /// Returns what a term counts in the document that its postings stand at, as a share of what it
    /// counts at most.
    pub(super) fn height(&self, term: &Scored<'_>, postings: &SegmentPostings) -> f32 {
        let norm = self.norms[usize::from(self.lengths.fieldnorm_id(postings.doc()))];
        #[expect(clippy::cast_precision_loss, reason = "a passage has few words")]
        let times = postings.term_freq() as f32;
        times / (times + term.k1 * norm)
    }

    /// Adds what one term counts in each document of `stretches`, which are in order, each with the
    /// position of its first document in `found`.
    pub(super) fn score(
        &self,
        term: &Scored<'_>,
        bit: u64,
        stretches: impl Iterator<Item = (usize, Range<u32>)>,
        found: &mut [Found],
    ) -> Result<(), Error> {
        let mut add = |place: usize, height: f32| {
            let here = &mut found[place];
            here.score += term.weight * height;
            here.matched |= bit;
        };
        if let Some(kept) = self.kept(term)? {
            for (base, stretch) in stretches {
                let from = kept.partition_point(|posting| posting.document < stretch.start);
                let inside = kept[from..].iter().take_while(|at| at.document < stretch.end);
                for Posting { document, height } in inside {
                    add(base + (document - stretch.start) as usize, *height);
                }
            }
            return Ok(());
        }
        let mut postings = self.postings(term)?;
        for (base, stretch) in stretches {
            let mut document = postings.doc();
            if document < stretch.start {
                document = postings.seek(stretch.start);
            }
            while document < stretch.end {
                add(base + (document - stretch.start) as usize, self.height(term, &postings));
                document = postings.advance();
            }
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
