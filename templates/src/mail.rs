//! Email: a subject, a text part and an HTML part with one button.

use std::sync::LazyLock;

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};

use crate::embedded;
use crate::engine::Error;
use crate::i18n::{self, Locale};
use crate::message::{one_line, value};

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

/// What a letter leads to besides its button.
#[derive(Clone, Copy, Debug, Default)]
pub struct Links<'a> {
    /// Steps the reader may take from the letter: what each says, and its address.
    pub presses: &'a [(String, String)],
    /// Until when these work, as the reader's language writes it.
    pub until: &'a str,
    /// Where the reader says that they want no more of these.
    pub unsubscribe: Option<&'a str>,
}

const FILE: &str = "emails/message.html";
const DIGEST: &str = "emails/digest.html";

static TEMPLATE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_loader(|name| Ok(embedded::source(name)));
    environment
});

/// Writes a message. Every value is escaped.
pub fn render(kind: Kind<'_>, locale: Locale, params: &Params<'_>) -> Result<Mail, Error> {
    render_with(kind, locale, params, Links::default())
}

/// The same with more links in it.
pub fn render_with(kind: Kind<'_>, locale: Locale, params: &Params<'_>, links: Links<'_>) -> Result<Mail, Error> {
    let subject = kind.subject(locale, params);
    let greeting = match value(params, "name") {
        Some(_) => i18n::t(locale, "notify.greeting", params),
        None => i18n::t(locale, "notify.hello", &[]),
    };
    let paragraphs = kind.paragraphs(locale, params);
    let button = kind.words(locale, "button", params);
    let why = kind.words(locale, "why", params);
    let url = value(params, "url").unwrap_or_default();
    let presses = links.presses;
    let note = if presses.is_empty() { String::new() } else { i18n::t(locale, "letter.presses", &[("until", links.until)]) };
    let stop = i18n::t(locale, "letter.unsubscribe", &[]);
    let mut parts = vec![greeting.clone()];
    parts.extend(paragraphs.iter().cloned());
    parts.extend(presses.iter().map(|(label, address)| format!("{label}:\n{address}")));
    parts.extend(Some(note.clone()).filter(|note| !note.is_empty()));
    let leave = links.unsubscribe.map(|address| format!("{stop}: {address}\n")).unwrap_or_default();
    parts.push(format!("{button}:\n{url}"));
    parts.push(format!("-- \n{why}\n{leave}"));
    let text = parts.join("\n\n");
    let html = TEMPLATE
        .get_template(FILE)
        .and_then(|template| {
            template.render(context! {
                locale => locale.as_str(), link => i18n::t(locale, "notify.link", &[]),
                subject => &subject, greeting, paragraphs, button, url, why, note, stop,
                presses => presses.iter().map(|(label, address)| vec![label.clone(), address.clone()]).collect::<Vec<_>>(),
                unsubscribe => links.unsubscribe,
            })
        })
        .map_err(|source| Error::new(FILE, source))?;
    Ok(Mail { subject, text, html })
}

/// A line of a letter that lists several messages.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Line {
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub url: String,
}

/// Writes a letter that lists several messages, of which `lines` are shown and `total` there are; `url` leads to all of them.
pub fn digest(locale: Locale, name: &str, company: &str, lines: &[Line], total: usize, url: &str) -> Result<Mail, Error> {
    let count = i64::try_from(total).unwrap_or(i64::MAX);
    let more = i64::try_from(total.saturating_sub(lines.len())).unwrap_or_default();
    let subject = one_line(&i18n::tn(locale, "digest.subject", count, &[("company", company)]));
    let greeting = i18n::t(locale, "notify.greeting", &[("name", name)]);
    let lead = i18n::t(locale, "digest.lead", &[("company", company)]);
    let more = if more > 0 { i18n::tn(locale, "digest.more", more, &[]) } else { String::new() };
    let button = i18n::t(locale, "digest.button", &[]);
    let why = i18n::t(locale, "digest.why", &[("company", company)]);
    let listed: Vec<String> = lines.iter().map(|line| format!("- {}\n  {}", line.text, line.url)).collect();
    let text = format!("{greeting}\n\n{lead}\n\n{}\n\n{more}\n\n{button}:\n{url}\n\n-- \n{why}\n", listed.join("\n"));
    let html = TEMPLATE
        .get_template(DIGEST)
        .and_then(|template| {
            template.render(context! { locale => locale.as_str(), subject => &subject, greeting, lead, lines => Value::from(Serde(lines)), more, button, url, why })
        })
        .map_err(|source| Error::new(DIGEST, source))?;
    Ok(Mail { subject, text, html })
}
