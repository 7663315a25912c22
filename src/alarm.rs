//! The emergency policy of one generation, ready to judge: `triage`'s rules and every drug's
//! warning symptoms, and the alarm (verdict and card) that a message raises.

use crate::id::DrugId;
use crate::knowledge::{File, Knowledge, Problem};
use crate::text::Lang;
use crate::triage::eval::{Case, Report, evaluate};
use crate::triage::{self, Card, Context, DrugWarning, RedFlags, Verdict, Warnings};
pub use crate::triage::{Call, Heard};

/// Everything that emergencies are recognised by.
#[derive(Debug, Default)]
pub struct Watch {
    red_flags: RedFlags,
    warnings: Warnings,
}

/// A verdict with the card that goes with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alarm {
    /// How urgent, and why.
    pub verdict: Verdict,
    /// What to show at once.
    pub card: Option<Card>,
    /// Whether the message reports a side effect; it changes no level.
    pub reports_side_effect: bool,
}

impl Alarm {
    /// Returns whether nothing but the card may be shown.
    pub fn interrupts(&self) -> bool {
        self.verdict.level >= 3
    }

    /// Returns whether it goes before everything else: a card is shown and a person offered.
    pub fn is_priority(&self) -> bool {
        self.verdict.level >= 2
    }

    /// Returns whether the card goes before everything else.
    pub fn is_emergency(&self) -> bool {
        self.verdict.level == 3
    }
}

impl Watch {
    /// Compiles the emergency policy among `files` and the warning symptoms of all drugs.
    pub fn new(files: &[File], knowledge: &Knowledge) -> (Self, Vec<Problem>) {
        let policy: Vec<(&str, &str)> = files
            .iter()
            .filter(|file| is_policy(&file.path))
            .map(|file| (file.path.as_str(), file.text.as_str()))
            .collect();
        let (red_flags, mut problems) = RedFlags::parse(&policy);
        for problem in problems.iter_mut().filter(|problem| problem.path.is_empty()) {
            "policy/red-flags.toml".clone_into(&mut problem.path);
        }
        let symptoms = knowledge.drugs.iter().flat_map(|drug| {
            drug.warning_symptoms.iter().map(|symptom| DrugWarning {
                drug: drug.id.to_string(),
                id: symptom.id.clone(),
                phrases: symptom.phrases.iter().flat_map(|(_, words)| words).cloned().collect(),
            })
        });
        let warnings = Warnings::compile(&red_flags, symptoms);
        (Self { red_flags, warnings }, problems)
    }

    /// Judges an evaluation set, nothing being known of any drug.
    pub fn evaluate(&self, cases: &[Case]) -> Report {
        let context = Context { drugs: &[], warnings: &self.warnings };
        evaluate(&self.red_flags, &context, cases)
    }

    /// Trains the second opinion on `cases` and returns the policy file that holds it.
    pub fn train(&self, cases: &[Case]) -> String {
        triage::train_opinion(&self.red_flags, cases)
    }

    /// Reads a message, to be judged now and together with later ones.
    pub fn hear(&self, text: &str) -> Heard {
        self.red_flags.hear(text)
    }

    /// Returns whom to call in an emergency in `region`, in the language `lang`.
    pub fn numbers(&self, region: &str, lang: Lang) -> Vec<Call> {
        let lang = match lang {
            Lang::En => triage::Lang::En,
            Lang::Zh => triage::Lang::Zh,
        };
        self.red_flags.numbers(region, lang)
    }

    /// Judges `newest` together with `earlier` (the same visitor's messages of the last ten
    /// minutes, oldest first) for somebody whose session is about `drugs`.
    pub fn judge<'a>(
        &self,
        earlier: impl IntoIterator<Item = &'a Heard>,
        newest: &'a Heard,
        drugs: &[DrugId],
        region: Option<&str>,
        lang: Lang,
    ) -> Alarm {
        let drugs: Vec<String> = drugs.iter().map(ToString::to_string).collect();
        let context = Context { drugs: &drugs, warnings: &self.warnings };
        let messages: Vec<&Heard> = earlier.into_iter().chain([newest]).collect();
        let verdict = triage::judge(&self.red_flags, &context, &messages);
        let lang = match lang {
            Lang::En => triage::Lang::En,
            Lang::Zh => triage::Lang::Zh,
        };
        let card = self.red_flags.card(&verdict, region, lang);
        let reports_side_effect = triage::reports_side_effect(&self.red_flags, newest);
        Alarm { verdict, card, reports_side_effect }
    }
}

/// Returns whether a file of the knowledge base belongs to the emergency policy.
fn is_policy(path: &str) -> bool {
    ["policy/red-flags", "policy/emergency-"].iter().any(|start| path.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The product's own policy.
    fn watch() -> Watch {
        let policy = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge");
        let (files, _) = crate::library::read(&policy).unwrap();
        let (knowledge, _) = Knowledge::parse(&files);
        let (watch, problems) = Watch::new(&files, &knowledge);
        assert_eq!(problems, []);
        watch
    }

    #[test]
    fn whatever_is_a_priority_has_a_card_of_at_most_sixty_words() {
        let watch = watch();
        let drugs = [DrugId::from("inotuzumab-ozogamicin")];
        let messages = [
            "my eyes turned yellow this morning",
            "my eyes are yellow, I gained 5 kg in a week and my belly is swollen and hurts",
            "crushing chest pain and a cold sweat",
            "I want to die",
            "胸口像压了块石头，出冷汗",
            "我不想活了",
        ];
        for message in messages {
            for (region, lang) in [(None, Lang::En), (Some("US"), Lang::En), (Some("CN"), Lang::Zh)]
            {
                let alarm = watch.judge(&[], &watch.hear(message), &drugs, region, lang);
                assert!(alarm.is_priority(), "{message}: {:?}", alarm.verdict);
                let card = alarm.card.expect(message);
                let words: usize = card
                    .steps
                    .iter()
                    .chain([&card.text])
                    .map(|text| text.split_whitespace().count())
                    .sum();
                assert!(words <= 60, "{message}: {words} words");
                assert!(
                    region.is_none() || !card.calls.is_empty(),
                    "{message}: numbers for {region:?}"
                );
            }
        }
    }

    #[test]
    fn questions_about_tablets_are_no_emergencies() {
        let watch = watch();
        let messages = [
            "my son can't swallow the emflaza tablets, can they be crushed?",
            "孩子吞不下药片怎么办",
            "What are the side effects of Besponsa?",
            "Does Besponsa cause jaundice?",
        ];
        for message in messages {
            let drugs = [DrugId::from("deflazacort")];
            let alarm = watch.judge(&[], &watch.hear(message), &drugs, None, Lang::En);
            assert!(alarm.verdict.level < 2, "{message}: {:?}", alarm.verdict);
        }
    }
}
