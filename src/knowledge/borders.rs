//! What a passage must hold to be quoted alone: a list its lead-in, a table its header row.
//!
//! Passages are cut at headings only, never inside a sentence, a list or a table; so what can go
//! wrong is a heading in the wrong place, and that is reported here.

use super::{Code, Problem};

/// Reports how a passage of `path`, which starts in line `first_line`, would mislead when it is
/// quoted alone.
pub(super) fn report(path: &str, passage: &str, first_line: u32, problems: &mut Vec<Problem>) {
    let mut warn = |line: u32, message: &str, hint: &str| {
        problems.push(Problem::warning(Code::LeadIn, path, first_line + line, message, hint));
    };
    let mut in_code_fence = false;
    let mut previous = "";
    let mut rows = 0;
    for (number, line) in (0_u32..).zip(passage.lines().map(str::trim)) {
        in_code_fence ^= super::passages::is_fence(line);
        let starts_table = is_row(line) && !is_row(previous);
        if in_code_fence {
            continue;
        }
        if number == 0 && (is_item(line) || is_row(line)) {
            let hint = "say in a sentence above it what it lists, in whom, and where";
            warn(number, "the passage starts with a list or a table without a lead-in", hint);
        }
        rows = if starts_table { 1 } else { rows + u32::from(is_row(line)) };
        if rows == 2 && is_row(line) && !is_ruler(line) {
            let hint = "write the names of the columns, then a line `|---|---|`";
            warn(number, "the table has no header row", hint);
        }
        previous = line;
    }
    if previous.ends_with([':', '：']) && !in_code_fence {
        let line = u32::try_from(passage.lines().count()).unwrap_or(1).saturating_sub(1);
        let hint = "remove the heading below it, or end the sentence";
        warn(line, "the passage ends with a lead-in that leads to nothing", hint);
    }
}

fn is_item(line: &str) -> bool {
    let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = after_number.len() < line.len() && after_number.starts_with([')', '.']);
    let is_bullet = line.starts_with(['-', '*', '+']) && line[1..].starts_with(' ');
    is_bullet || is_numbered && after_number[1..].starts_with(' ')
}

fn is_row(line: &str) -> bool {
    line.len() > 1 && line.starts_with('|') && line.ends_with('|')
}

/// Returns whether a row is the line between a table's header and its body.
fn is_ruler(line: &str) -> bool {
    line.contains('-') && line.chars().all(|c| "|-: ".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_that_would_mislead_are_reported() {
        let cases: &[(&str, &[u32])] = &[
            ("A sentence.", &[]),
            ("It may cause:\n\n- nausea\n- rash", &[]),
            ("Shares of people:\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |", &[]),
            ("- nausea\n- rash", &[10]),
            ("1. open\n2. close", &[10]),
            ("| a | b |\n|---|---|\n| 1 | 2 |", &[10]),
            ("Shares:\n\n| 1 | 2 |\n| 3 | 4 |", &[13]),
            ("Some.\n\nIt must not be used in:", &[12]),
            ("以下情况不得使用：", &[10]),
            ("An example:\n\n```\n- a:\n```", &[]),
            ("10.5 mg is a dose.", &[]),
            ("-5 °C is too cold.", &[]),
        ];
        for (passage, expected) in cases {
            let mut problems = Vec::new();
            report("a.md", passage, 10, &mut problems);
            let lines: Vec<u32> = problems.iter().map(|problem| problem.line).collect();
            assert_eq!(lines, *expected, "{passage:?}: {problems:?}");
        }
    }
}
