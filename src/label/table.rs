//! Tables: cells that span rows and columns are put into a plain grid, every text once. What is a
//! table only for its layout (one column, one row) is read as paragraphs.

use roxmltree::Node;

use super::markdown::{Block, flat};
use super::narrative::{self, Footnotes, is};

/// Widest table; more columns are no table.
const MAX_COLUMNS: usize = 200;
/// Most rows that a cell may span.
const MAX_ROWS: usize = 2000;

/// Returns a table with its captions above it and its foot below it.
pub(super) fn blocks<'a>(table: Node<'a, 'a>, notes: &Footnotes<'a>) -> Vec<Block> {
    let mut before = Vec::new();
    let (mut head, mut body, mut foot) = (Vec::new(), Vec::new(), Vec::new());
    for child in table.children().filter(Node::is_element) {
        match child.tag_name().name() {
            "thead" => head.extend(rows_of(child)),
            "tfoot" => foot.extend(rows_of(child)),
            "tbody" => body.extend(rows_of(child)),
            "tr" => body.push(child),
            "col" | "colgroup" => {}
            _ => before.extend(narrative::blocks(child, notes)),
        }
    }
    let rows: Vec<Node<'a, 'a>> = head.into_iter().chain(body).collect();
    let mut all = before;
    all.extend(stray(table, notes));
    let grid = grid(&rows, notes);
    if grid.len() < 2 || grid[0].len() < 2 {
        all.extend(
            rows.iter().flat_map(|row| cells(*row)).flat_map(|cell| narrative::blocks(cell, notes)),
        );
    } else {
        all.push(Block::Table(grid));
    }
    all.extend(foot.into_iter().flat_map(cells).flat_map(|cell| narrative::blocks(cell, notes)));
    all
}

/// Returns text that stands in the table but in no cell.
fn stray<'a>(table: Node<'a, 'a>, notes: &Footnotes<'a>) -> Vec<Block> {
    let of_rows = |node: &Node<'_, '_>| {
        ["table", "thead", "tbody", "tfoot", "tr"].contains(&node.tag_name().name())
    };
    let mut found = Vec::new();
    let mut open = vec![table];
    while let Some(node) = open.pop() {
        for child in node.children() {
            let text = child.text().unwrap_or_default().trim();
            if child.is_text() && !text.is_empty() {
                found.push(Block::Text(text.split_whitespace().collect::<Vec<_>>().join(" ")));
            } else if child.is_element() && of_rows(&child) && !is(child, "table") {
                open.push(child);
            } else if child.is_element() && is(node, "tr") && !is_cell(child) {
                found.extend(narrative::blocks(child, notes));
            }
        }
    }
    found
}

fn rows_of<'a>(part: Node<'a, 'a>) -> impl Iterator<Item = Node<'a, 'a>> {
    part.children().filter(|node| is(*node, "tr"))
}

fn cells<'a>(row: Node<'a, 'a>) -> impl Iterator<Item = Node<'a, 'a>> {
    row.children().filter(|node| is_cell(*node))
}

fn is_cell(node: Node<'_, '_>) -> bool {
    is(node, "td") || is(node, "th")
}

/// Returns the texts by row and column, without rows and columns that hold nothing.
fn grid<'a>(rows: &[Node<'a, 'a>], notes: &Footnotes<'a>) -> Vec<Vec<String>> {
    let mut grid: Vec<Vec<String>> = Vec::new();
    // For each column, how many further rows a cell above reaches into.
    let mut reach: Vec<usize> = Vec::new();
    for row in rows {
        let mut line: Vec<String> = Vec::new();
        for cell in cells(*row) {
            while reach.get(line.len()).is_some_and(|&rows| rows > 0) {
                reach[line.len()] -= 1;
                line.push(String::new());
            }
            let columns = span(cell, "colspan", MAX_COLUMNS);
            let more_rows = span(cell, "rowspan", MAX_ROWS) - 1;
            for column in 0..columns {
                let at = line.len();
                if at >= MAX_COLUMNS && column > 0 {
                    break;
                }
                reach.resize(reach.len().max(at + 1), 0);
                reach[at] = more_rows;
                let text =
                    if column == 0 { flat(&narrative::blocks(cell, notes)) } else { String::new() };
                line.push(text);
            }
        }
        for rows_left in reach.iter_mut().skip(line.len()) {
            *rows_left = rows_left.saturating_sub(1);
        }
        grid.push(line);
    }
    grid.retain(|line| line.iter().any(|cell| !cell.is_empty()));
    let width = grid.iter().map(Vec::len).max().unwrap_or(0);
    for line in &mut grid {
        line.resize(width, String::new());
    }
    let used: Vec<bool> =
        (0..width).map(|column| grid.iter().any(|line| !line[column].is_empty())).collect();
    for line in &mut grid {
        let mut column = 0;
        line.retain(|_| {
            column += 1;
            used[column - 1]
        });
    }
    grid
}

fn span(cell: Node<'_, '_>, name: &str, most: usize) -> usize {
    let value = cell.attribute(name).and_then(|value| value.trim().parse::<usize>().ok());
    value.unwrap_or(1).clamp(1, most)
}

#[cfg(test)]
mod tests {
    use super::super::markdown::write;
    use super::*;

    fn markdown(xml: &str) -> String {
        let document = roxmltree::Document::parse(xml).unwrap();
        write(&blocks(document.root_element(), &Footnotes::below(document.root_element())))
    }

    #[test]
    fn spans_become_empty_cells_and_the_foot_stands_below() {
        let xml = "<table><caption>Table 1</caption><col width='1'/><thead><tr><th rowspan='2'>Event</th>\
            <th colspan='2'>Drug</th></tr><tr><th>All</th><th>Severe</th></tr></thead>\
            <tfoot><tr><td colspan='3'>a Note.</td></tr></tfoot>\
            <tbody><tr><td>Rash</td><td>10%</td><td>1%</td></tr></tbody></table>";
        let expected = "Table 1\n\n| Event | Drug |  |\n|---|---|---|\n|  | All | Severe |\n\
            | Rash | 10% | 1% |\n\na Note.";
        assert_eq!(markdown(xml), expected);
    }

    #[test]
    fn tables_for_layout_are_paragraphs() {
        let xml = "<table><tbody><tr><td><paragraph>WARNING</paragraph><list><item>a</item></list></td></tr></tbody></table>";
        assert_eq!(markdown(xml), "WARNING\n\n- a");
    }

    #[test]
    fn a_table_in_a_cell_keeps_its_text() {
        let xml = "<table><tbody><tr><td>a</td><td>b</td></tr><tr><td><table><tr><td>c</td><td>d</td></tr>\
            <tr><td>e</td><td>f</td></tr></table></td><td>x<br/>y</td></tr></tbody></table>";
        assert_eq!(markdown(xml), "| a | b |\n|---|---|\n| c d e f | x y |");
    }

    #[test]
    fn absurd_spans_cost_nothing() {
        let xml = "<table><tr><td colspan='999999999' rowspan='999999999'>a</td><td>b</td></tr><tr><td>c</td></tr></table>";
        assert!(markdown(xml).len() < 2000);
    }
}
