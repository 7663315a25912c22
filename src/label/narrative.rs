//! The narrative block of a label (`<text>`, `<title>`) read into blocks: paragraphs, lists,
//! tables, with the text of links, highlights, captions and footnotes in the order of the label.

use std::collections::HashMap;
use std::fmt::Write as _;

use roxmltree::Node;

use super::markdown::{Block, flat};
use super::table;

/// Marks of footnotes, in the order in which the label's own style sheet gives them.
const MARKS: [&str; 6] = ["*", "†", "‡", "§", "¶", "#"];

/// Which footnote has which mark; numbered within one section.
#[derive(Debug, Default)]
pub(super) struct Footnotes<'a> {
    marks: HashMap<&'a str, String>,
    count: usize,
}

impl<'a> Footnotes<'a> {
    /// Gives every footnote below `node` its mark, before anything refers to it.
    pub(super) fn below(node: Node<'a, '_>) -> Self {
        let mut notes = Self::default();
        for footnote in node.descendants().filter(|node| is(*node, "footnote")) {
            if let Some(id) = footnote.attribute("ID") {
                let mark = notes.next();
                notes.marks.entry(id).or_insert(mark);
            }
        }
        notes
    }

    /// Returns `*`, `†` … `#`, then `**`, `††` …
    fn next(&mut self) -> String {
        let mark = MARKS[self.count % MARKS.len()].repeat(self.count / MARKS.len() + 1);
        self.count += 1;
        mark
    }

    fn of(&self, id: Option<&str>) -> String {
        id.and_then(|id| self.marks.get(id)).cloned().unwrap_or_else(|| "*".to_owned())
    }
}

/// Returns the blocks of everything within `node`.
pub(super) fn blocks<'a>(node: Node<'a, 'a>, notes: &Footnotes<'a>) -> Vec<Block> {
    let mut reader = Reader { notes, blocks: Vec::new(), line: String::new() };
    reader.children(node, Script::Plain);
    reader.end_line();
    reader.blocks
}

/// Returns everything within `node` as one line of plain text.
pub(super) fn line<'a>(node: Node<'a, 'a>, notes: &Footnotes<'a>) -> String {
    let text = flat(&blocks(node, notes));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns whether `node` is an element called `name`, whatever its namespace.
pub(super) fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

/// Where text stands in relation to the line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Plain,
    Sub,
    Super,
}

struct Reader<'a, 'n> {
    notes: &'n Footnotes<'a>,
    blocks: Vec<Block>,
    line: String,
}

impl<'a> Reader<'a, '_> {
    fn children(&mut self, node: Node<'a, 'a>, script: Script) {
        for child in node.children() {
            if child.is_element() {
                self.element(child, script);
            } else if child.is_text() {
                self.text(child.text().unwrap_or_default(), script);
            }
        }
    }

    fn element(&mut self, node: Node<'a, 'a>, script: Script) {
        match node.tag_name().name() {
            "br" => self.line.push('\n'),
            "sub" => self.children(node, Script::Sub),
            "sup" => self.children(node, Script::Super),
            "footnoteRef" => {
                let mark = self.notes.of(node.attribute("IDREF"));
                self.mark(&mark);
            }
            "footnote" => {
                let mark = self.notes.of(node.attribute("ID"));
                self.mark(&mark);
                let words = line(node, self.notes);
                let _ = write!(self.line, " [{mark} {words}]");
            }
            "list" => {
                self.end_line();
                self.list(node);
            }
            "table" => {
                self.end_line();
                self.blocks.extend(table::blocks(node, self.notes));
            }
            "paragraph" | "renderMultiMedia" | "caption" | "text" => {
                self.end_line();
                self.children(node, script);
                self.end_line();
            }
            _ => self.children(node, script),
        }
    }

    /// Adds text with every run of white space as one space, as a browser does.
    fn text(&mut self, text: &str, script: Script) {
        for c in text.chars() {
            if c.is_whitespace() {
                if !self.line.is_empty() && !self.line.ends_with([' ', '\n']) {
                    self.line.push(' ');
                }
                continue;
            }
            self.line.push(match script {
                Script::Plain => c,
                Script::Sub => lowered(c),
                Script::Super => raised(c),
            });
        }
    }

    fn mark(&mut self, mark: &str) {
        let end = self.line.trim_end_matches(' ').len();
        self.line.truncate(end);
        self.line.push_str(mark);
    }

    fn end_line(&mut self) {
        let text = std::mem::take(&mut self.line);
        let text = text.trim();
        if !text.is_empty() {
            self.blocks.push(Block::Text(text.to_owned()));
        }
    }

    fn list(&mut self, node: Node<'a, 'a>) {
        let mut items: Vec<Vec<Block>> = Vec::new();
        for child in node.children().filter(Node::is_element) {
            if is(child, "item") {
                items.push(self.item(child));
            } else {
                // A caption of the list, or something the schema has no place for.
                self.children_of_list(child);
            }
        }
        items.retain(|item| !item.is_empty());
        let own_marks = node
            .children()
            .any(|item| is(item, "item") && item.children().any(|child| is(child, "caption")));
        let ordered = node.attribute("listType") == Some("ordered") && !own_marks;
        if !items.is_empty() {
            self.blocks.push(Block::List { ordered, items });
        }
    }

    fn children_of_list(&mut self, node: Node<'a, 'a>) {
        self.end_line();
        self.children(node, Script::Plain);
        self.end_line();
    }

    /// Reads an item. Its caption is the mark that the label gives it, such as `a)`: a mere bullet
    /// gives way to ours, anything that says more stands in front of the text.
    fn item(&self, node: Node<'a, 'a>) -> Vec<Block> {
        let mut inner = Reader { notes: self.notes, blocks: Vec::new(), line: String::new() };
        for child in node.children() {
            if is(child, "caption") {
                let caption = line(child, self.notes);
                if caption.chars().any(char::is_alphanumeric) || caption.chars().count() > 2 {
                    inner.line.push_str(&caption);
                    inner.line.push(' ');
                }
            } else if child.is_element() {
                // The caption belongs to the paragraph that follows it.
                if is(child, "paragraph") && inner.blocks.is_empty() {
                    inner.children(child, Script::Plain);
                    inner.end_line();
                } else {
                    inner.element(child, Script::Plain);
                }
            } else if child.is_text() {
                inner.text(child.text().unwrap_or_default(), Script::Plain);
            }
        }
        inner.end_line();
        inner.blocks
    }
}

/// Returns a raised letter or digit where there is one: `10⁹` is not `109`.
fn raised(c: char) -> char {
    const PLAIN: &str = "0123456789+-−–=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW";
    const RAISED: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ";
    counterpart(c, PLAIN, RAISED)
}

/// Returns a lowered digit or sign where there is one; lowered letters read well as they are.
fn lowered(c: char) -> char {
    counterpart(c, "0123456789+-−–=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎")
}

fn counterpart(c: char, from: &str, to: &str) -> char {
    from.chars().position(|known| known == c).and_then(|at| to.chars().nth(at)).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::super::markdown::write;
    use super::*;

    fn markdown(xml: &str) -> String {
        let document = roxmltree::Document::parse(xml).unwrap();
        let notes = Footnotes::below(document.root_element());
        write(&blocks(document.root_element(), &notes))
    }

    #[test]
    fn every_kind_of_text_is_kept() {
        for (xml, expected) in [
            (
                "<text>Bare <content styleCode='bold'>bold<br/>line</content></text>",
                "Bare bold  \nline",
            ),
            (
                "<text><paragraph>See <linkHtml href='#S5'>5.1</linkHtml>.</paragraph>tail</text>",
                "See 5.1.\n\ntail",
            ),
            (
                "<text>10<sup>9</sup>/L, CO<sub>2</sub>, C<sub>max</sub>, 10<sup>-3</sup> p<sup>a,b</sup></text>",
                "10⁹/L, CO₂, Cmax, 10⁻³ pᵃ,ᵇ",
            ),
            (
                "<text>5 mg <footnote ID='a'>With food.</footnote> or 6 mg <footnoteRef IDREF='a'/></text>",
                "5 mg\\* [\\* With food.] or 6 mg\\*",
            ),
            (
                "<text><list listType='ordered'><caption>Steps</caption><item>One<list><item>In</item></list></item><item><paragraph>Two</paragraph><paragraph>more</paragraph></item></list></text>",
                "Steps\n\n1. One\n\n   - In\n2. Two\n\n   more",
            ),
            (
                "<text><list><item><caption>•</caption>a</item><item><caption>b)</caption><paragraph>c</paragraph></item></list></text>",
                "- a\n- b) c",
            ),
            (
                "<text><renderMultiMedia referencedObject='M'><caption>Figure 1: Shares</caption></renderMultiMedia></text>",
                "Figure 1: Shares",
            ),
        ] {
            assert_eq!(markdown(xml), expected, "{xml}");
        }
    }
}
