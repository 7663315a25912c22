//! The LOINC codes of label sections: which topic of ours each belongs to, and its official name.

/// Where the text of a section goes: the file's name, the topic, the words of its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Name of the file, without `.md`.
    pub(super) file: &'static str,
    /// A key of `lexicon/topics.toml`; `None` when the headings decide.
    pub(super) topic: Option<&'static str>,
    /// What the article is called.
    pub(super) title: &'static str,
}

const fn topical(topic: &'static str, title: &'static str) -> Place {
    Place { file: topic, topic: Some(topic), title }
}

const fn plain(file: &'static str, title: &'static str) -> Place {
    Place { file, topic: None, title }
}

const PRECAUTIONS: Place = topical("precautions", "Warnings and precautions");
const INDICATIONS: Place = topical("indications", "Indications and usage");
const ADMINISTRATION: Place = topical("administration", "Dosage and administration");
const SIDE_EFFECTS: Place = topical("side-effects", "Adverse reactions");
const CONTRAINDICATIONS: Place = topical("contraindications", "Contraindications");
const INTERACTIONS: Place = topical("interactions", "Drug interactions");
const OVERDOSE: Place = topical("overdose", "Overdosage");
const SPECIAL: Place = topical("special-groups", "Use in specific populations");
const PREGNANCY: Place = topical("pregnancy", "Pregnancy and lactation");
const STORAGE: Place = topical("storage", "How supplied, storage and handling");
const OVERVIEW: Place = topical("overview", "Description, forms and strengths");
const PATIENTS: Place = plain("patient-information", "Information for patients");
const PHARMACOLOGY: Place = plain("pharmacology", "Pharmacology and toxicology");
const STUDIES: Place = plain("clinical-studies", "Clinical studies");
const PACKAGE: Place = plain("package", "Package label");
/// What the label itself gives no kind.
pub(super) const OTHER: Place = plain("other", "Further sections");
/// The front page of the label.
pub(super) const HIGHLIGHTS: Place = plain("highlights", "Highlights of the label");

/// Code, place, official name, name in the JSON of openFDA.
const SECTIONS: &[(&str, Place, &str, &str)] = &[
    ("34066-1", PRECAUTIONS, "BOXED WARNING SECTION", "boxed_warning"),
    ("34067-9", INDICATIONS, "INDICATIONS & USAGE SECTION", "indications_and_usage"),
    ("34068-7", ADMINISTRATION, "DOSAGE & ADMINISTRATION SECTION", "dosage_and_administration"),
    ("43678-2", OVERVIEW, "DOSAGE FORMS & STRENGTHS SECTION", "dosage_forms_and_strengths"),
    ("34070-3", CONTRAINDICATIONS, "CONTRAINDICATIONS SECTION", "contraindications"),
    ("43685-7", PRECAUTIONS, "WARNINGS AND PRECAUTIONS SECTION", "warnings_and_cautions"),
    ("34071-1", PRECAUTIONS, "WARNINGS SECTION", "warnings"),
    ("42232-9", PRECAUTIONS, "PRECAUTIONS SECTION", "precautions"),
    ("34072-9", PRECAUTIONS, "GENERAL PRECAUTIONS SECTION", "general_precautions"),
    ("34075-2", PRECAUTIONS, "LABORATORY TESTS SECTION", "laboratory_tests"),
    (
        "34074-5",
        INTERACTIONS,
        "DRUG & OR LABORATORY TEST INTERACTIONS SECTION",
        "drug_and_or_laboratory_test_interactions",
    ),
    ("34073-7", INTERACTIONS, "DRUG INTERACTIONS SECTION", "drug_interactions"),
    ("34084-4", SIDE_EFFECTS, "ADVERSE REACTIONS SECTION", "adverse_reactions"),
    ("90374-0", SIDE_EFFECTS, "CLINICAL TRIALS EXPERIENCE SECTION", "clinical_trials_experience"),
    ("90375-7", SIDE_EFFECTS, "POSTMARKETING EXPERIENCE SECTION", "postmarketing_experience"),
    ("42227-9", PRECAUTIONS, "DRUG ABUSE AND DEPENDENCE SECTION", "drug_abuse_and_dependence"),
    ("34085-1", PRECAUTIONS, "CONTROLLED SUBSTANCE SECTION", "controlled_substance"),
    ("34086-9", PRECAUTIONS, "ABUSE SECTION", "abuse"),
    ("34087-7", PRECAUTIONS, "DEPENDENCE SECTION", "dependence"),
    ("34088-5", OVERDOSE, "OVERDOSAGE SECTION", "overdosage"),
    ("43684-0", SPECIAL, "USE IN SPECIFIC POPULATIONS SECTION", "use_in_specific_populations"),
    ("34081-0", SPECIAL, "PEDIATRIC USE SECTION", "pediatric_use"),
    ("34082-8", SPECIAL, "GERIATRIC USE SECTION", "geriatric_use"),
    ("88828-9", SPECIAL, "RENAL IMPAIRMENT SUBSECTION", "renal_impairment"),
    ("88829-7", SPECIAL, "HEPATIC IMPAIRMENT SUBSECTION", "hepatic_impairment"),
    ("42228-7", PREGNANCY, "PREGNANCY SECTION", "pregnancy"),
    ("77290-5", PREGNANCY, "LACTATION SECTION", "lactation"),
    (
        "77291-3",
        PREGNANCY,
        "FEMALES & MALES OF REPRODUCTIVE POTENTIAL SECTION",
        "females_and_males_of_reproductive_potential",
    ),
    ("34077-8", PREGNANCY, "TERATOGENIC EFFECTS SECTION", "teratogenic_effects"),
    ("34078-6", PREGNANCY, "NONTERATOGENIC EFFECTS SECTION", "nonteratogenic_effects"),
    ("34079-4", PREGNANCY, "LABOR & DELIVERY SECTION", "labor_and_delivery"),
    ("34080-2", PREGNANCY, "NURSING MOTHERS SECTION", "nursing_mothers"),
    (
        "53414-9",
        PREGNANCY,
        "OTC - PREGNANCY OR BREAST FEEDING SECTION",
        "pregnancy_or_breast_feeding",
    ),
    ("34069-5", STORAGE, "HOW SUPPLIED SECTION", "how_supplied"),
    ("44425-7", STORAGE, "STORAGE AND HANDLING SECTION", "storage_and_handling"),
    ("34089-3", OVERVIEW, "DESCRIPTION SECTION", "description"),
    ("48780-1", OVERVIEW, "SPL PRODUCT DATA ELEMENTS SECTION", "spl_product_data_elements"),
    ("34090-1", PHARMACOLOGY, "CLINICAL PHARMACOLOGY SECTION", "clinical_pharmacology"),
    ("43679-0", PHARMACOLOGY, "MECHANISM OF ACTION SECTION", "mechanism_of_action"),
    ("43681-6", PHARMACOLOGY, "PHARMACODYNAMICS SECTION", "pharmacodynamics"),
    ("43682-4", PHARMACOLOGY, "PHARMACOKINETICS SECTION", "pharmacokinetics"),
    ("49489-8", PHARMACOLOGY, "MICROBIOLOGY SECTION", "microbiology"),
    ("66106-6", PHARMACOLOGY, "PHARMACOGENOMICS SECTION", "pharmacogenomics"),
    ("88830-5", SIDE_EFFECTS, "IMMUNOGENICITY", "immunogenicity"),
    ("43680-8", PHARMACOLOGY, "NONCLINICAL TOXICOLOGY SECTION", "nonclinical_toxicology"),
    (
        "34083-6",
        PHARMACOLOGY,
        "CARCINOGENESIS & MUTAGENESIS & IMPAIRMENT OF FERTILITY SECTION",
        "carcinogenesis_and_mutagenesis_and_impairment_of_fertility",
    ),
    (
        "34091-9",
        PHARMACOLOGY,
        "ANIMAL PHARMACOLOGY & OR TOXICOLOGY SECTION",
        "animal_pharmacology_and_or_toxicology",
    ),
    ("34092-7", STUDIES, "CLINICAL STUDIES SECTION", "clinical_studies"),
    ("34093-5", STUDIES, "REFERENCES SECTION", "references"),
    ("34076-0", PATIENTS, "INFORMATION FOR PATIENTS SECTION", "information_for_patients"),
    ("42230-3", PATIENTS, "SPL PATIENT PACKAGE INSERT SECTION", "spl_patient_package_insert"),
    ("42231-1", PATIENTS, "SPL MEDGUIDE SECTION", "spl_medguide"),
    (
        "68498-5",
        PATIENTS,
        "PATIENT MEDICATION INFORMATION SECTION",
        "patient_medication_information",
    ),
    ("59845-8", PATIENTS, "INSTRUCTIONS FOR USE SECTION", "instructions_for_use"),
    (
        "51945-4",
        PACKAGE,
        "PACKAGE LABEL.PRINCIPAL DISPLAY PANEL",
        "package_label_principal_display_panel",
    ),
    ("43683-2", HIGHLIGHTS, "RECENT MAJOR CHANGES SECTION", "recent_major_changes"),
    ("71744-7", OTHER, "HEALTH CARE PROVIDER LETTER SECTION", "health_care_provider_letter"),
    ("42229-5", OTHER, "SPL UNCLASSIFIED SECTION", "spl_unclassified_section"),
    ("55106-9", OVERVIEW, "OTC - ACTIVE INGREDIENT SECTION", "active_ingredient"),
    ("55105-1", INDICATIONS, "OTC - PURPOSE SECTION", "purpose"),
    ("50570-1", CONTRAINDICATIONS, "OTC - DO NOT USE SECTION", "do_not_use"),
    ("50569-3", PRECAUTIONS, "OTC - ASK DOCTOR SECTION", "ask_doctor"),
    ("50569-9", PRECAUTIONS, "OTC - ASK DOCTOR SECTION", "ask_doctor"),
    ("50568-5", INTERACTIONS, "OTC - ASK DOCTOR/PHARMACIST SECTION", "ask_doctor_or_pharmacist"),
    ("50567-7", PRECAUTIONS, "OTC - WHEN USING SECTION", "when_using"),
    ("50566-9", SIDE_EFFECTS, "OTC - STOP USE SECTION", "stop_use"),
    (
        "50565-1",
        STORAGE,
        "OTC - KEEP OUT OF REACH OF CHILDREN SECTION",
        "keep_out_of_reach_of_children",
    ),
    ("51727-6", OVERVIEW, "INACTIVE INGREDIENT SECTION", "inactive_ingredient"),
    ("53413-1", PATIENTS, "OTC - QUESTIONS SECTION", "questions"),
    ("60561-8", PRECAUTIONS, "OTHER SAFETY INFORMATION", "other_safety_information"),
    ("50741-8", PRECAUTIONS, "SAFE HANDLING WARNING SECTION", "safe_handling_warning"),
    ("50740-0", OVERVIEW, "GUARANTEED ANALYSIS OF FEED SECTION", "guaranteed_analysis_of_feed"),
    ("50742-6", PRECAUTIONS, "ENVIRONMENTAL WARNING SECTION", "environmental_warning"),
    ("50743-4", STORAGE, "FOOD SAFETY WARNING SECTION", "food_safety_warning"),
    (
        "50744-2",
        PRECAUTIONS,
        "INFORMATION FOR OWNERS/CAREGIVERS SECTION",
        "information_for_owners_or_caregivers",
    ),
    ("50745-9", INDICATIONS, "VETERINARY INDICATIONS SECTION", "veterinary_indications"),
    ("69718-5", OTHER, "STATEMENT OF IDENTITY SECTION", "statement_of_identity"),
    ("69719-3", PRECAUTIONS, "HEALTH CLAIM SECTION", "health_claim"),
];

/// Returns where a section of this code goes; `None` for codes that decide nothing.
pub(super) fn place(code: &str) -> Option<Place> {
    let found = SECTIONS.iter().find(|(known, ..)| *known == code).map(|(_, place, ..)| *place);
    found.filter(|place| *place != OTHER)
}

/// Returns the official name of a code; empty for an unknown one.
pub(super) fn name(code: &str) -> &'static str {
    SECTIONS.iter().find(|(known, ..)| *known == code).map_or("", |(_, _, name, _)| name)
}

/// Returns the place of a code in the order of sections; unknown ones come last.
pub(super) fn rank(code: &str) -> usize {
    SECTIONS.iter().position(|(known, ..)| *known == code).unwrap_or(SECTIONS.len())
}

/// Returns the code of a field of openFDA.
pub(super) fn code_of_field(field: &str) -> Option<&'static str> {
    SECTIONS.iter().find(|(.., known)| *known == field).map(|(code, ..)| *code)
}
