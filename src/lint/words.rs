//! The lexicon: words that stand in two groups, names of medicines among synonyms, and medicines
//! that are listed as not covered and are.

use rustc_hash::FxHashMap;

use super::{at_word, text_of};
use crate::knowledge::{Code, File, Knowledge, Problem};
use crate::text;

const SYNONYMS: &str = "lexicon/synonyms.toml";
const CONFUSABLE: &str = "lexicon/confusable.toml";

pub(super) fn report(knowledge: &Knowledge, files: &[File], problems: &mut Vec<Problem>) {
    let mut names: FxHashMap<String, &str> = FxHashMap::default();
    for drug in &knowledge.drugs {
        names.extend(drug.all_names().map(|name| (text::fold(name), drug.id.as_str())));
    }
    synonyms(knowledge, text_of(files, SYNONYMS), &names, problems);
    let text = text_of(files, CONFUSABLE);
    for other in &knowledge.lexicon.others {
        for name in std::iter::once(&other.name).chain(&other.aliases) {
            let Some(drug) = names.get(&text::fold(name)) else { continue };
            let message =
                format!("\"{name}\" is listed as not covered, and is a name of \"{drug}\"");
            let hint = "remove the entry: questions about it might be refused";
            let problem = Problem::warning(Code::CoveredMedicine, CONFUSABLE, 0, message, hint);
            problems.push(at_word(problem, text, name));
        }
    }
}

fn synonyms(
    knowledge: &Knowledge,
    text: &str,
    names: &FxHashMap<String, &str>,
    problems: &mut Vec<Problem>,
) {
    let mut owners: FxHashMap<String, (usize, &str)> = FxHashMap::default();
    for (group, synonyms) in knowledge.lexicon.synonyms.iter().enumerate() {
        let first = synonyms.terms.en.first().or(synonyms.terms.zh.first());
        let called = first.map_or("", String::as_str);
        for term in synonyms.terms.en.iter().chain(&synonyms.terms.zh) {
            let folded = text::fold(term);
            if let Some(drug) = names.get(&folded) {
                let message = format!("the synonym \"{term}\" is a name of \"{drug}\"");
                let hint = "names belong in drug.toml; two medicines are never synonyms";
                let problem = Problem::warning(Code::SynonymIsName, SYNONYMS, 0, message, hint);
                problems.push(at_word(problem, text, term));
            }
            let &mut (owner, other) = owners.entry(folded).or_insert((group, called));
            if owner != group {
                let message =
                    format!("\"{term}\" stands in the groups of \"{other}\" and of \"{called}\"");
                let hint = "join the groups if all of it means the same, else keep it in one";
                let problem = Problem::warning(Code::SharedSynonym, SYNONYMS, 0, message, hint);
                problems.push(at_word(problem, text, term));
            }
        }
    }
}
