//! Documents: lists as branded PDF, set by typst from data. A leaf of the house, because the typesetter is the heaviest thing in it.

mod layout;
mod list;
mod world;

pub use list::{Column, List, list};

/// Why a document could not be made: a fault of ours.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The fonts are missing or no fonts.
    #[error("the fonts of documents are missing: is the front end built?")]
    Fonts,
    /// The data could not be written down.
    #[error("the data of a document: {0}")]
    Data(#[from] serde_json::Error),
    /// The typesetter refused.
    #[error("a document could not be set: {0}")]
    Setting(String),
}
