//! Official drug labels, as authorities publish them, turned into draft articles: bytes in,
//! Markdown out. Every word of a section is kept, none is added; editors decide what is published.
//!
//! Two formats: HL7 SPL (XML, as DailyMed ships it, also gzipped or zipped) and the JSON of
//! openFDA. Reading and writing files is left to the callers.

mod changes;
mod drafts;
mod guard;
mod loinc;
mod markdown;
mod narrative;
mod openfda;
mod product;
mod spl;
mod table;
mod unpack;

pub use changes::{Change, SectionText, Word, WordChange, changes, sections_of, written_from};
pub use drafts::{Drafts, drafts};
pub use openfda::read as read_openfda;
pub use product::{Marketing, Product};
pub use spl::read as read_spl;
pub use unpack::unpack;

use crate::time::Date;

/// Why a file is not imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Larger than any label.
    #[error("{what} is larger than {limit} MB: no label is; nothing of it was read")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit, in megabytes.
        limit: u64,
    },
    /// Compressed far more tightly than text is.
    #[error("the file unpacks to more than {0} times its size: this is no label but a trap")]
    Bomb(u64),
    /// An archive with too many files.
    #[error("the archive holds more than {0} files: unpack it and import them in parts")]
    TooManyFiles(usize),
    /// An archive or gzip file that cannot be read.
    #[error("cannot be unpacked, it is damaged or incomplete: {0}")]
    Damaged(String),
    /// An archive without a label.
    #[error("the archive holds no .xml file")]
    NothingInside,
    /// Bytes that are not text in the encoding they declare.
    #[error("not valid {encoding} text (byte {byte}): save it in the encoding it declares")]
    Encoding {
        /// The declared encoding.
        encoding: String,
        /// Where it stops being valid.
        byte: usize,
    },
    /// A document type definition, which labels have no use for and attackers have.
    #[error("line {0}: has a document type definition (DOCTYPE); labels have none")]
    Doctype(usize),
    /// More structure than any label has.
    #[error("line {line}: {what}: no label is built like that")]
    TooComplex {
        /// What there is too much of.
        what: &'static str,
        /// Line in the XML.
        line: usize,
    },
    /// XML that is not well-formed.
    #[error("not well-formed XML, perhaps incomplete: {0}")]
    Xml(String),
    /// JSON that cannot be read.
    #[error("not the JSON of openFDA: {0}")]
    Json(String),
    /// Well-formed, but something else.
    #[error("not a drug label: {0}")]
    NotALabel(String),
}

/// An official label: one version of one set id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Label {
    /// Names the label for life.
    pub set_id: String,
    /// Version of the set id, from 1.
    pub version: u64,
    /// Day on which the version took effect.
    pub effective: Option<Date>,
    /// Kind of document, as in 'HUMAN OTC DRUG LABEL'.
    pub kind: String,
    /// Title of the document, on one line, without markup.
    pub title: String,
    /// Who is responsible for the label.
    pub labeler: String,
    /// What it is about.
    pub products: Vec<Product>,
    /// Its sections, in order.
    pub sections: Vec<Section>,
}

/// A section of a label with what is nested in it. Texts are Markdown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    /// LOINC code; empty when there is none.
    pub code: String,
    /// Name that belongs to the code.
    pub name: String,
    /// Title on one line; empty when the label has none.
    pub title: String,
    /// Its own text.
    pub body: String,
    /// What the highlights at the front of the label say of it.
    pub highlights: String,
    /// Sections within it.
    pub sections: Vec<Section>,
}

impl Label {
    /// Returns the substances as one name, in lower case: `sacubitril and valsartan`. Names of
    /// salts give way to the active moiety; a label of many substances goes by its generic or
    /// brand name.
    pub fn substance(&self) -> String {
        product::substance(&self.products)
            .unwrap_or_else(|| self.title.to_lowercase())
            .trim()
            .to_owned()
    }

    /// Returns the brand names, without repetition.
    pub fn brands(&self) -> Vec<String> {
        product::distinct(self.products.iter().map(|product| product.brand.as_str()))
    }
}
