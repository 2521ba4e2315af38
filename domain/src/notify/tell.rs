//! Telling: recipients resolved, notifications and deliveries written, jobs queued, all in the transaction of what happened.

use serde_json::Value as Json;
use uuid::Uuid;
use workflows::Recipient;

use super::jobs;
use crate::kernel::action::Cx;
use crate::kernel::error::Result;

/// Something to be told.
#[derive(Debug)]
pub struct Telling<'a> {
    /// The text's key, of a [`Kind`](super::Kind).
    pub text: &'a str,
    /// To whom.
    pub to: &'a [Recipient],
    /// The kind of record it is about.
    pub subject: &'static str,
    /// The record.
    pub record: Uuid,
    /// Where it is: people limited to other sites are not told.
    pub site: Uuid,
    /// What the text mentions.
    pub mention: &'a Json,
    /// Tells two happenings apart, and a happening delivered twice from two.
    pub dedupe: String,
    /// Who is left out: whoever did it.
    pub except: Option<Uuid>,
}

struct Person {
    id: Uuid,
    email: Option<String>,
    telegram_chat: Option<i64>,
}

/// Tells everybody concerned, each person once.
pub async fn tell(cx: &mut Cx<'_>, telling: &Telling<'_>) -> Result<()> {
    let people = people(cx, telling).await?;
    if people.is_empty() {
        return Ok(());
    }
    let told = notifications(cx, telling, &people).await?;
    for (_, person) in &told {
        cx.ring(person.id);
    }
    deliveries(cx, &told).await
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
    Ok(sqlx::query_as!(
        Person,
        "SELECT m.id, m.email, m.telegram_chat
         FROM members m JOIN roles r ON r.tenant_id = m.tenant_id AND r.id = m.role_id
         WHERE m.tenant_id = $1 AND m.kind = 'person' AND m.active AND m.id IS DISTINCT FROM $6
           AND (m.site_ids IS NULL OR $2 = ANY (m.site_ids))
           AND (r.permissions && $3 OR r.key = ANY ($4) OR m.id = ANY ($5))",
        cx.tenant().uuid(),
        telling.site,
        &permissions,
        &roles,
        &members,
        telling.except,
    )
    .fetch_all(cx.conn())
    .await?)
}

/// Writes the bell's rows; answers the people who had not been told of this yet.
async fn notifications(cx: &mut Cx<'_>, telling: &Telling<'_>, people: &[Person]) -> Result<Vec<(Uuid, Person)>> {
    let now = cx.now();
    let ids: Vec<Uuid> = people.iter().map(|_| Uuid::now_v7()).collect();
    let members: Vec<Uuid> = people.iter().map(|person| person.id).collect();
    let fresh = sqlx::query!(
        "INSERT INTO notifications (tenant_id, id, member_id, kind, subject, record_id, params, at, dedupe)
         SELECT $1, n.id, n.member_id, $4, $5, $6, $7, $8, $9 FROM unnest($2::uuid[], $3::uuid[]) AS n (id, member_id)
         ON CONFLICT (tenant_id, member_id, dedupe) DO NOTHING RETURNING id, member_id",
        cx.tenant().uuid(),
        &ids,
        &members,
        telling.text,
        telling.subject,
        telling.record,
        telling.mention,
        now,
        telling.dedupe,
    )
    .fetch_all(cx.conn())
    .await?;
    let person = |member| people.iter().find(|person| person.id == member);
    Ok(fresh
        .into_iter()
        .filter_map(|row| {
            let Person { id, email, telegram_chat } = person(row.member_id)?;
            Some((row.id, Person { id: *id, email: email.clone(), telegram_chat: *telegram_chat }))
        })
        .collect())
}

async fn deliveries(cx: &mut Cx<'_>, told: &[(Uuid, Person)]) -> Result<()> {
    let mut rows = Vec::new();
    for (notification, person) in told {
        if let Some(email) = &person.email {
            rows.push((Uuid::now_v7(), *notification, "email", email.clone()));
        }
        if let Some(chat) = person.telegram_chat {
            rows.push((Uuid::now_v7(), *notification, "telegram", chat.to_string()));
        }
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
    let notifications: Vec<Uuid> = rows.iter().map(|row| row.1).collect();
    let channels: Vec<&str> = rows.iter().map(|row| row.2).collect();
    let addresses: Vec<String> = rows.iter().map(|row| row.3.clone()).collect();
    sqlx::query!(
        "INSERT INTO deliveries (tenant_id, id, notification_id, channel, address)
         SELECT $1, d.id, d.notification_id, d.channel, d.address
         FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[]) AS d (id, notification_id, channel, address)",
        cx.tenant().uuid(),
        &ids,
        &notifications,
        &channels as &[&str],
        &addresses,
    )
    .execute(cx.conn())
    .await?;
    for (delivery, _, channel, _) in rows {
        match channel {
            "email" => cx.enqueue(&jobs::Email { delivery })?,
            _ => cx.enqueue(&jobs::Telegram { delivery })?,
        }
    }
    Ok(())
}
