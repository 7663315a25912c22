//! Recognises reports of side effects: somebody tells of a complaint they have put down to a
//! medicine, or have while on one. It is beside the levels and changes none of them.

use std::ops::ControlFlow;

use super::RedFlags;
use super::frame::{Frames, Reading};
use super::heard::Heard;
use super::lexicon::Occurrence;

/// Returns whether `message` reports a side effect that somebody has or had.
pub fn reports_side_effect(red_flags: &RedFlags, message: &Heard) -> bool {
    let again = red_flags.hear_again(message);
    let message = again.as_deref().unwrap_or(message);
    [Some(&message.plain), message.chinese.as_deref()].into_iter().flatten().any(|said| {
        let is_found = |concept| said.found.all.iter().any(|found| found.concept() == concept);
        if !red_flags.side_effects.iter().any(|pattern| pattern.may_be_met(is_found)) {
            return false;
        }
        let reading = Reading::new(&red_flags.lexicon, said, 0);
        !reading.is_study()
            && red_flags.side_effects.iter().any(|pattern| {
                let told = |chosen: &[Occurrence]| {
                    if is_told(&reading, chosen) {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                };
                pattern.find(&reading, &mut { told }).is_break()
            })
    })
}

/// Returns whether what was found is told of somebody, rather than asked, supposed or quoted.
fn is_told(reading: &Reading, chosen: &[Occurrence]) -> bool {
    let frames: Vec<Frames> = chosen.iter().map(|found| reading.frames_at(found)).collect();
    let any = |mark: fn(&Frames) -> bool| frames.iter().any(mark);
    let is_live = any(|frames| frames.now || frames.person);
    // Chinese leaves the subject out: what asks nothing is told of somebody, too.
    let is_of_somebody = is_live || any(|frames| frames.pronoun || !frames.is_question());
    let is_only_asked = any(|frames| frames.ask || frames.document) && !is_live;
    is_of_somebody && !is_only_asked && !any(|frames| frames.supposed || frames.study)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::tests::red_flags;

    fn is_report(message: &str) -> bool {
        reports_side_effect(red_flags(), &red_flags().hear(message))
    }

    #[test]
    fn what_somebody_has_from_a_medicine_is_a_report() {
        for message in [
            "since my second infusion my gums bleed a little",
            "after the first tablet I felt dizzy for an hour",
            "these tablets make my mouth dry",
            "I think the injection made my arm swell up",
            "Had my second cycle last week and now I am so tired",
            "my son got a rash after the antibiotic",
            "吃了之后起疹子",
            "打完第二针以后一直恶心",
            "吃这个药总是犯困",
            "我妈用药后手抖",
            "开始吃药第三天就拉肚子",
            "化疗后掉头发好多",
            "jin tian chi le yao zhi hou tou yun",
        ] {
            assert!(is_report(message), "{message}");
        }
    }

    #[test]
    fn what_is_asked_supposed_read_or_denied_is_none() {
        for message in [
            "does it cause a rash",
            "what are the side effects of this medicine",
            "is nausea common after the infusion",
            "if I get a rash after taking it what should I do",
            "how long after the infusion can I drive",
            "no side effects so far, feeling fine",
            "I have a headache, can I take paracetamol",
            "nursing students: list reactions after infusion",
            "can i take it after food",
            "吃了会起疹子吗",
            "说明书里写吃药后会头晕吗",
            "吃药后没有不舒服",
            "万一吃完起疹子怎么办",
            "这个药饭后吃吗",
        ] {
            assert!(!is_report(message), "{message}");
        }
    }
}
