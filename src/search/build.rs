//! How the index is built: one segment, its documents in the order of the knowledge base.

use std::path::Path;

use tantivy::TantivyDocument;
use tantivy::indexer::NoMergePolicy;
use tantivy::schema::{FAST, Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{PreTokenizedString, Token};

use super::{Error, quotable_passages};
use crate::knowledge::{Article, Knowledge, Passage};
use crate::text;

/// How often a title's words are counted.
const TITLE_WEIGHT: usize = 2;
/// How often a heading's words are counted.
const HEADING_WEIGHT: usize = 2;
/// Memory of the index writer, in bytes.
const WRITER_BYTES: usize = 64 * 1024 * 1024;
#[derive(Clone, Copy)]
pub(super) struct Fields {
    /// Everything that a passage is found by.
    pub(super) terms: Field,
    /// Number of the passage in the order of the knowledge base; the document's own is the same.
    pub(super) ordinal: Field,
}

impl Fields {
    pub(super) fn schema() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default().set_index_option(IndexRecordOption::WithFreqs);
        let terms =
            schema.add_text_field("terms", TextOptions::default().set_indexing_options(indexing));
        let ordinal = schema.add_u64_field("ordinal", FAST);
        (schema.build(), Self { terms, ordinal })
    }
}

/// Builds an index of every quotable passage in the empty folder `dir`; `progress` is told
/// how many passages are done.
pub(super) fn build(
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
