//! Work orders: the list, the record, its steps and its life.

use std::collections::BTreeMap;

use domain::insight::{Happening, Timeline};
use domain::kernel::listing::{List, Query as Asked};
use domain::maintenance::work_order::{Create, Edit, Import, ImportInput, Imported, Input, Row, Show, WorkOrder};
use domain::workflow::{ApprovalView, Explain, Explanation, Fire, Fired, History, RunView, ServiceLevels, Step, TransitionView};
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Any;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use templates::Locale;
use uuid::Uuid;
use workflows::{FieldKind, FormField, Workflow};

use super::answer::{Created, Found, Rows, maybe_version, version};
use super::caller::Member;
use super::download;
use crate::http::body::Body;
use crate::http::failure::{Failure, Result};
use crate::http::problem::locale_of;
use crate::http::words;

/// Work orders.
pub struct WorkOrders;

/// What is sent along with a step.
#[derive(Debug, Default, Deserialize, Object)]
#[oai(deny_unknown_fields)]
pub struct Press {
    /// The form's fields, by name.
    #[serde(default)]
    #[oai(default)]
    pub input: BTreeMap<String, Any<serde_json::Value>>,
    /// Why, where the step asks for it.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A record's state and its steps, for the caller.
#[derive(Debug, Object)]
pub struct Steps {
    /// The state.
    pub state: String,
    /// The version a step should name in `If-Match`.
    pub version: i32,
    /// The version of the workflow file the record follows.
    pub definition_version: u32,
    /// Every transition of the file.
    pub transitions: Vec<Transition>,
    /// The request open on the record.
    pub approval: Option<ApprovalView>,
}

/// A transition, for the caller.
#[derive(Debug, Object)]
pub struct Transition {
    /// Its name, as it is fired.
    pub name: String,
    /// Its label, in the language of `Accept-Language`.
    pub label: String,
    /// The state it would lead to; absent while it depends on the form.
    pub to: Option<String>,
    /// Whether it leaves from the record's state.
    pub in_state: bool,
    /// Whether a press would be accepted, given a valid form.
    pub allowed: bool,
    /// `none`, `optional` or `required`.
    pub reason: String,
    /// What is asked.
    pub form: Vec<AskedField>,
    /// Everything that stands in the way.
    pub blockers: Vec<Blocker>,
}

/// A field a step asks for.
#[derive(Debug, Object)]
#[oai(rename = "FormField")]
pub struct AskedField {
    /// Its name in `input`.
    pub name: String,
    /// `text`, `int`, `decimal`, `bool`, `date`, `time`, `choice`, `money`, or `ref:<subject>`.
    pub kind: String,
    /// Whether it must be filled in.
    pub required: bool,
    /// What a choice may be.
    pub options: Vec<String>,
}

/// Something that stands in the way of a step.
#[derive(Debug, Object)]
pub struct Blocker {
    /// The stable code.
    pub code: String,
    /// In a sentence, in the language of `Accept-Language`.
    pub message: String,
    /// The field it is about.
    pub field: Option<String>,
    /// The roles whose people could.
    pub who_can: Vec<String>,
}

#[OpenApi(prefix_path = "/work-orders", tag = "super::tag::Tag::WorkOrders")]
impl WorkOrders {
    /// Lists work orders, a page at a time.
    #[oai(path = "/", method = "get", operation_id = "work_orders_list")]
    async fn list(&self, member: Member, request: &poem::Request) -> Result<Rows<Row>, Failure> {
        let asked = Asked::parse::<WorkOrder>(request.uri().query().unwrap_or_default(), &member.scope)?;
        let query = asked.to_query();
        let page = member.edge.app.run(&member.scope, List::<WorkOrder>::new(asked)).await?;
        Ok(Rows::new(page, "/work-orders", &query))
    }

    /// Downloads a whole list, filtered and sorted.
    #[oai(path = "/download", method = "get", operation_id = "work_orders_download")]
    async fn download(&self, member: Member, format: Query<String>, request: &poem::Request) -> Result<download::File, Failure> {
        download::list::<WorkOrder>(&member.edge, &member.scope, &format, request)
    }

    /// Asks for work; where the order begins, its workflow says.
    #[oai(path = "/", method = "post", operation_id = "work_orders_create")]
    async fn create(
        &self,
        member: Member,
        #[oai(name = "Idempotency-Key")] key: Header<Option<String>>,
        body: Body<Input>,
    ) -> Result<Created<WorkOrder>, Failure> {
        let key = body.key(key.0.as_deref(), "work_orders")?;
        let order = member.edge.app.run_once(&member.scope, key, Create(body.value)).await?;
        let (id, version) = (order.id, order.version);
        Ok(Created::new(order, version, "/work-orders", id))
    }

    /// Brings one finished order in from elsewhere. Needs `work_order.import`.
    #[oai(path = "/import", method = "post", operation_id = "work_orders_import")]
    async fn import(
        &self,
        member: Member,
        #[oai(name = "Idempotency-Key")] key: Header<Option<String>>,
        body: Body<ImportInput>,
    ) -> Result<Json<Imported>, Failure> {
        let key = body.key(key.0.as_deref(), "work_orders/import")?;
        Ok(Json(member.edge.app.run_once(&member.scope, key, Import(body.value)).await?))
    }

    /// Reads an order.
    #[oai(path = "/:id", method = "get", operation_id = "work_orders_show")]
    async fn show(&self, member: Member, id: Path<Uuid>) -> Result<Found<WorkOrder>, Failure> {
        let order = member.edge.app.run(&member.scope, Show(id.0.into())).await?;
        let version = order.version;
        Ok(Found::new(order, version))
    }

    /// Replaces an order's input. Its state moves by its steps.
    #[oai(path = "/:id", method = "put", operation_id = "work_orders_update")]
    async fn update(
        &self,
        member: Member,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        body: Body<Input>,
    ) -> Result<Found<WorkOrder>, Failure> {
        let version = version(if_match.0.as_deref())?;
        let order = member.edge.app.run(&member.scope, Edit { id: id.0.into(), version, input: body.value }).await?;
        let version = order.version;
        Ok(Found::new(order, version))
    }

    /// Explains every step to the caller: whether it is open, and if not, why.
    #[oai(path = "/:id/transitions", method = "get", operation_id = "work_orders_transitions")]
    async fn transitions(&self, member: Member, id: Path<Uuid>, request: &poem::Request) -> Result<Json<Steps>, Failure> {
        let explained = member.edge.app.run(&member.scope, Explain::<WorkOrder>(id.0.into())).await?;
        Ok(Json(steps(locale_of(request), explained)))
    }

    /// Fires a step.
    #[oai(path = "/:id/transitions/:name", method = "post", operation_id = "work_orders_fire")]
    async fn fire(
        &self,
        member: Member,
        id: Path<Uuid>,
        name: Path<String>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        #[oai(name = "Idempotency-Key")] key: Header<Option<String>>,
        body: Body<Press>,
    ) -> Result<Json<Fired>, Failure> {
        let version = maybe_version(if_match.0.as_deref())?;
        let key = body.key(key.0.as_deref(), &format!("work_orders/{}/{}", id.0, name.0))?;
        let Press { input, reason } = body.value;
        let input = workflows::Input { fields: input.into_iter().map(|(field, value)| (field, value.0)).collect(), reason };
        let fire = Fire::<WorkOrder> { id: id.0.into(), transition: name.0, input, version };
        Ok(Json(member.edge.app.run_once(&member.scope, key, fire).await?))
    }

    /// The steps the order has taken, oldest first.
    #[oai(path = "/:id/history", method = "get", operation_id = "work_orders_history")]
    async fn history(&self, member: Member, id: Path<Uuid>) -> Result<Json<Vec<Step>>, Failure> {
        Ok(Json(member.edge.app.run(&member.scope, History::<WorkOrder>(id.0.into())).await?))
    }

    /// The order's service levels: how each stands, and what was counted, stretch by stretch. The newest run first.
    #[oai(path = "/:id/service-levels", method = "get", operation_id = "work_orders_service_levels")]
    async fn service_levels(&self, member: Member, id: Path<Uuid>) -> Result<Json<Vec<RunView>>, Failure> {
        Ok(Json(member.edge.app.run(&member.scope, ServiceLevels::<WorkOrder>(id.0.into())).await?))
    }

    /// Everything that happened to the order, newest first.
    #[oai(path = "/:id/timeline", method = "get", operation_id = "work_orders_timeline")]
    async fn timeline(&self, member: Member, id: Path<Uuid>) -> Result<Json<Vec<Happening>>, Failure> {
        Ok(Json(member.edge.app.run(&member.scope, Timeline(id.0.into())).await?))
    }
}

fn steps(locale: Locale, explained: Explanation) -> Steps {
    let file = explained.definition;
    Steps {
        state: explained.state,
        version: explained.version,
        definition_version: explained.definition_version,
        transitions: explained.transitions.into_iter().map(|each| transition(locale, &file, each)).collect(),
        approval: explained.approval,
    }
}

fn transition(locale: Locale, file: &Workflow, view: TransitionView) -> Transition {
    Transition {
        label: words::transition_name(locale, file, &view.name),
        name: view.name,
        to: view.to,
        in_state: view.in_state,
        allowed: view.allowed,
        reason: view.reason.as_str().to_owned(),
        form: view.form.iter().map(asked).collect(),
        blockers: view
            .blockers
            .iter()
            .map(|found| Blocker {
                code: found.blocker.code.to_owned(),
                message: words::blocked(locale, file, found),
                field: found.blocker.field.clone(),
                who_can: found.who_can.clone(),
            })
            .collect(),
    }
}

fn asked(field: &FormField) -> AskedField {
    let (kind, options) = match &field.kind {
        FieldKind::Text => ("text".to_owned(), Vec::new()),
        FieldKind::String => ("string".to_owned(), Vec::new()),
        FieldKind::Files => ("files".to_owned(), Vec::new()),
        FieldKind::Int => ("int".to_owned(), Vec::new()),
        FieldKind::Decimal => ("decimal".to_owned(), Vec::new()),
        FieldKind::Bool => ("bool".to_owned(), Vec::new()),
        FieldKind::Date => ("date".to_owned(), Vec::new()),
        FieldKind::Time => ("time".to_owned(), Vec::new()),
        FieldKind::Money => ("money".to_owned(), Vec::new()),
        FieldKind::Choice(options) => ("choice".to_owned(), options.clone()),
        FieldKind::Ref(subject) => (format!("ref:{subject}"), Vec::new()),
    };
    AskedField { name: field.name.clone(), kind, required: field.required, options }
}
