//! The Markdown of articles as HTML: pulldown-cmark reads it, a strict writer of our own puts out
//! the few elements that articles need. Raw HTML stays text, images become their descriptions,
//! links go to https addresses only. The chat and the console read the same Markdown by
//! `shared/markdown.js`; a browser test compares both over all articles.

use pulldown_cmark::{Alignment, Event, Options, Parser, Tag, TagEnd};

use super::html::{Html, is_https};

/// Deepest nesting that is marked up; deeper blocks are text, so that no input exhausts a browser.
const DEEPEST: usize = 16;

/// Adds `text` as HTML; `table` names tables, which scroll sideways.
pub(super) fn render(html: &mut Html, text: &str, table: &str) {
    let mut writer = Writer {
        html,
        table,
        align: Vec::new(),
        column: 0,
        in_head: false,
        depth: 0,
        links: Vec::new(),
    };
    for event in events(text) {
        writer.event(event);
    }
}

/// Returns the words of `text` without markup, in one line.
pub(super) fn plain(text: &str) -> String {
    let mut words = String::new();
    for event in events(text) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                words.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak | Event::End(_)
                if !words.is_empty() && !words.ends_with(' ') && ends_a_word(&event) =>
            {
                words.push(' ');
            }
            _ => {}
        }
    }
    words.truncate(words.trim_end().len());
    words
}

fn ends_a_word(event: &Event<'_>) -> bool {
    let within = matches!(
        event,
        Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link | TagEnd::Strikethrough)
    );
    !within
}

fn events(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
}

struct Writer<'a> {
    html: &'a mut Html,
    table: &'a str,
    align: Vec<Alignment>,
    column: usize,
    in_head: bool,
    depth: usize,
    /// Whether each open link was written.
    links: Vec<bool>,
}

impl Writer<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => {
                self.depth += 1;
                if self.depth <= DEEPEST {
                    self.start(&tag);
                }
            }
            Event::End(tag) => {
                if self.depth <= DEEPEST {
                    self.end(tag);
                }
                self.depth = self.depth.saturating_sub(1);
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => {
                self.html.text(&text);
            }
            Event::Code(text) => {
                self.html.markup("<code>").text(&text).markup("</code>");
            }
            Event::SoftBreak => {
                self.html.markup(" ");
            }
            Event::HardBreak => {
                self.html.markup("<br>");
            }
            Event::Rule => {
                self.html.markup("<hr>\n");
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph => self.html.markup("<p>"),
            Tag::Heading { .. } => self.html.markup("<p class=\"md-heading\">"),
            Tag::BlockQuote(_) => self.html.markup("<div class=\"md-quote\">"),
            Tag::CodeBlock(_) => self.html.markup("<pre><code>"),
            Tag::List(None) => self.html.markup("<ul>\n"),
            Tag::List(Some(first)) => {
                self.html.open("ol", &[("start", &first.to_string())]).markup("\n")
            }
            Tag::Item => self.html.markup("<li>"),
            Tag::Emphasis => self.html.markup("<em>"),
            Tag::Strong => self.html.markup("<strong>"),
            Tag::Link { dest_url, .. } => self.start_link(dest_url),
            Tag::Table(align) => {
                self.align.clone_from(align);
                let name = [
                    ("class", "md-table"),
                    ("role", "group"),
                    ("tabindex", "0"),
                    ("aria-label", self.table),
                ];
                self.html.open("div", &name).markup("<table>\n")
            }
            Tag::TableHead => {
                (self.in_head, self.column) = (true, 0);
                self.html.markup("<thead><tr>")
            }
            Tag::TableRow => {
                self.column = 0;
                self.html.markup("<tr>")
            }
            Tag::TableCell => self.start_cell(),
            _ => return,
        };
    }

    fn start_cell(&mut self) -> &mut Html {
        let class = match self.align.get(self.column) {
            Some(Alignment::Right) => "md-right",
            Some(Alignment::Center) => "md-center",
            Some(Alignment::Left) => "md-left",
            _ => "",
        };
        let class = (!class.is_empty()).then_some(("class", class));
        let scope = self.in_head.then_some(("scope", "col"));
        let attributes: Vec<_> = scope.into_iter().chain(class).collect();
        self.column += 1;
        self.html.open(if self.in_head { "th" } else { "td" }, &attributes)
    }

    fn start_link(&mut self, address: &str) -> &mut Html {
        let written = is_https(address);
        if written {
            let attributes =
                [("href", address), ("rel", "noopener noreferrer nofollow"), ("target", "_blank")];
            self.html.open("a", &attributes);
        }
        self.links.push(written);
        self.html
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) => self.html.markup("</p>\n"),
            TagEnd::BlockQuote(_) => self.html.markup("</div>\n"),
            TagEnd::CodeBlock => self.html.markup("</code></pre>\n"),
            TagEnd::List(true) => self.html.markup("</ol>\n"),
            TagEnd::List(false) => self.html.markup("</ul>\n"),
            TagEnd::Item => self.html.markup("</li>\n"),
            TagEnd::Emphasis => self.html.markup("</em>"),
            TagEnd::Strong => self.html.markup("</strong>"),
            TagEnd::Link => match self.links.pop() {
                Some(true) => self.html.markup("</a>"),
                _ => return,
            },
            TagEnd::Table => self.html.markup("</tbody></table></div>\n"),
            TagEnd::TableHead => {
                self.in_head = false;
                self.html.markup("</tr></thead>\n<tbody>\n")
            }
            TagEnd::TableRow => self.html.markup("</tr>\n"),
            TagEnd::TableCell if self.in_head => self.html.markup("</th>"),
            TagEnd::TableCell => self.html.markup("</td>"),
            _ => return,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str) -> String {
        let mut html = Html::default();
        render(&mut html, text, "Table");
        html.into_string()
    }

    #[test]
    fn what_articles_hold_is_marked_up() {
        let cases = [
            ("One **two**.\nThree.", "<p>One <strong>two</strong>. Three.</p>\n"),
            ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
            ("3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n"),
            (
                "| a | b |\n|---|--:|\n| 1 | 2% |",
                "<div class=\"md-table\" role=\"group\" tabindex=\"0\" aria-label=\"Table\"><table>\n<thead><tr><th scope=\"col\">a</th>\n",
            ),
        ];
        for (text, expected) in cases {
            let found = rendered(text).replace("</th><th", "</th>\n<th");
            assert!(found.starts_with(expected), "{text}: {found}");
        }
    }

    #[test]
    fn nothing_but_text_comes_of_markup_images_and_other_addresses() {
        let cases = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "a <b onclick=x>b</b>",
            "![alt](https://a.example/x.png)",
            "[x](javascript:alert(1))",
            "[x](http://a.example)",
            "<svg/onload=alert(1)>",
            "[x]: data:text/html,x\n\n[x]",
        ];
        for text in cases {
            let found = rendered(text);
            for ban in ["<script", "<img", "<b ", "<svg", "href"] {
                assert!(!found.contains(ban), "{text}: {found}");
            }
        }
    }

    #[test]
    fn deep_nesting_does_no_harm() {
        let found = rendered(&"> ".repeat(5000));
        assert!(found.matches("<div").count() <= DEEPEST);
        let found = rendered(&format!("{}x", "- ".repeat(2000)));
        assert_eq!(found.matches("<ul>").count(), found.matches("</ul>").count());
    }

    #[test]
    fn plain_words_have_no_markup() {
        assert_eq!(plain("One **two**,\nthree.\n\n- a\n- b"), "One two, three. a b");
    }
}
