//! Dates: what is overdue for review, what will be soon, what cannot have happened yet.

use super::{line_of, path_of};
use crate::knowledge::{Article, Code, Knowledge, Problem};
use crate::time::Date;

/// Days before the review in which it is announced.
const SOON_DAYS: i32 = 30;
/// Days that a date may be ahead: elsewhere it is tomorrow already.
const AHEAD_DAYS: i32 = 1;

pub(super) fn report(knowledge: &Knowledge, today: Date, problems: &mut Vec<Problem>) {
    for article in &knowledge.articles {
        for (key, date) in [("published", article.published), ("reviewed", article.reviewed)] {
            if days_between(today, date) > AHEAD_DAYS {
                problems.push(Problem::warning(
                    Code::FutureDate,
                    &path_of(article),
                    line_of(article, key),
                    format!("`{key}` lies in the future: {date}"),
                    "write the day on which it was done",
                ));
            }
        }
        if article.is_quotable() {
            problems.extend(due(knowledge, article, today));
        }
    }
}

fn due(knowledge: &Knowledge, article: &Article, today: Date) -> Option<Problem> {
    let due = knowledge.review_due(article);
    let key = if article.review_by.is_some() { "review_by" } else { "reviewed" };
    let (path, line) = (path_of(article), line_of(article, key));
    let left = days_between(today, due);
    if left < 0 {
        let hint = "compare it with its source again, correct it, and set `reviewed`";
        let message = format!("the review was due on {due}, {} days ago", -left);
        Some(Problem::warning(Code::Overdue, &path, line, message, hint))
    } else if left <= SOON_DAYS {
        let hint = "compare it with its source again before that day, and set `reviewed`";
        let message = format!("the review is due on {due}, in {left} days");
        Some(Problem::warning(Code::DueSoon, &path, line, message, hint).as_note())
    } else {
        None
    }
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(i32::MAX, |span| span.get_days())
}
