//! Email: a subject, a text part and an HTML part with one button.

use std::sync::LazyLock;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};

use crate::embedded;
use crate::engine::Error;
use crate::i18n::{self, Locale};
use crate::message::value;

pub use crate::message::{Kind, Own, Params};

/// A message ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Subject, without line breaks.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML for mail programs: tables and inline styles, nothing loaded from anywhere.
    pub html: String,
}

const FILE: &str = "emails/message.html";

static TEMPLATE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_loader(|name| Ok(embedded::source(name)));
    environment
});

/// Writes a message. Every value is escaped.
pub fn render(kind: Kind<'_>, locale: Locale, params: &Params<'_>) -> Result<Mail, Error> {
    let subject = kind.subject(locale, params);
    let greeting = match value(params, "name") {
        Some(_) => i18n::t(locale, "notify.greeting", params),
        None => i18n::t(locale, "notify.hello", &[]),
    };
    let paragraphs = kind.paragraphs(locale, params);
    let button = kind.words(locale, "button", params);
    let why = kind.words(locale, "why", params);
    let url = value(params, "url").unwrap_or_default();
    let text = format!("{greeting}\n\n{}\n\n{button}:\n{url}\n\n-- \n{why}\n", paragraphs.join("\n\n"));
    let html = TEMPLATE
        .get_template(FILE)
        .and_then(|template| {
            template.render(context! {
                locale => locale.as_str(), link => i18n::t(locale, "notify.link", &[]),
                subject => &subject, greeting, paragraphs, button, url, why,
            })
        })
        .map_err(|source| Error::new(FILE, source))?;
    Ok(Mail { subject, text, html })
}
