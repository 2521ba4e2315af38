//! Email: a subject, a text part and an HTML part with one button.

use std::sync::LazyLock;

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};

use crate::embedded;
use crate::engine::{Error, whitespace};
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
    environment.set_syntax(whitespace());
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
    let stop = links.unsubscribe.map(|address| (i18n::t(locale, "letter.unsubscribe", &[]), address));
    let mut parts = vec![greeting.clone()];
    parts.extend(paragraphs.iter().cloned());
    parts.extend(presses.iter().map(|(label, address)| format!("{label}:\n{address}")));
    parts.extend(Some(note.clone()).filter(|note| !note.is_empty()));
    parts.push(format!("{button}:\n{url}"));
    parts.push(foot(&why, stop.as_ref()));
    let text = parts.join("\n\n");
    let html = TEMPLATE
        .get_template(FILE)
        .and_then(|template| {
            template.render(context! {
                locale => locale.as_str(), link => i18n::t(locale, "notify.link", &[]),
                subject => &subject, greeting, paragraphs, button, url, why, note, stop,
                presses => presses.iter().map(|(label, address)| vec![label.clone(), address.clone()]).collect::<Vec<_>>(),
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

/// A letter that lists several messages.
#[derive(Clone, Copy, Debug)]
pub struct Digest<'a> {
    /// Whom it greets.
    pub name: &'a str,
    /// The company it happened at.
    pub company: &'a str,
    /// The messages shown.
    pub lines: &'a [Line],
    /// How many there are.
    pub total: usize,
    /// Leads to all of them.
    pub url: &'a str,
    /// Where the reader says that they want no more such letters.
    pub unsubscribe: Option<&'a str>,
}

/// Writes a letter that lists several messages. Every value is escaped.
pub fn digest(locale: Locale, digest: &Digest<'_>) -> Result<Mail, Error> {
    let Digest { name, company, lines, total, url, unsubscribe } = *digest;
    let count = i64::try_from(total).unwrap_or(i64::MAX);
    let more = i64::try_from(total.saturating_sub(lines.len())).unwrap_or_default();
    let subject = one_line(&i18n::tn(locale, "digest.subject", count, &[("company", company)]));
    let greeting = i18n::t(locale, "notify.greeting", &[("name", name)]);
    let lead = i18n::t(locale, "digest.lead", &[("company", company)]);
    let more = (more > 0).then(|| i18n::tn(locale, "digest.more", more, &[]));
    let button = i18n::t(locale, "digest.button", &[]);
    let why = i18n::t(locale, "digest.why", &[("company", company)]);
    let stop = unsubscribe.map(|address| (i18n::t(locale, "letter.unsubscribe_collected", &[]), address));
    let listed: Vec<String> = lines.iter().map(|line| format!("- {}\n  {}", line.text, line.url)).collect();
    let mut parts = vec![greeting.clone(), lead.clone(), listed.join("\n")];
    parts.extend(more.clone());
    parts.push(format!("{button}:\n{url}"));
    parts.push(foot(&why, stop.as_ref()));
    let text = parts.join("\n\n");
    let lines = Value::from(Serde(lines));
    let html = TEMPLATE
        .get_template(DIGEST)
        .and_then(|template| {
            template
                .render(context! { locale => locale.as_str(), subject => &subject, greeting, lead, lines, more, button, url, why, stop })
        })
        .map_err(|source| Error::new(DIGEST, source))?;
    Ok(Mail { subject, text, html })
}

/// The end of a plain text: why it came, and where the reader ends letters like it.
fn foot(why: &str, stop: Option<&(String, &str)>) -> String {
    let stop = stop.map(|(words, address)| format!("{words}: {address}\n")).unwrap_or_default();
    format!("-- \n{why}\n{stop}")
}
