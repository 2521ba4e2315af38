//! A company's rules for reminders.

use domain::notify::reminder::{ChangeRule, CreateRule, DeleteRule, ListRules, Rule, RuleInput, ShowRule};
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path};
use poem_openapi::payload::Json;
use uuid::Uuid;

use super::answer::{Created, Done, Found, version};
use super::caller::Member;
use crate::http::body::Body;
use crate::http::failure::Failure;

/// Rules for reminders.
pub struct Reminders;

#[OpenApi(prefix_path = "/reminder-rules", tag = "super::tag::Tag::Settings")]
impl Reminders {
    /// Lists the company's rules for reminders. Needs `notification.manage`.
    #[oai(path = "/", method = "get", operation_id = "reminder_rules_list")]
    async fn list(&self, member: Member) -> Result<Json<Vec<Rule>>, Failure> {
        Ok(Json(member.edge.app.run(&member.scope, ListRules).await?))
    }

    /// Adds a rule: whom to remind of a date of every record, so many days before it, after it, and again.
    #[oai(path = "/", method = "post", operation_id = "reminder_rules_create")]
    async fn create(
        &self,
        member: Member,
        #[oai(name = "Idempotency-Key")] key: Header<Option<String>>,
        body: Body<RuleInput>,
    ) -> Result<Created<Rule>, Failure> {
        let key = body.key(key.0.as_deref(), "reminder_rules")?;
        let rule = member.edge.app.run_once(&member.scope, key, CreateRule(body.value)).await?;
        let (id, version) = (rule.id, rule.version);
        Ok(Created::new(rule, version, "/reminder-rules", id))
    }

    /// Reads a rule.
    #[oai(path = "/:id", method = "get", operation_id = "reminder_rules_show")]
    async fn show(&self, member: Member, id: Path<Uuid>) -> Result<Found<Rule>, Failure> {
        let rule = member.edge.app.run(&member.scope, ShowRule(id.0.into())).await?;
        let version = rule.version;
        Ok(Found::new(rule, version))
    }

    /// Changes a rule. What has been told stays told.
    #[oai(path = "/:id", method = "put", operation_id = "reminder_rules_update")]
    async fn update(
        &self,
        member: Member,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        body: Body<RuleInput>,
    ) -> Result<Found<Rule>, Failure> {
        let version = version(if_match.0.as_deref())?;
        let change = ChangeRule { id: id.0.into(), version, input: body.value };
        let rule = member.edge.app.run(&member.scope, change).await?;
        let version = rule.version;
        Ok(Found::new(rule, version))
    }

    /// Removes a rule, and what it was about to remind of.
    #[oai(path = "/:id", method = "delete", operation_id = "reminder_rules_delete")]
    async fn delete(
        &self,
        member: Member,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
    ) -> Result<Done, Failure> {
        let version = version(if_match.0.as_deref())?;
        member.edge.app.run(&member.scope, DeleteRule { id: id.0.into(), version }).await?;
        Ok(Done::Done)
    }
}
