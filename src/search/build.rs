//! How the index is built: one segment, and beside it the list of the articles in it, in the order
//! of their documents. A new index lists them in the order of the knowledge base; one that is
//! made from an earlier index keeps what has not changed and puts what has at the end.

use std::path::Path;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tantivy::directory::Directory as _;
use tantivy::indexer::NoMergePolicy;
use tantivy::schema::{
    FAST, Field, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use tantivy::{TantivyDocument, Term};

use super::Error;
use crate::id::{self, ArticleId};
use crate::knowledge::{Article, Drug, Knowledge, Passage};
use crate::text;

/// How often a title's words are counted.
pub(super) const TITLE_WEIGHT: usize = 2;
/// How often a heading's words are counted.
pub(super) const HEADING_WEIGHT: usize = 2;
/// Memory of the index writer, in bytes.
pub(super) const WRITER_BYTES: usize = 16 * 1024 * 1024;
/// The list of the articles, beside tantivy's own files.
const CONTENTS: &str = "contents.json";
/// About as many bytes as an article takes in it.
const ENTRY_BYTES: usize = 160;
/// What tantivy knows our terms by.
const CUTTER: &str = "terms";
/// Ends each term of a document; no term holds it.
const END: char = '\n';
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
    pub(super) id: ArticleId,
    /// A hash of what its documents were made from: its version, and the names of its drug.
    #[serde(serialize_with = "write_hash", deserialize_with = "read_hash")]
    made_from: u128,
    pub(super) passages: u32,
    /// Length of its documents together, in terms.
    terms: u64,
}

impl Entry {
    fn new(knowledge: &Knowledge, article: &Article) -> Self {
        Self {
            id: article.id.clone(),
            made_from: made_from(knowledge, article),
            passages: u32::try_from(article.passages.len()).unwrap_or(u32::MAX),
            terms: 0,
        }
    }

    /// Returns the position of the article, if it would give the same documents.
    pub(super) fn place_in(&self, knowledge: &Knowledge) -> Option<usize> {
        let at = knowledge.position(&self.id)?;
        let article = &knowledge.articles[at];
        (article.is_quotable() && self.made_from == made_from(knowledge, article)).then_some(at)
    }
}

fn made_from(knowledge: &Knowledge, article: &Article) -> u128 {
    let drug = article.drug.as_ref().and_then(|id| knowledge.drug(id));
    let names = drug.into_iter().flat_map(Drug::all_names);
    hash(&std::iter::once(article.version.as_str()).chain(names).collect::<Vec<_>>())
}

fn hash(parts: &[&str]) -> u128 {
    u128::from_str_radix(&id::digest(parts), 16).unwrap_or_default()
}

fn write_hash<S: Serializer>(hash: &u128, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&format_args!("{hash:032x}"))
}

fn read_hash<'de, D: Deserializer<'de>>(from: D) -> Result<u128, D::Error> {
    let text = String::deserialize(from)?;
    // An index of an earlier version of Eider holds the version and the names as they are.
    let parts = || text.split('\n').collect::<Vec<_>>();
    Ok(u128::from_str_radix(&text, 16).unwrap_or_else(|_| hash(&parts())))
}

impl Contents {
    pub(super) fn read(index: &tantivy::Index) -> Result<Self, Error> {
        let bytes = index.directory().atomic_read(Path::new(CONTENTS)).map_err(Error::contents)?;
        serde_json::from_slice(&bytes).map_err(Error::contents)
    }

    fn write(&self, index: &tantivy::Index) -> Result<(), Error> {
        let mut bytes = Vec::with_capacity(self.articles.len() * ENTRY_BYTES);
        serde_json::to_writer(&mut bytes, self).map_err(Error::contents)?;
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
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(CUTTER)
            .set_index_option(IndexRecordOption::WithFreqs);
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
        knowledge.all_articles().filter(|article| article.is_quotable()).collect();
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
    let mut is_kept = vec![false; knowledge.articles.len()];
    let mut places = Vec::new();
    let (kept, gone): (Vec<Entry>, Vec<Entry>) = contents.articles.into_iter().partition(|entry| {
        let place = entry.place_in(knowledge);
        if let Some(at) = place {
            is_kept[at] = true;
            places.push(at);
        }
        place.is_some()
    });
    let is_new = |(at, article): &(usize, &Article)| article.is_quotable() && !is_kept[*at];
    let new: Vec<(usize, &Article)> = knowledge.all_articles().enumerate().filter(is_new).collect();
    places.extend(new.iter().map(|(at, _)| *at));
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
    index.tokenizers().register(CUTTER, Cutter::default());
    let mut writer: tantivy::IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    for entry in gone {
        writer.delete_term(Term::from_field_text(fields.article, entry.id.as_str()));
    }
    contents.articles.reserve_exact(new.len());
    let mut done = contents.articles.iter().map(|entry| entry.passages as usize).sum();
    for &article in new {
        let mut entry = Entry::new(knowledge, article);
        let mut wording = Wording::new(knowledge, article);
        for passage in &article.passages {
            let terms = wording.terms(passage);
            entry.terms += terms.count;
            let mut document = TantivyDocument::new();
            document.add_u64(fields.ordinal, contents.next);
            document.add_text(fields.article, entry.id.as_str());
            document.add_text(fields.terms, &terms.joined);
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

/// Makes the documents of an article; what its passages share is cut into terms once.
struct Wording<'a> {
    article: &'a Article,
    /// The terms of title and names.
    shared: Terms,
    headings: FxHashMap<&'a str, Terms>,
}

/// Search terms, each ended by [`END`].
#[derive(Clone, Default)]
struct Terms {
    joined: String,
    count: u64,
}

impl Terms {
    fn add(&mut self, text: &str) {
        text::each_term(&text::fold(text), |term, _| {
            self.joined.push_str(term);
            self.joined.push(END);
            self.count += 1;
        });
    }

    fn add_times(&mut self, other: &Self, times: usize) {
        for _ in 0..times {
            self.joined.push_str(&other.joined);
            self.count += other.count;
        }
    }

    fn of(text: &str) -> Self {
        let mut terms = Self::default();
        terms.add(text);
        terms
    }
}

impl<'a> Wording<'a> {
    fn new(knowledge: &Knowledge, article: &'a Article) -> Self {
        let mut shared = Terms::default();
        shared.add_times(&Terms::of(&article.title), TITLE_WEIGHT);
        let drug = article.drug.as_ref().and_then(|id| knowledge.drug(id));
        drug.iter().flat_map(|drug| drug.all_names()).for_each(|name| shared.add(name));
        Self { article, shared, headings: FxHashMap::default() }
    }

    /// Returns everything a passage is found by: title, headings and names, and its own words.
    fn terms(&mut self, passage: &'a Passage) -> Terms {
        let mut terms = self.shared.clone();
        for heading in self.article.headings(passage) {
            let own = self.headings.entry(heading).or_insert_with(|| Terms::of(heading));
            terms.add_times(own, HEADING_WEIGHT);
        }
        terms.add(self.article.passage_text(passage));
        terms
    }
}

/// Cuts the terms of a document apart again: tantivy takes one text for each, which costs it much
/// less than a list of words.
#[derive(Clone, Default)]
struct Cutter(Token);

struct Cut<'a> {
    rest: &'a str,
    token: &'a mut Token,
}

impl Tokenizer for Cutter {
    type TokenStream<'a> = Cut<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Cut<'a> {
        self.0.reset();
        Cut { rest: text, token: &mut self.0 }
    }
}

impl TokenStream for Cut<'_> {
    fn advance(&mut self) -> bool {
        let Some((term, rest)) = self.rest.split_once(END) else { return false };
        self.rest = rest;
        self.token.text.clear();
        self.token.text.push_str(term);
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
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
