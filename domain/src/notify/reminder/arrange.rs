//! Rules made into rows of `timers`. Only the near future is written down: every morning's checks write the next day of it, so
//! that a company's hundred thousand dates never lie there all at once.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use workflows::calendar::local;

use super::field::{Dated, FIELDS, Field};
use super::rule::{Rule, rules};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::Result;
use crate::kernel::jobs::{Job, Lane};
use crate::kernel::permission::Permission;

/// How far ahead rows are written: should the morning's checks fail for weeks, reminders still come.
const HORIZON: i64 = 35;

/// Writes the rows of one rule anew, after it was changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ArrangeRule {
    /// The rule.
    pub rule: Uuid,
}

impl Job for ArrangeRule {
    const KIND: &'static str = "notify.arrange";
    const QUEUE: Lane = Lane::Bulk;
}

/// Writes the rows of one rule anew, or of all.
#[derive(Debug, Clone)]
pub struct Arrange(
    /// The rule; all without.
    pub Option<Uuid>,
);

impl Action for Arrange {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        arrange(cx, self.0, None, None).await
    }
}

/// A record of this sort is new, or its dates may have changed.
pub async fn changed(cx: &mut Cx<'_>, subject: &str, record: Uuid) -> Result<()> {
    arrange(cx, None, Some(subject), Some(record)).await
}

/// Puts the rows of rules in order: of one rule or all, for one record or all of them.
pub(super) async fn arrange(cx: &mut Cx<'_>, rule: Option<Uuid>, subject: Option<&str>, record: Option<Uuid>) -> Result<()> {
    for rule in rules(cx, rule).await? {
        let Some(field) = Field::find(&rule.field).filter(|field| subject.is_none_or(|subject| field.subject == subject)) else { continue };
        let (now, zone) = (cx.now(), cx.scope().company().zone);
        let until = now + TimeDelta::days(HORIZON);
        let mut rows = Vec::new();
        if rule.active {
            let (from, to) = days(&rule, now.with_timezone(&zone).date_naive());
            for dated in field.records(cx, record, from, to).await? {
                let moments = moments(&rule, dated.day, zone).into_iter().filter(|(at, _)| *at > now && *at <= until);
                rows.extend(moments.map(|(at, key)| (dated.id, at, key)));
            }
        }
        put(cx, &rule, field, record, &rows).await?;
    }
    Ok(())
}

/// The days a date may be on for a rule to have anything to say within the horizon.
fn days(rule: &Rule, today: NaiveDate) -> (NaiveDate, NaiveDate) {
    let before = rule.before_days.iter().copied().max().unwrap_or_default();
    let after = rule.after_days.map_or(0, |after| after + rule.every_days.unwrap_or_default() * (rule.times - 1));
    (today - TimeDelta::days(i64::from(after) + 1), today + TimeDelta::days(HORIZON + i64::from(before) + 1))
}

/// When a rule reminds of a date, each moment with its key: the date is in the key, so that another date is another reminder.
fn moments(rule: &Rule, day: NaiveDate, zone: Tz) -> Vec<(DateTime<Utc>, String)> {
    let at = NaiveTime::parse_from_str(&rule.at, "%H:%M").unwrap_or_default();
    let after = rule.after_days.into_iter().flat_map(|first| {
        let times = if rule.every_days.is_some() { rule.times } else { 1 };
        (0..times).map(move |time| first + time * rule.every_days.unwrap_or_default())
    });
    let offsets = rule.before_days.iter().map(|days| -days).chain(after);
    offsets
        .filter_map(|days| Some((local(zone, day + TimeDelta::days(days.into()), at)?, format!("{}{days}", prefix(rule.id, day)))))
        .collect()
}

/// What the keys of a rule's rows for a date begin with.
pub(super) fn prefix(rule: Uuid, day: NaiveDate) -> String {
    format!("rule:{rule}:{day}:")
}

async fn put(cx: &mut Cx<'_>, rule: &Rule, field: &Field, record: Option<Uuid>, rows: &[(Uuid, DateTime<Utc>, String)]) -> Result<()> {
    let (tenant, now) = (cx.tenant().uuid(), cx.now());
    let ids: Vec<Uuid> = rows.iter().map(|_| Uuid::now_v7()).collect();
    let records: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
    let dues: Vec<DateTime<Utc>> = rows.iter().map(|row| row.1).collect();
    let keys: Vec<&str> = rows.iter().map(|row| row.2.as_str()).collect();
    let of = rule.id.to_string();
    // what is about to come is left: the worker looks at the date again
    sqlx::query!(
        "DELETE FROM timers t WHERE t.tenant_id = $1 AND t.kind = 'rule' AND t.rule = $2 AND ($3::uuid IS NULL OR t.record_id = $3)
           AND t.wake_at IS NOT NULL AND t.due_at > $4
           AND NOT EXISTS (SELECT FROM unnest($5::uuid[], $6::text[]) AS n (record_id, key) WHERE n.record_id = t.record_id AND n.key = t.key)",
        tenant,
        of,
        record,
        now,
        &records,
        &keys as &[&str],
    )
    .execute(cx.conn())
    .await?;
    sqlx::query!(
        "INSERT INTO timers (tenant_id, id, subject, record_id, kind, rule, key, entry_seq, due_at, wake_at)
         SELECT $1, n.id, $2, n.record_id, 'rule', $3, n.key, 0, n.due_at, n.due_at
         FROM unnest($4::uuid[], $5::uuid[], $6::text[], $7::timestamptz[]) AS n (id, record_id, key, due_at)
         ON CONFLICT (tenant_id, record_id, key) DO UPDATE SET due_at = excluded.due_at, wake_at = excluded.wake_at
           WHERE timers.wake_at IS NOT NULL AND timers.due_at IS DISTINCT FROM excluded.due_at",
        tenant,
        field.subject,
        of,
        &ids,
        &records,
        &keys as &[&str],
        &dues,
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

/// Drops what a rule was about to remind of.
pub(super) async fn forget(cx: &mut Cx<'_>, rule: Uuid) -> Result<()> {
    let tenant = cx.tenant().uuid();
    sqlx::query!(
        "DELETE FROM timers WHERE tenant_id = $1 AND kind = 'rule' AND rule = $2 AND wake_at IS NOT NULL",
        tenant,
        rule.to_string()
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

/// The date of a record as it is now, if the rule still concerns it.
pub(super) async fn dated(cx: &mut Cx<'_>, rule: &Rule, record: Uuid) -> Result<Option<(&'static Field, Dated)>> {
    let Some(field) = FIELDS.iter().find(|field| field.key == rule.field) else { return Ok(None) };
    let found = field.records(cx, Some(record), EARLIEST, LATEST).await?.pop();
    Ok(found.map(|dated| (field, dated)))
}

/// What PostgreSQL and people take for dates.
const EARLIEST: NaiveDate = NaiveDate::from_ymd_opt(1, 1, 1).expect("a date");
const LATEST: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a date");

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> Rule {
        Rule {
            id: Uuid::nil(),
            name: "x".to_owned(),
            field: "asset.warranty_until".to_owned(),
            before_days: vec![14, 1, 0],
            after_days: Some(2),
            every_days: Some(7),
            times: 3,
            at: "08:00".to_owned(),
            role_ids: Vec::new(),
            assignee: false,
            active: true,
            version: 1,
        }
    }

    #[test]
    fn a_rule_reminds_before_the_date_on_it_after_it_and_again() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 30).expect("a date");
        let moments = moments(&rule(), day, Tz::Europe__Istanbul);
        let told: Vec<String> = moments.iter().map(|(at, _)| at.format("%m-%d %H:%M").to_string()).collect();
        assert_eq!(told, ["03-16 05:00", "03-29 05:00", "03-30 05:00", "04-01 05:00", "04-08 05:00", "04-15 05:00"]);
        assert!(moments[0].1.ends_with(":2026-03-30:-14") && moments[5].1.ends_with(":16"), "{moments:?}");
        let once = Rule { every_days: None, before_days: Vec::new(), ..rule() };
        assert_eq!(super::moments(&once, day, Tz::UTC).len(), 1, "how often counts only what repeats");
    }

    #[test]
    fn the_hour_is_the_companys_on_both_sides_of_a_change_of_the_clock() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 30).expect("a date");
        let moments = moments(&Rule { before_days: vec![2, 1], after_days: None, ..rule() }, day, Tz::Europe__Berlin);
        let told: Vec<String> = moments.iter().map(|(at, _)| at.format("%d %H:%M").to_string()).collect();
        assert_eq!(told, ["28 07:00", "29 06:00"]);
    }

    #[test]
    fn the_days_looked_at_hold_every_date_with_a_moment_in_the_horizon() {
        let today = NaiveDate::from_ymd_opt(2026, 3, 2).expect("a date");
        let (from, to) = days(&rule(), today);
        assert_eq!((from, to), (today - TimeDelta::days(17), today + TimeDelta::days(50)));
    }
}
