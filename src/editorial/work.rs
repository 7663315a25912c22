//! The work list: what is wrong, what disagrees, what is overdue or soon will be, and which articles
//! were written from an older version of an official label.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Editorial, Refused};
use crate::consult::Conflicts;
use crate::knowledge::{Article, Knowledge, Problem, Severity};
use crate::label::{self, Change};
use crate::time::Date;

/// Days before an article is overdue from which on it is in the list.
const SOON_DAYS: i32 = 30;

/// Something to see to.
#[derive(Debug, Clone)]
pub enum Matter {
    /// A file has an error.
    Error(Problem),
    /// Sources disagree.
    Conflict(Problem),
    /// An article is overdue since this day.
    Overdue(Date),
    /// An article will be overdue on this day.
    Soon(Date),
    /// The label that an article was written from has a newer version.
    Label {
        /// The version it was written from.
        old: Option<u64>,
        /// The newest version that was imported.
        new: u64,
        /// Sections that differ between the two, where both were imported.
        sections: Vec<String>,
    },
}

/// Something to see to, and where.
#[derive(Debug, Clone)]
pub struct Work {
    /// Path of the file.
    pub path: String,
    /// Title of the article, if it is one.
    pub title: Option<String>,
    /// What.
    pub matter: Matter,
}

impl Editorial {
    /// Returns everything there is to see to, the most pressing kind first.
    pub async fn work(self: &Arc<Self>, today: Date) -> Result<Vec<Work>, Refused> {
        self.apart(move |editorial| {
            let standing = editorial.read(today)?;
            let knowledge = &standing.knowledge;
            let conflicts = Conflicts::find(knowledge).problems(knowledge);
            let errors =
                standing.problems.iter().filter(|found| found.severity == Severity::Error).cloned();
            let of = |problem: &Problem| problem.path.clone();
            let mut work: Vec<Work> = errors
                .map(|problem| entry(knowledge, of(&problem), Matter::Error(problem)))
                .chain(
                    conflicts
                        .into_iter()
                        .map(|problem| entry(knowledge, of(&problem), Matter::Conflict(problem))),
                )
                .collect();
            work.extend(labels(knowledge));
            work.extend(reviews(knowledge, today));
            Ok(work)
        })
        .await
    }
}

fn entry(knowledge: &Knowledge, path: String, matter: Matter) -> Work {
    let title = knowledge.article(&super::articles::id_of(&path));
    Work { title: title.map(|article| article.title.clone()), path, matter }
}

fn reviews(knowledge: &Knowledge, today: Date) -> Vec<Work> {
    let soon = today.checked_add(jiff::Span::new().days(SOON_DAYS)).unwrap_or(today);
    let quotable = knowledge.all_articles().filter(|article| article.is_quotable());
    let due = quotable.map(|article| (knowledge.review_due(article), article));
    let mut due: Vec<(Date, &Article)> = due.filter(|(day, _)| *day < soon).collect();
    due.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
    let matter = |day| if day < today { Matter::Overdue(day) } else { Matter::Soon(day) };
    due.into_iter()
        .map(|(day, article)| entry(knowledge, format!("{}.md", article.id), matter(day)))
        .collect()
}

/// Returns articles of ours that were written from an older version of a label than was imported.
fn labels(knowledge: &Knowledge) -> Vec<Work> {
    let is_imported = |article: &&Article| article.id.as_str().contains("/label-");
    let mut newest: BTreeMap<String, u64> = BTreeMap::new();
    for article in knowledge.all_articles().filter(is_imported) {
        let Some(label) = &article.label else { continue };
        let Some(version) = label.version else { continue };
        let known = newest.entry(label.set_id.to_lowercase()).or_default();
        *known = version.max(*known);
    }
    let mut work = Vec::new();
    for (set_id, new) in newest {
        let older: Vec<&Article> = label::written_from(knowledge, &set_id, new).collect();
        let sections = |version: Option<u64>| {
            let of_label = knowledge.all_articles().filter(is_imported).filter(|article| {
                article.label.as_ref().is_some_and(|label| {
                    label.set_id.eq_ignore_ascii_case(&set_id) && label.version == version
                })
            });
            label::sections_of(of_label)
        };
        for article in older.into_iter().filter(|article| !is_imported(article)) {
            let old = article.label.as_ref().and_then(|label| label.version);
            let (before, after) = (sections(old), sections(Some(new)));
            let both = !before.is_empty() && !after.is_empty();
            let changes = if both { label::changes(&before, &after) } else { Vec::new() };
            let sections = changes.iter().map(place).collect();
            let matter = Matter::Label { old, new, sections };
            work.push(entry(knowledge, format!("{}.md", article.id), matter));
        }
    }
    work
}

fn place(change: &Change) -> String {
    match change {
        Change::Added(section) | Change::Removed(section) => section.path.join(" › "),
        Change::Changed { path, .. } => path.join(" › "),
    }
}
