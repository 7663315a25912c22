//! What a label is about: names, substances, marketing status.

use roxmltree::Node;

use super::narrative::is;
use crate::time::Date;

/// A product of a label.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Product {
    /// Brand name, with its suffix.
    pub brand: String,
    /// Generic name.
    pub generic: String,
    /// Active substances: the active moiety where the label names it, else the ingredient.
    pub substances: Vec<String>,
    /// Active ingredients as they are named, salts and all.
    pub ingredients: Vec<String>,
    /// Dosage form.
    pub form: String,
    /// National Drug Code.
    pub code: String,
    /// Marketing category and number of approval, as in `NDA NDA202155`.
    pub approval: String,
    /// Whether, and since when, it is on the market.
    pub marketing: Option<Marketing>,
}

/// Marketing status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marketing {
    /// `active`, `completed` (no longer on the market), `new`, `cancelled`.
    pub status: String,
    /// Begin.
    pub from: Option<Date>,
    /// End.
    pub to: Option<Date>,
}

/// Returns the products below `node`, parts of kits included.
pub(super) fn read(node: Node<'_, '_>) -> Vec<Product> {
    let is_product = |node: &Node<'_, '_>| {
        let name = node.tag_name().name();
        let inner = ["manufacturedProduct", "manufacturedMedicine", "partProduct", "partMedicine"];
        inner.contains(&name) && node.children().any(|child| is(child, "name"))
    };
    node.descendants().filter(is_product).map(product).collect()
}

fn product(node: Node<'_, '_>) -> Product {
    let own = |name: &'static str| node.children().find(move |child| is(*child, name));
    let ingredients: Vec<Node<'_, '_>> =
        node.children().filter(|child| is_active(*child)).collect();
    let named = |substance: Node<'_, '_>| words(substance.children().find(|c| is(*c, "name")));
    let mut product = Product {
        brand: words(own("name")),
        form: display(own("formCode")),
        code: own("code").and_then(|code| code.attribute("code")).unwrap_or_default().to_owned(),
        ..Product::default()
    };
    let generic =
        node.children().find(|c| is(*c, "asEntityWithGeneric") || is(*c, "genericMedicine"));
    let generic = generic.and_then(|node| node.descendants().find(|child| is(*child, "name")));
    product.generic = words(generic);
    for ingredient in ingredients {
        let substance = ingredient
            .descendants()
            .find(|c| is(*c, "ingredientSubstance") || is(*c, "activeIngredientSubstance"));
        let Some(substance) = substance else { continue };
        let moieties: Vec<String> = substance
            .descendants()
            .filter(|child| is(*child, "activeMoiety"))
            .map(named)
            .filter(|name| !name.is_empty())
            .collect();
        product.ingredients.push(named(substance));
        product.substances.extend(if moieties.is_empty() {
            vec![named(substance)]
        } else {
            moieties
        });
    }
    // Approval and marketing stand beside the product, in the element around it.
    let around = node.parent().unwrap_or(node);
    let near = |name: &'static str| {
        let of = |node: Node<'_, '_>| node.children().any(|child| is(child, "subjectOf"));
        let from = if of(node) { node } else { around };
        from.children()
            .filter(|child| is(*child, "subjectOf"))
            .find_map(|subject| subject.children().find(|child| is(*child, name)))
    };
    if let Some(approval) = near("approval") {
        let part = |name| approval.children().find(|child| is(*child, name));
        let number = part("id").and_then(|id| id.attribute("extension")).unwrap_or_default();
        let approval = [display(part("code")), number.to_owned()];
        approval.join(" ").trim_end().clone_into(&mut product.approval);
    }
    product.marketing = near("marketingAct").map(marketing);
    product
}

fn is_active(node: Node<'_, '_>) -> bool {
    let class = node.attribute("classCode").unwrap_or_default();
    is(node, "activeIngredient") || is(node, "ingredient") && class.starts_with("ACT")
}

fn marketing(act: Node<'_, '_>) -> Marketing {
    let value = |name: &'static str| {
        act.descendants().find(|child| is(*child, name)).and_then(|child| child.attribute("value"))
    };
    let status = act.children().find(|child| is(*child, "statusCode"));
    Marketing {
        status: status.and_then(|node| node.attribute("code")).unwrap_or_default().to_owned(),
        from: value("low").and_then(date),
        to: value("high").and_then(date),
    }
}

/// Reads the date of `20250417` and of `20250417120000-0400`.
pub(super) fn date(text: &str) -> Option<Date> {
    let digits = text.trim().get(..8)?;
    let part = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i8>().ok();
    Date::new(digits.get(..4)?.parse().ok()?, part(4..6)?, part(6..8)?).ok()
}

fn display(node: Option<Node<'_, '_>>) -> String {
    node.and_then(|node| node.attribute("displayName")).unwrap_or_default().to_owned()
}

/// Returns all text below a node, runs of white space as one space.
pub(super) fn words(node: Option<Node<'_, '_>>) -> String {
    let text: String = node
        .into_iter()
        .flat_map(|node| node.descendants())
        .filter(Node::is_text)
        .flat_map(|node| [node.text().unwrap_or_default(), " "])
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the name of what all products hold; `None` when they name nothing.
pub(super) fn substance(products: &[Product]) -> Option<String> {
    let substances = distinct(products.iter().flat_map(|p| &p.substances).map(String::as_str));
    let generics = distinct(products.iter().map(|product| product.generic.as_str()));
    let brands = distinct(products.iter().map(|product| product.brand.as_str()));
    // A kit also holds swabs and water; a generic name says which substance it is about.
    let generic = generics.first().filter(|_| generics.len() == 1);
    let is_substance = |name: &&String| substances.iter().any(|s| s.eq_ignore_ascii_case(name));
    let name = match substances.as_slice() {
        [one] => one.clone(),
        [_, ..] if generic.is_some_and(|name| is_substance(&name) || name.contains(" and ")) => {
            generics[0].clone()
        }
        [first @ .., last] if substances.len() <= 3 => format!("{} and {last}", first.join(", ")),
        _ => generics.into_iter().chain(brands).next()?,
    };
    Some(name.to_lowercase())
}

/// Returns the names that differ in more than letter case, in order.
pub(super) fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in names.map(str::trim).filter(|name| !name.is_empty()) {
        if !found.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            found.push(name.to_owned());
        }
    }
    found
}
