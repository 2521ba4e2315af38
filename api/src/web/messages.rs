//! What a company's messages say, and what became of them.

use domain::Error;
use domain::identity::member::Choices;
use domain::kernel::permission::Permission;
use domain::notify::kinds::{Channel, Kind, OPTIONAL, to_members};
use domain::notify::log::{ChangeRetention, Delivery, Log, STATES, ShowRetention};
use domain::notify::own::{ChangeText, ListTexts, OwnText, Place, ResetText, ShowText, Words};
use domain::notify::text;
use poem::web::{Path, Query};
use poem::{Response, handler};
use serde::Deserialize;
use templates::Locale;
use templates::i18n::{exists, t};
use templates::message::{ours, spoken};
use templates::pages::messages::{LogFilter, LogPage, LogRow, TextCell, TextFamily, TextPage, TextRow, TextsPage};
use templates::pages::parts::{Choice, Errors, Text};
use uuid::Uuid;

use super::flash::Flash;
use super::form::{Form, Wrong};
use super::pages::Pages;
use super::paging::older;
use super::respond::{done, page, whole};
use super::visitor::Member;
use crate::http::failure::Result;

const TEXTS: &str = "settings/notifications";
const LOG: &str = "settings/notifications/log";
/// Messages on a page.
const ROWS: i64 = 50;

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages
        .get("/:company/settings/notifications", list)
        .post("/:company/settings/notifications/keep", keep)
        .get("/:company/settings/notifications/log", log)
        .get("/:company/settings/notifications/:kind/:channel/:locale", show)
        .post("/:company/settings/notifications/:kind/:channel/:locale", save)
        .post("/:company/settings/notifications/:kind/:channel/:locale/reset", reset)
}

/// The parts of a text's address behind the company.
#[derive(Debug, Deserialize)]
struct At {
    kind: String,
    channel: String,
    locale: String,
}

impl At {
    fn place(self) -> Result<Place> {
        let channel = Channel::parse(&self.channel).ok_or(Error::NotFound)?;
        Ok(Place { kind: self.kind, channel, locale: self.locale })
    }
}

#[handler]
async fn list(member: Member) -> Result<Response> {
    let filled = texts(&member).await?;
    page(&member, &filled).await
}

async fn texts(member: &Member) -> Result<TextsPage> {
    let own = member.run(ListTexts).await?;
    let retention = member.run(ShowRetention).await?;
    let mut families: Vec<TextFamily> = Vec::new();
    for kind in to_members() {
        let row = TextRow { key: kind.key.to_owned(), channels: kind.channels.iter().map(|channel| cell(&own, kind, *channel)).collect() };
        match families.iter_mut().find(|family| family.key == kind.family()) {
            Some(family) => family.kinds.push(row),
            None => families.push(TextFamily { key: kind.family().to_owned(), kinds: vec![row] }),
        }
    }
    Ok(TextsPage {
        base: member.path(TEXTS),
        company: member.scope.company().name.clone(),
        families,
        keep_days: retention.keep_days.to_string(),
        keep_version: retention.version,
        errors: Errors::new(),
    })
}

fn cell(own: &[Place], kind: &Kind, channel: Channel) -> TextCell {
    let written = |locale: Locale| own.iter().any(|at| at.kind == kind.key && at.channel == channel && at.locale == locale.as_str());
    let locales = Locale::ALL.map(|locale| (locale.as_str().to_owned(), written(locale))).into();
    TextCell { channel: channel.as_str().to_owned(), locales }
}

#[handler]
async fn keep(member: Member, form: Form) -> Result<Response> {
    let version = form.version()?;
    let change = match form.text("keep_days").trim().parse() {
        Ok(keep_days) => member.edge.app.run(&member.scope, ChangeRetention { version, keep_days }).await,
        Err(_) => Err(Error::field("keep_days", "not_an_integer")),
    };
    match change {
        Ok(_) => Ok(done(&member, &member.path(TEXTS), Flash::new("saved"))),
        Err(error) => {
            let wrong = Wrong::of(member.locale, error)?;
            let here = member.path(TEXTS);
            let member = member.at(&here);
            let again = TextsPage { keep_days: form.typed("keep_days"), errors: wrong.errors, ..texts(&member).await? };
            whole(&member, wrong.status, &again).await
        }
    }
}

#[handler]
async fn show(member: Member, Path(at): Path<At>) -> Result<Response> {
    let place = at.place()?;
    let stored = member.run(ShowText(place.clone())).await?;
    let filled = filled(&member, &place, &stored)?;
    page(&member, &filled).await
}

/// The text as it is said now: the company's own, or ours to begin with.
fn filled(member: &Member, place: &Place, stored: &OwnText) -> Result<TextPage> {
    let kind = place.kind()?;
    let locale = Locale::parse(&place.locale).unwrap_or_default();
    let own = stored.version > 0;
    let bell = place.channel == Channel::Bell;
    let first = if bell && exists(Locale::En, &format!("notify.{}.notice", kind.key)) { "notice" } else { "subject" };
    let said = |own_text: &str, part: &str| if own { own_text.to_owned() } else { ours(kind.key, part, locale) };
    let (subject, body) = (said(&stored.subject, first), if bell { String::new() } else { said(&stored.body, "body") });
    Ok(TextPage {
        base: format!("{}/{}/{}/{}", member.path(TEXTS), kind.key, place.channel.as_str(), locale.as_str()),
        list: member.path(TEXTS),
        kind: kind.key.to_owned(),
        channel: place.channel.as_str().to_owned(),
        locale: locale.as_str().to_owned(),
        own,
        version: stored.version,
        preview: preview(member, kind, locale, &subject, &body),
        subject,
        body,
        placeholders: kind.placeholders.iter().chain(OPTIONAL).map(|name| (*name).to_owned()).collect(),
        errors: Errors::new(),
    })
}

/// A text with made-up values; nothing where it cannot be filled.
fn preview(member: &Member, kind: &Kind, locale: Locale, subject: &str, body: &str) -> Option<(String, Vec<String>)> {
    let names = kind.placeholders.iter().chain(OPTIONAL);
    let values: Vec<(&str, String)> = names.map(|name| (*name, sample(member, locale, name))).collect();
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let body = text::fill(body, &values).ok()?;
    let paragraphs = body.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    Some((text::fill(subject, &values).ok()?, paragraphs))
}

fn sample(member: &Member, locale: Locale, name: &str) -> String {
    let company = member.scope.company();
    let key = format!("messages.sample.{name}");
    match name {
        "number" => "WO-1042".to_owned(),
        "host" => "smtp.example.com".to_owned(),
        "address" => "serik@example.com".to_owned(),
        "company" => company.name.clone(),
        "url" => member.edge.app.url(&format!("/{}/work-orders/WO-1042", company.slug)),
        "list" => spoken(locale, name, "work_orders").1,
        "format" => spoken(locale, name, "xlsx").1,
        "date" => spoken(locale, name, "2026-03-12").1,
        _ if exists(locale, &key) => t(locale, &key, &[]),
        _ => "3".to_owned(),
    }
}

#[handler]
async fn save(member: Member, Path(at): Path<At>, form: Form) -> Result<Response> {
    let (place, version) = (at.place()?, form.version()?);
    let words = Words { subject: form.typed("subject").trim().to_owned(), body: form.typed("body").replace("\r\n", "\n") };
    let stored = member.run(ShowText(place.clone())).await?;
    let typed = |errors| -> Result<TextPage> {
        let page = filled(&member, &place, &stored)?;
        let locale = Locale::parse(&place.locale).unwrap_or_default();
        let preview = preview(&member, place.kind()?, locale, &words.subject, &words.body);
        Ok(TextPage { subject: words.subject.clone(), body: words.body.clone(), version, preview, errors, ..page })
    };
    let done_or = if form.ticked("preview") {
        words.check(place.kind()?, place.channel).map(|()| None)
    } else {
        let change = ChangeText { place: place.clone(), version, words: words.clone() };
        member.edge.app.run(&member.scope, change).await.map(Some)
    };
    match done_or {
        Ok(Some(_)) => Ok(done(&member, &member.path(TEXTS), Flash::new("saved"))),
        Ok(None) => page(&member, &typed(Errors::new())?).await,
        Err(error) => {
            let wrong = Wrong::of(member.locale, error)?;
            whole(&member, wrong.status, &TextPage { preview: None, ..typed(wrong.errors)? }).await
        }
    }
}

#[handler]
async fn reset(member: Member, Path(at): Path<At>, form: Form) -> Result<Response> {
    member.run(ResetText { place: at.place()?, version: form.version()? }).await?;
    Ok(done(&member, &member.path(TEXTS), Flash::new("text_reset")))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    state: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    member: String,
    cursor: Option<Uuid>,
}

#[handler]
async fn log(member: Member, Query(asked): Query<Asked>) -> Result<Response> {
    let Asked { state, channel, kind, member: of, cursor } = asked;
    let said = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let mut found = member
        .run(Log {
            state: said(&state),
            channel: Channel::parse(&channel),
            kind: said(&kind),
            member: of.parse().ok(),
            before: cursor,
            limit: ROWS + 1,
        })
        .await?;
    let shown = usize::try_from(ROWS).unwrap_or_default();
    let next = (found.len() > shown).then(|| found[shown - 1].id.to_string());
    found.truncate(shown);
    let base = member.path(LOG);
    let query = [("state", &*state), ("channel", &*channel), ("kind", &*kind), ("member", &*of)];
    let key = |prefix: &str, value: &str| Choice::new(value, Text::key(format!("{prefix}{value}")));
    // names are for those who may see them
    let people = if member.scope.can(Permission::WorkOrderView) { member.run(Choices::default()).await? } else { Vec::new() };
    let filled = LogPage {
        pager: older(&base, &query, next),
        base,
        texts: member.path(TEXTS),
        states: STATES.iter().map(|state| key("messages.log.states.", state)).collect(),
        channels: [Channel::Email, Channel::Telegram].iter().map(|channel| key("channel.", channel.as_str())).collect(),
        kinds: to_members().map(|kind| key("kind.", kind.key)).collect(),
        people: people.into_iter().map(|person| Choice::new(person.id.to_string(), Text::raw(person.name))).collect(),
        rows: found.into_iter().map(row).collect(),
        filter: LogFilter { state, channel, kind, member: of },
    };
    page(&member, &filled).await
}

fn row(each: Delivery) -> LogRow {
    let named = Kind::find(&each.kind).is_some();
    let reason = each.reason.map(|reason| match reason.as_str() {
        "no_address" => Text::key(format!("messages.log.no_address.{}", each.channel)),
        "turned_off" => Text::key("messages.log.turned_off"),
        _ => Text::raw(reason),
    });
    LogRow {
        at: each.at,
        to: each.member,
        address: if each.channel == Channel::Telegram.as_str() { String::new() } else { each.address },
        kind: if named { Text::key(format!("kind.{}", each.kind)) } else { Text::raw(each.kind) },
        channel: each.channel,
        waits: each.wake_at,
        state: each.state,
        reason,
        attempts: each.attempts,
    }
}
