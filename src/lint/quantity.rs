//! Numbers with their units, as English and Chinese write them, so that both can be compared.
//!
//! Numbers written as words ('twice', 两次, 'May') are read too: they are what a figure of the
//! other language may match, and are never asked for themselves.

use std::ops::Range;

/// What a number counts; only one kind can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Mass,
    MassPerArea,
    MassPerWeight,
    MassPerVolume,
    Volume,
    Share,
    Temperature,
    Length,
    Time,
    Years,
    Cycles,
    Pieces,
    Times,
    /// None, or none that we know.
    Bare,
}

/// A number as it stands in a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quantity {
    /// The number as written, without its unit.
    number: f64,
    /// The amount in the base unit of its kind.
    amount: f64,
    pub(super) unit: Unit,
    /// The number and its unit as they are written.
    pub(super) written: String,
    pub(super) range: Range<usize>,
    /// Whether it is written in digits, so that the other language must have it.
    pub(super) is_figure: bool,
}

/// Units as they are written, the longest first where one begins like another.
const UNITS: &[(&str, Unit, f64)] = &[
    ("mg/m²", Unit::MassPerArea, 1.0),
    ("mg/m2", Unit::MassPerArea, 1.0),
    ("毫克/平方米", Unit::MassPerArea, 1.0),
    ("mg/kg", Unit::MassPerWeight, 1.0),
    ("毫克/千克", Unit::MassPerWeight, 1.0),
    ("毫克/公斤", Unit::MassPerWeight, 1.0),
    ("mg/mL", Unit::MassPerVolume, 1.0),
    ("mg/ml", Unit::MassPerVolume, 1.0),
    ("毫克/毫升", Unit::MassPerVolume, 1.0),
    ("micrograms", Unit::Mass, 0.001),
    ("microgram", Unit::Mass, 0.001),
    ("mcg", Unit::Mass, 0.001),
    ("µg", Unit::Mass, 0.001),
    ("μg", Unit::Mass, 0.001),
    ("微克", Unit::Mass, 0.001),
    ("mg", Unit::Mass, 1.0),
    ("毫克", Unit::Mass, 1.0),
    ("kg", Unit::Mass, 1e6),
    ("千克", Unit::Mass, 1e6),
    ("公斤", Unit::Mass, 1e6),
    ("grams", Unit::Mass, 1000.0),
    ("g", Unit::Mass, 1000.0),
    ("克", Unit::Mass, 1000.0),
    ("millilitres", Unit::Volume, 1.0),
    ("mL", Unit::Volume, 1.0),
    ("ml", Unit::Volume, 1.0),
    ("毫升", Unit::Volume, 1.0),
    ("litres", Unit::Volume, 1000.0),
    ("litre", Unit::Volume, 1000.0),
    ("升", Unit::Volume, 1000.0),
    ("percent", Unit::Share, 1.0),
    ("per cent", Unit::Share, 1.0),
    ("%", Unit::Share, 1.0),
    ("％", Unit::Share, 1.0),
    ("°C", Unit::Temperature, 1.0),
    ("℃", Unit::Temperature, 1.0),
    ("cm", Unit::Length, 10.0),
    ("厘米", Unit::Length, 10.0),
    ("mm", Unit::Length, 1.0),
    ("毫米", Unit::Length, 1.0),
    ("seconds", Unit::Time, 1.0 / 3600.0),
    ("秒", Unit::Time, 1.0 / 3600.0),
    ("minutes", Unit::Time, 1.0 / 60.0),
    ("minute", Unit::Time, 1.0 / 60.0),
    ("分钟", Unit::Time, 1.0 / 60.0),
    ("hours", Unit::Time, 1.0),
    ("hour", Unit::Time, 1.0),
    ("小时", Unit::Time, 1.0),
    ("days", Unit::Time, 24.0),
    ("day", Unit::Time, 24.0),
    ("天", Unit::Time, 24.0),
    ("weeks", Unit::Time, 168.0),
    ("week", Unit::Time, 168.0),
    ("周岁", Unit::Years, 1.0),
    ("周期", Unit::Cycles, 1.0),
    ("个周期", Unit::Cycles, 1.0),
    ("个疗程", Unit::Cycles, 1.0),
    ("cycles", Unit::Cycles, 1.0),
    ("cycle", Unit::Cycles, 1.0),
    ("周", Unit::Time, 168.0),
    ("个星期", Unit::Time, 168.0),
    ("months", Unit::Time, 730.5),
    ("month", Unit::Time, 730.5),
    ("个月", Unit::Time, 730.5),
    ("years", Unit::Years, 1.0),
    ("year", Unit::Years, 1.0),
    ("岁", Unit::Years, 1.0),
    ("tablets", Unit::Pieces, 1.0),
    ("tablet", Unit::Pieces, 1.0),
    ("capsules", Unit::Pieces, 1.0),
    ("capsule", Unit::Pieces, 1.0),
    ("片", Unit::Pieces, 1.0),
    ("粒", Unit::Pieces, 1.0),
    ("times", Unit::Times, 1.0),
    ("倍", Unit::Times, 1.0),
    ("次", Unit::Times, 1.0),
];

/// What joins two numbers that share the unit of the second.
const JOINTS: &[&str] =
    &["–", "-", "~", "～", "至", "到", "、", "或", "和", "与", ",", "/", "to", "and", "or"];

/// English words for numbers, and months, whose number Chinese writes.
const WORDS: &[(&str, f64)] = &[
    ("half", 0.5),
    ("one", 1.0),
    ("once", 1.0),
    ("first", 1.0),
    ("single", 1.0),
    ("daily", 1.0),
    ("two", 2.0),
    ("twice", 2.0),
    ("double", 2.0),
    ("second", 2.0),
    ("both", 2.0),
    ("three", 3.0),
    ("third", 3.0),
    ("four", 4.0),
    ("fourth", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("january", 1.0),
    ("february", 2.0),
    ("march", 3.0),
    ("april", 4.0),
    ("may", 5.0),
    ("june", 6.0),
    ("july", 7.0),
    ("august", 8.0),
    ("september", 9.0),
    ("october", 10.0),
    ("november", 11.0),
    ("december", 12.0),
];

const HAN_DIGITS: &str = "〇一二三四五六七八九";

impl Quantity {
    /// Returns whether it is a dose, a share or another figure that only a source can give.
    pub(super) fn is_medical(&self) -> bool {
        let is_everyday = matches!(
            self.unit,
            Unit::Bare | Unit::Time | Unit::Years | Unit::Pieces | Unit::Times | Unit::Cycles
        );
        self.is_figure && !is_everyday
    }

    /// Returns whether the other language may say the same with `other`.
    pub(super) fn matches(&self, other: &Self) -> bool {
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1e-9);
        let same_kind = self.unit == other.unit && near(self.amount, other.amount);
        let is_open = self.unit == Unit::Bare || other.unit == Unit::Bare;
        // '12 years' may be a time or an age.
        let years = |a: &Self, b: &Self| {
            a.unit == Unit::Years && b.unit == Unit::Time && near(a.number * 8766.0, b.amount)
        };
        same_kind || is_open && self.same_number(other) || years(self, other) || years(other, self)
    }

    /// Returns whether the numbers are equal, whatever they count.
    pub(super) fn same_number(&self, other: &Self) -> bool {
        (self.number - other.number).abs() <= 1e-9 * self.number.abs().max(1.0)
    }
}

/// Reads the quantities of a text, in order.
pub(super) fn read(text: &str) -> Vec<Quantity> {
    let mut found: Vec<Quantity> = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if c.is_ascii_digit() {
            let length = number_length(rest);
            let before = text[..at].chars().next_back();
            let after = rest[length..].chars().next();
            // CYP3A4 and 2C9 are names.
            let in_name = before.is_some_and(|c| c.is_ascii_alphabetic())
                || before == Some('-')
                    && text[..at - 1].ends_with(|c: char| c.is_ascii_uppercase());
            if !in_name && let Some(quantity) = figure(text, at, length, after) {
                at = quantity.range.end;
                found.push(quantity);
            } else {
                at += length;
            }
        } else if c.is_ascii_alphabetic() {
            let length = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let word = rest[..length].to_ascii_lowercase();
            let known = WORDS.iter().find(|(name, _)| *name == word);
            found.extend(known.map(|(_, value)| word_of(*value, &rest[..length], at)));
            at += length;
        } else {
            let (value, length) = han_number(rest);
            if length > 0 {
                found.push(word_of(value, &rest[..length], at));
            }
            at += length.max(c.len_utf8());
        }
    }
    share_units(text, &mut found);
    found
}

/// Returns the length of a number: digits, with `,` between groups of three and one `.`.
fn number_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut at = 0;
    while digit(at) {
        at += 1;
        let group =
            bytes.get(at) == Some(&b',') && (1..=3).all(|n| digit(at + n)) && !digit(at + 4);
        let point = bytes.get(at) == Some(&b'.') && digit(at + 1);
        at += usize::from(group || point);
    }
    at
}

fn figure(text: &str, at: usize, length: usize, after: Option<char>) -> Option<Quantity> {
    let number: f64 = text[at..at + length].replace(',', "").parse().ok()?;
    let tail = &text[at + length..];
    let gap = tail.len() - tail.trim_start_matches([' ', '\u{a0}', '\u{202f}', '-']).len();
    let unit = UNITS.iter().find(|(name, ..)| {
        let rest = tail[gap..].strip_prefix(name);
        let is_latin = name.ends_with(|c: char| c.is_ascii_alphabetic());
        rest.is_some_and(|rest| !is_latin || !rest.starts_with(|c: char| c.is_alphanumeric()))
    });
    let Some((name, unit, factor)) = unit else {
        let is_ordinal = ["st", "nd", "rd", "th"].iter().any(|end| tail.starts_with(end));
        let in_name = after.is_some_and(|c| c.is_ascii_alphabetic()) && !is_ordinal;
        let bare = Quantity { is_figure: true, ..word_of(number, &text[at..at + length], at) };
        return (!in_name).then_some(bare);
    };
    let range = at..at + length + gap + name.len();
    let (unit, amount) = (*unit, number * factor);
    let written = text[range.clone()].to_owned();
    Some(Quantity { number, amount, unit, written, range, is_figure: true })
}

fn word_of(number: f64, written: &str, at: usize) -> Quantity {
    let (written, range) = (written.to_owned(), at..at + written.len());
    Quantity { number, amount: number, unit: Unit::Bare, written, range, is_figure: false }
}

/// Reads a number in Han characters, up to 99; returns it with its length in bytes.
fn han_number(rest: &str) -> (f64, usize) {
    let digit = |c: char| match c {
        '两' | '双' => Some(2),
        '半' => None,
        _ => HAN_DIGITS.chars().position(|digit| digit == c),
    };
    let mut characters = rest.chars().peekable();
    let Some(first) = characters.next() else { return (0.0, 0) };
    if first == '半' {
        return (0.5, first.len_utf8());
    }
    // 百分之一 and 千分之一 are all that our articles need beyond 99.
    let (mut value, mut length) = match (digit(first), first) {
        (Some(value), _) => (value, first.len_utf8()),
        (None, '十') => (10, first.len_utf8()),
        (None, '百') => return (100.0, first.len_utf8()),
        (None, '千') => return (1000.0, first.len_utf8()),
        _ => return (0.0, 0),
    };
    if first != '十' && characters.peek() == Some(&'十') {
        value *= 10;
        length += '十'.len_utf8();
        characters.next();
    }
    if value >= 10
        && let Some(ones) = characters.peek().and_then(|&c| digit(c))
    {
        value += ones;
        length += '一'.len_utf8();
    }
    #[expect(clippy::cast_precision_loss, reason = "at most 99")]
    let value = value as f64;
    (value, length)
}

/// Gives a bare number the unit of the next one where they are joined: '2–8 °C', '25、50和100 mg'.
fn share_units(text: &str, found: &mut [Quantity]) {
    for at in (1..found.len()).rev() {
        let (before, after) = found.split_at_mut(at);
        let (one, next) = (&mut before[at - 1], &after[0]);
        let between = text[one.range.end..next.range.start].trim();
        let is_bare = one.unit == Unit::Bare && one.is_figure;
        if is_bare && next.unit != Unit::Bare && JOINTS.contains(&between) {
            one.unit = next.unit;
            one.amount = one.number * next.amount / next.number;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let show = |quantity: &Quantity| format!("{} {:?}", quantity.amount, quantity.unit);
        read(text).iter().filter(|quantity| quantity.is_figure).map(show).collect()
    }

    #[test]
    fn figures_are_read_with_their_units() {
        let cases: &[(&str, &[&str])] = &[
            ("Keep it at 2–8 °C.", &["2 Temperature", "8 Temperature"]),
            ("25, 50 and 100 mg", &["25 Mass", "50 Mass", "100 Mass"]),
            ("1.8 mg/m² in cycle 1", &["1.8 MassPerArea", "1 Bare"]),
            ("1,000 people; 0.5 g", &["1000 Bare", "500 Mass"]),
            ("an 8-week pause", &["1344 Time"]),
            ("储存于2至8℃，8周后", &["2 Temperature", "8 Temperature", "1344 Time"]),
            ("CYP3A4 and 2C9 and CMC-544", &[]),
            ("服用50毫克，2片", &["50 Mass", "2 Pieces"]),
            ("5 grammar rules", &["5 Bare"]),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text), *expected, "{text}");
        }
    }

    #[test]
    fn both_languages_say_the_same() {
        let cases = [
            ("50 mg", "50毫克", true),
            ("50 mg", "50 mL", false),
            ("14 days", "2周", true),
            ("twice", "2次", true),
            ("2 times", "两次", true),
            ("12 years", "12岁", true),
            ("24 hours", "1天", true),
            ("May", "5月", true),
            ("20%", "20％", true),
            ("21 days", "二十一天", true),
            ("100", "百分之一", true),
            ("3rd cycle", "第 3 个周期", true),
            ("0.5 g", "500 mg", true),
            ("5 g", "5 mg", false),
        ];
        for (english, chinese, expected) in cases {
            let (a, b) = (read(english), read(chinese));
            let alike = a[0].matches(&b[0]);
            assert_eq!(alike, expected, "{english} {chinese}: {a:?} {b:?}");
        }
    }
}
