//! What all pages share: head, search, ways to the other parts, disclaimers at the end.

use super::html::Html;
use super::shelf::{self, CATEGORIES};
use super::words::{self, Words};
use crate::knowledge::{Facts, Knowledge};
use crate::text::Lang;

/// One page, ready to be framed.
pub(super) struct Page {
    /// Language of the words around the articles.
    pub(super) lang: Lang,
    /// Title, without the site's name.
    pub(super) title: String,
    /// What search engines show below the title; may be empty.
    pub(super) description: String,
    /// The address that counts; `None` for pages that are not to be found.
    pub(super) canonical: Option<String>,
    /// The address of the same page in each language that it exists in.
    pub(super) alternates: Vec<(Lang, String)>,
    /// Where the button for the other language leads.
    pub(super) switch: String,
    /// What was searched for.
    pub(super) query: String,
    /// The drug that the page is about, for the chat.
    pub(super) drug: Option<String>,
    /// What stands in the middle.
    pub(super) main: Html,
    /// What stands beside it.
    pub(super) aside: Html,
}

impl Page {
    /// Returns a list page at `path` below `/knowledge/`.
    pub(super) fn list(path: &str, title: impl Into<String>, lang: Lang) -> Self {
        let address = |lang| shelf::page_address(path, lang);
        Self {
            lang,
            title: title.into(),
            description: String::new(),
            canonical: Some(address(lang)),
            alternates: [Lang::En, Lang::Zh].map(|lang| (lang, address(lang))).into(),
            switch: address(words::other(lang)),
            query: String::new(),
            drug: None,
            main: Html::default(),
            aside: Html::default(),
        }
    }

    /// Returns a page that search engines leave out.
    pub(super) fn unlisted(path: &str, title: impl Into<String>, lang: Lang) -> Self {
        Self { canonical: None, alternates: Vec::new(), ..Self::list(path, title, lang) }
    }

    /// Returns the whole document.
    pub(super) fn document(&self, knowledge: Option<&Knowledge>) -> String {
        let words = words::of(self.lang);
        let mut html = Html::default();
        html.markup("<!doctype html>\n").open("html", &[("lang", words::tag(self.lang))]);
        self.head(&mut html, words, knowledge);
        html.markup("<body>\n");
        html.element("a", &[("class", "skip"), ("href", "#_main")], words.skip);
        self.header(&mut html, words, knowledge);
        html.markup("<div class=\"page\">\n<main id=\"_main\" tabindex=\"-1\">\n");
        html.append(&self.main).markup("</main>\n<div class=\"beside\">\n").append(&self.aside);
        html.markup("</div>\n</div>\n");
        self.footer(&mut html, knowledge);
        html.markup("</body>\n</html>\n");
        html.into_string()
    }

    fn head(&self, html: &mut Html, words: &Words, knowledge: Option<&Knowledge>) {
        html.markup(
            "<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n",
        );
        let site = site_name(self.lang, words, knowledge);
        html.element("title", &[], &format!("{} · {site}", self.title));
        if !self.description.is_empty() {
            html.open("meta", &[("name", "description"), ("content", &self.description)]);
        }
        match &self.canonical {
            Some(address) => html.open("link", &[("rel", "canonical"), ("href", address)]),
            None => html.markup("<meta name=\"robots\" content=\"noindex\">"),
        };
        for (lang, address) in &self.alternates {
            let lang = words::tag(*lang);
            html.open("link", &[("rel", "alternate"), ("hreflang", lang), ("href", address)]);
        }
        html.markup(
            "\n<link rel=\"icon\" href=\"/assets/demo/tern.svg\" type=\"image/svg+xml\">\n\
             <link rel=\"stylesheet\" href=\"/assets/shared/theme.css\">\n\
             <link rel=\"stylesheet\" href=\"/assets/knowledge/knowledge.css\">\n",
        );
        self.chat(html);
        html.markup("</head>\n");
    }

    /// The chat's loader, as any site embeds it.
    fn chat(&self, html: &mut Html) {
        let mut snippet = vec![("src", "/widget.js"), ("data-lang", words::tag(self.lang))];
        snippet.extend(self.drug.as_deref().map(|drug| ("data-drug", drug)));
        snippet.push(("async", ""));
        html.open("script", &snippet).close("script");
    }

    fn header(&self, html: &mut Html, words: &'static Words, knowledge: Option<&Knowledge>) {
        let home = shelf::page_address("", self.lang);
        let site = site_name(self.lang, words, knowledge);
        html.markup("<header class=\"site\">\n<div class=\"site-row\">\n");
        html.element("a", &[("class", "brand"), ("href", &home)], &site);
        self.search_form(html, words);
        let other = words::other(self.lang);
        let switch = [
            ("class", "switch"),
            ("href", self.switch.as_str()),
            ("lang", words::tag(other)),
            ("hreflang", words::tag(other)),
        ];
        html.element("a", &switch, words.other_language);
        html.markup("</div>\n")
            .open("nav", &[("class", "shelves"), ("aria-label", words.categories)]);
        html.markup("<ul>\n");
        let mut entry = |path: &str, name: &str| {
            let address = shelf::page_address(path, self.lang);
            html.markup("<li>").element("a", &[("href", &address)], name).markup("</li>");
        };
        entry("", words.home);
        for category in CATEGORIES {
            let slug = shelf::category_slug(category);
            entry(&format!("category/{slug}/"), shelf::category_name(category, words));
        }
        html.markup("</ul>\n</nav>\n</header>\n");
    }

    fn search_form(&self, html: &mut Html, words: &Words) {
        html.markup("<form class=\"search\" role=\"search\" action=\"/knowledge/search\">\n");
        let field = [
            ("type", "search"),
            ("name", "q"),
            ("value", &self.query),
            ("aria-label", words.search_label),
            ("placeholder", words.search_label),
            ("maxlength", "300"),
            ("autocomplete", "off"),
        ];
        html.open("input", &field);
        if self.lang != Lang::En {
            html.open("input", &[("type", "hidden"), ("name", "lang"), ("value", self.lang.tag())]);
        }
        html.open("button", &[("class", "primary small")])
            .text(words.search)
            .markup("</button>\n</form>\n");
    }
    /// A way to the chat, and the editors' words on emergencies and on what this is.
    fn footer(&self, html: &mut Html, knowledge: Option<&Knowledge>) {
        html.markup("<footer class=\"site-foot\">\n<p class=\"to-chat\">");
        let drug = self.drug.as_deref().map(|drug| format!("&drug={drug}")).unwrap_or_default();
        let chat = format!("/chat?lang={}{drug}", self.lang.tag());
        html.element("a", &[("href", &chat)], words::of(self.lang).ask).markup("</p>");
        let facts = Facts { kind: "page", ..Facts::default() };
        for disclaimer in knowledge.iter().flat_map(|knowledge| &knowledge.policy.disclaimers) {
            let is_general = disclaimer.applies(&facts)
                || matches!(disclaimer.id.as_str(), "general" | "not-reviewed");
            if is_general {
                html.element("p", &[], disclaimer.text.get(self.lang));
            }
        }
        html.markup("</footer>\n");
    }
}

/// Returns the site's name: the editors' canned text `site_name`, or a plain one.
fn site_name(lang: Lang, words: &Words, knowledge: Option<&Knowledge>) -> String {
    let reply = knowledge.and_then(|knowledge| knowledge.policy.reply("site_name"));
    reply.map_or(words.site, |reply| reply.text.get(lang)).to_owned()
}
