//! What typst sees of the world: one source, one file of data, the fonts. No disk, no network, no clock.

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use super::Error;

/// Results of the typesetter's parts are kept for so many documents, then forgotten.
const REMEMBERED: usize = 0;

struct Desk {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    main: Source,
    data: (FileId, Bytes),
}

/// Sets a source with its data, as PDF.
pub fn pdf(source: &str, data: Vec<u8>, fonts: &[&[u8]]) -> Result<Vec<u8>, Error> {
    let document = set(source, data, fonts)?;
    typst_pdf::pdf(&document, &PdfOptions::default()).map_err(|wrong| Error::Setting(said(&wrong)))
}

/// Sets a source with its data.
pub fn set(source: &str, data: Vec<u8>, fonts: &[&[u8]]) -> Result<PagedDocument, Error> {
    let fonts: Vec<Font> = fonts.iter().filter_map(|font| Font::new(Bytes::new(font.to_vec()), 0)).collect();
    if fonts.is_empty() {
        return Err(Error::Fonts);
    }
    let desk = Desk {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
        main: Source::new(id("main.typ")?, source.to_owned()),
        data: (id("data.json")?, Bytes::new(data)),
    };
    let set = typst::compile::<PagedDocument>(&desk).output;
    comemo::evict(REMEMBERED);
    set.map_err(|wrong| Error::Setting(said(&wrong)))
}

fn id(name: &str) -> Result<FileId, Error> {
    let path = VirtualPath::new(name).map_err(|_| Error::Setting(format!("{name} is no path")))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn said(wrong: &[SourceDiagnostic]) -> String {
    wrong.iter().map(|one| one.message.as_str()).collect::<Vec<_>>().join("; ")
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() { Ok(self.main.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 { Ok(self.data.1.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
