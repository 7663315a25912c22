//! Keeps an edit in the history of a git repository, where the folder is in one. All of git.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long git may take: hooks of the repository run too.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whom a commit names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// Name.
    pub name: String,
    /// Login, which stands for an address.
    pub login: String,
}

/// Commits the file at `path` and nothing else; `Ok(None)` when the folder is in no repository.
/// Returns the commit's short hash, or what git said.
pub fn commit(
    folder: &Path,
    path: &str,
    author: &Author,
    message: &str,
) -> Result<Option<String>, String> {
    let Ok(folder) = folder.canonicalize() else { return Ok(None) };
    if !folder.ancestors().any(|above| above.join(".git").exists()) {
        return Ok(None);
    }
    let plain = |text: &str| text.replace(['<', '>', '\n', '\r', '\0'], " ").trim().to_owned();
    let (name, address) = (plain(&author.name), format!("{}@localhost", plain(&author.login)));
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(&folder).args(["-c", "commit.gpgsign=false"]).args(arguments);
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), &name);
            command.env(format!("GIT_{role}_EMAIL"), &address);
        }
        run(command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_LITERAL_PATHSPECS", "1"))
    };
    git(&["add", "--", path])?;
    if git(&["diff", "--cached", "--quiet", "--", path]).is_err() {
        git(&["commit", "--quiet", "-m", &message.replace('\0', " "), "--", path])?;
    }
    git(&["rev-parse", "--short", "HEAD"]).map(|hash| Some(hash.trim().to_owned()))
}

/// Runs git to its end; returns what it printed, or why it failed.
fn run(command: &mut Command) -> Result<String, String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("git cannot be run: {error}"))?;
    let begun = Instant::now();
    while child.try_wait().map_err(|error| error.to_string())?.is_none() {
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("git took longer than {} s", PATIENCE.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let Output { status, stdout, stderr } =
        child.wait_with_output().map_err(|error| error.to_string())?;
    if status.success() {
        return Ok(String::from_utf8_lossy(&stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&stderr);
    Err(said.lines().last().map_or_else(|| format!("git ended with {status}"), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn author() -> Author {
        Author { name: "Li <Wen>\nX".to_owned(), login: "li".to_owned() }
    }

    #[test]
    fn an_edit_is_committed_alone_and_outside_of_a_repository_nothing_happens() {
        let folder = tempfile::tempdir().unwrap();
        let knowledge = folder.path().join("knowledge");
        std::fs::create_dir_all(knowledge.join("general")).unwrap();
        std::fs::write(knowledge.join("general/a.md"), "a").unwrap();
        std::fs::write(knowledge.join("general/b.md"), "b").unwrap();
        assert_eq!(commit(&knowledge, "general/a.md", &author(), "x"), Ok(None));
        let git = |arguments: &[&str]| {
            run(Command::new("git").arg("-C").arg(folder.path()).args(arguments)).unwrap()
        };
        git(&["init", "--quiet"]);
        let hash = commit(&knowledge, "general/a.md", &author(), "knowledge: Say a").unwrap();
        assert!(hash.is_some_and(|hash| hash.len() >= 7));
        let again = commit(&knowledge, "general/a.md", &author(), "once more").unwrap();
        assert!(again.is_some(), "what is committed already is no fault");
        assert_eq!(
            git(&["log", "--format=%an %ae %s"]),
            "Li  Wen  X li@localhost knowledge: Say a\n"
        );
        assert_eq!(git(&["ls-files"]), "knowledge/general/a.md\n");
    }

    #[test]
    fn what_git_says_is_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".git"), "gitdir: /nowhere/at/all").unwrap();
        let said = commit(folder.path(), "general/a.md", &author(), "x").unwrap_err();
        assert!(said.contains("not a git repository"), "{said}");
    }
}
