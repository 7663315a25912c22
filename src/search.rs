//! The index of passages: built from a knowledge base, asked with terms. All of tantivy is here.
//!
//! Questions become queries in code; no visitor's text ever reaches a query parser. Title,
//! headings and drug names are indexed with every passage, weighted by repetition, in one field:
//! BM25 over that field is BM25F with whole-number weights.
//!
//! An article's documents stand together, and those of a drug mostly in a row (an index that was
//! made from an earlier one has what changed at its end), so the passages of one drug are stretches
//! of numbers: a question about drugs reads the postings of those stretches only (`terms`), and
//! costs much the same among many passages as among few. A question about none reads the windows of
//! numbers that promise most (`windows`).

mod bare;
mod build;
mod query;
mod terms;
mod windows;

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, Occur, Query as TantivyQuery, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{Searcher, Term};

pub use self::bare::{Bare, write_bare};
use self::build::{Contents, Fields};
pub use self::query::Query;
use self::terms::Terms;
pub use self::windows::Wanted;
use crate::id::DrugId;
use crate::knowledge::{Article, Knowledge, Passage};
use crate::text;

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
    /// The documents stand in another order than the passages.
    #[error("the documents of the search index are out of order")]
    Disorder,
    /// The list of the articles in the index cannot be read or written.
    #[error("the contents of the search index: {0}")]
    Contents(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    fn contents(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Contents(Box::new(cause))
    }
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

/// Returns every passage that may be quoted, in the order of the knowledge base.
pub fn quotable_passages(knowledge: &Knowledge) -> Vec<PassageRef> {
    let articles =
        (0_u32..).zip(knowledge.all_articles()).filter(|(_, article)| article.is_quotable());
    articles
        .flat_map(|(at, article)| {
            (0_u32..)
                .zip(&article.passages)
                .map(move |(passage, _)| PassageRef { article: at, passage })
        })
        .collect()
}

/// Most spellings tried in place of an unknown word.
const MAX_CORRECTIONS: usize = 8;
/// One passage found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The passage.
    pub passage: PassageRef,
    /// BM25 score; comparable within one query only.
    pub score: f32,
    /// Bit `i` tells whether `Query::terms[i]` occurs in the passage; 0 in a search that is not
    /// limited to drugs.
    pub matched: u64,
}

/// An open index with the passages it numbers.
pub struct Index {
    searcher: Searcher,
    fields: Fields,
    terms: Terms,
    passages: Vec<PassageRef>,
    /// Where the passages about each drug stand, and those about none.
    stretches: HashMap<Option<DrugId>, Vec<Range<u32>>>,
}

impl Index {
    /// Builds an index of every quotable passage in the empty folder `dir`; `progress` is told
    /// how many passages are done.
    pub fn build(
        dir: &Path,
        knowledge: &Knowledge,
        progress: impl FnMut(usize),
    ) -> Result<(), Error> {
        build::build(dir, knowledge, progress)
    }

    /// Turns the index in `dir`, built from an earlier state of the knowledge base, into one of
    /// `knowledge`. Returns `false`, having changed nothing, when so much has changed that it is
    /// better built anew. Writes no file that is there already, so that `dir` may hold hard links.
    pub fn update(
        dir: &Path,
        knowledge: &Knowledge,
        progress: impl FnMut(usize),
    ) -> Result<bool, Error> {
        build::update(dir, knowledge, progress)
    }

    /// Opens the index in `dir`, which must have been built from this knowledge base.
    pub fn open(dir: &Path, knowledge: &Knowledge) -> Result<Self, Error> {
        let index = tantivy::Index::open_in_dir(dir)?;
        let reader =
            index.reader_builder().reload_policy(tantivy::ReloadPolicy::Manual).try_into()?;
        let searcher = reader.searcher();
        let contents = Contents::read(&index)?;
        let total = contents.terms();
        let passages = numbered(contents, knowledge)?;
        if searcher.num_docs() != passages.len() as u64 {
            return Err(Error::Mismatch {
                found: searcher.num_docs(),
                expected: passages.len() as u64,
            });
        }
        let (_, fields) = Fields::schema();
        let terms = Terms::open(&searcher, fields, total)?;
        let stretches = stretches(&passages, knowledge);
        Ok(Self { searcher, fields, terms, passages, stretches })
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
        self.find_to_rank(query, &Wanted { most: limit, limit, bonus: 0.0 })
    }

    /// Returns the best `most` passages as [`Index::find`] does, for `limit` of them to be taken
    /// by a score that adds to theirs at most `bonus` of it: what cannot be among those may be
    /// left out.
    pub fn find_to_rank(&self, query: &Query, wanted: &Wanted) -> Result<Vec<Hit>, Error> {
        let found = if query.drugs.is_empty() && !query.general_only {
            self.terms.find_anywhere(query, wanted)?
        } else {
            self.terms.find(query, &self.stretches_of(query))?
        };
        let mut hits: Vec<Hit> = found
            .into_iter()
            .map(|found| Hit {
                passage: self.passages[found.document as usize],
                score: found.score,
                matched: found.matched,
            })
            .collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage)));
        hits.truncate(wanted.most);
        Ok(hits)
    }

    /// Returns the share of passages that hold `term`, between 0 and 1.
    pub fn frequency(&self, term: &str) -> f32 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a share needs no more than single precision"
        )]
        let share = self.terms.documents_with(term) as f32 / self.passages.len().max(1) as f32;
        share
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

    /// Runs the bare query over all passages: what tantivy alone costs, for benchmarks.
    pub fn probe(&self, query: &Query, limit: usize) -> Result<usize, Error> {
        if query.terms.is_empty() {
            return Ok(0);
        }
        let clause = |(term, weight): &(String, f32)| {
            let term = Term::from_field_text(self.fields.terms, term);
            let term = Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs));
            (Occur::Should, Box::new(BoostQuery::new(term, *weight)) as Box<dyn TantivyQuery>)
        };
        let any = BooleanQuery::new(query.terms.iter().map(clause).collect());
        let best = TopDocs::with_limit(limit.max(1)).order_by_score();
        Ok(self.searcher.search(&any, &best)?.len())
    }

    /// Returns where the passages stand that a query is limited to, in ascending order.
    fn stretches_of(&self, query: &Query) -> Vec<Range<u32>> {
        let drugs = query.drugs.iter().map(|drug| Some(drug.clone()));
        let none = query.general_only.then_some(None);
        let wanted = drugs.chain(none).filter_map(|drug| self.stretches.get(&drug));
        let mut stretches: Vec<Range<u32>> = wanted.flatten().cloned().collect();
        stretches.sort_by_key(|stretch| stretch.start);
        stretches.dedup();
        stretches
    }
}

/// Returns the passages of an index in the order of its documents.
fn numbered(contents: Contents, knowledge: &Knowledge) -> Result<Vec<PassageRef>, Error> {
    let quotable = knowledge.all_articles().filter(|article| article.is_quotable());
    let expected = quotable.map(|article| article.passages.len()).sum();
    let mut is_there = vec![false; knowledge.articles.len()];
    let mut passages = Vec::with_capacity(expected);
    for entry in contents.articles {
        let place = entry.place_in(knowledge).filter(|&at| !is_there[at]);
        let at = place.ok_or(Error::Disorder)?;
        is_there[at] = true;
        let article = u32::try_from(at).unwrap_or(u32::MAX);
        passages.extend((0..entry.passages).map(|passage| PassageRef { article, passage }));
    }
    if passages.len() != expected {
        let (found, expected) = (passages.len() as u64, expected as u64);
        return Err(Error::Mismatch { found, expected });
    }
    Ok(passages)
}

/// Returns where the passages about each drug stand, and those about none.
fn stretches(
    passages: &[PassageRef],
    knowledge: &Knowledge,
) -> HashMap<Option<DrugId>, Vec<Range<u32>>> {
    let mut stretches: HashMap<Option<DrugId>, Vec<Range<u32>>> = HashMap::new();
    for (number, passage) in (0_u32..).zip(passages) {
        let all = stretches.entry(passage.get(knowledge).0.drug.clone()).or_default();
        match all.last_mut() {
            Some(last) if last.end == number => last.end = number + 1,
            _ => all.push(number..number + 1),
        }
    }
    stretches
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("passages", &self.passages.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::File;
    use crate::library;

    /// Returns our own knowledge base, its index and the folder of that.
    fn our_own() -> (Knowledge, Index, tempfile::TempDir) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge");
        let (files, _) = library::read(&folder).unwrap();
        let (knowledge, _) = Knowledge::parse(&files);
        let dir = tempfile::tempdir().unwrap();
        Index::build(dir.path(), &knowledge, |_| {}).unwrap();
        let index = Index::open(dir.path(), &knowledge).unwrap();
        (knowledge, index, dir)
    }

    #[test]
    fn a_limited_search_scores_as_an_unlimited_one() {
        let (knowledge, index, dir) = our_own();
        let mut forgetful = Index::open(dir.path(), &knowledge).unwrap();
        forgetful.terms.keep_nothing();
        let drugs = knowledge.drugs.iter().map(|drug| Some(drug.id.clone()));
        for drug in drugs.chain([None]) {
            for text in ["side effects of the liver", "infusion dose dose", "漏服了怎么办", "zyx"]
            {
                let anywhere = Query::from_message(text);
                let limited = Query {
                    drugs: drug.clone().into_iter().collect(),
                    general_only: drug.is_none(),
                    ..anywhere.clone()
                };
                let all = index.find(&anywhere, index.len()).unwrap();
                let about = |hit: &&Hit| hit.passage.get(&knowledge).0.drug == drug;
                let expected: Vec<&Hit> = all.iter().filter(about).collect();
                let found = index.find(&limited, index.len()).unwrap();
                assert_eq!(found.len(), expected.len(), "{text} {drug:?}");
                let read_anew = forgetful.find(&limited, index.len()).unwrap();
                assert_eq!(found, read_anew, "{text} {drug:?}: with postings that were kept");
                for expected in expected {
                    let same = found.iter().find(|hit| hit.passage == expected.passage);
                    let score = same.map_or(0.0, |hit| hit.score);
                    let difference = (score - expected.score).abs();
                    assert!(difference < 0.001, "{text} {drug:?}: {score} {}", expected.score);
                }
            }
        }
    }

    #[test]
    fn a_few_of_the_best_are_the_best_of_all() {
        let (knowledge, index, _dir) = our_own();
        let questions = knowledge.questions.iter().map(|question| question.ask.as_str());
        let titles = knowledge.all_articles().map(|article| article.title.as_str());
        for text in questions.chain(titles).chain(["of the", "zyx"]) {
            let query = Query::from_message(text);
            let all = index.find(&query, index.len()).unwrap();
            for limit in [1, 3, 10, 200] {
                let best = index.find(&query, limit).unwrap();
                assert_eq!(best, all[..limit.min(all.len())], "{limit}: {text}");
                // Ranked anew by a bonus of their own, they are the same too.
                let rank = |mut hits: Vec<Hit>| {
                    for hit in &mut hits {
                        let draw = hit.passage.article * 31 + hit.passage.passage * 17;
                        hit.score *= if draw % 3 == 0 { 1.5 } else { 1.0 };
                    }
                    hits.sort_by(|a, b| {
                        b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage))
                    });
                    hits.truncate(limit);
                    hits
                };
                let wanted = Wanted { most: index.len(), limit, bonus: 0.5 };
                let few = index.find_to_rank(&query, &wanted).unwrap();
                assert_eq!(rank(few), rank(all.clone()), "{limit}: {text}");
            }
        }
    }

    #[test]
    fn an_index_that_holds_versions_and_names_as_text_is_read_too() {
        let (knowledge, index, dir) = our_own();
        let path = dir.path().join("contents.json");
        let mut contents: serde_json::Value =
            serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        for entry in contents["articles"].as_array_mut().unwrap() {
            let article = knowledge.article(&entry["id"].as_str().unwrap().into()).unwrap();
            let drug = article.drug.as_ref().and_then(|id| knowledge.drug(id));
            let names = drug.into_iter().flat_map(crate::knowledge::Drug::all_names);
            let parts: Vec<&str> = std::iter::once(&*article.version).chain(names).collect();
            entry["made_from"] = parts.join("\n").into();
        }
        std::fs::write(&path, contents.to_string()).unwrap();
        assert_eq!(Index::open(dir.path(), &knowledge).unwrap().len(), index.len());
        contents["articles"][0]["made_from"] = "sha256:0\nanother name".into();
        std::fs::write(&path, contents.to_string()).unwrap();
        assert!(matches!(Index::open(dir.path(), &knowledge), Err(Error::Disorder)));
    }

    /// Edits the articles at random: new words, new titles, withdrawn, deleted, new ones.
    fn edit(files: &mut Vec<File>, random: &mut impl FnMut(usize) -> usize) {
        let articles: Vec<usize> = (0..files.len())
            .filter(|&at| {
                std::path::Path::new(&files[at].path).extension().is_some_and(|end| end == "md")
                    && files[at].path.starts_with("drugs/")
            })
            .collect();
        let at = articles[random(articles.len())];
        let mut file = files[at].clone();
        match random(5) {
            0 => files[at].text += "\nA liver dose more.\n",
            1 => files[at].text = file.text.replacen("title: ", "title: Other ", 1),
            2 => files[at].text = file.text.replacen("status: published", "status: withdrawn", 1),
            3 => drop(files.remove(at)),
            _ => {
                file.path = file.path.replace(".md", "-again.md");
                file.text += "\nOnce again, for the infusion.\n";
                if files.iter().all(|known| known.path != file.path) {
                    files.push(file);
                }
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
    }

    #[test]
    fn an_updated_index_finds_what_a_new_one_finds() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge");
        let (mut files, _) = library::read(&folder).unwrap();
        let updated = tempfile::tempdir().unwrap();
        Index::build(updated.path(), &Knowledge::parse(&files).0, |_| {}).unwrap();
        let mut state = 7_usize;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % below
        };
        for round in 0..12 {
            for _ in 0..=random(3) {
                edit(&mut files, &mut random);
            }
            let (knowledge, _) = Knowledge::parse(&files);
            assert!(Index::update(updated.path(), &knowledge, |_| {}).unwrap());
            let anew = tempfile::tempdir().unwrap();
            Index::build(anew.path(), &knowledge, |_| {}).unwrap();
            let updated = Index::open(updated.path(), &knowledge).unwrap();
            let anew = Index::open(anew.path(), &knowledge).unwrap();
            for drug in knowledge.drugs.iter().map(|drug| Some(drug.id.clone())).chain([None]) {
                for text in ["side effects of the liver", "infusion dose dose", "漏服了怎么办"]
                {
                    let query = Query {
                        drugs: drug.clone().into_iter().collect(),
                        general_only: drug.is_none(),
                        ..Query::from_message(text)
                    };
                    let found = updated.find(&query, 40).unwrap();
                    assert_eq!(found, anew.find(&query, 40).unwrap(), "round {round}: {text}");
                }
            }
            assert!((updated.frequency("liver") - anew.frequency("liver")).abs() < f32::EPSILON);
        }
    }
}
