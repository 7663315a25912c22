//! Labelled messages and how they are written down.

use serde::Deserialize;

/// What a message should be judged as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// Level 3.
    Emergency,
    /// Level 2 at least.
    Urgent,
    /// Level 0 or 1.
    Routine,
}

impl Expect {
    /// Returns the word used in case files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::Urgent => "urgent",
            Self::Routine => "routine",
        }
    }

    /// Returns whether `level` is too low, or for a routine message too high.
    pub fn is_missed_by(self, level: u8) -> bool {
        match self {
            Self::Emergency => level < 3,
            Self::Urgent => level < 2,
            Self::Routine => level >= 2,
        }
    }
}

/// One labelled message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The id of the case.
    pub id: String,
    /// The text; `||` stands between messages sent one after another.
    pub text: String,
    /// `en` or `zh`.
    pub lang: String,
    /// What it should be judged as.
    pub expect: Expect,
    /// The category of emergency, or the kind of look-alike.
    pub category: String,
    /// The group of cases that vary one idea; a group is never split between tuning and test.
    pub template: String,
}

impl Case {
    /// Returns the messages of the case in order.
    pub fn messages(&self) -> Vec<&str> {
        self.text.split("||").map(str::trim).collect()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

/// Reads a case file: TOML with an array of tables `case`; the error names the place.
pub fn parse_cases(text: &str) -> Result<Vec<Case>, String> {
    toml::from_str::<File>(text).map(|file| file.case).map_err(|error| error.to_string())
}
