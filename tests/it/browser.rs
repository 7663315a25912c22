//! The browser's side: the scripts' own tests in Node.js, and the pages in headless Chromium
//! against the real server. What is missing on the machine is said, and is a failure when
//! `EIDER_REQUIRE_ALL` is set (as `make test` does).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::support::skip;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn scripts_pass_their_own_tests() {
    if let Some(lacking) = lacking(&["node"]) {
        return skip(&format!("the scripts' tests need {lacking}"));
    }
    run_node(&test_files("tests/js"));
}

/// One test for each file of `tests/browser`, so that a failure names its file.
mod pages {
    use std::collections::BTreeSet;

    macro_rules! files {
        ($($name:ident)+) => {
            const FILES: &[&str] = &[$(stringify!($name)),+];
            $(
                #[test]
                fn $name() {
                    super::run_in_chromium(stringify!($name));
                }
            )+
        };
    }

    files! {
        access chat console console_views console_xss editors editors_views handoff knowledge_pages rendering
        resilience second_factor site widget widget_details widget_visit
    }

    #[test]
    fn none_is_forgotten() {
        let there: BTreeSet<String> = super::test_files("tests/browser")
            .iter()
            .map(|path| path.file_name().unwrap().to_string_lossy().replace('-', "_"))
            .collect();
        let run: BTreeSet<String> = FILES.iter().map(|name| format!("{name}.test.js")).collect();
        assert_eq!(there, run);
    }
}

fn run_in_chromium(name: &str) {
    // nextest has a group for this; `cargo test` would begin them all at once.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let missing = lacking(&["node", "chromium"]).or_else(|| {
        let installed = Path::new(ROOT).join("node_modules/playwright-core").exists();
        (!installed).then(|| "the packages of package.json (npm ci)".to_owned())
    });
    if let Some(lacking) = missing {
        return skip(&format!("the browser tests need {lacking}"));
    }
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let file = format!("tests/browser/{}.test.js", name.replace('_', "-"));
    run_node(&[Path::new(ROOT).join(file)]);
}

/// Returns the first of `programs` that is not installed.
fn lacking(programs: &[&str]) -> Option<String> {
    let works = |program: &str| {
        Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
    };
    programs.iter().find(|program| !works(program)).map(|program| (*program).to_owned())
}

fn test_files(folder: &str) -> BTreeSet<PathBuf> {
    std::fs::read_dir(Path::new(ROOT).join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".test.js"))
        .collect()
}

/// Runs test files of Node.js; what failed, and nothing else, is said.
fn run_node<'a>(files: impl IntoIterator<Item = &'a PathBuf>) {
    let output = Command::new("node")
        // Ends before nextest ends everything, so that the log names what hung.
        .args(["--test", "--test-reporter=spec", "--test-timeout=540000"])
        .args(files)
        .current_dir(ROOT)
        .env("EIDER_BIN", env!("CARGO_BIN_EXE_eider"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = said.split_once("failing tests:").map_or(&*said, |(_, failed)| failed);
    assert!(output.status.success(), "{failed}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(!said.contains("tests 0\n"), "no test ran");
    assert!(said.contains("skipped 0\n"), "a test that is there is run:\n{said}");
}
