//! `eider import`: official labels become drafts in the knowledge folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Outcome, print};
use crate::config::Config;
use crate::knowledge::{Article, Knowledge};
use crate::label::{self, Label};
use crate::library::{self, Written};
use crate::time::{Clock, Date};

/// Largest file that is opened, in megabytes.
const MAX_MEGABYTES: u64 = 256;

/// Import official drug labels as draft articles.
///
/// Each topic of a label becomes one article with `status: draft` and `rank: label`, in a folder
/// of its own for each version, `drugs/<drug>/label-<set id>-v<version>/`; a drug that is not yet
/// known gets a draft of its `drug.toml`. Every word of a section is kept. Nothing is quoted until
/// an editor sets an article to `published` and publishes. When an older version is there already,
/// the changes are shown, and which of our articles were written from it.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  eider import spl eliquis.xml\n  eider import spl --dry-run dm_spl_release.zip\n  eider import openfda label.json\n  eider import spl new.xml --json | jq '.[].changes'"
)]
pub(super) enum Command {
    /// Labels of DailyMed: SPL as .xml, .xml.gz or .zip (also zip files within a zip file).
    Spl(Options),
    /// Labels of openFDA: drug/label as .json or .json.gz, one label or many.
    Openfda(Options),
}

/// What to import, and where to.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write below this folder instead of the knowledge folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Show what would be written, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Replace drafts that were edited since they were imported.
    #[arg(long)]
    force: bool,
    /// Print a report as JSON: files, changes, articles written from an older version.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(config: &Config, command: &Command) -> anyhow::Result<Outcome> {
    let (options, read): (_, Reader) = match command {
        Command::Spl(options) => (options, |bytes| label::read_spl(bytes).map(|label| vec![label])),
        Command::Openfda(options) => (options, label::read_openfda),
    };
    let (files, _) = library::read(&config.knowledge)?;
    let mut knowledge = Knowledge::parse(&files).0;
    if let Some(out) = options.out.as_deref().filter(|out| out.is_dir()) {
        let earlier = Knowledge::parse(&library::read(out)?.0).0;
        knowledge.articles.extend(earlier.articles);
        knowledge.drugs.extend(earlier.drugs);
    }
    let folder = options.out.clone().unwrap_or_else(|| config.knowledge.clone());
    let now = Clock::System.now();
    let today = now.date();
    let mut import = Import {
        options,
        folder: &folder,
        knowledge,
        today,
        reports: Vec::new(),
        labels: 0,
        failed: 0,
    };
    for path in &options.files {
        import.file(path, read);
    }
    if options.json {
        print::line(serde_json::to_string_pretty(&import.reports)?);
    } else {
        import.summary();
    }
    Ok(if import.failed > 0 { Outcome::Problems } else { Outcome::Done })
}

type Reader = fn(&[u8]) -> Result<Vec<Label>, label::Error>;

struct Import<'a> {
    options: &'a Options,
    folder: &'a Path,
    knowledge: Knowledge,
    today: Date,
    reports: Vec<Value>,
    labels: usize,
    failed: usize,
}

impl Import<'_> {
    fn file(&mut self, path: &Path, read: Reader) {
        let name = path.display().to_string();
        let bytes = match load(path) {
            Ok(bytes) => bytes,
            Err(error) => return self.fail(&name, &error),
        };
        label::unpack(&name, &bytes, &mut |name, content| match content.and_then(read) {
            Ok(labels) => labels.iter().for_each(|label| self.label(name, label)),
            Err(error) => self.fail(name, &error.to_string()),
        });
    }

    fn fail(&mut self, name: &str, error: &str) {
        self.failed += 1;
        print::note(format!("eider: {name}: {error}"));
        self.reports.push(json!({ "file": name, "error": error }));
    }

    fn label(&mut self, name: &str, label: &Label) {
        let drafts = label::drafts(label, &self.knowledge, self.today);
        let mut files = drafts.articles.clone();
        files.extend(drafts.drug_file.clone());
        // Read back as the publisher will read them: what cannot be an article is not written.
        let (read_back, problems) = Knowledge::parse(&files);
        if read_back.articles.len() != drafts.articles.len() {
            let of_ours = |path: &str| drafts.articles.iter().any(|file| file.path == path);
            let problem = problems.iter().find(|problem| of_ours(&problem.path));
            let what = problem.map_or_else(String::new, print::describe);
            return self.fail(name, &format!("its text cannot be made an article: {what}"));
        }
        let mut states = Vec::new();
        for file in &files {
            let (force, dry_run) = (self.options.force, self.options.dry_run);
            match library::write(self.folder, file, force, dry_run) {
                Ok(written) => states.push((file.path.clone(), written)),
                Err(error) => {
                    return self.fail(name, &format!("cannot write {}: {error}", file.path));
                }
            }
        }
        self.labels += 1;
        let news = self.news(label, &read_back);
        if !self.options.json {
            self.tell(name, label, &drafts, &states);
            news.tell(label);
        }
        self.reports.push(report(name, label, &drafts, &states, &news));
        self.knowledge.articles.extend(read_back.articles);
        self.knowledge.drugs.extend(read_back.drugs);
    }

    /// Compares with the newest older version of the same label that was imported.
    fn news(&self, label: &Label, read_back: &Knowledge) -> News {
        let older: Vec<&Article> =
            label::written_from(&self.knowledge, &label.set_id, label.version).collect();
        let imported = |article: &Article| article.id.as_str().contains("/label-");
        let version_of = |article: &Article| article.label.as_ref().and_then(|label| label.version);
        let before = older.iter().filter(|a| imported(a)).filter_map(|a| version_of(a)).max();
        let changes = before.map(|before| {
            let old = older.iter().filter(|a| imported(a) && version_of(a) == Some(before));
            let old = label::sections_of(old.copied());
            label::changes(&old, &label::sections_of(read_back.all_articles()))
        });
        let newer = self.knowledge.articles.iter().filter_map(|article| article.label.as_ref());
        let newest = newer.filter(|l| l.set_id.eq_ignore_ascii_case(&label.set_id));
        let ids: BTreeSet<String> = older.iter().map(|article| article.id.to_string()).collect();
        News {
            before,
            changes: changes.unwrap_or_default(),
            written_from: ids.into_iter().collect(),
            newer: newest.filter_map(|l| l.version).max().filter(|v| *v > label.version),
        }
    }

    fn tell(
        &self,
        name: &str,
        label: &Label,
        drafts: &label::Drafts,
        states: &[(String, Written)],
    ) {
        let count = |state| states.iter().filter(|(_, written)| *written == state).count();
        let counts = [
            (Written::Created, "new"),
            (Written::Replaced, "replaced"),
            (Written::Unchanged, "unchanged"),
            (Written::Kept, "kept as edited"),
        ];
        let told: Vec<String> = counts
            .into_iter()
            .filter(|(state, _)| count(*state) > 0)
            .map(|(state, words)| format!("{} {words}", count(state)))
            .collect();
        let dated = label.effective.map_or_else(String::new, |day| format!(" of {day}"));
        print::line(format!(
            "{name}: {} version {}{dated}, {}\n    {}/: {} files, {}{}",
            label.substance(),
            label.version,
            label.labeler,
            self.folder.join(&drafts.folder).display(),
            states.len(),
            told.join(", "),
            if self.options.dry_run { " (dry run: nothing was written)" } else { "" }
        ));
        for (path, _) in states.iter().filter(|(_, written)| *written == Written::Kept) {
            print::note(format!(
                "    {path} was edited since it was imported and is left as it is; --force replaces it"
            ));
        }
        for product in &label.products {
            if product
                .marketing
                .as_ref()
                .is_some_and(|m| m.status == "completed" || m.status == "cancelled")
            {
                print::note(format!(
                    "    {} ({}) is no longer marketed",
                    product.brand, product.code
                ));
            }
        }
    }

    fn summary(&self) {
        print::note(format!(
            "{} labels imported, {} files failed; the articles are drafts: read them, set `status: \
             published`, then `eider check` and `eider index`",
            self.labels, self.failed
        ));
    }
}

/// Reads a file of a size that a label, or an archive of labels, may have.
fn load(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = std::fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
    if !metadata.is_file() {
        return Err("this is not a file; name the label files one by one, or with *".to_owned());
    }
    if metadata.len() > MAX_MEGABYTES * 1024 * 1024 {
        return Err(format!(
            "larger than {MAX_MEGABYTES} MB: unpack the archive and import the files in it"
        ));
    }
    std::fs::read(path).map_err(|error| format!("cannot be read: {error}"))
}

/// What is new against what was there.
struct News {
    before: Option<u64>,
    changes: Vec<label::Change>,
    written_from: Vec<String>,
    newer: Option<u64>,
}

impl News {
    fn tell(&self, label: &Label) {
        if let Some(newer) = self.newer {
            print::note(format!(
                "    version {newer} of this label is already here: this one is older"
            ));
        }
        if let Some(before) = self.before {
            let words = if self.changes.is_empty() {
                "no section has changed"
            } else {
                "what has changed:"
            };
            print::line(format!("    version {before} → {}: {words}", label.version));
            self.changes.iter().for_each(|change| print::line(print::change(change)));
        }
        if !self.written_from.is_empty() {
            print::line("    written from an older version, to be compared with this one:");
            self.written_from.iter().for_each(|id| print::line(format!("      {id}")));
        }
    }
}

fn iso(day: Date) -> String {
    day.to_string()
}

fn report(
    name: &str,
    label: &Label,
    drafts: &label::Drafts,
    states: &[(String, Written)],
    news: &News,
) -> Value {
    let paths = |wanted: Written| -> Vec<&str> {
        states.iter().filter(|(_, state)| *state == wanted).map(|(path, _)| path.as_str()).collect()
    };
    let products: Vec<Value> = label
        .products
        .iter()
        .map(|product| {
            json!({
                "brand": product.brand, "generic": product.generic, "substances": product.substances,
                "ingredients": product.ingredients, "form": product.form, "ndc": product.code,
                "approval": product.approval,
                "marketing": product.marketing.as_ref().map(|marketing| json!({
                    "status": marketing.status, "from": marketing.from.map(iso), "to": marketing.to.map(iso),
                })),
            })
        })
        .collect();
    json!({
        "file": name, "set_id": label.set_id, "version": label.version,
        "effective": label.effective.map(iso), "kind": label.kind, "title": label.title,
        "labeler": label.labeler, "substance": label.substance(), "products": products,
        "drug": drafts.drug, "folder": drafts.folder,
        "created": paths(Written::Created), "replaced": paths(Written::Replaced),
        "unchanged": paths(Written::Unchanged), "kept": paths(Written::Kept),
        "compared_with": news.before, "changes": news.changes, "written_from": news.written_from,
        "newer_known": news.newer,
    })
}
