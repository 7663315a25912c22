//! Drugs: names people type, class, and the symptoms that make a report urgent.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::common::Common;
use super::{Problem, toml_file};
use crate::id::DrugId;
use crate::text::PerLang;

/// A drug of the knowledge base.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drug {
    /// Name of its folder.
    #[serde(skip, default = "no_id")]
    pub id: DrugId,
    /// International non-proprietary name (INN).
    pub name: String,
    /// Brand names.
    #[serde(default)]
    pub brands: Vec<String>,
    /// Codes and other spellings that people type.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Names in other languages.
    #[serde(default)]
    pub names: PerLang<Vec<String>>,
    /// Pharmacological class, in words.
    pub class: String,
    /// Shelf of the site it stands on.
    pub category: Category,
    /// Whether it is listed under 'new drugs'.
    #[serde(default)]
    pub new: bool,
    /// Subjects of the boxed warning; empty when the label has none.
    #[serde(default)]
    pub boxed_warning: Vec<String>,
    /// Symptoms whose personal report is urgent for people on this drug.
    #[serde(default, rename = "warning_symptom")]
    pub warning_symptoms: Vec<WarningSymptom>,
}

/// A symptom that makes a personal report urgent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarningSymptom {
    /// Name within the drug.
    pub id: String,
    /// What people type for it.
    pub phrases: PerLang<Vec<Arc<str>>>,
    /// The article that says so, under `drugs/`.
    pub source: String,
}

/// Shelf of the site that a drug stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Cancer medicines.
    Antitumor,
    /// General medicines.
    General,
    /// Antiviral medicines.
    Antiviral,
    /// Biological medicines.
    Biological,
}

fn no_id() -> DrugId {
    DrugId::from("")
}

impl Drug {
    pub(super) fn parse(
        slug: &str,
        path: &str,
        text: &str,
        common: &mut Common,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let mut drug: Self = toml_file::parse(path, text, problems)?;
        drug.id = DrugId::from(slug);
        for symptom in &mut drug.warning_symptoms {
            for phrase in symptom.phrases.en.iter_mut().chain(&mut symptom.phrases.zh) {
                *phrase = common.text(phrase);
            }
        }
        Some(drug)
    }

    /// Returns every name the drug goes by, INN first.
    pub fn all_names(&self) -> impl Iterator<Item = &str> {
        [self.name.as_str()]
            .into_iter()
            .chain(self.brands.iter().map(String::as_str))
            .chain(self.aliases.iter().map(String::as_str))
            .chain(self.names.en.iter().map(String::as_str))
            .chain(self.names.zh.iter().map(String::as_str))
    }

    /// Returns the name to show: `INN (Brand)`.
    pub fn display_name(&self) -> String {
        match self.brands.first() {
            Some(brand) => format!("{} ({brand})", self.name),
            None => self.name.clone(),
        }
    }
}
