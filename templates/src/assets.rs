//! The built front end: files by their hashed names, with their precompressed forms.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::embedded::Dist;

/// One file of the front end.
#[derive(Clone, Debug)]
pub struct File {
    /// The content.
    pub bytes: Cow<'static, [u8]>,
    /// Content type, with a charset for text.
    pub mime: &'static str,
    /// The content compressed with Brotli, where the build made it.
    pub br: Option<Cow<'static, [u8]>>,
    /// The content compressed with gzip, where the build made it.
    pub gz: Option<Cow<'static, [u8]>>,
    /// Strong entity tag, quoted.
    pub etag: String,
}

/// A file by its name under `/assets/`. The manifest and the precompressed forms are not files of their own.
pub fn get(path: &str) -> Option<File> {
    if path == "manifest.json" {
        return None;
    }
    let mime = mime(path)?;
    let file = Dist::get(path)?;
    let hash = file.metadata.sha256_hash();
    let hash = u128::from_be_bytes(hash[..16].try_into().unwrap_or_default());
    Some(File {
        mime,
        br: Dist::get(&format!("{path}.br")).map(|file| file.data),
        gz: Dist::get(&format!("{path}.gz")).map(|file| file.data),
        etag: format!("\"{hash:032x}\""),
        bytes: file.data,
    })
}

/// The fonts documents are set in: whole ones, of two weights. Empty where the front end has not been built.
pub fn document_fonts() -> Vec<Cow<'static, [u8]>> {
    ["Inter_400Regular.ttf", "Inter_600SemiBold.ttf"].iter().filter_map(|name| Some(Dist::get(name)?.data)).collect()
}

/// Content type by extension; a kind the build does not make is not served.
fn mime(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

/// Hashed names by plain ones, as the build wrote them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Manifest(BTreeMap<String, String>);

impl Manifest {
    /// Reads the manifest; empty where the front end has not been built.
    pub(crate) fn load() -> Self {
        let Some(file) = Dist::get("manifest.json") else { return Self::default() };
        match serde_json::from_slice(&file.data) {
            Ok(names) => Self(names),
            Err(error) => {
                tracing::error!(%error, "the manifest of the front end cannot be read");
                Self::default()
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where a file is served; empty if the build has none of that name.
    pub(crate) fn href(&self, name: &str) -> String {
        self.0.get(name).map(|file| format!("/assets/{file}")).unwrap_or_default()
    }
}
