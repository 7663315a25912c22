//! What stands between a stranger's XML and the parser: encoding, size, document types, and
//! structure that costs more than it says.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::Error;

/// Largest XML that is read, in megabytes. The largest labels have about 6 MB.
const MAX_MEGABYTES: u64 = 32;
/// Most attributes of one tag: the parser compares each with each.
const MAX_ATTRIBUTES: usize = 256;
/// Longest tag, in bytes.
const MAX_TAG: usize = 64 * 1024;
/// Deepest nesting; real labels stay below 60.
const MAX_DEPTH: usize = 200;

/// Returns `bytes` as text, by byte-order mark or declared encoding.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Error> {
    if bytes.len() as u64 > MAX_MEGABYTES * 1024 * 1024 {
        return Err(Error::TooLarge { what: "the file", limit: MAX_MEGABYTES });
    }
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None if bytes.starts_with(b"<\0") => UTF_16LE,
        None if bytes.starts_with(b"\0<") => UTF_16BE,
        None => declared(bytes)?,
    };
    if encoding == UTF_8 {
        let text = std::str::from_utf8(bytes).map_err(|error| Error::Encoding {
            encoding: "UTF-8".to_owned(),
            byte: error.valid_up_to(),
        })?;
        return Ok(Cow::Borrowed(text.trim_start_matches('\u{feff}')));
    }
    let (text, _, malformed) = encoding.decode(bytes);
    if malformed {
        return Err(Error::Encoding { encoding: encoding.name().to_owned(), byte: 0 });
    }
    Ok(text)
}

/// Returns the encoding named in the XML declaration; UTF-8 when none is.
fn declared(bytes: &[u8]) -> Result<&'static Encoding, Error> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]);
    let declaration =
        head.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
    let name = declaration
        .and_then(|(declaration, _)| declaration.split_once("encoding"))
        .and_then(|(_, rest)| rest.split(['"', '\'']).nth(1));
    let Some(name) = name else { return Ok(UTF_8) };
    match Encoding::for_label(name.as_bytes()) {
        // Declared as two bytes a letter and begun with one: the declaration is wrong.
        Some(encoding) if encoding == UTF_16BE || encoding == UTF_16LE => Ok(UTF_8),
        Some(encoding) => Ok(encoding),
        None => Err(Error::NotALabel(format!("it declares an unknown encoding, {name:?}"))),
    }
}

/// Refuses what would cost the parser more than a label does, in one pass over the text.
pub(super) fn inspect(xml: &str) -> Result<(), Error> {
    let mut at = 0;
    let mut depth = 0_usize;
    let complex = |what, at: usize| Err(Error::TooComplex { what, line: line_of(xml, at) });
    while let Some(start) = xml[at..].find('<').map(|found| at + found) {
        let tag = &xml[start..];
        if let Some(end) = skip(tag) {
            at = start + end;
            continue;
        }
        if tag.starts_with("<!") {
            return Err(Error::Doctype(line_of(xml, start)));
        }
        let Some((length, attributes)) = measure(tag) else {
            let unfinished = tag.len() <= MAX_TAG;
            let error = format!("line {}: a tag does not end", line_of(xml, start));
            return if unfinished {
                Err(Error::Xml(error))
            } else {
                complex("a tag of more than 64 kB", start)
            };
        };
        if attributes > MAX_ATTRIBUTES {
            return complex("a tag with more than 256 attributes", start);
        }
        let inside = &tag[..length];
        if inside.starts_with("</") {
            depth = depth.saturating_sub(1);
        } else if !inside.ends_with("/>") && !inside.starts_with("<?") {
            depth += 1;
        }
        if depth > MAX_DEPTH {
            return complex("elements nested more than 200 deep", start);
        }
        at = start + length;
    }
    Ok(())
}

/// Returns the length of a comment or a block of character data at the start of `tag`.
fn skip(tag: &str) -> Option<usize> {
    let closed = |open: &str, close: &str| {
        let inside = tag.strip_prefix(open)?;
        Some(inside.find(close).map_or(tag.len(), |end| open.len() + end + close.len()))
    };
    closed("<!--", "-->").or_else(|| closed("<![CDATA[", "]]>"))
}

/// Returns length and number of attributes of the tag that `text` starts with; `None` when it is
/// too long or has no end.
fn measure(text: &str) -> Option<(usize, usize)> {
    let mut quote = None;
    let mut attributes = 0;
    for (at, byte) in text.bytes().take(MAX_TAG).enumerate() {
        match (quote, byte) {
            (Some(open), byte) if byte == open => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'=') => attributes += 1,
            (None, b'>') => return Some((at + 1, attributes)),
            _ => {}
        }
    }
    None
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_the_encoding_it_is_in() {
        let utf16: Vec<u8> =
            "\u{feff}<a>5 µg</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let utf16_be: Vec<u8> = "<a>5 µg</a>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>5 \xb5g</a>";
        for bytes in [utf16.as_slice(), &utf16_be, latin, "\u{feff}<a>5 µg</a>".as_bytes()] {
            assert!(decode(bytes).unwrap().ends_with("<a>5 µg</a>"), "{bytes:?}");
        }
        let wrong = b"<?xml version='1.0' encoding='UTF-8'?><a>5 \xb5g</a>";
        assert_eq!(decode(wrong), Err(Error::Encoding { encoding: "UTF-8".to_owned(), byte: 43 }));
        assert!(decode(b"<?xml version='1.0' encoding='klingon'?><a/>").is_err());
    }

    #[test]
    fn traps_are_refused_before_they_are_parsed() {
        let attributes: String = " a='1'".repeat(100_000);
        let many: String = " a='1'".repeat(300);
        let deep = "<a>".repeat(100_000);
        for (xml, expected) in [
            ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "line 1: has a document type"),
            (&format!("<a>\n<b{attributes}/></a>"), "line 2: a tag of more than 64 kB"),
            (&format!("<a><b{many}/></a>"), "line 1: a tag with more than 256 attributes"),
            (&deep, "line 1: elements nested more than 200 deep"),
            ("<a>text\n<b c='", "not well-formed XML, perhaps incomplete: line 2"),
        ] {
            let error = inspect(xml).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
        inspect("<?xml version='1.0'?><!-- <!DOCTYPE> --><a b='>'><![CDATA[<!DOCTYPE]]></a>")
            .unwrap();
    }
}
