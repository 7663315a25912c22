//! A label as files of the knowledge folder: one article for each topic, and a draft of the drug
//! when it is new. Articles are drafts; nothing is quoted before an editor publishes it.

use std::fmt::Write as _;

use super::loinc::{self, HIGHLIGHTS, OTHER, Place};
use super::{Label, Section, markdown};
use crate::id::DrugId;
use crate::knowledge::{Drug, File, Knowledge};
use crate::time::Date;

/// Deepest heading of Markdown.
const DEEPEST: usize = 6;

/// What a label becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drafts {
    /// The drug the articles are about.
    pub drug: DrugId,
    /// A draft of `drug.toml`; `None` when the drug is already known.
    pub drug_file: Option<File>,
    /// Folder of the articles, under `knowledge/`.
    pub folder: String,
    /// The articles.
    pub articles: Vec<File>,
}

/// Returns the files that `label` becomes in `knowledge`, imported on `today`. The articles of
/// each version of a label have a folder of their own, so that a new version never changes what
/// is published.
pub fn drafts(label: &Label, knowledge: &Knowledge, today: Date) -> Drafts {
    let known = known_drug(label, knowledge);
    let drug = known.map_or_else(
        || DrugId::from(slug(&label.substance(), &label.set_id)),
        |drug| drug.id.clone(),
    );
    let short: String = slug(&label.set_id, "0").replace('-', "").chars().take(8).collect();
    let folder = format!("drugs/{drug}/label-{short}-v{}", label.version);
    let drug_file = known
        .is_none()
        .then(|| File { path: format!("drugs/{drug}/drug.toml"), text: drug_toml(label) });
    let mut pages = Pages::default();
    pages.front(label);
    for section in &label.sections {
        pages.add(section, None, 0);
    }
    let articles = pages.0.iter().filter_map(|page| {
        let text = format!("{}{}", front_matter(label, &drug, page.place, today), page.body()?);
        Some(File { path: format!("{folder}/{}.md", page.place.file), text })
    });
    Drafts { articles: articles.collect(), drug, drug_file, folder }
}

/// Returns the drug of the knowledge base that the label is about: by substance, never by brand
/// alone, because a brand may be another substance elsewhere.
fn known_drug<'k>(label: &Label, knowledge: &'k Knowledge) -> Option<&'k Drug> {
    let mut names = vec![label.substance()];
    for product in &label.products {
        names.push(product.generic.clone());
        if let [one] = product.ingredients.as_slice() {
            names.push(one.clone());
        }
    }
    // Biologics carry a suffix of four letters in the US: `faricimab-svoa`.
    let bare: Vec<String> = names
        .iter()
        .filter_map(|name| name.rsplit_once('-').filter(|(_, suffix)| suffix.len() == 4))
        .map(|(bare, _)| bare.to_owned())
        .collect();
    let fold = |name: &str| crate::text::fold(name);
    let names: Vec<String> = names.iter().chain(&bare).map(|name| fold(name)).collect();
    knowledge.drugs.iter().find(|drug| {
        let own = [&drug.name].into_iter().chain(&drug.aliases);
        own.map(|name| fold(name)).any(|name| names.contains(&name))
    })
}

/// Returns a name for a folder: small letters, digits, hyphens.
fn slug(name: &str, otherwise: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric();
    let words = name.split(|c| !is_plain(c)).filter(|word| !word.is_empty() && *word != "and");
    let mut slug = words.collect::<Vec<_>>().join("-").to_lowercase();
    slug.truncate(60);
    if slug.is_empty() { otherwise.to_owned() } else { slug.trim_end_matches('-').to_owned() }
}

/// One article to be.
struct Page {
    place: Place,
    entries: Vec<Entry>,
}

/// A heading with the text below it.
struct Entry {
    level: usize,
    title: String,
    /// What the section is called by its code, for sections that are nothing but a title.
    name: String,
    body: String,
}

#[derive(Default)]
struct Pages(Vec<Page>);

impl Pages {
    fn page(&mut self, place: Place) -> &mut Page {
        let at = self.0.iter().position(|page| page.place.file == place.file);
        let at = at.unwrap_or_else(|| {
            self.0.push(Page { place, entries: Vec::new() });
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    /// Adds title and highlights: the front page of the label.
    fn front(&mut self, label: &Label) {
        let title = markdown::write(&[markdown::Block::Text(label.title.clone())]);
        if !title.is_empty() {
            let entry = Entry { level: 0, title: String::new(), name: String::new(), body: title };
            self.page(HIGHLIGHTS).entries.push(entry);
        }
        for section in &label.sections {
            self.highlights(section);
        }
    }

    fn highlights(&mut self, section: &Section) {
        if !section.highlights.is_empty() {
            let title = if section.title.is_empty() { &section.name } else { &section.title };
            let page = self.page(HIGHLIGHTS);
            page.entries.push(Entry {
                level: 2,
                title: titled(title),
                name: section.name.clone(),
                body: section.highlights.clone(),
            });
        }
        for inner in &section.sections {
            self.highlights(inner);
        }
    }

    /// Adds a section with what is nested in it. `parent` is the place of the section around it,
    /// with the number of its entry there.
    fn add(&mut self, section: &Section, parent: Option<(Place, Option<usize>)>, depth: usize) {
        let inherited = parent.map(|(place, _)| place);
        let place = loinc::place(&section.code).or(inherited).unwrap_or(OTHER);
        let moved = inherited.is_some_and(|around| around.file != place.file);
        let depth = if moved { 0 } else { depth };
        let page = self.page(place);
        // Text without a title goes on where the text around it stopped.
        let last = page.entries.len().checked_sub(1);
        let continues = !moved && parent.is_some_and(|(_, entry)| entry.is_some() && entry == last);
        let mut entry = None;
        if section.title.is_empty() && continues {
            entry = last;
            if let Some(open) = page.entries.last_mut().filter(|_| !section.body.is_empty()) {
                let gap = if open.body.is_empty() { "" } else { "\n\n" };
                let _ = write!(open.body, "{gap}{}", section.body);
            }
        } else if !section.title.is_empty() || !section.body.is_empty() {
            let title = if section.title.is_empty() { &section.name } else { &section.title };
            page.entries.push(Entry {
                level: (depth + 2).min(DEEPEST),
                title: titled(title),
                name: section.name.clone(),
                body: section.body.clone(),
            });
            entry = last.map_or(Some(0), |last| Some(last + 1));
        }
        let deeper = if section.title.is_empty() { depth } else { depth + 1 };
        for inner in &section.sections {
            self.add(inner, Some((place, entry)), deeper);
        }
    }
}

/// A heading needs words.
fn titled(title: &str) -> String {
    if title.is_empty() { "§".to_owned() } else { title.to_owned() }
}

impl Page {
    /// Returns the text below the front matter; `None` when there is none.
    fn body(&self) -> Option<String> {
        let mut out = String::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let leads = self.entries.get(at + 1).is_some_and(|next| next.level > entry.level);
            let (title, body) = if entry.body.is_empty() && !leads {
                // A section of a title alone, over a picture: the title is its text.
                let block = markdown::Block::Text(entry.title.replace('\\', ""));
                (titled(&entry.name), markdown::write(&[block]))
            } else {
                (entry.title.clone(), entry.body.clone())
            };
            if entry.level > 0 {
                let _ = write!(out, "\n{} {title}\n", "#".repeat(entry.level));
            }
            if !body.is_empty() {
                let _ = write!(out, "\n{body}\n");
            }
        }
        (!out.is_empty()).then_some(out)
    }
}

fn front_matter(label: &Label, drug: &DrugId, place: Place, today: Date) -> String {
    let quote = |text: &str| serde_json::to_string(text).unwrap_or_default();
    let kind = if label.kind.is_empty() { "drug label" } else { &label.kind };
    let published = label.effective.unwrap_or(today);
    let reviewed = published.max(today);
    let dated = label.effective.map_or_else(String::new, |day| format!(" of {day}"));
    let version = label.version;
    let name = match label.brands().first() {
        Some(brand) => format!("{} ({brand})", label.substance()),
        None => label.substance(),
    };
    let source = format!(
        "{}, {} (US), version {version}{dated}",
        if label.labeler.is_empty() { "unnamed labeler" } else { &label.labeler },
        kind.to_lowercase()
    );
    let is_public = kind.to_uppercase().contains("OTC") || place.file == "patient-information";
    let topic = place.topic.map_or_else(String::new, |topic| format!("topic: {topic}\n"));
    let effective = label.effective.map_or_else(String::new, |day| format!(", effective: {day}"));
    format!(
        "---\ntitle: {title}\ndrug: {drug}\n{topic}lang: en\nsource: {source}\nsource_url: {url}\n\
         published: {published}\nreviewed: {reviewed}\nmarkets: [US]\naudience: {audience}\n\
         status: draft\nrank: label\nlabel: {{set_id: {set_id}, version: {version}{effective}}}\n---\n",
        title = quote(&format!("{}: {name}, US label", place.title)),
        source = quote(&source),
        url = quote(&format!(
            "https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid={}",
            slug(&label.set_id, "")
        )),
        audience = if is_public { "public" } else { "professional" },
        set_id = quote(&label.set_id),
    )
}

fn drug_toml(label: &Label) -> String {
    let quote = |text: &str| serde_json::to_string(text).unwrap_or_default();
    let list =
        |names: &[String]| names.iter().map(|name| quote(name)).collect::<Vec<_>>().join(", ");
    let substance = label.substance();
    let brands: Vec<String> = label
        .brands()
        .into_iter()
        .filter(|brand| !brand.eq_ignore_ascii_case(&substance))
        .collect();
    let others = label.products.iter().flat_map(|product| {
        let single =
            if product.ingredients.len() == 1 { product.ingredients.as_slice() } else { &[] };
        single.iter().chain([&product.generic]).map(String::as_str)
    });
    let aliases: Vec<String> = super::product::distinct(others)
        .into_iter()
        .map(|name| name.to_lowercase())
        .filter(|name| *name != substance && !brands.iter().any(|b| b.eq_ignore_ascii_case(name)))
        .collect();
    let is_biological = label.products.iter().any(|product| product.approval.starts_with("BLA"));
    let warnings: Vec<String> = boxed(&label.sections);
    let mut text = format!(
        "# Draft from the US label {} version {} ({}).\n# To be completed: class, category, Chinese \
         names, warning symptoms; see knowledge/README.md.\n",
        one_line(&label.set_id),
        label.version,
        one_line(&label.labeler)
    );
    for product in &label.products {
        let status = product.marketing.as_ref().map_or_else(String::new, |marketing| {
            let from = marketing.from.map_or_else(String::new, |day| format!(" from {day}"));
            let to = marketing.to.map_or_else(String::new, |day| format!(" to {day}"));
            format!("; marketing {}{from}{to}", marketing.status)
        });
        let _ = writeln!(
            text,
            "# {}, {} (NDC {}; {}{})",
            one_line(&product.brand),
            one_line(&product.form),
            one_line(&product.code),
            one_line(&product.approval),
            one_line(&status)
        );
    }
    let _ = write!(
        text,
        "name = {}\nbrands = [{}]\naliases = [{}]\nclass = \"\"\ncategory = \"{}\"\n\
         boxed_warning = [{}]\n",
        quote(&substance),
        list(&brands),
        list(&aliases),
        if is_biological { "biological" } else { "general" },
        list(&warnings)
    );
    text
}

/// Returns text for a comment, which ends with its line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Returns the titles of the boxed warnings.
fn boxed(sections: &[Section]) -> Vec<String> {
    let mut found = Vec::new();
    for section in sections {
        if section.code == "34066-1" {
            let title = if section.title.is_empty() { &section.name } else { &section.title };
            found.push(title.replace('\\', ""));
        }
        found.extend(boxed(&section.sections));
    }
    found
}
