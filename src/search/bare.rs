//! A bare tantivy writer of the same documents, to measure our own against: its default tokenizer,
//! the same memory, the same number of threads, one segment at the end. Nothing is read from it.

use std::path::Path;

use tantivy::schema::{FAST, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions};
use tantivy::{TantivyDocument, indexer::NoMergePolicy};

use super::build::{HEADING_WEIGHT, TITLE_WEIGHT, WRITER_BYTES};
use super::{Error, quotable_passages};
use crate::knowledge::Knowledge;

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
    let mut writer: tantivy::IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    let passages = quotable_passages(knowledge);
    for (number, place) in (0_u64..).zip(&passages) {
        let (article, passage) = place.get(knowledge);
        let mut document = TantivyDocument::new();
        document.add_u64(ordinal, number);
        document.add_text(id, article.id.as_str());
        let title = std::iter::repeat_n(article.title.as_str(), TITLE_WEIGHT);
        let headings = article.headings(passage).into_iter();
        let headings = headings.flat_map(|text| std::iter::repeat_n(text, HEADING_WEIGHT));
        let drug = article.drug.as_ref().and_then(|id| knowledge.drug(id));
        let names = drug.iter().flat_map(|drug| drug.all_names());
        for text in title.chain(headings).chain(names).chain([article.passage_text(passage)]) {
            document.add_text(terms, text);
        }
        writer.add_document(document)?;
    }
    writer.commit()?;
    let segments = index.searchable_segment_ids()?;
    if segments.len() > 1 {
        writer.merge(&segments).wait()?;
    }
    writer.wait_merging_threads()?;
    Ok(passages.len())
}
