//! Past sessions as a table for a spreadsheet: facts of each, no words of visitors. For
//! administrators who have just proved who they are; each export is a row of the audit log.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use super::auth::{self, Refused};
use super::desk_api::{PastQuery, refusal};
use super::desk_bodies as bodies;
use crate::app::App;

/// Most pages of past sessions in one table.
const MAX_PAGES: usize = 200;
const HEADER: [&str; 10] = [
    "session", "opened", "active", "state", "reason", "priority", "outcome", "assignee", "drug",
    "lang",
];

/// `GET /v1/desk/export?from=2026-11-01&to=2026-11-30`.
pub(super) async fn sessions(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(asked): Query<PastQuery>,
) -> Result<Response, Refused> {
    let caller = auth::consultant(&app, &headers).await?;
    if !caller.user().is_administrator() {
        return Err(auth::forbidden());
    }
    auth::proved(&app, &caller)?;
    let mut query = asked.read()?;
    query.words = None;
    let board = app.desk.board();
    let mut table = row(&HEADER.map(str::to_owned));
    for _ in 0..MAX_PAGES {
        let page = app.desk.past(caller.user(), query.clone()).await;
        let page = page.map_err(|refused| refusal(&refused))?;
        let Some(last) = page.last() else { break };
        query.before = Some((last.opened, last.session.to_string()));
        for past in &page {
            let facts = bodies::past(past, &board);
            let text = |value: &serde_json::Value| match value {
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Null => String::new(),
                other => other.to_string(),
            };
            let page = &facts["context"];
            let drug = if facts["about"].is_null() { &page["drug"] } else { &facts["about"] };
            let nested = [&facts["assignee"]["name"], drug, &page["lang"]];
            let own = HEADER[..7].iter().map(|name| text(&facts[*name]));
            table += &row(&own.chain(nested.map(text)).collect::<Vec<_>>());
        }
    }
    let rows = table.lines().count() - 1;
    let remembered = app.desk.remember_export(caller.user(), rows).await;
    remembered.map_err(|refused| refusal(&refused))?;
    let file = "attachment; filename=\"sessions.csv\"";
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, file)];
    Ok((headers, table).into_response())
}

/// Returns a line of the table. A cell that a spreadsheet would take for a formula begins with an
/// apostrophe, since contexts and names are anybody's.
fn row(cells: &[String]) -> String {
    let cell = |text: &String| {
        let text = text.replace(['\r', '\n'], " ");
        let formula = text.starts_with(['=', '+', '-', '@', '\t']);
        format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
    };
    cells.iter().map(cell).collect::<Vec<_>>().join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let cells = ["plain", "=1+1", "+1", "-1", "@x", "\t=1", "a \"b\"", "two\nlines"];
        let line = row(&cells.map(str::to_owned));
        let expected = "\"plain\",\"'=1+1\",\"'+1\",\"'-1\",\"'@x\",\"'\t=1\",\"a \"\"b\"\"\",\"two lines\"\r\n";
        assert_eq!(line, expected);
    }
}
