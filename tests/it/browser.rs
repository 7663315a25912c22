//! The browser's side: the scripts' own tests in Node.js, and the pages in headless Chromium
//! against the real server. What is missing on the machine is said, and is a failure when
//! `EIDER_REQUIRE_ALL` is set (as `make test` does).

use std::path::Path;
use std::process::Command;

use crate::support::skip;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn scripts_pass_their_own_tests() {
    if let Some(lacking) = lacking(&["node"]) {
        return skip(&format!("the scripts' tests need {lacking}"));
    }
    run_node("tests/js", &[]);
}

#[test]
fn pages_work_in_a_real_browser() {
    let missing = lacking(&["node", "chromium"]).or_else(|| {
        let installed = Path::new(ROOT).join("node_modules/playwright-core").exists();
        (!installed).then(|| "the packages of package.json (npm ci)".to_owned())
    });
    if let Some(lacking) = missing {
        return skip(&format!("the browser tests need {lacking}"));
    }
    run_node("tests/browser", &["--test-concurrency=1"]);
}

/// Returns the first of `programs` that is not installed.
fn lacking(programs: &[&str]) -> Option<String> {
    let works = |program: &str| {
        Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
    };
    programs.iter().find(|program| !works(program)).map(|program| (*program).to_owned())
}

fn run_node(folder: &str, options: &[&str]) {
    let mut files: Vec<_> = std::fs::read_dir(Path::new(ROOT).join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".test.js"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{folder} holds tests");
    let output = Command::new("node")
        .arg("--test")
        .args(options)
        .args(&files)
        .current_dir(ROOT)
        .env("EIDER_BIN", env!("CARGO_BIN_EXE_eider"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(!said.contains("# tests 0\n"), "no test ran in {folder}");
}
