//! The names of all findings: stable, so that they can be silenced, counted and looked up.
//!
//! A number is never given to another finding. docs/check.md explains each, and is what
//! `eider check --explain` prints.

use serde::{Serialize, Serializer};

/// The guide to all findings, a section for each.
const GUIDE: &str = include_str!("../../docs/check.md");

macro_rules! codes {
    ($($variant:ident = $id:literal, $name:literal;)+) => {
        /// What a finding is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = concat!($id, ", ", $name)] $variant,)+
        }

        impl Code {
            /// All codes, by number.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns its number, such as `K001`.
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            /// Returns its name, such as `unreadable-file`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

codes! {
    UnreadableFile = "K001", "unreadable-file";
    StrayFile = "K002", "stray-file";
    NoText = "K003", "no-text";
    FrontMatter = "K004", "front-matter";
    UnknownKey = "K005", "unknown-key";
    MissingKey = "K006", "missing-key";
    WrongValue = "K007", "wrong-value";
    Toml = "K008", "toml";
    EmptySection = "K009", "empty-section";
    LeadIn = "K010", "lead-in";
    NoArticles = "K011", "no-articles";
    UnknownDrug = "K101", "unknown-drug";
    UnknownTopic = "K102", "unknown-topic";
    UnknownArticle = "K103", "unknown-article";
    WrongFolder = "K104", "wrong-folder";
    GoldenQuestion = "K105", "golden-question";
    CannedText = "K106", "canned-text";
    Duty = "K107", "duty";
    NotADate = "K201", "not-a-date";
    DateOrder = "K202", "date-order";
    FutureDate = "K203", "future-date";
    Overdue = "K204", "overdue";
    DueSoon = "K205", "due-soon";
    DuplicateId = "K301", "duplicate-id";
    Duplicate = "K302", "duplicate";
    NearDuplicate = "K303", "near-duplicate";
    CopiedName = "K304", "copied-name";
    Conflict = "K401", "conflict";
    NoSuchConflict = "K402", "no-such-conflict";
    NoReason = "K403", "no-reason";
    MissingTopic = "K501", "missing-topic";
    MissingTranslation = "K502", "missing-translation";
    TranslatedFigure = "K503", "translated-figure";
    TranslatedNegation = "K504", "translated-negation";
    OutdatedTranslation = "K505", "outdated-translation";
    TranslatedFrontMatter = "K506", "translated-front-matter";
    TooLong = "K601", "too-long";
    TooShort = "K602", "too-short";
    UnsourcedFigure = "K603", "unsourced-figure";
    CannedFigure = "K604", "canned-figure";
    SharedPhrase = "K701", "shared-phrase";
    SharedSynonym = "K702", "shared-synonym";
    SynonymIsName = "K703", "synonym-is-name";
    SharedName = "K704", "shared-name";
    CoveredMedicine = "K705", "covered-medicine";
    EmergencyPolicy = "K801", "emergency-policy";
    NoSource = "K802", "no-source";
    NeverFires = "K803", "never-fires";
    RulesClash = "K804", "rules-clash";
    EmergencyCard = "K805", "emergency-card";
    Silence = "K901", "silence";
    IdleSilence = "K902", "idle-silence";
}

impl Code {
    /// Returns the code of a number or name, in any case.
    pub fn from_text(text: &str) -> Option<Self> {
        let is_meant = |code: &&Self| {
            [code.id(), code.name()].iter().any(|own| own.eq_ignore_ascii_case(text))
        };
        Self::ALL.iter().find(is_meant).copied()
    }

    /// Returns what the guide says on it, in Markdown, its heading first.
    pub fn explanation(self) -> &'static str {
        let start = GUIDE.find(&format!("\n## {} ", self.id())).map_or(GUIDE.len(), |at| at + 1);
        let section = &GUIDE[start..];
        let end = section.find("\n## ").unwrap_or(section.len());
        section[..end].trim_end()
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained_with_severity_reason_and_remedy() {
        for code in Code::ALL {
            let text = code.explanation();
            let heading = format!("## {} {}\n", code.id(), code.name());
            assert!(text.starts_with(&heading), "docs/check.md lacks {heading:?}");
            let severity = ["error", "warning", "note"];
            let body = text[heading.len()..].trim_start();
            assert!(severity.iter().any(|word| body.starts_with(word)), "{text}");
            assert!(body.lines().count() >= 3, "no reason and remedy: {text}");
        }
        assert_eq!(GUIDE.matches("\n## K").count(), Code::ALL.len(), "a code that is no more");
        assert!(Code::ALL.windows(2).all(|pair| pair[0].id() < pair[1].id()));
        assert_eq!(Code::from_text("k001"), Code::from_text("Unreadable-File"));
    }
}
