//! The index of passages: built from a knowledge base, asked with terms. All of tantivy is here.
//!
//! Questions become queries in code; no visitor's text ever reaches a query parser. Title,
//! headings and drug names are indexed with every passage, weighted by repetition, in one field:
//! BM25 over that field is BM25F with whole-number weights, and it keeps tantivy's block-max
//! pruning, so that a question against many passages costs little more than against few.

use std::path::Path;

use tantivy::collector::TopDocs;
use tantivy::indexer::NoMergePolicy;
use tantivy::query::{BooleanQuery, BoostQuery, Occur, Query as TantivyQuery, TermQuery};
use tantivy::schema::{
    FAST, Field, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{DocAddress, DocSet, Searcher, TantivyDocument, Term};

use crate::id::DrugId;
use crate::knowledge::{Article, Knowledge, Passage};
use crate::text;

/// How often a title's words are counted.
const TITLE_WEIGHT: usize = 2;
/// How often a heading's words are counted.
const HEADING_WEIGHT: usize = 2;
/// Memory of the index writer, in bytes.
const WRITER_BYTES: usize = 64 * 1024 * 1024;

/// A fault of the index.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// tantivy failed: a damaged or missing index, or a full disk.
    #[error("search index: {0}")]
    Tantivy(#[from] tantivy::TantivyError),
    /// The index does not belong to the knowledge base beside it.
    #[error("search index holds {found} passages, the knowledge base {expected}")]
    Mismatch {
        /// Passages in the index.
        found: u64,
        /// Passages in the knowledge base.
        expected: u64,
    },
}

/// Where a passage stands: positions in `Knowledge::articles` and `Article::passages`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PassageRef {
    /// Position of the article.
    pub article: u32,
    /// Position of the passage in the article.
    pub passage: u32,
}

impl PassageRef {
    /// Returns the article and the passage.
    pub fn get<'a>(&self, knowledge: &'a Knowledge) -> (&'a Article, &'a Passage) {
        let article = &knowledge.articles[self.article as usize];
        (article, &article.passages[self.passage as usize])
    }
}

/// Returns every passage that may be quoted, in the order in which the index numbers them.
pub fn quotable_passages(knowledge: &Knowledge) -> Vec<PassageRef> {
    let articles = (0_u32..).zip(&knowledge.articles).filter(|(_, article)| article.is_quotable());
    articles
        .flat_map(|(at, article)| {
            (0_u32..)
                .zip(&article.passages)
                .map(move |(passage, _)| PassageRef { article: at, passage })
        })
        .collect()
}

/// What to look for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// Search terms with their weights; each once.
    pub terms: Vec<(String, f32)>,
    /// Only passages about one of these; empty means no limit.
    pub drugs: Vec<DrugId>,
    /// Only passages about no drug at all.
    pub general_only: bool,
}

impl Query {
    /// Returns a query for a message; a word that is repeated weighs as often as it occurs. Of a
    /// long message the first sentence weighs most: the rest tells the story.
    pub fn from_message(message: &str) -> Self {
        let sentences: Vec<Vec<String>> = sentences(message)
            .map(|sentence| text::search_terms(&text::fold(sentence)))
            .filter(|terms| !terms.is_empty())
            .collect();
        let length: usize = sentences.iter().map(Vec::len).sum();
        let is_long = length > LONG_MESSAGE && sentences.len() > 1;
        let mut query = Self::default();
        for (at, terms) in sentences.iter().enumerate() {
            let weight = match (is_long, at) {
                (true, 0) => SUBJECT_WEIGHT,
                _ => 1.0,
            };
            for term in terms {
                query.add(term, weight);
            }
        }
        query
    }

    /// Adds a term; one that is there already weighs more.
    pub fn add(&mut self, term: &str, weight: f32) {
        if let Some((_, known)) = self.terms.iter_mut().find(|(known, _)| known == term) {
            *known += weight;
        } else if self.terms.len() < MAX_TERMS {
            self.terms.push((term.to_owned(), weight));
        }
    }
}

/// A message of more terms than these is long.
const LONG_MESSAGE: usize = 16;
/// Weight of the first sentence of a long message.
const SUBJECT_WEIGHT: f32 = 2.0;

/// Cuts a message after each sentence and line.
fn sentences(message: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| matches!(c, '.' | '!' | '?' | '。' | '！' | '？' | '；' | '\n');
    message.split_inclusive(ends).map(str::trim)
}

/// Most spellings tried in place of an unknown word.
const MAX_CORRECTIONS: usize = 8;
/// Most terms of one query; a pasted leaflet is cut here.
const MAX_TERMS: usize = 64;

/// One passage found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The passage.
    pub passage: PassageRef,
    /// BM25 score; comparable within one query only.
    pub score: f32,
    /// Bit `i` tells whether `Query::terms[i]` occurs in the passage.
    pub matched: u64,
}

/// An open index with the passages it numbers.
pub struct Index {
    searcher: Searcher,
    fields: Fields,
    passages: Vec<PassageRef>,
}

#[derive(Clone, Copy)]
struct Fields {
    terms: Field,
    drug: Field,
    ordinal: Field,
}

impl Fields {
    fn schema() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default().set_index_option(IndexRecordOption::WithFreqs);
        let terms =
            schema.add_text_field("terms", TextOptions::default().set_indexing_options(indexing));
        let drug = schema.add_text_field("drug", STRING);
        let ordinal = schema.add_u64_field("ordinal", FAST);
        (schema.build(), Self { terms, drug, ordinal })
    }
}

/// The drug field of passages about no drug.
const NO_DRUG: &str = "-";

impl Index {
    /// Builds an index of every quotable passage in the empty folder `dir`; `progress` is told
    /// how many passages are done.
    pub fn build(
        dir: &Path,
        knowledge: &Knowledge,
        mut progress: impl FnMut(usize),
    ) -> Result<(), Error> {
        let (schema, fields) = Fields::schema();
        let index = tantivy::Index::create_in_dir(dir, schema)?;
        let mut writer = index.writer_with_num_threads(1, WRITER_BYTES)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        for (ordinal, passage) in quotable_passages(knowledge).into_iter().enumerate() {
            let (article, passage) = passage.get(knowledge);
            let mut document = TantivyDocument::new();
            document.add_u64(fields.ordinal, ordinal as u64);
            document.add_text(fields.drug, article.drug.as_ref().map_or(NO_DRUG, DrugId::as_str));
            document.add_pre_tokenized_text(
                fields.terms,
                pre_tokenized(passage_terms(knowledge, article, passage)),
            );
            writer.add_document(document)?;
            progress(ordinal + 1);
        }
        writer.commit()?;
        merge_in_order(&index, &mut writer)?;
        writer.wait_merging_threads()?;
        Ok(())
    }

    /// Opens the index in `dir`, which must have been built from this knowledge base.
    pub fn open(dir: &Path, knowledge: &Knowledge) -> Result<Self, Error> {
        let index = tantivy::Index::open_in_dir(dir)?;
        let reader =
            index.reader_builder().reload_policy(tantivy::ReloadPolicy::Manual).try_into()?;
        let searcher = reader.searcher();
        let passages = quotable_passages(knowledge);
        if searcher.num_docs() != passages.len() as u64 {
            return Err(Error::Mismatch {
                found: searcher.num_docs(),
                expected: passages.len() as u64,
            });
        }
        let (_, fields) = Fields::schema();
        Ok(Self { searcher, fields, passages })
    }

    /// Returns how many passages there are.
    pub fn len(&self) -> usize {
        self.passages.len()
    }

    /// Returns whether there is no passage at all.
    pub fn is_empty(&self) -> bool {
        self.passages.is_empty()
    }

    /// Returns the best `limit` passages, best first; equal scores stand in the order of the
    /// knowledge base, so that the same question always gets the same answer.
    pub fn find(&self, query: &Query, limit: usize) -> Result<Vec<Hit>, Error> {
        let Some(tantivy_query) = self.compile(query) else { return Ok(Vec::new()) };
        let top = self
            .searcher
            .search(&*tantivy_query, &TopDocs::with_limit(limit.max(1)).order_by_score())?;
        let mut hits = Vec::with_capacity(top.len());
        for (score, address) in &top {
            let ordinal = self.ordinal(*address)?;
            hits.push(Hit { passage: self.passages[ordinal], score: *score, matched: 0 });
        }
        self.mark_matches(query, &top, &mut hits)?;
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage)));
        Ok(hits)
    }

    /// Runs the bare query, best `limit` scores only: what tantivy alone costs, for benchmarks.
    pub fn probe(&self, query: &Query, limit: usize) -> Result<usize, Error> {
        let Some(tantivy_query) = self.compile(query) else { return Ok(0) };
        Ok(self
            .searcher
            .search(&*tantivy_query, &TopDocs::with_limit(limit.max(1)).order_by_score())?
            .len())
    }

    /// Returns the share of passages that hold `term`, between 0 and 1.
    pub fn frequency(&self, term: &str) -> Result<f32, Error> {
        let found = self.searcher.doc_freq(&Term::from_field_text(self.fields.terms, term))?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "a share needs no more than single precision"
        )]
        let share = found as f32 / self.passages.len().max(1) as f32;
        Ok(share)
    }

    /// Returns the index's terms that `term`, which is not among them, may be a misspelling of:
    /// those with the same first letter and the fewest edits, at most two.
    pub fn nearest(&self, term: &str) -> Result<Vec<String>, Error> {
        let most = if term.len() >= 7 { 2 } else { 1 };
        let Some(first) = term.chars().next().filter(char::is_ascii_lowercase) else {
            return Ok(Vec::new());
        };
        let mut best = (most, Vec::new());
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(self.fields.terms)?;
            let after = char::from(u8::try_from(first).unwrap_or(b'z') + 1).to_string();
            let range = index.terms().range().ge(first.to_string()).lt(after);
            let mut known = range.into_stream().map_err(tantivy::TantivyError::from)?;
            while known.advance() {
                let Ok(word) = std::str::from_utf8(known.key()) else { continue };
                match text::edits(term, word, best.0) {
                    Some(edits) if edits < best.0 => best = (edits, vec![word.to_owned()]),
                    Some(_) => best.1.push(word.to_owned()),
                    None => {}
                }
            }
        }
        best.1.truncate(MAX_CORRECTIONS);
        Ok(best.1)
    }

    fn compile(&self, query: &Query) -> Option<Box<dyn TantivyQuery>> {
        let terms: Vec<(Occur, Box<dyn TantivyQuery>)> = query
            .terms
            .iter()
            .map(|(term, weight)| {
                let term = Term::from_field_text(self.fields.terms, term);
                let term = Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs));
                (Occur::Should, Box::new(BoostQuery::new(term, *weight)) as Box<dyn TantivyQuery>)
            })
            .collect();
        let limits = self.drug_limits(query);
        match (terms.is_empty(), limits.is_empty()) {
            (true, true) => None,
            (false, true) => Some(Box::new(BooleanQuery::new(terms))),
            (true, false) => Some(Box::new(BooleanQuery::union(limits))),
            (false, false) => {
                let limits = Box::new(BoostQuery::new(Box::new(BooleanQuery::union(limits)), 0.0));
                Some(Box::new(BooleanQuery::new(vec![
                    (Occur::Must, limits),
                    (Occur::Must, Box::new(BooleanQuery::new(terms))),
                ])))
            }
        }
    }

    fn drug_limits(&self, query: &Query) -> Vec<Box<dyn TantivyQuery>> {
        let drugs = query.drugs.iter().map(DrugId::as_str);
        let none = query.general_only.then_some(NO_DRUG);
        drugs
            .chain(none)
            .map(|drug| {
                let term = Term::from_field_text(self.fields.drug, drug);
                Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn TantivyQuery>
            })
            .collect()
    }

    fn ordinal(&self, address: DocAddress) -> Result<usize, Error> {
        let column =
            self.searcher.segment_reader(address.segment_ord).fast_fields().u64("ordinal")?;
        let ordinal = column.first(address.doc_id).unwrap_or_default();
        Ok(usize::try_from(ordinal).unwrap_or_default().min(self.passages.len() - 1))
    }

    /// Sets `Hit::matched`: walks each term's postings once past the documents found.
    fn mark_matches(
        &self,
        query: &Query,
        top: &[(f32, DocAddress)],
        hits: &mut [Hit],
    ) -> Result<(), Error> {
        let mut by_address: Vec<(DocAddress, usize)> =
            top.iter().enumerate().map(|(at, (_, address))| (*address, at)).collect();
        by_address.sort_unstable();
        for (bit, (term, _)) in query.terms.iter().enumerate().take(64) {
            let term = Term::from_field_text(self.fields.terms, term);
            let mut segment = None;
            for (address, at) in &by_address {
                if segment.as_ref().is_none_or(|(open, _)| *open != address.segment_ord) {
                    let reader = self
                        .searcher
                        .segment_reader(address.segment_ord)
                        .inverted_index(self.fields.terms)?;
                    let postings = reader
                        .read_postings(&term, IndexRecordOption::Basic)
                        .map_err(tantivy::TantivyError::from)?;
                    segment = Some((address.segment_ord, postings));
                }
                if let Some((_, Some(postings))) = &mut segment {
                    let here = postings.doc();
                    let reached =
                        if here < address.doc_id { postings.seek(address.doc_id) } else { here };
                    hits[*at].matched |= u64::from(reached == address.doc_id) << bit;
                }
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("passages", &self.passages.len()).finish_non_exhaustive()
    }
}

/// Returns everything a passage is found by: title, headings and names, then its own words.
fn passage_terms(knowledge: &Knowledge, article: &Article, passage: &Passage) -> Vec<String> {
    let mut terms = Vec::new();
    let mut add = |text: &str, times: usize| {
        let found = text::search_terms(&text::fold(text));
        for _ in 0..times {
            terms.extend(found.iter().cloned());
        }
    };
    add(&article.title, TITLE_WEIGHT);
    for heading in &passage.heading {
        add(heading, HEADING_WEIGHT);
    }
    if let Some(drug) = article.drug.as_ref().and_then(|id| knowledge.drug(id)) {
        for name in drug.all_names() {
            add(name, 1);
        }
    }
    add(article.passage_text(passage), 1);
    terms
}

fn pre_tokenized(terms: Vec<String>) -> PreTokenizedString {
    let tokens = terms
        .into_iter()
        .enumerate()
        .map(|(position, text)| Token {
            offset_from: 0,
            offset_to: 0,
            position,
            text,
            position_length: 1,
        })
        .collect();
    PreTokenizedString { text: String::new(), tokens }
}

/// Merges all segments into one, in the order of the passages.
fn merge_in_order(index: &tantivy::Index, writer: &mut tantivy::IndexWriter) -> Result<(), Error> {
    let reader: tantivy::IndexReader =
        index.reader_builder().reload_policy(tantivy::ReloadPolicy::Manual).try_into()?;
    let mut segments = Vec::new();
    for segment in reader.searcher().segment_readers() {
        let first = segment.fast_fields().u64("ordinal")?.first(0).unwrap_or_default();
        segments.push((first, segment.segment_id()));
    }
    segments.sort_unstable_by_key(|(first, _)| *first);
    if segments.len() > 1 {
        let ids: Vec<_> = segments.into_iter().map(|(_, id)| id).collect();
        writer.merge(&ids).wait()?;
    }
    Ok(())
}
