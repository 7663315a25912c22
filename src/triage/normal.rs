//! Brings a message to one plain spelling, keeping for every character the byte range it came from.
//!
//! Compatibility forms (full width, ligatures), case, accents, zero-width characters, look-alike
//! letters and traditional characters are folded here. Words and meaning are left to other parts.

use std::collections::BTreeMap;

use unicode_normalization::char::decompose_compatible;

/// One folded character and the bytes of the original it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Folded {
    pub(super) character: char,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The character table: traditional to simplified, and look-alike letters to Latin ones.
#[derive(Debug, Clone, Default)]
pub(super) struct Characters {
    han: Vec<char>,
    letters: BTreeMap<char, char>,
    traditional: BTreeMap<char, char>,
}

const HAN_FIRST: u32 = 0x3400;
const HAN_LAST: u32 = 0x9fff;

impl Characters {
    /// Adds the replacement of one character by another.
    pub(super) fn insert(&mut self, from: char, to: char) {
        let code = u32::from(from);
        if (HAN_FIRST..=HAN_LAST).contains(&code) {
            if self.han.is_empty() {
                self.han = (HAN_FIRST..=HAN_LAST)
                    .map(|code| char::from_u32(code).unwrap_or('\u{fffd}'))
                    .collect();
            }
            self.han[(code - HAN_FIRST) as usize] = to;
            self.traditional.entry(to).or_insert(from);
        } else {
            self.letters.insert(from, to);
        }
    }

    /// Returns the traditional form of `character`, or itself.
    pub(super) fn traditional(&self, character: char) -> char {
        self.traditional.get(&character).copied().unwrap_or(character)
    }

    fn fold(&self, character: char) -> char {
        if character.is_ascii() {
            return character;
        }
        let code = u32::from(character);
        if (HAN_FIRST..=HAN_LAST).contains(&code) {
            return self.han.get((code - HAN_FIRST) as usize).copied().unwrap_or(character);
        }
        self.letters.get(&character).copied().unwrap_or(character)
    }

    /// Folds `text` character by character.
    pub(super) fn normalise(&self, text: &str) -> Vec<Folded> {
        let mut folded = Vec::with_capacity(text.len());
        for (start, original) in text.char_indices() {
            let end = start + original.len_utf8();
            if original.is_ascii() {
                let character = original.to_ascii_lowercase();
                push_unless_run(&mut folded, Folded { character, start, end });
            } else if ('\u{4e00}'..='\u{9fff}').contains(&original) {
                folded.push(Folded { character: self.fold(original), start, end });
            } else if !is_invisible(original) {
                decompose_compatible(original, |part| {
                    if is_mark(part) {
                        return;
                    }
                    for lower in part.to_lowercase() {
                        let character = self.fold(lower);
                        push_unless_run(&mut folded, Folded { character, start, end });
                    }
                });
            }
        }
        folded
    }
}

/// Keeps at most two of the same letter in a row ("heeeelp"), widening the last one's range.
fn push_unless_run(folded: &mut Vec<Folded>, next: Folded) {
    let is_run = next.character.is_ascii_lowercase()
        && folded.len() >= 2
        && folded[folded.len() - 2..].iter().all(|before| before.character == next.character);
    match folded.last_mut() {
        Some(last) if is_run => last.end = next.end,
        _ => folded.push(next),
    }
}

fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{e0000}'..='\u{e01ef}')
}

fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(text: &str) -> String {
        let mut characters = Characters::default();
        characters.insert('\u{430}', 'a');
        characters.insert('喉', '喉');
        characters.insert('嚨', '咙');
        characters.normalise(text).iter().map(|folded| folded.character).collect()
    }

    #[test]
    fn folds_width_case_accents_and_hidden_characters() {
        assert_eq!(fold("Ｃｈｅｓｔ　ＰＡＩＮ"), "chest pain");
        assert_eq!(fold("ch\u{200b}est p\u{430}in"), "chest pain");
        assert_eq!(fold("喉嚨 naïve"), "喉咙 naive");
        assert_eq!(fold("heeeelp"), "heelp");
    }

    #[test]
    fn keeps_byte_ranges() {
        let folded = Characters::default().normalise("é胸x");
        assert_eq!(folded[1], Folded { character: '胸', start: 2, end: 5 });
        assert_eq!(folded[2].start, 5);
    }
}
