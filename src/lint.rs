//! Everything that can be said about a knowledge base without publishing it: what parsing found,
//! where articles contradict, repeat or lag behind one another, and what is missing. Pure; the
//! same files on the same day give the same list.
//!
//! Errors come from parsing alone, and they are what publishing stops at. All rules here give
//! warnings and notes, which editors may silence in `policy/check.toml`.

mod age;
mod alike;
mod coverage;
mod quantity;
mod quotable;
mod silence;
mod translation;
mod words;

use crate::alarm::Watch;
use crate::consult::Conflicts;
use crate::knowledge::{Article, File, Knowledge, Problem};
use crate::time::Date;

/// What was found.
#[derive(Debug)]
pub struct Report {
    /// The knowledge base, as far as it could be read.
    pub knowledge: Knowledge,
    /// Where its sources disagree.
    pub conflicts: Conflicts,
    /// All problems, by file and line, with the lines they stand in.
    pub problems: Vec<Problem>,
    /// How many more were silenced by the editors.
    pub silenced: usize,
}

/// Checks `files` as of `today`; `unread` is what reading them reported.
pub fn check(files: &[File], unread: Vec<Problem>, today: Date) -> Report {
    let (knowledge, parsed) = Knowledge::parse(files);
    let mut problems = unread;
    problems.extend(parsed);
    problems.extend(Watch::new(files, &knowledge).1);
    let conflicts = Conflicts::find(&knowledge);
    problems.extend(conflicts.problems(&knowledge));
    age::report(&knowledge, today, &mut problems);
    alike::report(&knowledge, &mut problems);
    coverage::report(&knowledge, files, &mut problems);
    translation::report(&knowledge, &mut problems);
    quotable::report(&knowledge, files, &mut problems);
    words::report(&knowledge, files, &mut problems);
    let silenced = silence::apply(&knowledge, &mut problems);
    problems.sort_by(|a, b| place(a).cmp(&place(b)));
    locate(files, &mut problems);
    Report { knowledge, conflicts, problems, silenced }
}

fn place(problem: &Problem) -> impl Ord {
    let columns = problem.columns;
    (problem.path.as_str(), problem.line, columns, problem.code, problem.message.as_str())
}

/// Gives every problem the line that it stands in; each file is cut once.
fn locate(files: &[File], problems: &mut [Problem]) {
    for problems in problems.chunk_by_mut(|a, b| a.path == b.path) {
        if let Some(file) = files.iter().find(|file| file.path == problems[0].path) {
            let lines: Vec<&str> = file.text.lines().collect();
            for problem in problems {
                problem.locate(&lines);
            }
        }
    }
}

fn path_of(article: &Article) -> String {
    format!("{}.md", article.id)
}

/// Returns the line of the front matter that gives `key`; 1 when none does.
fn line_of(article: &Article, key: &str) -> u32 {
    let is_it = |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':'));
    let at = article.text.lines().position(is_it);
    at.and_then(|at| u32::try_from(at + 1).ok()).unwrap_or(1)
}

/// Returns the text of a file, empty when there is none.
fn text_of<'a>(files: &'a [File], path: &str) -> &'a str {
    files.iter().find(|file| file.path == path).map_or("", |file| &file.text)
}

/// Places `problem` where the word `word` stands in quotes in its file, for the last time.
fn at_word(problem: Problem, text: &str, word: &str) -> Problem {
    match text.rfind(&format!("\"{word}\"")) {
        Some(at) => problem.at(text, at..at + word.len() + 2),
        None => problem,
    }
}
