//! Mail kept in a folder, for whoever tries Millwright without a mail server. Mounted only where such a folder is configured.

use std::path::Path as File;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use domain::Error;
use mail_parser::{Addr, Address, Message, MessageParser};
use poem::http::header;
use poem::web::Path;
use poem::{Response, handler};
use templates::pages::dev::{MailListPage, MailPage, MailRow};
use uuid::Uuid;

use super::pages::Pages;
use super::reader::Reader;
use super::respond::page;
use super::visitor::Visitor;
use crate::http::failure::Result;

/// Letters listed; older ones are found by their file.
const LISTED: usize = 200;

/// A letter's own page may show its inline styles and nothing else: no script, no picture from anywhere, no form.
const SANDBOX: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; sandbox";

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages.get("/dev/mail", list).get("/dev/mail/:id", show).get("/dev/mail/:id/html", html)
}

#[handler]
async fn list(visitor: Visitor) -> Result<Response> {
    let mut letters = Vec::new();
    if let Some(folder) = &visitor.edge.dev_mail {
        letters = newest(folder).await.map_err(unreadable)?;
    }
    let mut messages = Vec::new();
    for (id, at) in letters {
        // one that was removed meanwhile is not there any more
        if let Ok(bytes) = read(&visitor, id).await
            && let Some(letter) = MessageParser::default().parse(&bytes)
        {
            messages.push(row(id, &letter, at));
        }
    }
    page(&visitor, &MailListPage { messages }).await
}

#[handler]
async fn show(visitor: Visitor, Path(id): Path<Uuid>) -> Result<Response> {
    let bytes = read(&visitor, id).await?;
    let letter = MessageParser::default().parse(&bytes).ok_or(Error::NotFound)?;
    let text = letter.body_text(0).unwrap_or_default().into_owned();
    let shown = MailPage {
        message: row(id, &letter, DateTime::UNIX_EPOCH),
        from: addresses(letter.from()),
        links: links(&text),
        html: letter.html_bodies().next().is_some_and(mail_parser::MessagePart::is_text_html),
        text,
    };
    page(&visitor, &shown).await
}

#[handler]
async fn html(visitor: Visitor, Path(id): Path<Uuid>) -> Result<Response> {
    let bytes = read(&visitor, id).await?;
    let letter = MessageParser::default().parse(&bytes).ok_or(Error::NotFound)?;
    let body = letter.body_html(0).ok_or(Error::NotFound)?.into_owned();
    Ok(Response::builder().content_type("text/html; charset=utf-8").header(header::CONTENT_SECURITY_POLICY, SANDBOX).body(body))
}

/// The folder's letters, last written first.
async fn newest(folder: &File) -> std::io::Result<Vec<(Uuid, DateTime<Utc>)>> {
    let mut letters: Vec<(SystemTime, Uuid)> = Vec::new();
    let mut entries = match tokio::fs::read_dir(folder).await {
        Ok(entries) => entries,
        // no letter has been sent yet
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    while let Some(entry) = entries.next_entry().await? {
        let name = entry.file_name();
        let id = name.to_str().and_then(|name| name.strip_suffix(".eml")).and_then(|id| id.parse().ok());
        if let (Some(id), Ok(about)) = (id, entry.metadata().await) {
            letters.push((about.modified()?, id));
        }
    }
    letters.sort_unstable_by(|a, b| b.cmp(a));
    Ok(letters.into_iter().take(LISTED).map(|(at, id)| (id, at.into())).collect())
}

/// The id is a UUID, so that no path leads out of the folder.
async fn read(reader: &Reader, id: Uuid) -> Result<Vec<u8>> {
    let folder = reader.edge.dev_mail.as_ref().ok_or(Error::NotFound)?;
    match tokio::fs::read(folder.join(format!("{id}.eml"))).await {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Error::NotFound.into()),
        Err(error) => Err(unreadable(error)),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn unreadable(error: std::io::Error) -> crate::http::failure::Failure {
    Error::Unavailable(format!("the folder of mail: {error}")).into()
}

fn row(id: Uuid, letter: &Message<'_>, written: DateTime<Utc>) -> MailRow {
    let sent = letter.date().and_then(|date| DateTime::from_timestamp(date.to_timestamp(), 0));
    MailRow {
        id: id.to_string(),
        to: addresses(letter.to()),
        subject: letter.subject().unwrap_or_default().to_owned(),
        at: sent.unwrap_or(written),
    }
}

fn addresses(addresses: Option<&Address<'_>>) -> String {
    let one = |address: &Addr<'_>| match (address.name(), address.address()) {
        (Some(name), Some(email)) => format!("{name} <{email}>"),
        (name, email) => name.or(email).unwrap_or_default().to_owned(),
    };
    addresses.into_iter().flat_map(Address::iter).map(one).collect::<Vec<_>>().join(", ")
}

/// Addresses in a plain text, each on a line of its own or between spaces.
fn links(text: &str) -> Vec<String> {
    let words = text.split_whitespace().filter(|word| word.starts_with("http://") || word.starts_with("https://"));
    words.map(|word| word.trim_end_matches(['.', ',', ')', '>', ';']).to_owned()).collect()
}
