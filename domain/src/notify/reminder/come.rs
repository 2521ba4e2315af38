//! A reminder whose moment has come.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;
use workflows::Recipient;

use super::arrange::{dated, prefix};
use super::rule::{Rule, rules};
use crate::kernel::action::Cx;
use crate::kernel::error::Result;
use crate::notify::{Telling, Words, tell};

struct Row {
    rule: String,
    key: String,
    record_id: Uuid,
    due_at: DateTime<Utc>,
}

/// Tells whom the rule names, if the record still has the date; marks the row as done either way. `refused` only notes why not.
pub(crate) async fn come(cx: &mut Cx<'_>, timer: Uuid, refused: Option<&str>) -> Result<()> {
    let tenant = cx.tenant().uuid();
    let row = sqlx::query_as!(
        Row,
        r#"SELECT rule, key, record_id, due_at AS "due_at!" FROM timers
           WHERE tenant_id = $1 AND id = $2 AND wake_at IS NOT NULL AND due_at IS NOT NULL FOR UPDATE"#,
        tenant,
        timer,
    )
    .fetch_optional(cx.conn())
    .await?;
    let Some(row) = row else { return Ok(()) };
    let now = cx.now();
    if row.due_at > now {
        sqlx::query!("UPDATE timers SET wake_at = due_at WHERE tenant_id = $1 AND id = $2", tenant, timer).execute(cx.conn()).await?;
        return Ok(());
    }
    sqlx::query!(
        "UPDATE timers SET wake_at = NULL, fired_at = $3, refused = $4 WHERE tenant_id = $1 AND id = $2",
        tenant,
        timer,
        now,
        refused,
    )
    .execute(cx.conn())
    .await?;
    if refused.is_some() {
        return Ok(());
    }
    let rule = match row.rule.parse() {
        Ok(id) => rules(cx, Some(id)).await?.pop().filter(|rule| rule.active),
        Err(_) => None,
    };
    match rule {
        Some(rule) => remind(cx, &rule, &row).await,
        None => Ok(()),
    }
}

async fn remind(cx: &mut Cx<'_>, rule: &Rule, row: &Row) -> Result<()> {
    let Some((field, dated)) = dated(cx, rule, row.record_id).await? else { return Ok(()) };
    if !row.key.starts_with(&prefix(rule.id, dated.day)) {
        return Ok(());
    }
    let mut to = members_of(cx, &rule.role_ids).await?;
    to.extend(dated.assignee.filter(|_| rule.assignee).map(Recipient::Member));
    let mention = json!({ "field": field.key, "date": dated.day, "title": dated.title, "number": dated.number });
    let telling = Telling {
        text: field.kind,
        words: Words::new(),
        channels: &[],
        to: &to,
        subject: field.subject,
        record: dated.id,
        site: Some(dated.site_id),
        mention: &mention,
        dedupe: format!("{}:{}", row.key, row.record_id),
        except: None,
    };
    tell(cx, &telling).await
}

async fn members_of(cx: &mut Cx<'_>, roles: &[Uuid]) -> Result<Vec<Recipient>> {
    let members = sqlx::query_scalar!(
        "SELECT id FROM members WHERE tenant_id = $1 AND kind = 'person' AND active AND role_id = ANY ($2)",
        cx.tenant().uuid(),
        roles,
    )
    .fetch_all(cx.conn())
    .await?;
    Ok(members.into_iter().map(Recipient::Member).collect())
}
