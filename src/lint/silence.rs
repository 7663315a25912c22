//! What editors have silenced in `policy/check.toml`.

use crate::knowledge::{Code, Knowledge, Problem, Severity, Silence};

const FILE: &str = "policy/check.toml";

/// Takes out what is silenced, and reports silences that silence nothing; returns how many
/// problems were taken out.
pub(super) fn apply(knowledge: &Knowledge, problems: &mut Vec<Problem>) -> usize {
    let silences = &knowledge.policy.silences;
    let mut used = vec![false; silences.len()];
    let before = problems.len();
    problems.retain(|problem| {
        let is_meant = |silence: &Silence| {
            silence.code == problem.code && covers(&silence.path, &problem.path)
        };
        let Some(at) = silences.iter().position(is_meant) else { return true };
        used[at] = true;
        problem.severity == Severity::Error
    });
    let hidden = before - problems.len();
    let idle = silences.iter().zip(used).filter(|(_, used)| !used);
    problems.extend(idle.map(|(silence, _)| {
        let message = format!("{} is not found in {}", silence.code.id(), silence.path);
        let hint = "remove the entry, so that it cannot hide a new finding";
        Problem::warning(Code::IdleSilence, FILE, silence.line, message, hint).as_note()
    }));
    hidden
}

fn covers(silenced: &str, path: &str) -> bool {
    silenced == path || silenced.ends_with('/') && path.starts_with(silenced)
}
