//! Blocks of a label written as Markdown: whatever the text holds stays text, so that no star,
//! hash or bar of a label turns into markup or into the border of a passage.

/// A piece of a section's text. Strings hold plain text; `\n` is a line break of the label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// A paragraph.
    Text(String),
    /// A list; each item is made of blocks.
    List {
        /// Whether its items are numbered.
        ordered: bool,
        /// The items.
        items: Vec<Vec<Block>>,
    },
    /// Rows of cells, all of one width; the first row is the header.
    Table(Vec<Vec<String>>),
}

/// Returns `blocks` as Markdown, without a line end at the end.
pub(super) fn write(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        let text = match block {
            Block::Text(text) => paragraph(text),
            Block::List { ordered, items } => list(*ordered, items),
            Block::Table(rows) => table(rows),
        };
        if text.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push_str("\n\n");
        }
        out.push_str(&text);
    }
    out
}

/// Returns plain text as one line of Markdown, for headings and cells.
pub(super) fn one_line(text: &str) -> String {
    inline(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Returns all text of `blocks` on one line of plain text, for a cell of a table.
pub(super) fn flat(blocks: &[Block]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for block in blocks {
        match block {
            Block::Text(text) => parts.push(text.replace('\n', " ")),
            Block::List { items, .. } => {
                parts.extend(items.iter().map(|item| format!("• {}", flat(item))));
            }
            Block::Table(rows) => parts.extend(rows.iter().map(|row| row.join(" "))),
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts.join(" ").trim().to_owned()
}

fn paragraph(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| line_start(&inline(line))).collect::<Vec<_>>().join("  \n")
}

fn list(ordered: bool, items: &[Vec<Block>]) -> String {
    let mut lines = Vec::new();
    for (number, item) in items.iter().enumerate() {
        let text = write(item);
        let mark = if ordered { format!("{}. ", number + 1) } else { "- ".to_owned() };
        let indent = " ".repeat(mark.len());
        for (at, line) in text.lines().enumerate() {
            match (at, line) {
                (0, _) => lines.push(format!("{mark}{line}")),
                (_, "") => lines.push(String::new()),
                _ => lines.push(format!("{indent}{line}")),
            }
        }
    }
    lines.join("\n")
}

fn table(rows: &[Vec<String>]) -> String {
    let row = |cells: &Vec<String>| {
        let cells: Vec<String> =
            cells.iter().map(|cell| one_line(cell).replace('|', "\\|")).collect();
        format!("| {} |", cells.join(" | "))
    };
    let Some((head, body)) = rows.split_first() else { return String::new() };
    let ruler = format!("|{}", "---|".repeat(head.len()));
    let lines = [row(head), ruler].into_iter().chain(body.iter().map(row));
    lines.collect::<Vec<_>>().join("\n")
}

/// Escapes what would be markup within a line, and nothing else.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        let markup = match c {
            '\\' => after.is_ascii_punctuation() || after == ' ',
            '`' => true,
            '*' => !(before.is_whitespace() && after.is_whitespace()),
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            '~' => after == '~' || before == '~',
            // `](` and `]:` would make links.
            '(' | ':' | '[' => before == ']',
            '<' => after.is_ascii_alphabetic() || "/!?".contains(after),
            '&' => after == '#' || after.is_ascii_alphabetic() && text.contains(';'),
            _ => false,
        };
        if markup {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}

/// Escapes what would be markup at the start of a line: headings, lists, quotes, rules, tables.
fn line_start(line: &str) -> String {
    let Some(first) = line.chars().next() else { return String::new() };
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let after_digits = &line[digits..];
    let numbered = (1..=9).contains(&digits) && after_digits.starts_with(['.', ')']);
    if numbered && after_digits[1..].chars().next().is_none_or(char::is_whitespace) {
        return format!("{}\\{after_digits}", &line[..digits]);
    }
    let is_rule = |mark: char| line.chars().all(|c| c == mark || c.is_whitespace());
    let special = match first {
        // A lone star between spaces is left alone by `inline`, not at the start of a line.
        '#' | '>' | '|' | '~' | '*' => true,
        '-' | '+' => line[1..].chars().next().is_none_or(char::is_whitespace) || is_rule(first),
        '=' => is_rule('='),
        _ => false,
    };
    if special { format!("\\{line}") } else { line.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        for (plain, markdown) in [
            ("# not a heading", "\\# not a heading"),
            ("- 5 °C", "\\- 5 °C"),
            ("-5 °C", "-5 °C"),
            ("1. Open", "1\\. Open"),
            ("1.5 mg", "1.5 mg"),
            ("2)", "2\\)"),
            ("> 65 years", "\\> 65 years"),
            ("| a | b |", "\\| a | b |"),
            ("----", "\\----"),
            ("a * b *c* d_e _f_", "a * b \\*c\\* d_e \\_f\\_"),
            ("* footnote", "\\* footnote"),
            ("<5% and <b>", "<5% and \\<b>"),
            ("see [1](2) and [3]", "see [1]\\(2) and [3]"),
            ("R&D; AT&T &amp;", "R\\&D; AT\\&T \\&amp;"),
            ("a\\b \\*", "a\\b \\\\\\*"),
            ("first\nsecond", "first  \nsecond"),
            ("first\n# second", "first  \n\\# second"),
        ] {
            assert_eq!(write(&[Block::Text(plain.to_owned())]), markdown);
        }
    }

    #[test]
    fn lists_nest_and_tables_have_a_header() {
        let text = |text: &str| Block::Text(text.to_owned());
        let inner = Block::List { ordered: true, items: vec![vec![text("x")], vec![text("y")]] };
        let outer =
            Block::List { ordered: false, items: vec![vec![text("a"), inner], vec![text("b")]] };
        assert_eq!(write(&[text("It may be:"), outer]), "It may be:\n\n- a\n\n  1. x\n  2. y\n- b");
        let rows =
            vec![vec!["A|B".to_owned(), "C".to_owned()], vec!["1".to_owned(), String::new()]];
        assert_eq!(write(&[Block::Table(rows)]), "| A\\|B | C |\n|---|---|\n| 1 |  |");
    }
}
