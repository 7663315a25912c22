//! Joins modules into one script: a page makes one request instead of thirty, and compression sees
//! everything at once. It reads our own modules only, which import by one line each, export
//! declarations, and never import in circles; it leaves out everything else that modules can do.

use std::fmt::Write as _;

/// Joins the module `entry` and all that it imports, each in a scope of its own and after those it
/// needs; `read` gives the text of a module by its path.
pub(super) fn join(entry: &str, read: &impl Fn(&str) -> String) -> String {
    let mut bundle = Bundle { read, paths: Vec::new(), script: "(() => {\n'use strict';\n".into() };
    bundle.add(entry);
    bundle.script + "})();\n"
}

struct Bundle<'a, Read> {
    read: &'a Read,
    /// The modules that stand in the script, by the number in their name.
    paths: Vec<String>,
    script: String,
}

impl<Read: Fn(&str) -> String> Bundle<'_, Read> {
    /// Adds a module unless it is there; returns its number.
    fn add(&mut self, path: &str) -> usize {
        if let Some(number) = self.paths.iter().position(|known| known == path) {
            return number;
        }
        let text = (self.read)(path);
        let mut body = String::with_capacity(text.len());
        let mut exported = Vec::new();
        for line in text.lines() {
            if let Some((names, from)) = import(line) {
                let number = self.add(&resolve(path, from));
                let names = names.replace(" as ", ": ");
                let _ = write!(body, "const {{{names}}} = m{number};");
            } else if let Some(declaration) = line.strip_prefix("export ") {
                exported.extend(declared(declaration));
                body.push_str(declaration);
            } else {
                body.push_str(line);
            }
            body.push('\n');
        }
        let number = self.paths.len();
        self.paths.push(path.to_owned());
        let exports = exported.join(", ");
        let _ = write!(
            self.script,
            "const m{number} = (() => {{\n{body}return {{ {exports} }};\n}})();\n"
        );
        number
    }
}

/// Returns the names and the path of an import.
fn import(line: &str) -> Option<(&str, &str)> {
    let (names, from) = line.strip_prefix("import {")?.split_once("} from '")?;
    Some((names, from.strip_suffix("';")?))
}

/// Returns the name of a declaration such as `async function name(`.
fn declared(declaration: &str) -> Option<&str> {
    let kinds = ["async", "function", "class", "const"];
    let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let word = declaration.split_whitespace().find(|word| !kinds.contains(word))?;
    word.split(|c| !is_of_a_name(c)).next()
}

/// Returns the path that `from` means in the module `path`.
fn resolve(path: &str, from: &str) -> String {
    let mut parts: Vec<_> = path.split('/').collect();
    parts.pop();
    for part in from.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_module_stands_once_in_a_scope_of_its_own_after_those_it_needs() {
        let read = |path: &str| {
            match path {
                "a/main.js" => "import { one, two as zwei } from './one.js';\nimport { three } from '../b/three.js';\nconst own = one + zwei + three;",
                "a/one.js" => "import { three } from '../b/three.js';\nexport const one = three;\nexport async function two(x) {}\nconst own = 1;",
                "b/three.js" => "export class three {}",
                _ => panic!("{path}"),
            }
            .to_owned()
        };
        let expected = "(() => {\n'use strict';\n\
            const m0 = (() => {\nclass three {}\nreturn { three };\n})();\n\
            const m1 = (() => {\nconst { three } = m0;\nconst one = three;\nasync function two(x) {}\nconst own = 1;\nreturn { one, two };\n})();\n\
            const m2 = (() => {\nconst { one, two: zwei } = m1;\nconst { three } = m0;\nconst own = one + zwei + three;\nreturn {  };\n})();\n\
            })();\n";
        assert_eq!(join("a/main.js", &read), expected);
    }
}
