//! How the index is built: one segment, and beside it the list of the articles in it, in the order
//! of their documents. A new index lists them in the order of the knowledge base; one that is
//! made from an earlier index keeps what has not changed and puts what has at the end.

use std::path::Path;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use tantivy::directory::Directory as _;
use tantivy::indexer::NoMergePolicy;
use tantivy::schema::{
    FAST, Field, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{TantivyDocument, Term};

use super::Error;
use crate::knowledge::{Article, Knowledge, Passage};
use crate::text;

/// How often a title's words are counted.
pub(super) const TITLE_WEIGHT: usize = 2;
/// How often a heading's words are counted.
pub(super) const HEADING_WEIGHT: usize = 2;
/// Memory of the index writer, in bytes.
pub(super) const WRITER_BYTES: usize = 64 * 1024 * 1024;
/// The list of the articles, beside tantivy's own files.
const CONTENTS: &str = "contents.json";
/// Articles out of place after which an index is built anew: each cuts a drug's stretch in two.
const MOST_DISPLACED: usize = 200;

#[derive(Clone, Copy)]
pub(super) struct Fields {
    /// Everything that a passage is found by.
    pub(super) terms: Field,
    /// A number that grows from document to document.
    pub(super) ordinal: Field,
    /// Id of the article, to take it out by.
    article: Field,
}

/// The articles of an index, in the order of their documents.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Contents {
    pub(super) articles: Vec<Entry>,
    /// The ordinal of the next document.
    next: u64,
}

/// An article of an index.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) id: String,
    /// What its documents were made from: its version, and the names of its drug.
    made_from: String,
    pub(super) passages: u32,
    /// Length of its documents together, in terms.
    terms: u64,
}

impl Entry {
    fn new(knowledge: &Knowledge, article: &Article) -> Self {
        let mut made_from = article.version.clone();
        let drug = article.drug.as_ref().and_then(|id| knowledge.drug(id));
        for name in drug.iter().flat_map(|drug| drug.all_names()) {
            made_from.push('\n');
            made_from.push_str(name);
        }
        Self {
            id: article.id.to_string(),
            made_from,
            passages: u32::try_from(article.passages.len()).unwrap_or(u32::MAX),
            terms: 0,
        }
    }

    /// Returns whether `article` would give the same documents.
    pub(super) fn is_of(&self, knowledge: &Knowledge, article: &Article) -> bool {
        self.made_from == Self::new(knowledge, article).made_from
    }
}

impl Contents {
    pub(super) fn read(index: &tantivy::Index) -> Result<Self, Error> {
        let bytes = index.directory().atomic_read(Path::new(CONTENTS)).map_err(Error::contents)?;
        serde_json::from_slice(&bytes).map_err(Error::contents)
    }

    fn write(&self, index: &tantivy::Index) -> Result<(), Error> {
        let bytes = serde_json::to_vec(self).map_err(Error::contents)?;
        index.directory().atomic_write(Path::new(CONTENTS), &bytes).map_err(Error::contents)
    }

    /// Returns the length of all documents together, in terms.
    pub(super) fn terms(&self) -> u64 {
        self.articles.iter().map(|entry| entry.terms).sum()
    }
}

impl Fields {
    pub(super) fn schema() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default().set_index_option(IndexRecordOption::WithFreqs);
        let terms =
            schema.add_text_field("terms", TextOptions::default().set_indexing_options(indexing));
        let ordinal = schema.add_u64_field("ordinal", FAST);
        let article = schema.add_text_field("article", STRING);
        (schema.build(), Self { terms, ordinal, article })
    }
}

/// Builds an index of every quotable passage in the empty folder `dir`; `progress` is told
/// how many passages are done.
pub(super) fn build(
    dir: &Path,
    knowledge: &Knowledge,
    progress: impl FnMut(usize),
) -> Result<(), Error> {
    let (schema, fields) = Fields::schema();
    let index = tantivy::Index::create_in_dir(dir, schema)?;
    let articles: Vec<&Article> =
        knowledge.articles.iter().filter(|article| article.is_quotable()).collect();
    write(&index, fields, knowledge, Contents::default(), &[], &articles, progress)
}

/// Turns the index in `dir` into one of `knowledge`; returns `false`, having changed nothing, when
/// so much has changed that it is better built anew. No file that is there already is written to.
pub(super) fn update(
    dir: &Path,
    knowledge: &Knowledge,
    progress: impl FnMut(usize),
) -> Result<bool, Error> {
    let index = tantivy::Index::open_in_dir(dir)?;
    let (schema, fields) = Fields::schema();
    if index.schema() != schema {
        return Ok(false);
    }
    let mut contents = Contents::read(&index)?;
    let wanted: FxHashMap<&str, (usize, &Article)> = knowledge
        .articles
        .iter()
        .enumerate()
        .filter(|(_, article)| article.is_quotable())
        .map(|(at, article)| (article.id.as_str(), (at, article)))
        .collect();
    let (kept, gone): (Vec<Entry>, Vec<Entry>) = contents.articles.into_iter().partition(|entry| {
        wanted.get(entry.id.as_str()).is_some_and(|(_, article)| entry.is_of(knowledge, article))
    });
    let mut new = wanted.clone();
    for entry in &kept {
        new.remove(entry.id.as_str());
    }
    let mut new: Vec<(usize, &Article)> = new.into_values().collect();
    new.sort_unstable_by_key(|(at, _)| *at);
    let places = kept.iter().map(|entry| wanted[entry.id.as_str()].0);
    let places: Vec<usize> = places.chain(new.iter().map(|(at, _)| *at)).collect();
    let displaced = places.windows(2).filter(|pair| pair[0] > pair[1]).count();
    if displaced > MOST_DISPLACED || new.len() + gone.len() > kept.len() / 4 {
        return Ok(false);
    }
    contents.articles = kept;
    let new: Vec<&Article> = new.into_iter().map(|(_, article)| article).collect();
    write(&index, fields, knowledge, contents, &gone, &new, progress)?;
    Ok(true)
}

/// Takes the articles `gone` out, adds `new` at the end, and makes one segment of the whole.
fn write(
    index: &tantivy::Index,
    fields: Fields,
    knowledge: &Knowledge,
    mut contents: Contents,
    gone: &[Entry],
    new: &[&Article],
    mut progress: impl FnMut(usize),
) -> Result<(), Error> {
    let mut writer: tantivy::IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    for entry in gone {
        writer.delete_term(Term::from_field_text(fields.article, &entry.id));
    }
    let mut done = contents.articles.iter().map(|entry| entry.passages as usize).sum();
    for &article in new {
        let mut entry = Entry::new(knowledge, article);
        for passage in &article.passages {
            let terms = passage_terms(knowledge, article, passage);
            entry.terms += terms.len() as u64;
            let mut document = TantivyDocument::new();
            document.add_u64(fields.ordinal, contents.next);
            document.add_text(fields.article, &entry.id);
            document.add_pre_tokenized_text(fields.terms, pre_tokenized(terms));
            writer.add_document(document)?;
            contents.next += 1;
            done += 1;
            progress(done);
        }
        contents.articles.push(entry);
    }
    writer.commit()?;
    merge_in_order(index, &mut writer)?;
    writer.wait_merging_threads()?;
    contents.write(index)
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
    let has_deletes =
        reader.searcher().segment_readers().iter().any(tantivy::SegmentReader::has_deletes);
    if segments.len() > 1 || has_deletes {
        let ids: Vec<_> = segments.into_iter().map(|(_, id)| id).collect();
        writer.merge(&ids).wait()?;
    }
    Ok(())
}
