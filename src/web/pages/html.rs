//! Writes HTML: markup comes from literals of this program alone, everything else is escaped text.
//! Leaves out templates: pages are short, and the compiler checks what stands in them.

use std::fmt::Write as _;

/// A piece of HTML under construction.
#[derive(Debug, Default, Clone)]
pub(super) struct Html(String);

impl Html {
    /// Adds markup, which only a literal can be.
    pub(super) fn markup(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds words, escaped; characters that turn the reading direction are shown by their code,
    /// since they could make a dose read backwards.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                    let _ = write!(self.0, "[U+{:04X}]", u32::from(c));
                }
                '\u{0}' => {}
                _ => self.0.push(c),
            }
        }
        self
    }

    /// Opens an element.
    pub(super) fn open(
        &mut self,
        tag: &'static str,
        attributes: &[(&'static str, &str)],
    ) -> &mut Self {
        self.markup("<").markup(tag);
        for (name, value) in attributes {
            self.markup(" ").markup(name).markup("=\"").text(value).markup("\"");
        }
        self.markup(">")
    }

    /// Closes an element.
    pub(super) fn close(&mut self, tag: &'static str) -> &mut Self {
        self.markup("</").markup(tag).markup(">\n")
    }

    /// Adds an element that holds words.
    pub(super) fn element(
        &mut self,
        tag: &'static str,
        attributes: &[(&'static str, &str)],
        text: &str,
    ) -> &mut Self {
        self.open(tag, attributes).text(text).close(tag)
    }

    /// Adds what was built elsewhere.
    pub(super) fn append(&mut self, other: &Self) -> &mut Self {
        self.0.push_str(&other.0);
        self
    }

    /// Adds a link to another site, which learns nothing of the reader; no address but https.
    pub(super) fn outside(&mut self, address: &str, text: &str) -> &mut Self {
        if !is_https(address) {
            return self.text(text);
        }
        let attributes =
            [("href", address), ("rel", "noopener noreferrer nofollow"), ("target", "_blank")];
        self.open("a", &attributes).text(text).markup("</a>")
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

/// Returns whether an address may be linked to.
pub(super) fn is_https(address: &str) -> bool {
    address.starts_with("https://") && !address.chars().any(char::is_whitespace)
}

/// Returns `text` as a part of a path or query, encoded byte by byte; `/` stays.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_never_become_markup() {
        let mut html = Html::default();
        html.element("p", &[("title", "\"><script>")], "<img src=x onerror=alert(1)> & \u{202e}5");
        let expected = "<p title=\"&quot;&gt;&lt;script&gt;\">&lt;img src=x onerror=alert(1)&gt; &amp; [U+202E]5</p>\n";
        assert_eq!(html.into_string(), expected);
    }

    #[test]
    fn only_https_is_linked() {
        for address in
            ["javascript:alert(1)", "http://a.example", "data:text/html,x", "//a.example"]
        {
            let mut html = Html::default();
            html.outside(address, "here");
            assert_eq!(html.into_string(), "here");
        }
    }

    #[test]
    fn paths_are_encoded() {
        assert_eq!(encode("drugs/a b/药?#"), "drugs/a%20b/%E8%8D%AF%3F%23");
    }
}
