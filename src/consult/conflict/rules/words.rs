//! The words by which labels and articles name matters of care, times and degrees of force.

/// A matter of care that labels give rules on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Matter {
    /// Tests of the liver.
    LiverTests,
    /// Counts of blood cells, as a test.
    BloodCounts,
    /// Tracings of the heart.
    HeartTests,
    /// Medicines given before the medicine.
    Premedication,
    /// Blood counts that are too low.
    LowCounts,
    /// Contraception.
    Contraception,
    /// Situations in which the medicine must not be used.
    Contraindications,
    /// Cycles of treatment.
    Cycles,
}

/// What each matter is called, in small letters; the longest name of a place counts.
const NAMES: &[(Matter, &[&str])] = &[
    (
        Matter::LiverTests,
        &[
            "liver tests",
            "liver test",
            "liver values",
            "liver checks",
            "liver function",
            "liver monitoring",
            "liver enzymes",
            "bilirubin",
            "alt",
            "ast",
            "transaminases",
            "monitor the liver",
        ],
    ),
    (
        Matter::BloodCounts,
        &[
            "blood counts",
            "blood count",
            "complete blood count",
            "complete blood counts",
            "blood count monitoring",
            "platelets",
            "neutrophils",
        ],
    ),
    (Matter::HeartTests, &["ecg", "ecgs", "electrocardiogram"]),
    (Matter::Premedication, &["premedication", "antihistamine", "premedicate"]),
    (
        Matter::LowCounts,
        &[
            "low blood counts",
            "low counts",
            "low neutrophils",
            "low platelets",
            "counts stay low",
            "low count",
        ],
    ),
    (Matter::Contraception, &["contraception", "birth control"]),
    (Matter::Contraindications, &["contraindications", "contraindication"]),
    (Matter::Cycles, &["number of cycles", "how many cycles"]),
];

/// Times in the course of doses, with their bits; longer phrases first.
pub(super) const VISITS: &[(&str, u8)] = &[
    ("before and after each dose", BEFORE_DOSE | AFTER_DOSE),
    ("before and after every dose", BEFORE_DOSE | AFTER_DOSE),
    ("before and after each infusion", BEFORE_DOSE | AFTER_DOSE),
    ("before each treatment cycle", BEFORE_CYCLE),
    ("before each cycle", BEFORE_CYCLE),
    ("before every cycle", BEFORE_CYCLE),
    ("before each dose", BEFORE_DOSE),
    ("before every dose", BEFORE_DOSE),
    ("before each infusion", BEFORE_DOSE),
    ("before every infusion", BEFORE_DOSE),
    ("after each dose", AFTER_DOSE),
    ("after every dose", AFTER_DOSE),
    ("after each infusion", AFTER_DOSE),
];
const BEFORE_DOSE: u8 = 1;
const AFTER_DOSE: u8 = 2;
const BEFORE_CYCLE: u8 = 4;

/// Words for 'every week'.
pub(super) const WEEKLY: &[&str] = &["weekly", "once a week", "every week"];

/// Stretches of time in which something is done, with their bits.
pub(super) const STRETCHES: &[(&str, u8)] = &[
    ("during treatment", 1),
    ("during the treatment", 1),
    ("throughout treatment", 1),
    ("after treatment", 2),
    ("after the end of treatment", 2),
    ("after the last dose", 2),
    ("after a transplant", 4),
    ("after the transplant", 4),
    ("after a stem cell transplant", 4),
];

/// Words that require.
pub(super) const REQUIRED: &[&str] = &["must", "mandatory", "required", "has to be", "have to be"];
/// Words that advise.
pub(super) const ADVISED: &[&str] = &["recommended", "recommends", "advised", "advises", "should"];

/// Amounts of time without a number.
pub(super) const VAGUE: &[&str] = &[
    "several months",
    "several weeks",
    "some months",
    "some weeks",
    "a few months",
    "a few weeks",
];

/// Words for women and men, with their bits.
pub(super) const SEXES: &[(&str, u8)] = &[("women", 1), ("woman", 1), ("men", 2), ("man", 2)];

/// Numbers in words.
pub(super) const NUMBERS: &[(&str, u32)] = &[
    ("no", 0),
    ("none", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
];

impl Matter {
    /// Returns what the matter is called.
    pub(super) fn names(self) -> &'static [&'static str] {
        NAMES.iter().find(|(matter, _)| *matter == self).map_or(&[], |(_, names)| names)
    }

    /// Returns whether it is a test that is made at certain times.
    pub(super) fn is_test(self) -> bool {
        matches!(self, Self::LiverTests | Self::BloodCounts | Self::HeartTests)
    }
}

/// Returns the matters named in a text in small letters, in order, with their byte ranges.
pub(super) fn matters(lower: &str) -> Vec<(Matter, (usize, usize))> {
    let mut found: Vec<(Matter, (usize, usize))> = Vec::new();
    for (matter, names) in NAMES {
        for name in *names {
            found.extend(places(lower, name).map(|start| (*matter, (start, start + name.len()))));
        }
    }
    // 'low blood counts' is no blood count: a name inside a longer one does not count.
    let all = found.clone();
    found.retain(|(_, (start, end))| {
        let longer = |&(_, (from, to)): &(Matter, (usize, usize))| {
            from <= *start && *end <= to && to - from > end - start
        };
        !all.iter().any(longer)
    });
    found.sort_by_key(|(_, range)| *range);
    found
}

/// Returns where `phrase` stands in `lower` as whole words.
pub(super) fn places<'a>(lower: &'a str, phrase: &'a str) -> impl Iterator<Item = usize> {
    let is_edge = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    lower.match_indices(phrase).map(|(at, _)| at).filter(move |&at| {
        is_edge(lower[..at].chars().next_back())
            && is_edge(lower[at + phrase.len()..].chars().next())
    })
}

/// Returns whether any of `phrases` stands in `lower`.
pub(super) fn holds_any(lower: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| places(lower, phrase).next().is_some())
}

/// Returns the bits of all phrases of a table that stand in `lower`.
pub(super) fn set(lower: &str, table: &[(&str, u8)]) -> u8 {
    let held = table.iter().filter(|(phrase, _)| places(lower, phrase).next().is_some());
    held.fold(0, |set, (_, bit)| set | bit)
}
