//! Sentences and list items of a passage, each with the markets that it or its surroundings name.

use crate::consult::Markets;

/// A sentence or a list item, as it is written.
#[derive(Debug)]
pub(super) struct Sentence<'a> {
    /// Its words.
    pub(super) text: &'a str,
    /// The same in small letters, byte for byte.
    pub(super) lower: String,
    /// Markets named in it; else in its paragraph, in the lead-in of its list, or in the heading.
    pub(super) markets: Markets,
}

/// Cuts a passage into sentences; tables are left out.
pub(super) fn sentences<'a>(passage: &'a str, heading: &str) -> Vec<Sentence<'a>> {
    let mut sentences = Vec::new();
    let mut lead_in = Markets::default();
    for block in blocks(passage) {
        let own = Markets::named_in(block);
        if block.starts_with('|') {
            continue;
        }
        let around = if is_item(block) { lead_in } else { Markets::default() };
        let above = [own, around, Markets::named_in(heading)];
        let mut from = 0;
        for end in ends(block) {
            let text = block[from..end].trim();
            from = end;
            let named = [Markets::named_in(text)].into_iter().chain(above);
            let markets = named.into_iter().find(|markets| !markets.is_empty());
            if !text.is_empty() {
                let lower = text.to_ascii_lowercase();
                sentences.push(Sentence { text, lower, markets: markets.unwrap_or_default() });
            }
        }
        if block.ends_with(':') {
            lead_in = own;
        } else if !is_item(block) {
            lead_in = Markets::default();
        }
    }
    sentences
}

/// Cuts a passage into paragraphs and list items.
fn blocks(passage: &str) -> Vec<&str> {
    let mut blocks = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for line in passage.split_inclusive('\n') {
        if line.trim().is_empty() || is_item(line.trim_start()) {
            blocks.push(passage[start..at].trim());
            start = at;
        }
        at += line.len();
    }
    blocks.push(passage[start..].trim());
    blocks.retain(|block| !block.is_empty());
    blocks
}

/// Returns whether a line starts a list item: `- …`, `* …`, `2. …`.
fn is_item(line: &str) -> bool {
    let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = after_number.len() < line.len() && after_number.starts_with(". ");
    numbered || line.starts_with("- ") || line.starts_with("* ")
}

/// Returns where the sentences of a block end, the last one with the block.
fn ends(block: &str) -> Vec<usize> {
    let mut ends: Vec<usize> = Vec::new();
    let number = block.find(". ").filter(|&at| block[..at].bytes().all(|b| b.is_ascii_digit()));
    for (at, _) in block.char_indices().filter(|&(_, c)| matches!(c, '.' | ';')) {
        let ends_word = block[at + 1..].chars().next().is_none_or(char::is_whitespace);
        if ends_word && number != Some(at) {
            ends.push(at + 1);
        }
    }
    if ends.last() != Some(&block.len()) {
        ends.push(block.len());
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passage_is_cut_into_sentences_with_their_markets() {
        let passage = "In the US, tests are weekly; the dose is 1.5 mg. No limit.\n\nIn the EU:\n\n\
                       - once a month\n- US people: never\n\n1. First step.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nAnywhere.";
        let found: Vec<(String, Markets)> = sentences(passage, "Tests")
            .into_iter()
            .map(|sentence| (sentence.lower, sentence.markets))
            .collect();
        let [us, eu, none] = ["US", "EU", ""].map(Markets::of_code);
        let expected = [
            ("in the us, tests are weekly;", us),
            ("the dose is 1.5 mg.", us),
            ("no limit.", us),
            ("in the eu:", eu),
            ("- once a month", eu),
            ("- us people: never", us),
            ("1. first step.", eu),
            ("anywhere.", none),
        ];
        let expected = expected.map(|(text, markets)| (text.to_owned(), markets));
        assert_eq!(found, expected);
    }
}
