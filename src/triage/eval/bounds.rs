//! Shares with exact (Clopper-Pearson) 95 % bounds.

use std::fmt;

/// A share: `hits` of `of`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rate {
    /// How many did.
    pub hits: u32,
    /// How many could have.
    pub of: u32,
}

impl Rate {
    /// Counts one more, with or without a hit.
    pub(super) fn add(&mut self, hit: bool) {
        self.of += 1;
        self.hits += u32::from(hit);
    }

    /// Returns the share, 0 when there is nothing to share.
    pub fn share(&self) -> f64 {
        if self.of == 0 { 0.0 } else { f64::from(self.hits) / f64::from(self.of) }
    }

    /// Returns the exact 95 % bounds of the share (Clopper and Pearson 1934).
    pub fn bounds(&self) -> (f64, f64) {
        let (hits, of) = (self.hits.min(self.of), self.of);
        let lower =
            if hits == 0 { 0.0 } else { bisect(|p| 1.0 - at_most(hits - 1, of, p) < 0.025) };
        let upper = if hits == of { 1.0 } else { bisect(|p| at_most(hits, of, p) > 0.025) };
        (lower, upper)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lower, upper) = self.bounds();
        let percent = self.share() * 100.0;
        let (lower, upper) = (lower * 100.0, upper * 100.0);
        write!(f, "{percent:5.1} % ({}/{}; {lower:.1}-{upper:.1})", self.hits, self.of)
    }
}

/// Returns the largest p for which `holds` is still true.
fn bisect(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Returns the probability of at most `hits` successes in `of` trials.
fn at_most(hits: u32, of: u32, p: f64) -> f64 {
    if p <= 0.0 {
        return 1.0;
    }
    if p >= 1.0 {
        return f64::from(u8::from(hits >= of));
    }
    let mut log_term = f64::from(of) * (1.0 - p).ln();
    let mut sum = log_term.exp();
    for k in 1..=hits {
        log_term += (f64::from(of - k + 1) / f64::from(k)).ln() + (p / (1.0 - p)).ln();
        sum += log_term.exp();
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_agree_with_published_ones() {
        let (lower, upper) = Rate { hits: 180, of: 189 }.bounds();
        assert!((lower - 0.912).abs() < 0.001 && (upper - 0.978).abs() < 0.001);
        let (lower, upper) = Rate { hits: 0, of: 60 }.bounds();
        assert!(lower == 0.0 && (upper - 0.0596).abs() < 0.001);
    }
}
