//! HL7 Structured Product Labeling: the document, its sections, what they nest.

use roxmltree::{Document, Node, ParsingOptions};

use super::narrative::{self, Footnotes, is};
use super::{Error, Label, Section, guard, loinc, markdown, product};

/// Most nodes of a document; the largest labels have about 400,000.
const MAX_NODES: u32 = 4_000_000;

/// Reads one label.
pub fn read(bytes: &[u8]) -> Result<Label, Error> {
    let xml = guard::decode(bytes)?;
    if !xml.contains('<') {
        return Err(Error::NotALabel("it is not XML".to_owned()));
    }
    guard::inspect(&xml)?;
    let options = ParsingOptions { nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&xml, options)
        .map_err(|error| Error::Xml(error.to_string()))?;
    label(document.root_element())
}

fn label(root: Node<'_, '_>) -> Result<Label, Error> {
    let name = root.tag_name().name();
    if name != "document" {
        return Err(Error::NotALabel(format!("its root is <{name}>, not <document>")));
    }
    let own = |name: &'static str| root.children().find(move |child| is(*child, name));
    let set_id = own("setId").and_then(|id| id.attribute("root")).unwrap_or_default().trim();
    if set_id.is_empty() {
        return Err(Error::NotALabel("it has no <setId>".to_owned()));
    }
    let value = |name| own(name).and_then(|node| node.attribute("value"));
    let notes = Footnotes::below(root);
    let organization = own("author").and_then(|author| {
        author.descendants().find(|child| is(*child, "representedOrganization"))
    });
    let body = own("component")
        .and_then(|component| component.children().find(|child| is(*child, "structuredBody")));
    let sections: Vec<Section> = body.into_iter().flat_map(|body| nested(body, &notes)).collect();
    if !sections.iter().any(has_text) {
        return Err(Error::NotALabel("it has no section with text".to_owned()));
    }
    Ok(Label {
        set_id: set_id.to_lowercase(),
        version: value("versionNumber").and_then(|value| value.trim().parse().ok()).unwrap_or(1),
        effective: value("effectiveTime").and_then(product::date),
        kind: own("code")
            .and_then(|code| code.attribute("displayName"))
            .unwrap_or_default()
            .to_owned(),
        title: own("title").map(|title| narrative::line(title, &notes)).unwrap_or_default(),
        labeler: product::words(organization.and_then(|o| o.children().find(|c| is(*c, "name")))),
        products: product::read(root),
        sections,
    })
}

fn has_text(section: &Section) -> bool {
    !section.body.is_empty() || !section.title.is_empty() || section.sections.iter().any(has_text)
}

/// Returns the sections in the components of `node`.
fn nested<'a>(node: Node<'a, 'a>, notes: &Footnotes<'a>) -> Vec<Section> {
    let components = node.children().filter(|child| is(*child, "component"));
    components
        .flat_map(|component| component.children().filter(|child| is(*child, "section")))
        .map(|section| read_section(section, notes))
        .collect()
}

fn read_section<'a>(node: Node<'a, 'a>, notes: &Footnotes<'a>) -> Section {
    let mut section = Section { sections: nested(node, notes), ..Section::default() };
    let (mut blocks, mut highlights, mut pictures) = (Vec::new(), Vec::new(), Vec::new());
    for child in node.children().filter(Node::is_element) {
        match child.tag_name().name() {
            "code" => {
                child.attribute("code").unwrap_or_default().clone_into(&mut section.code);
                child.attribute("displayName").unwrap_or_default().clone_into(&mut section.name);
            }
            "title" => section.title = markdown::one_line(&narrative::line(child, notes)),
            "text" => blocks.extend(narrative::blocks(child, notes)),
            "excerpt" => {
                let texts = child.descendants().filter(|inner| is(*inner, "text"));
                highlights.extend(texts.flat_map(|text| narrative::blocks(text, notes)));
            }
            "component" => {
                let media = child.children().filter(|inner| is(*inner, "observationMedia"));
                let texts = media.flat_map(|media| media.children().filter(|c| is(*c, "text")));
                pictures.extend(texts.map(|text| narrative::line(text, notes)));
            }
            _ => {}
        }
    }
    // What a picture shows, in the label's words; brackets, because the picture itself is not here.
    pictures.retain(|text| !text.is_empty());
    blocks.extend(pictures.iter().map(|text| markdown::Block::Text(format!("[{text}]"))));
    if section.name.is_empty() {
        loinc::name(&section.code).clone_into(&mut section.name);
    }
    section.body = markdown::write(&blocks);
    section.highlights = markdown::write(&highlights);
    section
}
