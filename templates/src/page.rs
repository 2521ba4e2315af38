//! A page is a struct bound to a file.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{Engine, Error, Shell};

/// A struct that fills one template.
pub trait Page: Serialize {
    /// The template, such as `public/login.html`.
    const FILE: &'static str;

    /// Believable values, one for each way the page can look; the tests render all of them in every language.
    fn sample() -> Vec<Self>
    where
        Self: Sized;
}

/// A page known to the tests and to the preview, without its type.
pub struct Binding {
    /// The template.
    pub file: &'static str,
    /// Renders every sample.
    pub render: fn(&Engine, &Shell) -> Vec<Result<String, Error>>,
}

/// Binds structs to their files: `templates! { LoginPage => "public/login.html" }`.
///
/// Each struct has an inherent `fn samples() -> Vec<Self>`. The list is collected in `BINDINGS`, which `pages::bindings` joins.
macro_rules! templates {
    ($($page:ident => $file:literal),* $(,)?) => {
        $(
            impl crate::Page for $page {
                const FILE: &'static str = $file;

                fn sample() -> Vec<Self> {
                    Self::samples()
                }
            }
        )*

        /// Every page of this file.
        pub(crate) const BINDINGS: &[crate::Binding] = &[
            $(crate::Binding {
                file: $file,
                render: |engine, shell| {
                    $page::samples().iter().map(|page| engine.page(page, shell)).collect()
                },
            }),*
        ];
    };
}

pub(crate) use templates;

/// The moment at which every sample is looked at.
pub(crate) fn sample_time() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_167_900, 0).unwrap_or_default()
}
