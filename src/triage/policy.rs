//! The policy files: their TOML shape, and how they become concepts, rules and cards.
//!
//! A bad entry is reported with its file and line and left out; the rest stays in force.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;
use toml::Spanned;

use super::RedFlags;
use super::card::RawCards;
use super::expand::expand;
use super::lexicon::Role;
use super::rule::{Combination, Pattern, Rule, Triggers};
use super::spelling::hash;
use crate::knowledge::{Code, Problem, Severity};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawPolicy {
    source: BTreeMap<String, RawSource>,
    category: Vec<RawCategory>,
    concept: BTreeMap<String, Spanned<toml::Value>>,
    rule: Vec<Spanned<toml::Value>>,
    spelling: RawSpelling,
    characters: RawCharacters,
    pinyin: BTreeMap<String, String>,
    numbers: BTreeMap<String, f64>,
    region: BTreeMap<String, super::card::RawRegion>,
    card: BTreeMap<String, super::card::RawCard>,
    opinion: Option<super::opinion::RawOpinion>,
    adverse_event: Vec<Spanned<RawReport>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSource {
    title: String,
    #[serde(default)]
    url: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCategory {
    id: String,
    card: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConcept {
    #[serde(default)]
    role: Role,
    #[serde(default)]
    en: Vec<String>,
    #[serde(default)]
    zh: Vec<String>,
    /// Ranges of numbers that count as this concept.
    #[serde(default)]
    number: Vec<[f64; 2]>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: String,
    category: String,
    level: u8,
    #[serde(default)]
    firm: bool,
    #[serde(default)]
    plain: bool,
    when: Vec<String>,
    source: String,
}

/// What makes a message a report of a side effect.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReport {
    when: Vec<String>,
    source: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawSpelling {
    rewrite: BTreeMap<String, String>,
    protected: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawCharacters {
    /// Pairs of characters, apart by spaces: from, to.
    han: String,
    letters: String,
}

/// A policy file being read, with the means to report problems in it.
struct File<'a> {
    path: &'a str,
    text: &'a str,
    policy: RawPolicy,
    concepts: Vec<(String, usize, RawConcept)>,
    rules: Vec<(usize, RawRule)>,
}

impl<'a> File<'a> {
    /// Takes the entries of `policy` one by one, so that a bad one costs only itself.
    fn new(
        path: &'a str,
        text: &'a str,
        mut policy: RawPolicy,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let concepts = std::mem::take(&mut policy.concept);
        let rules = std::mem::take(&mut policy.rule);
        let mut file = Self { path, text, policy, concepts: Vec::new(), rules: Vec::new() };
        for (name, spanned) in concepts {
            let at = spanned.span().start;
            match RawConcept::deserialize(spanned.into_inner()) {
                Ok(concept) => file.concepts.push((name, at, concept)),
                Err(error) => problems.push(file.problem(
                    Code::EmergencyPolicy,
                    Severity::Error,
                    Some(at),
                    format!("concept \"{name}\" is left out: {}", error.message()),
                    "a concept has role, en, zh and number",
                )),
            }
        }
        for spanned in rules {
            let at = spanned.span().start;
            match RawRule::deserialize(spanned.into_inner()) {
                Ok(rule) => file.rules.push((at, rule)),
                Err(error) => problems.push(file.problem(
                    Code::EmergencyPolicy,
                    Severity::Error,
                    Some(at),
                    format!("a rule is left out: {}", error.message()),
                    "a rule has id, category, level, when and source",
                )),
            }
        }
        file
    }

    fn problem(
        &self,
        code: Code,
        severity: Severity,
        at: Option<usize>,
        message: String,
        hint: &str,
    ) -> Problem {
        let line = at.map_or(0, |at| line_of(self.text, at));
        Problem { severity, ..Problem::error(code, self.path, line, message, hint) }
    }
}

/// Reads and compiles the policy.
pub(super) fn parse(files: &[(&str, &str)]) -> (RedFlags, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut read = Vec::new();
    for (path, text) in files {
        match toml::from_str::<RawPolicy>(text) {
            Ok(policy) => read.push(File::new(path, text, policy, &mut problems)),
            Err(error) => problems.push(Problem::error(
                Code::EmergencyPolicy,
                path,
                error.span().map_or(0, |span| line_of(text, span.start)),
                format!("the file cannot be read: {}", error.message()),
                "the other policy files stay in force; mend this one",
            )),
        }
    }
    let texts = files.iter().flat_map(|(path, text)| [path.as_bytes(), text.as_bytes()]);
    let edition = texts.fold(1, |edition: u64, text| edition.rotate_left(5) ^ hash(text)).max(1);
    let mut red_flags = RedFlags { edition, ..RedFlags::default() };
    read_spelling(&read, &mut red_flags);
    read_concepts(&read, &mut red_flags, &mut problems);
    read_rules(&read, &mut red_flags, &mut problems);
    read_reports(&read, &mut red_flags, &mut problems);
    read_opinion(&read, &mut red_flags, &mut problems);
    let cards = read.iter().map(|file| RawCards {
        path: file.path,
        regions: &file.policy.region,
        cards: &file.policy.card,
    });
    red_flags.cards = super::card::Cards::read(cards, &red_flags.categories, &mut problems);
    red_flags.rules.sort_by_key(|rule| std::cmp::Reverse(rule.level));
    red_flags.triggers = Triggers::new(&red_flags.rules, red_flags.lexicon.len());
    if red_flags.rules.is_empty() {
        problems.push(Problem::error(
            Code::EmergencyPolicy,
            files.first().map_or("", |(path, _)| path),
            0,
            "there is no emergency rule at all",
            "emergencies would go unseen: restore the policy files",
        ));
    }
    (red_flags, problems)
}

fn read_spelling(files: &[File<'_>], red_flags: &mut RedFlags) {
    let spelling = &mut red_flags.spelling;
    for file in files {
        let characters = &file.policy.characters;
        for pair in characters.han.split_whitespace().chain(characters.letters.split_whitespace()) {
            let mut both = pair.chars();
            if let (Some(from), Some(to)) = (both.next(), both.next()) {
                spelling.add_character(from, to);
            }
        }
        for (from, to) in &file.policy.spelling.rewrite {
            spelling.add_rewrite(from, to);
        }
        for word in file.policy.spelling.protected.iter().flat_map(|line| line.split_whitespace()) {
            spelling.protect(word);
        }
        for (word, value) in &file.policy.numbers {
            red_flags.lexicon.add_number_word(&super::token::stem(word), *value);
        }
    }
}

fn read_concepts(files: &[File<'_>], red_flags: &mut RedFlags, problems: &mut Vec<Problem>) {
    for file in files {
        for (name, _, raw) in &file.concepts {
            red_flags.lexicon.declare(name, raw.role);
        }
    }
    for file in files {
        for (syllable, characters) in &file.policy.pinyin {
            red_flags.pinyin.add_syllable(syllable, characters);
        }
    }
    for file in files {
        for (name, at, raw) in &file.concepts {
            let concept = red_flags.lexicon.declare(name, raw.role);
            for phrase in raw.en.iter().chain(&raw.zh) {
                red_flags.spelling.learn(phrase);
                if let Err(why) = red_flags.lexicon.add_phrase(concept, phrase, &red_flags.spelling)
                {
                    problems.push(file.problem(
                        Code::NeverFires,
                        Severity::Error,
                        Some(*at),
                        format!("phrase \"{phrase}\" of concept \"{name}\" is left out: {why}"),
                        "phrases are words, (a|b) alternatives and * gaps",
                    ));
                }
            }
            for phrase in raw.zh.iter().filter_map(|phrase| expand(phrase).ok()).flatten() {
                red_flags.pinyin.add_phrase(&phrase);
            }
            for [low, high] in &raw.number {
                red_flags.lexicon.add_range(concept, *low, *high);
            }
            if raw.en.is_empty() && raw.zh.is_empty() && raw.number.is_empty() {
                problems.push(file.problem(
                    Code::NeverFires,
                    Severity::Error,
                    Some(*at),
                    format!("concept \"{name}\" has no phrase, so rules using it never fire"),
                    "add phrases under en and zh",
                ));
            }
        }
    }
}

#[expect(clippy::too_many_lines, reason = "one fault after the other")]
fn read_rules(files: &[File<'_>], red_flags: &mut RedFlags, problems: &mut Vec<Problem>) {
    let sources = sources(files);
    for category in files.iter().flat_map(|file| &file.policy.category) {
        red_flags.categories.push((category.id.clone(), category.card.clone()));
    }
    let mut ids = HashSet::new();
    let mut meanings: HashMap<Combination, (String, u8)> = HashMap::new();
    for file in files {
        for (at, raw) in &file.rules {
            let mut report = |code, severity, message: String, hint: &str| {
                problems.push(file.problem(code, severity, Some(*at), message, hint));
            };
            let id = &raw.id;
            if !ids.insert(id.clone()) {
                report(
                    Code::RulesClash,
                    Severity::Error,
                    format!("two rules are called \"{id}\""),
                    "rename one",
                );
            }
            if !sources.contains(raw.source.as_str()) {
                report(
                    Code::NoSource,
                    Severity::Error,
                    format!("rule \"{id}\" has no known source \"{}\"", raw.source),
                    "every rule names a [source.…] with a title",
                );
            }
            if !(1..=3).contains(&raw.level) {
                report(
                    Code::EmergencyPolicy,
                    Severity::Error,
                    format!("rule \"{id}\" has no level 1, 2 or 3"),
                    "3 shows the emergency card, 2 calls a person, 1 adds a line",
                );
                continue;
            }
            let Some(category) = red_flags.categories.iter().position(|(c, _)| *c == raw.category)
            else {
                report(
                    Code::EmergencyPolicy,
                    Severity::Error,
                    format!("rule \"{id}\" has the unknown category \"{}\"", raw.category),
                    "categories are listed as [[category]]",
                );
                continue;
            };
            let mut patterns = Vec::new();
            for text in &raw.when {
                let pattern = match Pattern::parse(text, &red_flags.lexicon) {
                    Ok(pattern) => pattern,
                    Err(why) => {
                        let message = format!("rule \"{id}\" can never fire by \"{text}\": {why}");
                        report(
                            Code::NeverFires,
                            Severity::Error,
                            message,
                            "the pattern is left out",
                        );
                        continue;
                    }
                };
                if let Some(why) = pattern.contradiction(raw.plain, &red_flags.lexicon) {
                    let message = format!("rule \"{id}\" can never fire by \"{text}\": {why}");
                    report(
                        Code::NeverFires,
                        Severity::Error,
                        message,
                        "mend or remove the pattern",
                    );
                }
                let mut told = HashSet::new();
                for combination in pattern.combinations() {
                    let before = meanings.insert(combination, (id.clone(), raw.level));
                    let Some((other, other_level)) = before.filter(|(other, _)| other != id) else {
                        continue;
                    };
                    if told.insert(other.clone()) {
                        let is_clash = other_level != raw.level;
                        let severity = if is_clash { Severity::Error } else { Severity::Warning };
                        let message =
                            format!("rules \"{other}\" and \"{id}\" both have \"{text}\"");
                        report(
                            Code::RulesClash,
                            severity,
                            message,
                            "keep one; when levels differ the higher one counts",
                        );
                    }
                }
                patterns.push(pattern);
            }
            if patterns.is_empty() {
                report(
                    Code::NeverFires,
                    Severity::Error,
                    format!("rule \"{id}\" can never fire"),
                    "add patterns",
                );
                continue;
            }
            red_flags.rules.push(Rule {
                id: id.clone(),
                category,
                level: raw.level,
                is_firm: raw.firm,
                is_plain: raw.plain,
                patterns,
            });
        }
    }
}

/// Returns the keys of the sources that say what they are.
fn sources<'a>(files: &'a [File<'_>]) -> HashSet<&'a str> {
    files
        .iter()
        .flat_map(|file| &file.policy.source)
        .filter(|(_, source)| !source.title.trim().is_empty() && !source.url.contains(' '))
        .map(|(key, _)| key.as_str())
        .collect()
}

fn read_reports(files: &[File<'_>], red_flags: &mut RedFlags, problems: &mut Vec<Problem>) {
    let sources = sources(files);
    for file in files {
        for spanned in &file.policy.adverse_event {
            let raw = spanned.get_ref();
            let mut report = |code, message: String, hint: &str| {
                let at = Some(spanned.span().start);
                problems.push(file.problem(code, Severity::Error, at, message, hint));
            };
            if !sources.contains(raw.source.as_str()) {
                let message = format!("adverse_event has no known source \"{}\"", raw.source);
                report(Code::NoSource, message, "name a [source.…] with a title");
            }
            for text in &raw.when {
                match Pattern::parse(text, &red_flags.lexicon) {
                    Ok(pattern) => red_flags.side_effects.push(pattern),
                    Err(why) => report(
                        Code::NeverFires,
                        format!("adverse_event can never be met by \"{text}\": {why}"),
                        "the pattern is left out",
                    ),
                }
            }
        }
    }
}

fn read_opinion(files: &[File<'_>], red_flags: &mut RedFlags, problems: &mut Vec<Problem>) {
    for file in files {
        let Some(raw) = &file.policy.opinion else { continue };
        match super::opinion::Opinion::read(raw, &red_flags.lexicon) {
            Ok(opinion) => red_flags.opinion = opinion,
            Err(why) => problems.push(file.problem(
                Code::EmergencyPolicy,
                Severity::Error,
                None,
                format!("the second opinion is left out: {why}"),
                "make it anew: eider eval --triage --train",
            )),
        }
    }
}

fn line_of(text: &str, at: usize) -> u32 {
    let before = text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count();
    u32::try_from(before + 1).unwrap_or(u32::MAX)
}
