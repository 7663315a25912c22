//! Conflicts as `eider check` lists them: both places, both values, and what to do about it.

use super::{Conflict, Conflicts, Statement};
use crate::knowledge::{Acknowledged, Code, Knowledge, Problem};

/// The file in which editors acknowledge conflicts.
const FILE: &str = "policy/conflicts.toml";

impl Conflicts {
    /// Returns a warning for every conflict that no editor has acknowledged, and one for every
    /// acknowledgement without a conflict.
    pub fn problems(&self, knowledge: &Knowledge) -> Vec<Problem> {
        let known = &knowledge.policy.acknowledged;
        let open = self.iter().filter(|conflict| !known.iter().any(|one| conflict.is(one)));
        let stale = known.iter().filter(|one| !self.iter().any(|conflict| conflict.is(one)));
        let open = open.map(|conflict| warning(conflict, knowledge));
        open.chain(stale.map(stale_warning)).collect()
    }

    /// Returns how many conflicts there are, and how many of them are acknowledged.
    pub fn counts(&self, knowledge: &Knowledge) -> (usize, usize) {
        let known = &knowledge.policy.acknowledged;
        let acknowledged = self.iter().filter(|conflict| known.iter().any(|one| conflict.is(one)));
        (self.all.len(), acknowledged.count())
    }
}

impl Conflict {
    /// Returns whether an editor has acknowledged this conflict with exactly these values.
    fn is(&self, acknowledged: &Acknowledged) -> bool {
        let mut values = acknowledged.values.clone();
        values.sort();
        acknowledged.drug == self.drug
            && acknowledged.about == self.about
            && self.values().into_iter().eq(values)
    }

    /// Returns the different values, sorted.
    fn values(&self) -> Vec<String> {
        let mut values: Vec<String> =
            self.statements.iter().map(|statement| statement.value.clone()).collect();
        values.sort();
        values.dedup();
        values
    }
}

fn warning(conflict: &Conflict, knowledge: &Knowledge) -> Problem {
    let place = |statement: &Statement| {
        let article = &knowledge.articles[statement.article];
        (format!("{}.md", article.id), line(statement, knowledge))
    };
    let said: Vec<String> = conflict
        .statements
        .iter()
        .map(|statement| {
            let (path, line) = place(statement);
            format!("\n    \"{}\" in {path}:{line}", statement.value)
        })
        .collect();
    let (path, line) = place(&conflict.statements[0]);
    let message = format!("sources disagree on \"{}\":{}", conflict.about, said.concat());
    let values: Vec<String> = conflict.values().iter().map(|value| format!("{value:?}")).collect();
    let hint = format!(
        "correct what is wrong; if the sources do disagree, acknowledge it in {FILE} with drug = \
         \"{}\", about = {:?}, values = [{}] and a reason",
        conflict.drug,
        conflict.about,
        values.join(", ")
    );
    Problem::warning(Code::Conflict, &path, line, message, hint)
}

/// Returns the line of the article's file in which a statement stands.
fn line(statement: &Statement, knowledge: &Knowledge) -> u32 {
    let article = &knowledge.articles[statement.article];
    let span = article.passages[statement.passage].span();
    let inside = article.text[span.clone()].find(&statement.value).unwrap_or(0);
    let before = &article.text[..span.start + inside];
    u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX)
}

fn stale_warning(acknowledged: &Acknowledged) -> Problem {
    Problem::warning(
        Code::NoSuchConflict,
        FILE,
        acknowledged.line,
        format!(
            "no such conflict on {}: \"{}\" with {}",
            acknowledged.drug,
            acknowledged.about,
            acknowledged.values.join(" / ")
        ),
        "the articles have changed: remove the entry, or take over what `eider check` lists now",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::{File, Severity};

    /// Returns what is reported, given the text of the acknowledgements.
    fn reported(acknowledged: &str) -> Vec<String> {
        let article = |name: &str, body: &str| File {
            path: format!("drugs/testomab/{name}.md"),
            text: format!(
                "---\ntitle: Dose of testomab\ndrug: testomab\nlang: en\nsource: {name} paper\n\
                 published: 2026-01-01\nreviewed: 2026-01-01\naudience: public\nstatus: published\n\
                 rank: article\n---\nAn introduction.\n\n{body}\n"
            ),
        };
        let drug = "name = \"testomab\"\nclass = \"antibody\"\ncategory = \"antitumor\"\n";
        let files = [
            File { path: "drugs/testomab/drug.toml".to_owned(), text: drug.to_owned() },
            article("one", "The starting dose of testomab is 10 mg."),
            article("two", "The starting dose of testomab is 20 mg."),
            File { path: FILE.to_owned(), text: acknowledged.to_owned() },
        ];
        let (knowledge, mut problems) = Knowledge::parse(&files);
        problems.retain(|problem| problem.path == FILE && problem.severity == Severity::Error);
        problems.extend(Conflicts::find(&knowledge).problems(&knowledge));
        let show = |problem: &Problem| {
            let first = problem.message.lines().next().unwrap_or_default();
            format!("{}:{} {first}", problem.path, problem.line)
        };
        problems.iter().map(show).collect()
    }

    #[test]
    fn a_conflict_is_listed_until_it_is_acknowledged_as_it_stands() {
        let entry = |about: &str, values: &str, reason: &str| {
            format!(
                "\n[[conflict]]\ndrug = \"testomab\"\nabout = \"{about}\"\nvalues = [{values}]\n\
                 reason = \"{reason}\"\n"
            )
        };
        let open = "drugs/testomab/one.md:14 sources disagree on \"starting dose\":";
        let stale = "policy/conflicts.toml:2 no such conflict on testomab:";
        let cases: &[(String, &[&str])] = &[
            (String::new(), &[open]),
            (entry("starting dose", "\"20 mg\", \"10 mg\"", "Two labels."), &[]),
            (
                entry("starting dose", "\"10 mg\", \"30 mg\"", "Two labels."),
                &[open, &format!("{stale} \"starting dose\" with 10 mg / 30 mg")],
            ),
            (
                entry("usual dose", "\"10 mg\", \"20 mg\"", "Two labels."),
                &[open, &format!("{stale} \"usual dose\" with 10 mg / 20 mg")],
            ),
            (
                entry("starting dose", "\"20 mg\", \"10 mg\"", " "),
                &[
                    "policy/conflicts.toml:2 the conflict \"starting dose\" is acknowledged \
                     without a reason",
                    open,
                ],
            ),
        ];
        for (acknowledged, expected) in cases {
            assert_eq!(reported(acknowledged), *expected, "{acknowledged}");
        }
    }

    #[test]
    fn a_warning_names_both_places_and_both_values() {
        let article = |name: &str, dose: &str| File {
            path: format!("drugs/testomab/{name}.md"),
            text: format!(
                "---\ntitle: T\ndrug: testomab\nlang: en\nsource: {name}\npublished: 2026-01-01\n\
                 reviewed: 2026-01-01\naudience: public\nstatus: published\nrank: article\n---\n\
                 The starting dose is {dose}.\n"
            ),
        };
        let drug = "name = \"testomab\"\nclass = \"antibody\"\ncategory = \"antitumor\"\n";
        let files = [
            File { path: "drugs/testomab/drug.toml".to_owned(), text: drug.to_owned() },
            article("one", "10 mg"),
            article("two", "20 mg"),
        ];
        let (knowledge, _) = Knowledge::parse(&files);
        let problems = Conflicts::find(&knowledge).problems(&knowledge);
        let [problem] = problems.as_slice() else { panic!("{problems:?}") };
        for part in
            ["\"10 mg\" in drugs/testomab/one.md:12", "\"20 mg\" in drugs/testomab/two.md:12"]
        {
            assert!(problem.message.contains(part), "{part}: {}", problem.message);
        }
        assert!(problem.hint.contains("values = [\"10 mg\", \"20 mg\"]"), "{}", problem.hint);
    }
}
