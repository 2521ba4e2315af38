//! The template engine: strict, escaping, and with our own words and formats in it.

use std::path::PathBuf;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Output, State, TemplateSource, UndefinedBehavior, context, escape_formatter, path_loader};
use serde::Serialize;

use crate::{Page, Shell, assets, embedded, filters, functions};

/// Where templates come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// Those compiled into the binary.
    Embedded,
    /// A folder; changed files are read again.
    Folder(PathBuf),
}

/// A template failed: a programming error, never the reader's.
#[derive(Debug, thiserror::Error)]
#[error("template {file}: {}", detail(source))]
pub struct Error {
    file: String,
    source: minijinja::Error,
}

impl Error {
    pub(crate) fn new(file: &str, source: minijinja::Error) -> Self {
        Self { file: file.to_owned(), source }
    }
}

fn detail(error: &minijinja::Error) -> String {
    format!("{error:#}")
}

/// Renders pages. Cheap to share behind an `Arc`; every method takes `&self`.
pub struct Engine {
    whole: Environment<'static>,
    /// The same templates with empty layouts, so that a block is rendered without the page around it.
    partial: Environment<'static>,
}

impl Source {
    /// The text of a template, or nothing if there is no such file.
    fn read(&self, name: &str) -> Result<Option<TemplateSource>, minijinja::Error> {
        match self {
            Self::Embedded => Ok(embedded::source(name).map(TemplateSource::from)),
            Self::Folder(folder) => path_loader(folder)(name),
        }
    }
}

fn environment<F>(source: &Source, manifest: &assets::Manifest, loader: F) -> Environment<'static>
where
    F: Fn(&str) -> Result<Option<TemplateSource>, minijinja::Error> + Send + Sync + 'static,
{
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(whitespace());
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(write_escaped);
    environment.set_loader(loader);
    environment.set_auto_reload(matches!(source, Source::Folder(_)));
    functions::register(&mut environment, manifest);
    filters::register(&mut environment);
    environment
}

impl Engine {
    /// An engine over the given templates. Warns once where the front end has not been built.
    pub fn new(source: &Source) -> Self {
        let manifest = assets::Manifest::load();
        if manifest.is_empty() {
            tracing::warn!("the front end has not been built: pages are plain HTML");
        }
        Self::with_assets(source, &manifest)
    }

    /// An engine over the given templates and a given front end.
    pub(crate) fn with_assets(source: &Source, manifest: &assets::Manifest) -> Self {
        let layouts = source.clone();
        Self {
            whole: environment(source, manifest, move |name| layouts.read(name)),
            partial: environment(source, manifest, {
                let source = source.clone();
                move |name| if name.starts_with("layouts/") { Ok(Some(TemplateSource::from(""))) } else { source.read(name) }
            }),
        }
    }

    /// The whole page.
    pub fn page<P: Page>(&self, page: &P, shell: &Shell) -> Result<String, Error> {
        self.whole
            .get_template(P::FILE)
            .and_then(|template| template.render(context(page, shell)))
            .map_err(|source| Error::new(P::FILE, source))
    }

    /// One block of the page, for a partial update; the rest is not evaluated.
    pub fn block<P: Page>(&self, page: &P, shell: &Shell, block: &str) -> Result<String, Error> {
        self.partial
            .get_template(P::FILE)
            .and_then(|template| template.render_captured(context(page, shell)))
            .and_then(|mut rendered| rendered.with_state_mut(|state| state.render_block(block)))
            .map_err(|source| Error::new(P::FILE, source))
    }
}

/// Escapes as the engine does, but leaves `/` alone: half of what our pages fill in are paths.
fn write_escaped(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), minijinja::Error> {
    let text = match value.as_str() {
        Some(text) if !value.is_safe() && *state.auto_escape() == AutoEscape::Html => text,
        _ => return escape_formatter(out, state, value),
    };
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        out.write_str(&rest[..at])?;
        out.write_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#x27;",
        })?;
        rest = &rest[at + 1..];
    }
    Ok(out.write_str(rest)?)
}

/// A statement on a line of its own leaves no empty line behind.
pub(crate) fn whitespace() -> SyntaxConfig {
    SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().unwrap_or_default()
}

fn context(values: impl Serialize, shell: &Shell) -> Value {
    context! { shell => Value::from(Serde(shell)), ..Value::from(Serde(values)) }
}
