//! The JSON of openFDA's drug/label: a search result, a list of labels, or one label. The texts
//! come flattened, their tables beside them; each table is put back where its text stands.

use roxmltree::Document;
use serde_json::{Map, Value};

use super::markdown::{self, Block};
use super::narrative::Footnotes;
use super::{Error, Label, Product, Section, guard, loinc, product, table};

/// Fields that are no text of the label.
const NO_SECTIONS: [&str; 5] = ["set_id", "id", "version", "effective_time", "openfda"];

/// Reads every label of a file.
pub fn read(bytes: &[u8]) -> Result<Vec<Label>, Error> {
    let text = guard::decode(bytes)?;
    let value: Value =
        serde_json::from_str(&text).map_err(|error| Error::Json(error.to_string()))?;
    let results = match value {
        Value::Array(results) => results,
        Value::Object(mut fields) => match fields.remove("results") {
            Some(Value::Array(results)) => results,
            _ => vec![Value::Object(fields)],
        },
        _ => Vec::new(),
    };
    let labels: Vec<Label> = results.iter().map(label).collect::<Result<_, _>>()?;
    if labels.is_empty() {
        return Err(Error::NotALabel("it holds no result".to_owned()));
    }
    Ok(labels)
}

fn label(result: &Value) -> Result<Label, Error> {
    let fields = result.as_object();
    let fields = fields.ok_or_else(|| Error::NotALabel("a result is no object".to_owned()))?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().trim();
    let set_id = text("set_id").to_lowercase();
    if set_id.is_empty() {
        return Err(Error::NotALabel("a result has no set_id".to_owned()));
    }
    let about = fields.get("openfda").and_then(Value::as_object);
    let names = |name: &str| about.map(|about| strings(about.get(name))).unwrap_or_default();
    let sections = sections(fields);
    if sections.is_empty() {
        return Err(Error::NotALabel(format!("{set_id} has no section with text")));
    }
    let version = fields.get("version").map(|version| match version {
        Value::String(text) => text.trim().parse().unwrap_or(1),
        other => other.as_u64().unwrap_or(1),
    });
    Ok(Label {
        set_id,
        version: version.unwrap_or(1),
        effective: product::date(text("effective_time")),
        kind: names("product_type").join(", "),
        title: String::new(),
        labeler: names("manufacturer_name").join(", "),
        products: products(&names),
        sections,
    })
}

/// openFDA lists the names of all products together.
fn products(names: &impl Fn(&str) -> Vec<String>) -> Vec<Product> {
    let brands = names("brand_name");
    let one = |brand: String| Product {
        brand,
        generic: names("generic_name").first().cloned().unwrap_or_default(),
        ingredients: names("substance_name"),
        approval: names("application_number").join(", "),
        ..Product::default()
    };
    if brands.is_empty() { vec![one(String::new())] } else { brands.into_iter().map(one).collect() }
}

fn sections(fields: &Map<String, Value>) -> Vec<Section> {
    let is_text = |name: &str| !NO_SECTIONS.contains(&name) && !name.ends_with("_table");
    let mut found: Vec<(usize, Section)> = Vec::new();
    for (name, value) in fields.iter().filter(|(name, _)| is_text(name)) {
        let tables = strings(fields.get(&format!("{name}_table")));
        let code = loinc::code_of_field(name).unwrap_or_default();
        for text in strings(Some(value)) {
            let section = Section {
                code: code.to_owned(),
                name: name.replace('_', " "),
                title: markdown::one_line(&capital(&name.replace('_', " "))),
                body: markdown::write(&with_tables(&text, &tables)),
                ..Section::default()
            };
            found.push((loinc::rank(code), section));
        }
    }
    found.retain(|(_, section)| !section.body.is_empty());
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, section)| section).collect()
}

fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => {
            items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}

/// Returns `text` with each table in the place of its flattened words. A table whose words are not
/// found is left out: its text is there already.
fn with_tables(text: &str, tables: &[String]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut rest = text;
    for xml in tables {
        let Some((table, words)) = parse_table(xml) else { continue };
        let Some((start, end)) = find_words(rest, &words) else { continue };
        blocks.push(Block::Text(rest[..start].to_owned()));
        blocks.extend(table);
        rest = &rest[end..];
    }
    blocks.push(Block::Text(rest.to_owned()));
    blocks
}

/// Returns the table and its letters in the order of the document, without white space.
fn parse_table(xml: &str) -> Option<(Vec<Block>, String)> {
    guard::inspect(xml).ok()?;
    let document = Document::parse(xml).ok()?;
    let root = document.root_element();
    let letters = root.descendants().filter(roxmltree::Node::is_text);
    let letters: String = letters.filter_map(|node| node.text()).collect();
    let letters: String = letters.chars().filter(|c| !c.is_whitespace()).collect();
    (!letters.is_empty()).then(|| (table::blocks(root, &Footnotes::below(root)), letters))
}

/// Finds `letters` in `text`, white space aside.
fn find_words(text: &str, letters: &str) -> Option<(usize, usize)> {
    let mut squeezed = String::with_capacity(text.len());
    let mut places = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| !c.is_whitespace()) {
        places.resize(squeezed.len() + c.len_utf8(), at);
        squeezed.push(c);
    }
    let start = squeezed.find(letters)?;
    let last = places[start + letters.len() - 1];
    let end = last + text[last..].chars().next().map_or(0, char::len_utf8);
    Some((places[start], end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_becomes_a_label_with_its_tables_in_place() {
        let json = r#"{"meta": {}, "results": [{"set_id": "AB-1", "version": "3", "effective_time": "20250102",
            "openfda": {"brand_name": ["Testo"], "generic_name": ["TESTOMAB"], "manufacturer_name": ["Maker"]},
            "overdosage": ["10 OVERDOSAGE Table 1 Dose Rate 5 mg 1% Call."],
            "overdosage_table": ["<table><caption>Table 1</caption><tr><td>Dose</td><td>Rate</td></tr><tr><td>5 mg</td><td>1%</td></tr></table>"],
            "spl_unclassified_section": ["First.", "Second."], "brand_new_field": "Something."}]}"#;
        let labels = read(json.as_bytes()).unwrap();
        let [label] = labels.as_slice() else { panic!("{labels:?}") };
        assert_eq!((label.set_id.as_str(), label.version), ("ab-1", 3));
        assert_eq!(label.substance(), "testomab");
        let bodies: Vec<&str> = label.sections.iter().map(|s| s.body.as_str()).collect();
        let table =
            "10 OVERDOSAGE\n\nTable 1\n\n| Dose | Rate |\n|---|---|\n| 5 mg | 1% |\n\nCall.";
        assert_eq!(bodies, [table, "First.", "Second.", "Something."]);
    }

    #[test]
    fn other_json_is_told_apart() {
        for json in
            ["", "{", "[]", "{}", "[1]", "{\"results\": [{\"id\": \"x\"}]}", "{\"set_id\": \"a\"}"]
        {
            assert!(read(json.as_bytes()).is_err(), "{json}");
        }
        let deep = "[".repeat(1_000_000);
        assert!(read(deep.as_bytes()).is_err());
    }
}
