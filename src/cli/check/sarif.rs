//! Problems as a SARIF 2.1.0 log (OASIS, "Static Analysis Results Interchange Format"), which code
//! review shows at the lines concerned.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::knowledge::{Code, Problem};

/// Where the schema of the log stands.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Returns the log of `problems` of the files in `folder`.
pub(super) fn log(problems: &[Problem], folder: &Path) -> Value {
    let rules: Vec<Value> = Code::ALL.iter().map(|&code| rule(code)).collect();
    let results: Vec<Value> = problems.iter().map(|problem| result(problem, folder)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "eider check",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: Code) -> Value {
    let text = code.explanation();
    let body = text.split_once('\n').map_or("", |(_, body)| body.trim());
    let paragraphs: Vec<&str> = body.split("\n\n").collect();
    let summary = paragraphs.first().map_or("", |first| {
        // The severity stands first.
        first.split_once(". ").map_or(*first, |(_, rest)| rest)
    });
    json!({
        "id": code.id(),
        "name": code.name(),
        "shortDescription": { "text": summary },
        "help": { "text": body, "markdown": body },
    })
}

fn result(problem: &Problem, folder: &Path) -> Value {
    let mut place = json!({ "artifactLocation": { "uri": uri(folder, &problem.path) } });
    if problem.line > 0 {
        let mut region = json!({ "startLine": problem.line });
        if let Some((first, after)) = problem.columns {
            region["startColumn"] = first.into();
            region["endColumn"] = after.into();
        }
        if !problem.excerpt.is_empty() {
            region["snippet"] = json!({ "text": problem.excerpt });
        }
        place["region"] = region;
    }
    json!({
        "ruleId": problem.code.id(),
        "ruleIndex": Code::ALL.iter().position(|code| *code == problem.code),
        "level": problem.severity.name(),
        "message": { "text": format!("{}. Remedy: {}", problem.message, problem.hint) },
        "locations": [{ "physicalLocation": place }],
        "partialFingerprints": { "finding/v1": fingerprint(problem) },
    })
}

/// Stays the same when lines are added above.
fn fingerprint(problem: &Problem) -> String {
    let parts = [problem.code.id(), &problem.path, problem.excerpt.trim(), &problem.message];
    crate::id::hex(&Sha256::digest(parts.join("\n")))
}

/// Returns a relative reference when the folder is relative, as reviews want it, else a file URI.
fn uri(folder: &Path, path: &str) -> String {
    let whole = folder.join(path).to_string_lossy().replace('\\', "/");
    let mut uri = String::from(if whole.starts_with('/') { "file://" } else { "" });
    for byte in whole.trim_start_matches("./").bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
