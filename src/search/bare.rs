//! What tantivy does by itself, to measure our own against: a bare writer of the same documents, and
//! a bare search engine that stores the passages and returns the best ones as they are.

use std::path::Path;

use serde_json::json;
use tantivy::collector::TopDocs;
use tantivy::indexer::NoMergePolicy;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{
    FAST, Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value,
};
use tantivy::{Searcher, TantivyDocument, Term};

use super::build::{HEADING_WEIGHT, TITLE_WEIGHT, WRITER_BYTES};
use super::{Error, quotable_passages};
use crate::knowledge::{Article, Drug, Knowledge, Passage};
use crate::text;

/// Passages that a bare search engine looks for.
const LIMIT: usize = 10;

/// A bare search engine, in memory: no medicine, no topic and no emergency is recognised, and
/// nothing is verified.
#[derive(Clone)]
pub struct Bare {
    searcher: Searcher,
    terms: Field,
    stored: [(&'static str, Field); 4],
}

impl Bare {
    /// Indexes every quotable passage of `knowledge` by the words that Eider finds it by.
    pub fn new(knowledge: &Knowledge) -> Result<Self, Error> {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("whitespace")
            .set_index_option(IndexRecordOption::WithFreqs);
        let options = TextOptions::default().set_indexing_options(indexing);
        let terms = schema.add_text_field("terms", options);
        let stored = ["title", "heading", "text", "article"]
            .map(|name| (name, schema.add_text_field(name, STORED)));
        let index = tantivy::Index::create_in_ram(schema.build());
        write_all(&index, knowledge, |_, article, passage| {
            let mut document = TantivyDocument::new();
            for text in texts(knowledge, article, passage) {
                document.add_text(terms, text::search_terms(&text::fold(text)).join(" "));
            }
            let heading = article.heading(passage).unwrap_or_default();
            let values =
                [&article.title, heading, article.passage_text(passage), article.id.as_str()];
            for ((_, field), value) in stored.iter().zip(values) {
                document.add_text(*field, value);
            }
            document
        })?;
        Ok(Self { searcher: index.reader()?.searcher(), terms, stored })
    }

    /// Returns the passages that fit `question` best as JSON, one after the other until there are
    /// `bytes` bytes.
    pub fn answer(&self, question: &str, bytes: usize) -> Result<String, Error> {
        let clause = |term: String| {
            let term = Term::from_field_text(self.terms, &term);
            let term = TermQuery::new(term, IndexRecordOption::WithFreqs);
            (Occur::Should, Box::new(term) as Box<dyn Query>)
        };
        let terms = text::search_terms(&text::fold(question));
        let any = BooleanQuery::new(terms.into_iter().map(clause).collect());
        let best = self.searcher.search(&any, &TopDocs::with_limit(LIMIT).order_by_score())?;
        let mut answer = String::from("[");
        for (score, place) in best {
            let document: TantivyDocument = self.searcher.doc(place)?;
            let mut hit = json!({ "score": score });
            for (name, field) in &self.stored {
                hit[*name] = document.get_first(*field).and_then(|value| value.as_str()).into();
            }
            if answer.len() > 1 {
                answer.push(',');
            }
            answer.push_str(&hit.to_string());
            if answer.len() >= bytes {
                break;
            }
        }
        answer.push(']');
        Ok(answer)
    }
}

/// Writes every quotable passage of `knowledge` into an index in the empty folder `dir`; returns
/// how many there are.
pub fn write_bare(dir: &Path, knowledge: &Knowledge) -> Result<usize, Error> {
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("default")
        .set_index_option(IndexRecordOption::WithFreqs);
    let options = TextOptions::default().set_indexing_options(indexing);
    let terms = schema.add_text_field("terms", options);
    let ordinal = schema.add_u64_field("ordinal", FAST);
    let id = schema.add_text_field("article", STRING);
    let index = tantivy::Index::create_in_dir(dir, schema.build())?;
    write_all(&index, knowledge, |number, article, passage| {
        let mut document = TantivyDocument::new();
        document.add_u64(ordinal, number);
        document.add_text(id, article.id.as_str());
        for text in texts(knowledge, article, passage) {
            document.add_text(terms, text);
        }
        document
    })
}

/// Writes a document for each quotable passage, in one segment, with as much memory and as many
/// threads as our own writer; returns how many there are.
fn write_all(
    index: &tantivy::Index,
    knowledge: &Knowledge,
    document: impl Fn(u64, &Article, &Passage) -> TantivyDocument,
) -> Result<usize, Error> {
    let mut writer: tantivy::IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    let passages = quotable_passages(knowledge);
    for (number, place) in (0_u64..).zip(&passages) {
        let (article, passage) = place.get(knowledge);
        writer.add_document(document(number, article, passage))?;
    }
    writer.commit()?;
    let segments = index.searchable_segment_ids()?;
    if segments.len() > 1 {
        writer.merge(&segments).wait()?;
    }
    writer.wait_merging_threads()?;
    Ok(passages.len())
}

/// Returns what a passage is found by, repeated as often as it counts.
fn texts<'a>(
    knowledge: &'a Knowledge,
    article: &'a Article,
    passage: &'a Passage,
) -> impl Iterator<Item = &'a str> {
    let title = std::iter::repeat_n(article.title.as_str(), TITLE_WEIGHT);
    let headings = article.headings(passage).into_iter();
    let headings = headings.flat_map(|text| std::iter::repeat_n(text, HEADING_WEIGHT));
    let drug = article.drug.as_ref().and_then(|id| knowledge.drug(id));
    let names = drug.into_iter().flat_map(Drug::all_names);
    title.chain(headings).chain(names).chain([article.passage_text(passage)])
}
