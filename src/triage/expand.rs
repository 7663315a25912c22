//! Writes out the alternatives `(a|b|)` of an editor's phrase.

/// Most ways in which one phrase may be written out.
const MAX_EXPANSION: usize = 4096;

/// Writes out the alternatives of a phrase; groups may stand inside groups.
pub(super) fn expand(phrase: &str) -> Result<Vec<String>, &'static str> {
    let mut variants = vec![String::new()];
    let mut rest = phrase;
    while let Some(open) = rest.find('(') {
        let close = open + closing(&rest[open..]).ok_or("a bracket is not closed")?;
        let head = &rest[..open];
        let mut options = Vec::new();
        for option in alternatives(&rest[open + 1..close]) {
            options.extend(expand(option)?);
        }
        if variants.len() * options.len() > MAX_EXPANSION {
            return Err("the phrase has too many alternatives");
        }
        variants = variants
            .iter()
            .flat_map(|variant| {
                options.iter().map(move |option| format!("{variant}{head}{option}"))
            })
            .collect();
        rest = &rest[close + 1..];
    }
    if rest.contains(')') {
        return Err("a bracket is not opened");
    }
    for variant in &mut variants {
        variant.push_str(rest);
    }
    Ok(variants)
}

/// Returns where the bracket that opens `text` closes.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(at),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Cuts a group at its own bars, not at those of groups inside.
fn alternatives(group: &str) -> Vec<&str> {
    let (mut depth, mut from) = (0_i32, 0);
    let mut options = Vec::new();
    for (at, character) in group.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            '|' if depth == 0 => {
                options.push(&group[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    options.push(&group[from..]);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expands_nested_groups() {
        assert_eq!(expand("a (b|c (d|e)|) f").unwrap(), ["a b f", "a c d f", "a c e f", "a  f"]);
        assert!(expand("a (b").is_err());
        assert!(expand("a b)").is_err());
    }
}
