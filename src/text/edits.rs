//! Edit distance between words: insertions, deletions, substitutions, swaps of neighbours.

/// Longest word that is compared, in bytes.
const LONGEST: usize = 32;

/// Returns how many edits turn one word into the other, or `None` when they are more than `most`.
/// Counts bytes, which are letters in Latin words.
pub fn edits(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() > LONGEST || b.len() > LONGEST || a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before = [0_usize; LONGEST + 1];
    let mut above: [usize; LONGEST + 1] = std::array::from_fn(|column| column);
    for i in 1..=a.len() {
        let mut row = [0_usize; LONGEST + 1];
        row[0] = i;
        let mut least = i;
        for j in 1..=b.len() {
            let substituted = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut cell = substituted.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cell = cell.min(before[j - 2] + 1);
            }
            row[j] = cell;
            least = least.min(cell);
        }
        if least > most {
            return None;
        }
        before = above;
        above = row;
    }
    Some(above[b.len()]).filter(|&edits| edits <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        let cases = [
            ("besponsa", "besponsa", Some(0)),
            ("bespnosa", "besponsa", Some(1)),
            ("rivatigmin", "rivastigmin", Some(1)),
            ("tagrisso", "tabrecta", None),
            ("", "ab", Some(2)),
        ];
        for (a, b, expected) in cases {
            assert_eq!(edits(a, b, 2), expected, "{a} {b}");
        }
    }
}
