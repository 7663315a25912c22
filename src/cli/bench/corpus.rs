//! A larger knowledge base for measurements: the same articles, about more and more drugs.

use std::path::Path;

use anyhow::Context as _;

use crate::knowledge::{File, Knowledge};
use crate::library;

/// Writes `copies` copies of the articles below `from` into `to`, each about drugs of its own:
/// names get an ending, so that a question about one drug finds that one's passages only.
pub(super) fn grow(from: &Path, to: &Path, copies: usize) -> anyhow::Result<()> {
    let (files, _) = library::read(from)?;
    let (knowledge, _) = Knowledge::parse(&files);
    for file in files.iter().filter(|file| !file.path.starts_with("questions/")) {
        write(to, &file.path, &file.text)?;
    }
    for copy in 1..copies {
        let ending = letters(copy);
        for drug in &knowledge.drugs {
            let folder = format!("drugs/{}/", drug.id);
            for file in files.iter().filter(|file| file.path.starts_with(&folder)) {
                let renamed = rename(file, drug.all_names(), drug.id.as_str(), &ending);
                write(to, &renamed.path, &renamed.text)?;
            }
        }
    }
    Ok(())
}

fn rename<'a>(file: &File, names: impl Iterator<Item = &'a str>, slug: &str, ending: &str) -> File {
    let path = file.path.replace(slug, &format!("{slug}-{ending}"));
    let text = file.text.replace(slug, &format!("{slug}-{ending}"));
    let names = names.filter(|name| *name != slug);
    let text = names.fold(text, |text, name| text.replace(name, &format!("{name}{ending}")));
    File { path, text }
}

/// Returns a number in letters, so that a renamed drug's name stays one word.
fn letters(mut number: usize) -> String {
    let mut text = String::from("q");
    while number > 0 {
        let digit = u8::try_from(number % 26).unwrap_or_default();
        text.push(char::from(b'a' + digit));
        number /= 26;
    }
    text
}

fn write(to: &Path, path: &str, text: &str) -> anyhow::Result<()> {
    let path = to.join(path);
    let folder = path.parent().context("a file stands in a folder")?;
    std::fs::create_dir_all(folder)?;
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}
