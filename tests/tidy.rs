//! The house rules that a machine can check: who may use whom, where each crate lives, what the
//! front end may not do, and that the wire is documented.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops here")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Which modules of ours each module may use: those above it in the map of `src/lib.rs`.
const MAY_USE: &[(&str, &[&str])] = &[
    ("id", &[]),
    ("time", &[]),
    ("text", &[]),
    ("knowledge", &["id", "text", "time"]),
    ("triage", &["knowledge"]),
    ("alarm", &["id", "knowledge", "text", "triage"]),
    ("consult", &["alarm", "id", "knowledge", "text", "time"]),
    ("session", &["id", "time"]),
    ("account", &["id", "time"]),
    ("label", &["id", "knowledge", "text", "time"]),
    ("lint", &["alarm", "consult", "id", "knowledge", "text", "time"]),
    ("library", &["knowledge"]),
    ("search", &["id", "knowledge", "text"]),
    ("engine", &["alarm", "consult", "id", "knowledge", "search", "text", "time", "triage"]),
    ("eval", &["consult", "engine", "id", "knowledge", "search", "text", "time"]),
    ("publish", &["alarm", "engine", "eval", "id", "knowledge", "library", "search", "time"]),
    ("store", &["account", "id", "session", "time"]),
    ("bus", &["id"]),
    ("config", &[]),
    ("webhook", &[]),
    ("protocol", &["alarm", "consult", "id", "knowledge", "session", "text"]),
    (
        "desk",
        &[
            "account",
            "alarm",
            "bus",
            "config",
            "consult",
            "engine",
            "id",
            "knowledge",
            "protocol",
            "search",
            "session",
            "store",
            "text",
            "time",
        ],
    ),
    (
        "editorial",
        &[
            "account",
            "consult",
            "desk",
            "engine",
            "eval",
            "id",
            "knowledge",
            "label",
            "library",
            "lint",
            "publish",
            "search",
            "store",
            "text",
            "time",
        ],
    ),
    ("replay", &["desk", "engine", "protocol", "publish", "session", "store"]),
    (
        "app",
        &[
            "engine",
            "bus",
            "config",
            "desk",
            "editorial",
            "id",
            "publish",
            "store",
            "time",
            "web",
            "webhook",
        ],
    ),
    (
        "web",
        &[
            "account",
            "alarm",
            "app",
            "bus",
            "config",
            "consult",
            "desk",
            "editorial",
            "engine",
            "eval",
            "id",
            "knowledge",
            "protocol",
            "publish",
            "session",
            "store",
            "text",
            "time",
        ],
    ),
    ("client", &["protocol"]),
    ("cli", &["*"]),
];

/// The only homes of what must not spread.
const HOMES: &[(&str, &[&str])] = &[
    ("tantivy", &["search"]),
    ("rusqlite", &["store"]),
    ("async_nats", &["bus"]),
    ("tokio_postgres", &["store"]),
    ("tokio_postgres_rustls", &["store"]),
    ("argon2", &["account"]),
    ("sha1", &["account"]),
    ("hmac", &["account", "webhook"]),
    ("data_encoding", &["account", "config", "webhook"]),
    ("qrcodegen", &["web"]),
    // The bench has an echo server on the same stack, to compare with.
    ("axum", &["app", "client", "cli", "web"]),
    ("hyper", &["client", "web", "webhook"]),
    ("hyper_util", &["client", "web", "webhook"]),
    ("tower", &["web"]),
    ("rust_embed", &["desk", "web"]),
    ("tokio_tungstenite", &["client"]),
    ("clap", &["cli"]),
    ("anyhow", &["cli"]),
    ("indicatif", &["cli"]),
    ("toml", &["cli", "config", "knowledge", "triage"]),
    ("serde_saphyr", &["knowledge"]),
    ("roxmltree", &["label"]),
    ("encoding_rs", &["label"]),
    ("flate2", &["label", "web"]),
    ("zip", &["label"]),
    ("similar", &["label"]),
    ("frostem", &["text"]),
    ("prometheus_client", &["web"]),
    ("pulldown_cmark", &["web"]),
    ("tokio", &["app", "bus", "cli", "client", "editorial", "store", "web", "webhook"]),
    ("tokio_rustls", &["webhook"]),
    ("rustls_native_certs", &["webhook"]),
    ("tokio_util", &["app", "cli", "web"]),
    // The store makes the folder of its database and touches no other file.
    ("std::fs", &["cli", "config", "library", "publish", "store"]),
    ("tokio::fs", &[]),
    ("std::process", &["cli", "library", "main"]),
    ("std::net::Tcp", &[]),
];

/// Longest source file, in lines.
const LONGEST: usize = 500;

#[test]
fn modules_use_only_those_above_them() {
    let rules: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module_of(&path);
        if ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        let Some(allowed) = rules.get(module.as_str()) else {
            wrong.push(format!("{}: `{module}` is in no rule: add it to MAY_USE", path.display()));
            continue;
        };
        for used in used_modules(&text) {
            let fine = used == module || allowed.contains(&"*") || allowed.contains(&used.as_str());
            if !fine {
                wrong.push(format!("{}: `{module}` may not use `crate::{used}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_is_in_the_map_of_the_crate() {
    let map = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    for (module, _) in MAY_USE {
        assert!(map.contains(&format!("pub mod {module};")), "{module} is no module");
        assert!(map.contains(&format!("[`{module}`]")), "{module} is missing in the map");
    }
    let declared = map.lines().filter(|line| line.starts_with("pub mod ")).count();
    assert_eq!(declared, MAY_USE.len(), "every module has its rule");
}

#[test]
fn every_crate_has_its_home() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module_of(&path);
        for (name, homes) in HOMES {
            if mentions(&text, name) && !homes.contains(&module.as_str()) {
                wrong.push(format!("{}: `{name}` belongs to {homes:?}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_left_undone() {
    let mut wrong = Vec::new();
    let own = Path::new(file!()).file_name().unwrap();
    for (path, text) in files("src", "rs").into_iter().chain(files("tests", "rs")) {
        if path.file_name() == Some(own) {
            continue;
        }
        for (at, line) in text.lines().enumerate() {
            for ban in ["todo!(", "unimplemented!(", "#[ignore", "dbg!(", "FIXME", "XXX"] {
                if line.contains(ban) {
                    wrong.push(format!("{}:{}: {ban}", path.display(), at + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_short_and_say_what_they_are_for() {
    for (path, text) in files("src", "rs") {
        let lines = text.lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines", path.display());
        assert!(text.starts_with("//! "), "{} does not say what it is for", path.display());
    }
}

#[test]
fn the_front_end_keeps_to_its_bans() {
    let bans = [
        ("innerHTML", "text enters the page by textContent"),
        ("outerHTML", "text enters the page by textContent"),
        ("insertAdjacentHTML", "text enters the page by textContent"),
        ("document.write", "text enters the page by textContent"),
        ("DOMParser", "no markup is parsed"),
        ("createContextualFragment", "no markup is parsed"),
        ("srcdoc", "no markup is parsed"),
        ("eval(", "no code from text"),
        ("new Function", "no code from text"),
        ("javascript:", "no code from text"),
        (" style=", "the content security policy forbids inline styles"),
        ("<style", "the content security policy forbids inline styles"),
        ("document.cookie", "the session has no cookie"),
        ("@import", "styles are linked"),
        ("http://", "nothing is loaded from elsewhere"),
    ];
    let mut wrong = Vec::new();
    let mut looked_at = 0;
    for extension in ["js", "html", "css", "svg"] {
        for (path, text) in files("src/web/static", extension) {
            looked_at += 1;
            for (at, line) in text.lines().enumerate() {
                let mut report = |why: &str| {
                    wrong.push(format!("{}:{}: {why}: {}", path.display(), at + 1, line.trim()));
                };
                // The name of the SVG format, which nothing is loaded from.
                let line = &line.replace("http://www.w3.org/2000/svg", "");
                for (ban, why) in bans {
                    if line.contains(ban) {
                        report(why);
                    }
                }
                if has_inline_handler(line) && extension != "js" {
                    report("the content security policy forbids inline handlers");
                }
                if loads_from_elsewhere(line) {
                    report("nothing is loaded from elsewhere");
                }
            }
            if extension == "html" {
                let inline = text.split("<script").skip(1).any(|script| {
                    script.split_once('>').is_none_or(|(tag, rest)| {
                        !tag.contains("src=") || !rest.starts_with("</script")
                    })
                });
                assert!(!inline, "{}: scripts are files of their own", path.display());
            }
        }
    }
    assert!(looked_at > 5, "the front end is there");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns whether a tag on this line has an attribute such as `onclick=`.
fn has_inline_handler(line: &str) -> bool {
    line.split([' ', '\t', '"', '\'']).any(|word| {
        let name = word.split('=').next().unwrap_or_default();
        name.len() > 3
            && name.len() < word.len()
            && name.starts_with("on")
            && name.bytes().all(|b| b.is_ascii_lowercase())
    })
}

/// Returns whether the line makes a browser fetch from another site; links to follow are fine.
fn loads_from_elsewhere(line: &str) -> bool {
    let loads = [
        "src=\"https:",
        "src='https:",
        "url(https:",
        "url(\"https:",
        "url('https:",
        "from 'https:",
        "from \"https:",
        "import('https:",
        "fetch('https:",
        "fetch(\"https:",
        "src=\"//",
        "url(//",
        "<link href=\"https:",
    ];
    loads.iter().any(|start| line.contains(start))
}

#[test]
fn the_document_of_the_wire_names_every_frame_and_code() {
    let document = fs::read_to_string(root().join("docs/protocol.md")).unwrap();
    let source = fs::read_to_string(root().join("src/protocol/visitor.rs")).unwrap();
    let mut missing = Vec::new();
    let mut names = 0;
    for list in ["ClientFrame", "ServerFrame", "ErrorCode"] {
        for variant in variants(&source, list) {
            names += 1;
            let name = format!("`{}`", snake_case(&variant));
            if !document.contains(&name) {
                missing.push(format!("{list}: {name}"));
            }
        }
    }
    for line in source.lines().map(str::trim) {
        let code = line
            .split_once(" = ")
            .and_then(|(_, code)| code.strip_suffix(',')?.parse::<u16>().ok());
        if let Some(code) = code {
            names += 1;
            if !document.contains(&format!("`{code}`")) {
                missing.push(format!("close code {code}"));
            }
        }
    }
    assert!(names > 40, "the lists are found in the source: {names}");
    assert!(missing.is_empty(), "docs/protocol.md leaves out: {}", missing.join(", "));
}

#[test]
fn the_document_of_the_desk_names_every_frame_and_code() {
    let document = fs::read_to_string(root().join("docs/desk.md")).unwrap();
    let source = fs::read_to_string(root().join("src/protocol/desk.rs")).unwrap();
    let lists = ["DeskFrame", "DeskSays", "DeskError"];
    let names: Vec<String> = lists
        .iter()
        .flat_map(|list| variants(&source, list))
        .map(|variant| snake_case(&variant))
        .collect();
    assert!(names.len() > 40, "the lists are found in the source: {names:?}");
    let stands = |name: &String| {
        document.contains(&format!("`{name}`")) || document.contains(&format!("\"t\": \"{name}\""))
    };
    let missing: Vec<&String> = names.iter().filter(|name| !stands(name)).collect();
    assert!(missing.is_empty(), "docs/desk.md leaves out: {missing:?}");
}

/// Returns the names in the enumeration `list`.
/// Routes are in the OpenAPI document, or in the document of the wire that they belong to.
#[test]
fn every_route_is_documented_and_every_documented_one_is_there() {
    let router = std::fs::read_to_string(root().join("src/web.rs")).unwrap();
    let document = std::fs::read_to_string(root().join("src/web/openapi.json")).unwrap();
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let wires = ["docs/desk.md", "docs/editors.md", "docs/protocol.md"]
        .map(|path| std::fs::read_to_string(root().join(path)).unwrap())
        .concat();
    let mut served = Vec::new();
    for route in router.split(".route(\"").skip(1) {
        let (path, rest) = route.split_once('"').unwrap();
        let methods = rest.split_once("))").map_or(rest, |(methods, _)| methods);
        for method in ["get", "post", "delete"] {
            if methods.contains(&format!("{method}(")) {
                served.push((path.replace("{*", "{"), method));
            }
        }
    }
    assert!(served.len() > 30, "{served:?}");
    for (path, method) in &served {
        let is_page = ["/", "/chat", "/console", "/widget.js"].contains(&path.as_str())
            || ["/assets/", "/knowledge"].iter().any(|pages| path.starts_with(pages));
        let in_document = document["paths"][path][method].is_object();
        let written = format!("{} {}", method.to_uppercase(), path.replace("{id}", "<id>"));
        assert!(is_page || in_document || wires.contains(&written), "{written} is in no document");
    }
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let is_served = served.iter().any(|(known, by)| known == path && by == method);
            assert!(is_served, "{method} {path} is documented and not served");
        }
    }
}

fn variants(source: &str, list: &str) -> Vec<String> {
    let start = source.find(&format!("pub enum {list}")).expect(list);
    let body = &source[start..start + source[start..].find("\n}").expect("its end")];
    let names = body.lines().skip(1).filter_map(|line| line.strip_prefix("    "));
    names
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|line| line.chars().take_while(char::is_ascii_alphanumeric).collect())
        .collect()
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Returns our source files without their unit tests and comments.
fn sources() -> Vec<(PathBuf, String)> {
    let strip = |text: &str| {
        let code = text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.collect::<Vec<_>>().join("\n")
    };
    files("src", "rs").into_iter().map(|(path, text)| (path, strip(&text))).collect()
}

/// Returns every file below `folder` with this extension, by its path from the root.
fn files(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|known| known == extension) {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(root()).unwrap().to_owned(), text));
            }
        }
    }
    found.sort();
    found
}

/// Returns the top module of `src/<module>.rs` or `src/<module>/…`.
fn module_of(path: &Path) -> String {
    let first = path.components().nth(1).unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// Returns the modules named as `crate::<module>`, also in `use crate::{a, b::c}`.
fn used_modules(text: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let inside_a_word =
            text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
        if inside_a_word {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => used.push(first_word(&std::mem::take(&mut name))),
                    c if depth == 0 => name.push(c),
                    _ => {}
                }
            }
            used.push(first_word(&name));
        } else {
            used.push(first_word(rest));
        }
    }
    used.retain(|name| !name.is_empty());
    used
}

fn first_word(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect()
}

/// Returns whether the text uses the crate or path `name`.
fn mentions(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        let apart = before.is_none_or(|c| !c.is_alphanumeric() && !"_:.\"/`".contains(c));
        let path = name.contains("::Tcp") || after.is_some_and(|c| ":;,{ ".contains(c));
        let used = text[at + name.len()..].starts_with("::")
            || before_is_use(text, at)
            || name.contains("::");
        apart && path && used
    })
}

fn before_is_use(text: &str, at: usize) -> bool {
    text[..at].ends_with("use ")
}

#[test]
fn the_checks_can_fail() {
    assert_eq!(
        used_modules("use crate::{bus::Bus, store::{A, B}, web};\ncrate::app::x()"),
        ["bus", "store", "web", "app"]
    );
    assert!(used_modules("other_crate::bus").is_empty());
    assert!(mentions("use axum::Json;", "axum") && mentions("let x = axum::query(y);", "axum"));
    assert!(!mentions("use my_axum::Json;", "axum") && !mentions("/// axum is elsewhere", "axum"));
    assert!(mentions("use std::fs;", "std::fs") && mentions("std::fs::read(x)", "std::fs"));
    assert!(has_inline_handler("<a onclick=\"x()\">") && !has_inline_handler("<a class=\"one\">"));
    assert!(loads_from_elsewhere("<script src=\"https://cdn.example/x.js\">"));
    assert!(!loads_from_elsewhere("<a href=\"https://example.org\">"));
    assert_eq!(snake_case("CidConflict"), "cid_conflict");
    assert_eq!(
        variants("pub enum A {\n    /// x\n    One,\n    Two { a: B },\n}\n", "A"),
        ["One", "Two"]
    );
}
