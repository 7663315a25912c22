//! Reads rules of care out of a passage. Reading is cautious: a sentence that could mean two things
//! says nothing.

use super::words::{self, Matter};
use super::{Force, Recovered, Says};
use crate::consult::Markets;
use crate::consult::conflict::sentences::{Sentence, sentences};
use crate::consult::numbers;

/// A rule as it was read.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) matter: Matter,
    pub(super) says: Says,
    /// The words that name the matter, as they are written.
    pub(super) about: String,
    /// The words that make the rule, as they are written.
    pub(super) written: String,
    pub(super) markets: Markets,
}

/// A sentence with the matters that it and its heading name.
struct Clause<'a> {
    sentence: &'a Sentence<'a>,
    heading: &'a str,
    matters: Vec<(Matter, (usize, usize))>,
}

/// Reads the rules of a passage.
pub(super) fn rules(passage: &str, heading: &str) -> Vec<Found> {
    let mut rules = Vec::new();
    for sentence in &sentences(passage, heading) {
        let matters = words::matters(&sentence.lower);
        let clause = Clause { sentence, heading, matters };
        clause.visits(&mut rules);
        clause.weekly(&mut rules);
        rules.extend(clause.force());
        rules.extend(clause.interrupts());
        rules.extend(clause.until());
        rules.extend(clause.cycles());
        clause.lasts(&mut rules);
        rules.extend(clause.contraindications());
    }
    rules
}

impl Clause<'_> {
    fn lower(&self) -> &str {
        &self.sentence.lower
    }

    /// Returns a rule on `matter`, whose words stand at `range`.
    fn found(&self, matter: Matter, says: Says, range: (usize, usize)) -> Found {
        let own = self.matters.iter().find(|(named, _)| *named == matter);
        let about = match own {
            Some((_, (start, end))) => &self.sentence.text[*start..*end],
            None => self.heading,
        };
        let written = self.sentence.text[range.0..range.1].split_whitespace().collect::<Vec<_>>();
        Found {
            matter,
            says,
            about: about.to_owned(),
            written: written.join(" "),
            markets: self.sentence.markets,
        }
    }

    /// Returns the matter that words at `at` are about: the one named last before them, else the
    /// first one of the sentence, else the heading's.
    fn matter_at(&self, at: usize) -> Option<Matter> {
        let before = self.matters.iter().rev().find(|(_, (_, end))| *end <= at);
        let named = before.or(self.matters.first()).map(|(matter, _)| *matter);
        named.or_else(|| self.heading_matter())
    }

    fn heading_matter(&self) -> Option<Matter> {
        let named = words::matters(&self.heading.to_ascii_lowercase());
        named.first().map(|(matter, _)| *matter)
    }

    fn names(&self, matter: Matter) -> bool {
        self.matters.iter().any(|(named, _)| *named == matter)
    }

    /// 'liver tests before each dose'
    fn visits(&self, rules: &mut Vec<Found>) {
        // A time at which treatment may go on is none at which something is done.
        if self.lower().contains("until") {
            return;
        }
        let mut taken: Vec<(usize, usize)> = Vec::new();
        for (phrase, set) in words::VISITS {
            for start in words::places(self.lower(), phrase) {
                let range = (start, start + phrase.len());
                let is_new = !taken.iter().any(|&(from, to)| from < range.1 && range.0 < to);
                let test = self.matter_at(start).filter(|matter| matter.is_test());
                if let Some(matter) = test.filter(|_| is_new) {
                    taken.push(range);
                    rules.push(self.found(matter, Says::Visits(*set), range));
                }
            }
        }
    }

    /// 'liver tests weekly during treatment'
    fn weekly(&self, rules: &mut Vec<Found>) {
        for word in words::WEEKLY {
            for start in words::places(self.lower(), word) {
                let test = self.matter_at(start).filter(|matter| matter.is_test());
                let stretches = words::set(&self.lower()[start..], words::STRETCHES);
                if let Some(matter) = test.filter(|_| stretches != 0) {
                    let end = self.lower().trim_end_matches(['.', ';']).len();
                    rules.push(self.found(matter, Says::Weekly(stretches), (start, end)));
                }
            }
        }
    }

    /// 'premedication is recommended'
    fn force(&self) -> Option<Found> {
        let (matter, _) = *self.matters.first()?;
        let is_measure = matches!(matter, Matter::Premedication | Matter::Contraception);
        let negated = [" not ", " never ", " no "].iter().any(|word| self.lower().contains(word));
        if !is_measure || negated {
            return None;
        }
        let find = |phrases: &[&str]| {
            let places = |phrase: &&str| {
                let start = words::places(self.lower(), phrase).next()?;
                Some((start, start + phrase.len()))
            };
            phrases.iter().find_map(places)
        };
        let (force, range) = match (find(words::REQUIRED), find(words::ADVISED)) {
            (Some(range), None) => (Force::Required, range),
            (None, Some(range)) => (Force::Advised, range),
            _ => return None,
        };
        Some(self.found(matter, Says::Force(force), range))
    }

    /// 'low counts do not interrupt treatment'
    fn interrupts(&self) -> Option<Found> {
        let is_low =
            self.names(Matter::LowCounts) || self.heading_matter() == Some(Matter::LowCounts);
        let verb = self.lower().find("interrupt").filter(|_| is_low)?;
        let end = self.lower()[verb..]
            .find([' ', ',', '.', ';'])
            .map_or(self.lower().len(), |at| verb + at);
        // The negation stands within a few words before the verb: 'do not need to be interrupted'.
        let before = word_starts(&self.lower()[..verb]);
        let nearest = before.iter().rev().take(NEGATION_REACH);
        let negation = nearest.copied().find(|&at| {
            ["not ", "never ", "without "].iter().any(|word| self.lower()[at..].starts_with(word))
        });
        let first = match negation {
            Some(at) => before.iter().rev().copied().find(|&start| start < at).unwrap_or(at),
            None => before.last().copied().unwrap_or(verb),
        };
        Some(self.found(Matter::LowCounts, Says::Interrupts(negation.is_none()), (first, end)))
    }

    /// 'paused until liver values are normal'
    fn until(&self) -> Option<Found> {
        let start = words::places(self.lower(), "until").next()?;
        let rest = &self.lower()[start..];
        let end = rest.find([',', ';']).unwrap_or(rest.trim_end_matches('.').len());
        let goal = &rest[..end];
        let recovered = if goal.contains("uln") || goal.contains("upper limit") {
            Recovered::Limit
        } else if words::holds_any(goal, &["normal"]) {
            Recovered::Normal
        } else {
            return None;
        };
        let named = words::matters(goal).first().map(|(matter, _)| *matter);
        let matter = named.or_else(|| self.matter_at(start)).filter(|matter| matter.is_test())?;
        Some(self.found(matter, Says::Until(recovered), (start, start + end)))
    }

    /// 'If no transplant is planned: up to 6 cycles'
    fn cycles(&self) -> Option<Found> {
        if self.heading_matter() != Some(Matter::Cycles) {
            return None;
        }
        let (number, range) = numbers::cycles(self.sentence.text)?;
        // 'within 3 cycles' is a time.
        let before = self.lower()[..range.0].trim_end();
        if ["after", "within", "first", "every"].iter().any(|word| before.ends_with(word)) {
            return None;
        }
        let has_condition =
            words::holds_any(&self.lower()[..range.0], &["if", "when", "unless", "for patients"]);
        Some(self.found(Matter::Cycles, Says::Number { number, has_condition }, range))
    }

    /// 'contraception for at least 8 months'
    fn lasts(&self, rules: &mut Vec<Found>) {
        if !self.names(Matter::Contraception) {
            return;
        }
        let sexes = words::set(self.lower(), words::SEXES);
        let vague = words::VAGUE.iter().find_map(|phrase| {
            let start = words::places(self.lower(), phrase).next()?;
            Some((start, start + phrase.len()))
        });
        let (has_number, range) = match (vague, numbers::duration(self.sentence.text)) {
            (Some(range), None) => (false, range),
            (None, Some(range)) => (true, range),
            _ => return,
        };
        // Women and men are two matters, so that their numbers are not compared with each other.
        let each = [1, 2].into_iter().filter(|sex| sexes & sex != 0);
        let none = (sexes == 0).then_some(0);
        for sexes in each.chain(none) {
            let says = Says::Lasts { has_number, sexes };
            rules.push(self.found(Matter::Contraception, says, range));
        }
    }

    /// 'no contraindication is listed'
    fn contraindications(&self) -> Option<Found> {
        let mut named =
            self.matters.iter().filter(|(matter, _)| *matter == Matter::Contraindications);
        let (_, (start, end)) = *named.next()?;
        let first = word_starts(&self.lower()[..start]).last().copied()?;
        let word = self.lower()[first..start].trim();
        let in_words =
            words::NUMBERS.iter().find(|(name, _)| *name == word).map(|(_, number)| *number);
        let number = in_words.or_else(|| word.parse().ok())?;
        let says = Says::Number { number, has_condition: false };
        Some(self.found(Matter::Contraindications, says, (first, end)))
    }
}

/// Words between a negation and its verb, at most.
const NEGATION_REACH: usize = 4;

/// Returns where the words of a text begin.
fn word_starts(text: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut in_word = false;
    for (at, c) in text.char_indices() {
        if !c.is_whitespace() && !in_word {
            starts.push(at);
        }
        in_word = !c.is_whitespace();
    }
    starts
}
