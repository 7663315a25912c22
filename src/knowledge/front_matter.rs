//! YAML front matter: keys with their lines, taken one by one so that every problem is found.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_saphyr::Spanned;

use super::{Code, Problem};
use crate::time::Date;

/// A Markdown file cut into front matter and body.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    /// The YAML text, without the `---` lines.
    pub(super) yaml: &'a str,
    /// Where the body starts in the file, in bytes.
    pub(super) body_start: usize,
}

/// Returns whether `text` opens front matter, closed or not.
pub(super) fn is_begun(text: &str) -> bool {
    let first = text.trim_start_matches('\u{feff}').lines().next();
    first.is_some_and(|line| line.trim_end() == "---")
}

/// Cuts `text` at its `---` lines; line ends may be `\n` or `\r\n`, a byte-order mark is passed over.
pub(super) fn split(text: &str) -> Option<Parts<'_>> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lines = text[start..].split_inclusive('\n');
    let opening = lines.next().filter(|line| line.trim_end() == "---")?;
    let yaml_start = start + opening.len();
    let mut at = yaml_start;
    for line in lines {
        if line.trim_end() == "---" {
            return Some(Parts { yaml: &text[yaml_start..at], body_start: at + line.len() });
        }
        at += line.len();
    }
    None
}

/// The keys of one file's front matter; what is taken is checked, what is left is unknown.
#[derive(Debug)]
pub(super) struct Keys<'a> {
    path: &'a str,
    values: BTreeMap<String, Spanned<Value>>,
    taken: Vec<&'static str>,
}

impl<'a> Keys<'a> {
    /// Parses `yaml`; a syntax error is one problem and gives `None`.
    pub(super) fn parse(path: &'a str, yaml: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        if yaml.trim().is_empty() {
            return Some(Self { path, values: BTreeMap::new(), taken: Vec::new() });
        }
        match serde_saphyr::from_str::<BTreeMap<String, Spanned<Value>>>(yaml) {
            Ok(values) => Some(Self { path, values, taken: Vec::new() }),
            Err(error) => {
                let line = error.location().map_or(2, |at| line_in_file(at.line()));
                let message = error.to_string();
                let first_line = message.lines().next().unwrap_or("unreadable");
                let what = without_place(first_line);
                problems.push(Problem::error(Code::FrontMatter,
                    path,
                    line,
                    format!("front matter is not valid YAML: {what}"),
                    "write `key: value` lines; quote values that contain a colon; use spaces, not tabs",
                ));
                None
            }
        }
    }

    /// Takes a text value that must be there and not empty.
    pub(super) fn required(
        &mut self,
        key: &'static str,
        problems: &mut Vec<Problem>,
    ) -> Option<String> {
        let value = self.text(key, problems);
        if value.is_none()
            && !problems
                .iter()
                .any(|p| p.path == self.path && p.message.contains(&format!("`{key}`")))
        {
            problems.push(Problem::error(
                Code::MissingKey,
                self.path,
                1,
                format!("front matter lacks `{key}`"),
                format!("add a line `{key}: …`"),
            ));
        }
        value
    }

    /// Takes a text value; absent and empty are the same.
    pub(super) fn text(
        &mut self,
        key: &'static str,
        problems: &mut Vec<Problem>,
    ) -> Option<String> {
        let (value, line) = self.take(key)?;
        match value {
            Value::Null => None,
            Value::String(text) if text.trim().is_empty() => None,
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            _ => {
                self.wrong(line, key, "a text", problems);
                None
            }
        }
    }

    /// Takes a date, `YYYY-MM-DD`.
    pub(super) fn date(&mut self, key: &'static str, problems: &mut Vec<Problem>) -> Option<Date> {
        let line = self.line(key);
        let text = self.text(key, problems)?;
        let date = text.parse().ok();
        if date.is_none() {
            problems.push(Problem::error(
                Code::NotADate,
                self.path,
                line,
                format!("`{key}` is not a date: {text:?}"),
                "write the day as YYYY-MM-DD, for example 2026-11-22",
            ));
        }
        date
    }

    /// Takes a list of texts; absent is empty.
    pub(super) fn list(&mut self, key: &'static str, problems: &mut Vec<Problem>) -> Vec<String> {
        let Some((value, line)) = self.take(key) else { return Vec::new() };
        let texts = match value {
            Value::Null => Some(Vec::new()),
            Value::Array(items) => items
                .into_iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>(),
            _ => None,
        };
        let mut texts = texts.unwrap_or_else(|| {
            self.wrong(line, key, "a list of texts, `[a, b]`", problems);
            Vec::new()
        });
        texts.shrink_to_fit();
        texts
    }

    /// Takes one of `choices`; absent gives the first.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&str, T)],
        problems: &mut Vec<Problem>,
    ) -> T {
        let line = self.line(key);
        let default = choices[0].1;
        let Some(text) = self.text(key, problems) else { return default };
        choices.iter().find(|(name, _)| *name == text).map_or_else(
            || {
                let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
                problems.push(Problem::error(
                    Code::WrongValue,
                    self.path,
                    line,
                    format!("`{key}` cannot be {text:?}"),
                    format!("write one of: {}", names.join(", ")),
                ));
                default
            },
            |(_, value)| *value,
        )
    }

    /// Takes a mapping of plain values.
    pub(super) fn mapping(
        &mut self,
        key: &'static str,
        problems: &mut Vec<Problem>,
    ) -> Option<serde_json::Map<String, Value>> {
        let (value, line) = self.take(key)?;
        match value {
            Value::Null => None,
            Value::Object(map) => Some(map),
            _ => {
                self.wrong(line, key, "a mapping, `{a: b}`", problems);
                None
            }
        }
    }

    /// Returns the line of a key in the file; 1 when it is absent.
    pub(super) fn line(&self, key: &str) -> u32 {
        self.values.get(key).map_or(1, |value| line_in_file(value.referenced.line()))
    }

    /// Reports the keys that nobody took.
    pub(super) fn finish(self, problems: &mut Vec<Problem>) {
        for (key, value) in &self.values {
            problems.push(Problem::error(
                Code::UnknownKey,
                self.path,
                line_in_file(value.referenced.line()),
                format!("unknown key `{key}` in the front matter"),
                format!("known keys: {}", self.taken.join(", ")),
            ));
        }
    }

    fn take(&mut self, key: &'static str) -> Option<(Value, u32)> {
        self.taken.push(key);
        let line = self.line(key);
        self.values.remove(key).map(|spanned| (spanned.value, line))
    }

    fn wrong(&self, line: u32, key: &str, wanted: &str, problems: &mut Vec<Problem>) {
        problems.push(Problem::error(
            Code::WrongValue,
            self.path,
            line,
            format!("`{key}` must be {wanted}"),
            "see the format of an article in knowledge/README.md",
        ));
    }
}

/// Takes the parser's own `error: line 4 column 7: ` off: it counts from the line after `---`.
fn without_place(message: &str) -> &str {
    let rest = message.strip_prefix("error: ").unwrap_or(message);
    match rest.split_once(": ") {
        Some((place, what)) if place.starts_with("line ") => what,
        _ => rest,
    }
}

/// Turns a line of the YAML text into a line of the file, which has `---` above it.
fn line_in_file(yaml_line: u64) -> u32 {
    u32::try_from(yaml_line).unwrap_or(u32::MAX - 1) + 1
}
