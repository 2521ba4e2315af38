//! The rules themselves.

use chrono::NaiveTime;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::arrange::{ArrangeRule, forget};
use super::field::Field;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Checks, Error, FieldError, OrField, Result};
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;

/// A rule for reminders.
#[derive(Debug)]
pub enum ReminderRule {}

/// A rule as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "ReminderRule")]
pub struct Rule {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// The date: `asset.warranty_until`, `work_order.due_at` and so on.
    pub field: String,
    /// Days before the date, each a reminder; 0 is the day itself.
    pub before_days: Vec<i32>,
    /// Days after it.
    pub after_days: Option<i32>,
    /// Days between further reminders after that.
    pub every_days: Option<i32>,
    /// How many reminders after the date there are in all.
    pub times: i32,
    /// The hour, by the company's clock: `08:00`.
    pub at: String,
    /// Roles whose members are told.
    pub role_ids: Vec<Uuid>,
    /// Whether whoever does the work is told.
    pub assignee: bool,
    /// Whether it is in force.
    pub active: bool,
    /// Its version, which a change must name.
    pub version: i32,
}

/// What is filled in of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "ReminderRuleInput")]
pub struct RuleInput {
    /// What it is called, unique in the company; at most 120 characters.
    pub name: String,
    /// The date.
    pub field: String,
    /// Days before the date, at most ten of 0 to 365.
    #[serde(default)]
    #[oai(default)]
    pub before_days: Vec<i32>,
    /// Days after it, 1 to 365.
    #[serde(default)]
    pub after_days: Option<i32>,
    /// Days between further reminders after that, 1 to 365.
    #[serde(default)]
    pub every_days: Option<i32>,
    /// How many reminders after the date there are in all, 1 to 30.
    #[serde(default = "once")]
    #[oai(default = "once")]
    pub times: i32,
    /// The hour, by the company's clock.
    #[serde(default = "morning")]
    #[oai(default = "morning")]
    pub at: String,
    /// Roles whose members are told.
    #[serde(default)]
    #[oai(default)]
    pub role_ids: Vec<Uuid>,
    /// Whether whoever does the work is told.
    #[serde(default)]
    #[oai(default)]
    pub assignee: bool,
    /// Whether it is in force.
    #[serde(default = "yes")]
    #[oai(default = "yes")]
    pub active: bool,
}

const fn once() -> i32 {
    1
}

fn morning() -> String {
    "08:00".to_owned()
}

const fn yes() -> bool {
    true
}

/// The company's rules, by name.
#[derive(Debug, Clone)]
pub struct ListRules;

impl Action for ListRules {
    const NEEDS: Permission = Permission::NotificationManage;
    const ACCESS: Access = Access::Read;
    type Out = Vec<Rule>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Rule>> {
        cx.refuse_limited()?;
        rules(cx, None).await
    }
}

/// The rules of a company, or one of them.
pub(super) async fn rules(cx: &mut Cx<'_>, id: Option<Uuid>) -> Result<Vec<Rule>> {
    Ok(sqlx::query_as!(
        Rule,
        r#"SELECT id, name, field, before_days, after_days, every_days, times, to_char(at, 'HH24:MI') AS "at!", role_ids, assignee, active, version
           FROM reminder_rules WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id = $2) ORDER BY name COLLATE app.names LIMIT 200"#,
        cx.tenant().uuid(),
        id,
    )
    .fetch_all(cx.conn())
    .await?)
}

/// Reads a rule.
#[derive(Debug, Clone)]
pub struct ShowRule(
    /// Which.
    pub Id<ReminderRule>,
);

impl Action for ShowRule {
    const NEEDS: Permission = Permission::NotificationManage;
    const ACCESS: Access = Access::Read;
    type Out = Rule;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Rule> {
        cx.refuse_limited()?;
        find(cx, self.0).await
    }
}

async fn find(cx: &mut Cx<'_>, id: Id<ReminderRule>) -> Result<Rule> {
    rules(cx, Some(id.uuid())).await?.pop().ok_or(Error::NotFound)
}

/// Refuses a wrong rule; answers its hour.
fn check(input: &RuleInput) -> Result<NaiveTime> {
    let mut checks = Checks::new();
    checks.text("name", &input.name, 120);
    let mut range = |field: &str, value: Option<i32>, min: i32, max: i32| {
        if value.is_some_and(|value| !(min..=max).contains(&value)) {
            checks.push(FieldError::new(field, "out_of_range").with("min", min).with("max", max));
        }
    };
    for days in &input.before_days {
        range("before_days", Some(*days), 0, 365);
    }
    range("after_days", input.after_days, 1, 365);
    range("every_days", input.every_days, 1, 365);
    range("times", Some(input.times), 1, 30);
    let at = NaiveTime::parse_from_str(input.at.trim(), "%H:%M").ok();
    if at.is_none() {
        checks.push(FieldError::new("at", "not_an_hour"));
    }
    if input.before_days.len() > 10 {
        checks.push(FieldError::new("before_days", "too_many").with("max", 10));
    }
    if input.role_ids.len() > 40 {
        checks.push(FieldError::new("role_ids", "too_many").with("max", 40));
    }
    match Field::find(&input.field) {
        None => {
            checks.push(FieldError::new("field", "unknown_reference"));
        }
        Some(field) if input.assignee && !field.assignee => {
            checks.push(FieldError::new("assignee", "nobody_works"));
        }
        Some(_) => {}
    }
    if input.before_days.is_empty() && input.after_days.is_none() {
        checks.push(FieldError::new("before_days", "no_moment"));
    }
    if input.role_ids.is_empty() && !input.assignee {
        checks.push(FieldError::new("role_ids", "no_recipient"));
    }
    checks.done()?;
    at.ok_or_else(|| Error::field("at", "not_an_hour"))
}

async fn refuse_roles(cx: &mut Cx<'_>, roles: &[Uuid]) -> Result<()> {
    let known =
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM roles WHERE tenant_id = $1 AND id = ANY ($2)"#, cx.tenant().uuid(), roles,)
            .fetch_one(cx.conn())
            .await?;
    let unknown = usize::try_from(known).is_ok_and(|known| known < roles.len());
    if unknown { Err(Error::field("role_ids", "unknown_reference")) } else { Ok(()) }
}

impl RuleInput {
    /// In order, each once.
    fn tidy(mut self) -> Self {
        self.before_days.sort_unstable_by(|a, b| b.cmp(a));
        self.before_days.dedup();
        self.role_ids.sort_unstable();
        self.role_ids.dedup();
        self
    }
}

/// Adds a rule.
#[derive(Debug, Clone)]
pub struct CreateRule(
    /// What it says.
    pub RuleInput,
);

impl Action for CreateRule {
    const NEEDS: Permission = Permission::NotificationManage;
    type Out = Rule;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Rule> {
        cx.refuse_limited()?;
        let input = self.0.tidy();
        let at = check(&input)?;
        refuse_roles(cx, &input.role_ids).await?;
        let id = Id::<ReminderRule>::new();
        sqlx::query!(
            "INSERT INTO reminder_rules (tenant_id, id, name, field, before_days, after_days, every_days, times, at, role_ids, assignee, active)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            cx.tenant().uuid(),
            id.uuid(),
            input.name.trim(),
            input.field,
            &input.before_days,
            input.after_days,
            input.every_days,
            input.times,
            at,
            &input.role_ids,
            input.assignee,
            input.active,
        )
        .execute(cx.conn())
        .await
        .or_field(&[("reminder_rules_name", "name", "taken")])?;
        cx.enqueue(&ArrangeRule { rule: id.uuid() })?;
        find(cx, id).await
    }
}

/// Changes a rule. What has been told stays told.
#[derive(Debug, Clone)]
pub struct ChangeRule {
    /// Which.
    pub id: Id<ReminderRule>,
    /// The version that was read.
    pub version: i32,
    /// What it says from now on.
    pub input: RuleInput,
}

impl Action for ChangeRule {
    const NEEDS: Permission = Permission::NotificationManage;
    type Out = Rule;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Rule> {
        cx.refuse_limited()?;
        let before = find(cx, self.id).await?;
        let input = self.input.tidy();
        let at = check(&input)?;
        refuse_roles(cx, &input.role_ids).await?;
        let changed = sqlx::query!(
            "UPDATE reminder_rules SET name = $4, field = $5, before_days = $6, after_days = $7, every_days = $8, times = $9, at = $10,
               role_ids = $11, assignee = $12, active = $13
             WHERE tenant_id = $1 AND id = $2 AND version = $3",
            cx.tenant().uuid(),
            self.id.uuid(),
            self.version,
            input.name.trim(),
            input.field,
            &input.before_days,
            input.after_days,
            input.every_days,
            input.times,
            at,
            &input.role_ids,
            input.assignee,
            input.active,
        )
        .execute(cx.conn())
        .await
        .or_field(&[("reminder_rules_name", "name", "taken")])?
        .rows_affected();
        if changed == 0 {
            return Err(Error::Stale { current: before.version, state: None, changed_at: None, changed_by: None });
        }
        cx.enqueue(&ArrangeRule { rule: self.id.uuid() })?;
        find(cx, self.id).await
    }
}

/// Removes a rule, and what it was about to remind of.
#[derive(Debug, Clone)]
pub struct DeleteRule {
    /// Which.
    pub id: Id<ReminderRule>,
    /// The version that was read.
    pub version: i32,
}

impl Action for DeleteRule {
    const NEEDS: Permission = Permission::NotificationManage;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        cx.refuse_limited()?;
        let before = find(cx, self.id).await?;
        let tenant = cx.tenant().uuid();
        let gone = sqlx::query!(
            "DELETE FROM reminder_rules WHERE tenant_id = $1 AND id = $2 AND version = $3",
            tenant,
            self.id.uuid(),
            self.version
        )
        .execute(cx.conn())
        .await?
        .rows_affected();
        if gone == 0 {
            return Err(Error::Stale { current: before.version, state: None, changed_at: None, changed_by: None });
        }
        forget(cx, self.id.uuid()).await
    }
}

/// The company's roles, by level and name: whom a rule may name.
#[derive(Debug, Clone)]
pub struct RoleNames;

impl Action for RoleNames {
    const NEEDS: Permission = Permission::NotificationManage;
    const ACCESS: Access = Access::Read;
    type Out = Vec<(Uuid, String)>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<(Uuid, String)>> {
        let rows = sqlx::query!(
            "SELECT id, name FROM roles WHERE tenant_id = $1 ORDER BY level DESC, name COLLATE app.names LIMIT 200",
            cx.tenant().uuid()
        )
        .fetch_all(cx.conn())
        .await?;
        Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
    }
}
