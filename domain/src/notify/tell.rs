//! Telling: recipients resolved, notifications and deliveries written, jobs queued, all in the transaction of what happened.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};
use uuid::Uuid;
use workflows::Recipient;

use super::kinds::{Audience, Channel, Kind, Mode};
use super::way::{Quiet, Reader, Way};
use super::{group_message, jobs, text};
use crate::identity::signup::LOCALES;
use crate::kernel::action::Cx;
use crate::kernel::error::{Error, Result};

/// Why nothing was sent to somebody without an address.
const NO_ADDRESS: &str = "no_address";

/// Something to be told.
#[derive(Debug)]
pub struct Telling<'a> {
    /// The text's key, of a [`Kind`](super::Kind).
    pub text: &'a str,
    /// The file's own words by language, with `%{placeholders}` of [`kinds::VARIABLES`]; where there are none, the kind's are said. A
    /// language it is not worded in is spoken to in the company's main one.
    ///
    /// [`kinds::VARIABLES`]: super::kinds::VARIABLES
    pub words: Words,
    /// By which channels, whatever its readers prefer; empty where they are to choose.
    pub channels: &'a [Channel],
    /// To whom.
    pub to: &'a [Recipient],
    /// The kind of record it is about.
    pub subject: &'static str,
    /// The record.
    pub record: Uuid,
    /// Where it is: people limited to other sites are not told. Where it is of no one site only people limited to none are told, and those
    /// named one by one.
    pub site: Option<Uuid>,
    /// What the text mentions.
    pub mention: &'a Json,
    /// Tells two happenings apart, and a happening delivered twice from two.
    pub dedupe: String,
    /// Who is left out: whoever did it.
    pub except: Option<Uuid>,
}

/// Words by language.
pub type Words = BTreeMap<String, String>;

struct Person {
    id: Uuid,
    reader: Reader,
}

/// Tells everybody concerned, each person once.
pub async fn tell(cx: &mut Cx<'_>, telling: &Telling<'_>) -> Result<()> {
    // a file of another version may name a kind that is no more: its step goes on, and nobody is told
    let Some(kind) = Kind::find(telling.text) else {
        tracing::error!(kind = telling.text, "nobody is told: there is no such kind of message");
        return Ok(());
    };
    if kind.audience == Audience::Addressee {
        // it bears secrets, and is written to its address alone: none of them is kept here
        return Err(Error::Internal(format!("{} is nothing a member is told", kind.key)));
    }
    let mention = mention(cx, telling).await?;
    group_message::tell(cx, telling, kind, &mention).await?;
    let people = people(cx, telling).await?;
    if people.is_empty() {
        return Ok(());
    }
    let told = notifications(cx, telling, (kind, &mention), people).await?;
    for (_, person) in &told {
        cx.ring(person.id);
    }
    deliveries(cx, kind, &told).await
}

/// What is kept with the notification: what its text mentions, and the file's own words in every language.
async fn mention(cx: &mut Cx<'_>, telling: &Telling<'_>) -> Result<Json> {
    let (mut mention, mut words) = (telling.mention.clone(), telling.words.clone());
    if words.is_empty() {
        return Ok(mention);
    }
    if LOCALES.iter().any(|locale| !words.contains_key(*locale)) {
        let main =
            sqlx::query_scalar!("SELECT locale FROM platform.tenants WHERE id = $1", cx.tenant().uuid()).fetch_one(cx.conn()).await?;
        let spoken = words.get(&main).or_else(|| words.values().next()).cloned().unwrap_or_default();
        for locale in LOCALES {
            words.entry((*locale).to_owned()).or_insert_with(|| spoken.clone());
        }
    }
    if let Some(all) = mention.as_object_mut() {
        all.insert(text::WORDS.to_owned(), json!(words));
    }
    Ok(mention)
}

async fn people(cx: &mut Cx<'_>, telling: &Telling<'_>) -> Result<Vec<Person>> {
    let mut permissions = Vec::new();
    let mut roles = Vec::new();
    let mut members = Vec::new();
    for recipient in telling.to {
        match recipient {
            Recipient::Permission(permission) => permissions.push(permission.clone()),
            Recipient::Role(role) => roles.push(role.clone()),
            Recipient::Member(member) => members.push(*member),
        }
    }
    let rows = sqlx::query!(
        r#"SELECT m.id, m.email, m.telegram_chat, r.key AS role, q.starts AS "starts?", q.ends AS "ends?", q.zone AS "zone?",
             (SELECT jsonb_object_agg(p.channel, p.mode) FROM notification_preferences p
              WHERE p.tenant_id = m.tenant_id AND p.member_id = m.id AND p.kind = $7) AS modes
           FROM members m JOIN roles r ON r.tenant_id = m.tenant_id AND r.id = m.role_id
           LEFT JOIN quiet_hours q ON q.tenant_id = m.tenant_id AND q.member_id = m.id
           WHERE m.tenant_id = $1 AND m.kind = 'person' AND m.active AND m.id IS DISTINCT FROM $6
             AND (m.site_ids IS NULL OR $2 = ANY (m.site_ids) OR $2::uuid IS NULL AND m.id = ANY ($5))
             AND (r.permissions && $3 OR r.key = ANY ($4) OR m.id = ANY ($5))"#,
        cx.tenant().uuid(),
        telling.site,
        &permissions,
        &roles,
        &members,
        telling.except,
        telling.text,
    )
    .fetch_all(cx.conn())
    .await?;
    let company = cx.scope().company().zone;
    let person = |id, reader| Person { id, reader };
    Ok(rows
        .into_iter()
        .map(|row| {
            let zone = row.zone.and_then(|zone| zone.parse().ok()).unwrap_or(company);
            let quiet = row.starts.zip(row.ends).map(|(from, until): (NaiveTime, NaiveTime)| Quiet { from, until, zone });
            let (email, telegram_chat, role) = (row.email, row.telegram_chat, row.role);
            let only = telling.channels.to_vec();
            person(row.id, Reader { email, telegram_chat, role, modes: modes(row.modes), only, quiet, zone })
        })
        .collect())
}

/// What was chosen, as it is stored; a name of another version counts for nothing.
fn modes(stored: Option<Json>) -> BTreeMap<Channel, Mode> {
    let stored = stored.and_then(|stored| serde_json::from_value::<BTreeMap<String, String>>(stored).ok()).unwrap_or_default();
    stored.iter().filter_map(|(channel, mode)| Some((Channel::parse(channel)?, Mode::parse(mode)?))).collect()
}

/// Writes the bell's rows; answers the people who had not been told of this yet, with the rows' ids.
async fn notifications(
    cx: &mut Cx<'_>,
    telling: &Telling<'_>,
    (kind, mention): (&Kind, &Json),
    people: Vec<Person>,
) -> Result<Vec<(Uuid, Person)>> {
    let now = cx.now();
    let ids: Vec<Uuid> = people.iter().map(|_| Uuid::now_v7()).collect();
    let members: Vec<Uuid> = people.iter().map(|person| person.id).collect();
    let shown: Vec<bool> = people.iter().map(|person| person.reader.mode(kind, Channel::Bell) != Mode::Off).collect();
    let fresh = sqlx::query!(
        "INSERT INTO notifications (tenant_id, id, member_id, kind, subject, record_id, params, at, dedupe, shown)
         SELECT $1, n.id, n.member_id, $5, $6, $7, $8, $9, $10, n.shown FROM unnest($2::uuid[], $3::uuid[], $4::boolean[]) AS n (id, member_id, shown)
         WHERE NOT EXISTS (SELECT FROM notifications o WHERE o.tenant_id = $1 AND o.record_id = $7 AND o.at > $11 AND o.member_id = n.member_id
           AND o.kind = $5 AND o.params = $8)
         ON CONFLICT (tenant_id, member_id, dedupe) DO NOTHING RETURNING id, member_id",
        cx.tenant().uuid(),
        &ids,
        &members,
        &shown,
        telling.text,
        telling.subject,
        telling.record,
        mention,
        now,
        telling.dedupe,
        now - TimeDelta::minutes(kind.window.into()),
    )
    .fetch_all(cx.conn())
    .await?;
    let mut people: BTreeMap<Uuid, Person> = people.into_iter().map(|person| (person.id, person)).collect();
    Ok(fresh.into_iter().filter_map(|row| Some((row.id, people.remove(&row.member_id)?))).collect())
}

async fn deliveries(cx: &mut Cx<'_>, kind: &Kind, told: &[(Uuid, Person)]) -> Result<()> {
    let now = cx.now();
    let rows: Vec<(Uuid, Uuid, Way)> = told
        .iter()
        .flat_map(|(notification, person)| person.reader.ways(kind, now).into_iter().map(|way| (Uuid::now_v7(), *notification, way)))
        .collect();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
    let notifications: Vec<Uuid> = rows.iter().map(|row| row.1).collect();
    let channels: Vec<&str> = rows.iter().map(|row| row.2.channel.as_str()).collect();
    let addresses: Vec<&str> = rows.iter().map(|row| row.2.address.as_deref().unwrap_or_default()).collect();
    let reasons: Vec<Option<&str>> = rows.iter().map(|row| row.2.address.is_none().then_some(NO_ADDRESS)).collect();
    let wakes: Vec<Option<DateTime<Utc>>> = rows.iter().map(|row| row.2.wake_at).collect();
    let digests: Vec<Option<&str>> = rows.iter().map(|row| row.2.digest.map(Mode::as_str)).collect();
    sqlx::query!(
        "INSERT INTO deliveries (tenant_id, id, notification_id, channel, address, state, reason, wake_at, digest)
         SELECT $1, d.id, d.notification_id, d.channel, d.address, CASE WHEN d.reason IS NULL THEN 'pending' ELSE 'skipped' END, d.reason,
           d.wake_at, d.digest
         FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[])
           AS d (id, notification_id, channel, address, reason, wake_at, digest)",
        cx.tenant().uuid(),
        &ids,
        &notifications,
        &channels as &[&str],
        &addresses as &[&str],
        &reasons as &[Option<&str>],
        &wakes as &[Option<DateTime<Utc>>],
        &digests as &[Option<&str>],
    )
    .execute(cx.conn())
    .await?;
    for (delivery, _, way) in rows.into_iter().filter(|(.., way)| way.address.is_some() && way.wake_at.is_none()) {
        match way.channel {
            Channel::Telegram => cx.enqueue(&jobs::Telegram { delivery })?,
            Channel::Email | Channel::Bell => cx.enqueue(&jobs::Email { delivery })?,
        }
    }
    Ok(())
}
