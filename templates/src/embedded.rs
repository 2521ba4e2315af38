//! The files compiled into the binary: one embedded folder an area, and the built front end.
//!
//! In a debug build these read the folder itself, so a page can be edited without a rebuild.

use std::borrow::Cow;

use rust_embed::{EmbeddedFile, RustEmbed};

macro_rules! folders {
    ($($name:ident => $folder:tt),+ $(,)?) => {
        $(
            #[derive(RustEmbed)]
            #[folder = $folder]
            struct $name;
        )+

        /// The folder an area's templates live in, as `(area, reader)`.
        fn reader(area: &str) -> Option<fn(&str) -> Option<EmbeddedFile>> {
            $(
                if $folder.rsplit('/').next() == Some(area) {
                    return Some($name::get);
                }
            )+
            None
        }

        /// Every template by its name, such as `public/login.html`.
        #[cfg(test)]
        pub(crate) fn names() -> Vec<String> {
            let mut names = Vec::new();
            $(
                let area = $folder.rsplit('/').next().unwrap_or_default();
                names.extend($name::iter().map(|file| format!("{area}/{file}")));
            )+
            names.sort();
            names
        }
    };
}

folders! {
    Account => "$CARGO_MANIFEST_DIR/account",
    Components => "$CARGO_MANIFEST_DIR/components",
    Dev => "$CARGO_MANIFEST_DIR/dev",
    Emails => "$CARGO_MANIFEST_DIR/emails",
    Exports => "$CARGO_MANIFEST_DIR/exports",
    Home => "$CARGO_MANIFEST_DIR/home",
    Hours => "$CARGO_MANIFEST_DIR/hours",
    Layouts => "$CARGO_MANIFEST_DIR/layouts",
    Messages => "$CARGO_MANIFEST_DIR/messages",
    Notifications => "$CARGO_MANIFEST_DIR/notifications",
    People => "$CARGO_MANIFEST_DIR/people",
    Platform => "$CARGO_MANIFEST_DIR/platform",
    Public => "$CARGO_MANIFEST_DIR/public",
    Reference => "$CARGO_MANIFEST_DIR/reference",
    Reminders => "$CARGO_MANIFEST_DIR/reminders",
    Resource => "$CARGO_MANIFEST_DIR/resource",
    Settings => "$CARGO_MANIFEST_DIR/settings",
    Work => "$CARGO_MANIFEST_DIR/work",
}

/// The built front end; empty where it has not been built.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/assets/dist"]
pub(crate) struct Dist;

/// The source of a template by its name.
pub(crate) fn source(name: &str) -> Option<String> {
    let (area, file) = name.split_once('/')?;
    let bytes = reader(area)?(file)?.data;
    match bytes {
        Cow::Borrowed(bytes) => String::from_utf8(bytes.to_vec()).ok(),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok(),
    }
}
