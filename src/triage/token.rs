//! Cuts folded text into words, numbers, Chinese characters and breaks.

use super::normal::Folded;

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A Latin word, folded, without apostrophes.
    Word(String),
    /// One Chinese character.
    Han(char),
    /// A number in digits.
    Number(f64),
    /// A letter of another script.
    Foreign,
    /// Punctuation or a new message.
    Break(Break),
}

/// How strongly a break separates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Break {
    /// The enumeration comma, which joins a list.
    List,
    /// Comma, colon, dash, bracket, new line, ellipsis.
    Weak,
    /// The end of a sentence.
    Strong,
    /// The end of one message of several.
    Turn,
}

/// One token with its byte range in the joined text and whether it stands in quotation marks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) quoted: bool,
}

impl Token {
    /// Returns the break strength when the token is one.
    pub(super) fn as_break(&self) -> Option<Break> {
        match self.kind {
            Kind::Break(strength) => Some(strength),
            _ => None,
        }
    }
}

/// Cuts `folded` into tokens.
pub(super) fn tokenise(folded: &[Folded]) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(folded.len());
    let mut quote: Option<char> = None;
    let mut at = 0;
    while at < folded.len() {
        let first = folded[at].character;
        let length = match first {
            'a'..='z' => word_length(&folded[at..]),
            '0'..='9' => number_length(&folded[at..]),
            '.' | '。' => folded[at..].iter().take_while(|f| f.character == first).count(),
            _ => 1,
        };
        let (start, end) = (folded[at].start, folded[at + length - 1].end);
        let kind = kind_of(&folded[at..at + length], &mut quote);
        at += length;
        let kind = match kind {
            None if parts_phrases(folded, at - length) => Some(Kind::Break(Break::Weak)),
            other => other,
        };
        let Some(kind) = kind else { continue };
        merge_or_push(&mut tokens, Token { kind, start, end, quoted: quote.is_some() });
    }
    join_spelled_out(tokens)
}

fn kind_of(slice: &[Folded], quote: &mut Option<char>) -> Option<Kind> {
    let first = slice[0].character;
    let strength = match first {
        'a'..='z' => {
            let letters = slice.iter().map(|f| f.character).filter(char::is_ascii_lowercase);
            return Some(Kind::Word(letters.collect()));
        }
        '0'..='9' => return Some(Kind::Number(number(slice))),
        '、' => Break::List,
        '.' | '。' if slice.len() > 1 => Break::Weak,
        '.' | '!' | '?' | ';' | '。' => Break::Strong,
        ',' | ':' | '(' | ')' | '\n' | '~' | '—' | '–' | '，' => Break::Weak,
        '《' | '“' | '「' | '『' => {
            *quote = Some(first);
            return None;
        }
        '》' | '”' | '」' | '』' => {
            *quote = None;
            return None;
        }
        '"' => {
            *quote = if quote.is_some() { None } else { Some('"') };
            return None;
        }
        other if is_han(other) => return Some(Kind::Han(other)),
        other if other.is_alphabetic() => return Some(Kind::Foreign),
        _ => return None,
    };
    Some(Kind::Break(strength))
}

/// Returns whether the space at `at` stands between two Chinese phrases of two characters or more,
/// as people write who use no punctuation.
fn parts_phrases(folded: &[Folded], at: usize) -> bool {
    let han_at = |place: Option<usize>| {
        place.and_then(|place| folded.get(place)).is_some_and(|next| is_han(next.character))
    };
    folded[at].character.is_whitespace()
        && han_at(at.checked_sub(1))
        && han_at(at.checked_sub(2))
        && han_at(at.checked_add(1))
        && han_at(at.checked_add(2))
}

/// Joins neighbouring breaks into the stronger one.
fn merge_or_push(tokens: &mut Vec<Token>, token: Token) {
    if let (Some(next), Some(last)) = (token.as_break(), tokens.last_mut())
        && let Some(before) = last.as_break()
        && before != Break::Turn
    {
        last.kind = Kind::Break(before.max(next));
        last.end = token.end;
        return;
    }
    tokens.push(token);
}

/// Joins letters typed apart ("c h e s t") into one word.
fn join_spelled_out(tokens: Vec<Token>) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut run = 0;
    for token in tokens {
        let is_letter = matches!(&token.kind, Kind::Word(word) if word.len() == 1);
        run = if is_letter { run + 1 } else { 0 };
        joined.push(token);
        let next_ends_run = run >= 4;
        if next_ends_run {
            let tail = joined.split_off(joined.len() - if run == 4 { 4 } else { 2 });
            let text: String = tail.iter().filter_map(word_of).collect();
            let (start, end) = (tail[0].start, tail[tail.len() - 1].end);
            joined.push(Token { kind: Kind::Word(text), start, end, quoted: tail[0].quoted });
        }
    }
    joined
}

fn word_of(token: &Token) -> Option<&str> {
    match &token.kind {
        Kind::Word(word) => Some(word),
        _ => None,
    }
}

fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '’' | '‘' | '`' | '´' | 'ʼ')
}

fn word_length(rest: &[Folded]) -> usize {
    let mut length = 0;
    while length < rest.len() {
        let character = rest[length].character;
        let inner_apostrophe = is_apostrophe(character)
            && rest.get(length + 1).is_some_and(|next| next.character.is_ascii_lowercase());
        if !character.is_ascii_lowercase() && !inner_apostrophe {
            break;
        }
        length += 1;
    }
    length
}

fn number_length(rest: &[Folded]) -> usize {
    let digit = |at: usize| rest.get(at).is_some_and(|next| next.character.is_ascii_digit());
    let mut length = 0;
    while digit(length)
        || (length > 0
            && rest.get(length).is_some_and(|next| matches!(next.character, '.' | ','))
            && digit(length + 1))
    {
        length += 1;
    }
    length
}

fn number(slice: &[Folded]) -> f64 {
    let text: String = slice.iter().map(|folded| folded.character).collect();
    let thousands = text.split_once(',').is_some_and(|(_, tail)| tail.len() == 3);
    let plain = if thousands { text.replace(',', "") } else { text.replace(',', ".") };
    plain.parse().unwrap_or(0.0)
}

/// Returns whether the character is a Chinese one.
pub(super) fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2ffff}')
}

/// Reduces an English word to a rough stem, the same for policy and message.
pub(super) fn stem(word: &str) -> String {
    let mut stem = strip_ending(word).to_owned();
    if stem.len() > 3 && stem.ends_with('e') {
        stem.pop();
    }
    if stem.len() > 2 && stem.ends_with('y') {
        stem.pop();
        stem.push('i');
    }
    stem
}

fn strip_ending(word: &str) -> &str {
    let has_vowel = |text: &str| text.contains(['a', 'e', 'i', 'o', 'u', 'y']);
    if let Some(root) = word.strip_suffix("ing")
        && root.len() >= 3
        && has_vowel(root)
    {
        return undouble(root);
    }
    if let Some(root) = word.strip_suffix("ed")
        && root.len() >= 3
        && has_vowel(root)
        && !root.ends_with('e')
    {
        return undouble(root);
    }
    if let Some(root) = word.strip_suffix("ly")
        && root.len() >= 4
    {
        return root;
    }
    if word.ends_with("ies") && word.len() > 4 {
        return &word[..word.len() - 2];
    }
    if (word.ends_with("sses") || word.ends_with("ches") || word.ends_with("shes"))
        && word.len() > 5
    {
        return &word[..word.len() - 2];
    }
    match word.strip_suffix('s') {
        Some(root) if root.len() >= 3 && !root.ends_with(['s', 'u', 'i']) => root,
        _ => word,
    }
}

fn undouble(root: &str) -> &str {
    let bytes = root.as_bytes();
    let doubled = bytes.len() > 3
        && bytes[bytes.len() - 1] == bytes[bytes.len() - 2]
        && !matches!(bytes[bytes.len() - 1], b'l' | b's' | b'z' | b'e' | b'o');
    if doubled { &root[..root.len() - 1] } else { root }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::normal::Characters;

    fn kinds(text: &str) -> Vec<Kind> {
        let folded = Characters::default().normalise(text);
        tokenise(&folded).into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn cuts_words_numbers_and_breaks() {
        assert_eq!(
            kinds("I can't, 38.5度"),
            [
                Kind::Word("i".to_owned()),
                Kind::Word("cant".to_owned()),
                Kind::Break(Break::Weak),
                Kind::Number(38.5),
                Kind::Han('度')
            ]
        );
        assert_eq!(kinds("well... ok")[1], Kind::Break(Break::Weak));
        assert_eq!(kinds("c h e s t pain")[0], Kind::Word("chest".to_owned()));
    }

    #[test]
    fn stems_inflections_alike() {
        for (left, right) in
            [("breathing", "breathe"), ("stopped", "stop"), ("swallowed", "swallow")]
        {
            assert_eq!(stem(left), stem(right));
        }
        assert_eq!(stem("bleed"), stem("bleeding"));
        assert_eq!(stem("shaky"), "shaki");
    }
}
