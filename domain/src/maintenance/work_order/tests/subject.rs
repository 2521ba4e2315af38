//! The fields workflow files may name, held to the table and to what is handed to the engine.

use std::collections::BTreeSet;

use serde_json::json;
use uuid::Uuid;
use workflows::{Field, Kind, Record, Value};

use super::Yard;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::maintenance::work_order::create;
use crate::maintenance::work_order::model::Input;
use crate::maintenance::work_order::store::Writable;
use crate::maintenance::work_order::{SUBJECT, WorkOrder};
use crate::workflow::{Access, Routed};

#[derive(Clone)]
struct Load(Id<WorkOrder>);

impl Action for Load {
    const NEEDS: Permission = Permission::WorkOrderView;
    type Out = Record;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Record> {
        Ok(WorkOrder::load(cx, self.0, Access::Read).await?.ok_or(Error::NotFound)?.doc)
    }
}

#[derive(Clone)]
struct Before(Input);

impl Action for Before {
    const NEEDS: Permission = Permission::WorkOrderCreate;
    type Out = Record;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Record> {
        Ok(create::record(cx, &self.0, Uuid::now_v7(), self.0.estimate("KZT")?))
    }
}

fn fits(field: &Field, value: &Value) -> bool {
    match (field.kind, value) {
        (_, Value::Null) => field.nullable,
        (Kind::Choice(options), Value::Text(word)) => options.contains(&word.as_str()),
        (Kind::Int, Value::Int(_))
        | (Kind::Text, Value::Text(_))
        | (Kind::Time, Value::Time(_))
        | (Kind::Money, Value::Money(_))
        | (Kind::Ref(_), Value::Ref(_)) => true,
        _ => false,
    }
}

fn names(record: &Record) -> BTreeSet<&str> {
    record.iter().map(|(name, _)| name).collect()
}

#[tokio::test]
async fn given_a_full_and_an_empty_order_when_read_for_the_engine_then_every_field_has_its_kind() {
    let yard = Yard::new().await;
    let asset = yard.world.asset(yard.admin(), "press", yard.company.site).await;
    let vendor = yard.world.vendor(yard.admin(), "Volta").await;
    let money = json!({ "amount": "12.30", "currency": "KZT" });
    let full = json!({ "title": "Belt", "description": "Torn", "asset_id": asset.id, "vendor_id": vendor.id, "assignee_id": yard.manager.actor().id,
        "due_at": "2026-03-05T08:00:00Z", "scheduled_at": "2026-03-04T08:00:00Z", "estimated_cost": money });
    let declared: BTreeSet<&str> = SUBJECT.fields.iter().map(|field| field.name).collect();
    let order = yard.world.order(&yard.manager, full.clone()).await.expect("asks");
    yard.world.press(&yard.manager, &order, "start", json!({})).await.expect("starts");
    yard.world
        .press(&yard.manager, &order, "complete", json!({ "resolution": "Done", "cost": money, "meter_reading": 7 }))
        .await
        .expect("completes");
    let empty = yard.asked().await;
    for (id, is_full) in [(order.id, true), (empty.id, false)] {
        let record = yard.world.app.run(&yard.manager, Load(id.into())).await.expect("loads");
        assert_eq!(names(&record), declared);
        for field in SUBJECT.fields {
            let value = record.get(field.name);
            assert!(fits(field, value), "{} is {value:?}", field.name);
            assert!(!is_full || !value.is_null(), "{} is lost on its way to the engine", field.name);
        }
    }
    let before = yard.world.app.run(&yard.manager, Before(crate::kernel::testing::read(full))).await.expect("reads");
    assert_eq!(
        names(&before),
        declared.iter().copied().filter(|name| *name != "state").collect(),
        "a new order has every field but a state"
    );
    for field in SUBJECT.fields.iter().filter(|field| field.name != "state") {
        assert!(fits(field, before.get(field.name)), "{}", field.name);
    }
}

#[tokio::test]
async fn given_the_table_when_compared_then_each_field_is_a_column_and_what_may_be_empty_may_be_null() {
    let yard = Yard::new().await;
    let columns: Vec<(String, String, bool)> = sqlx::query_as(
        "SELECT column_name::text, udt_name::text, is_nullable = 'YES' FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'work_orders'",
    )
    .fetch_all(&mut yard.world.superuser().await)
    .await
    .expect("reads columns");
    for field in SUBJECT.fields {
        let column = format!("{}_id", field.name);
        let (name, kind, nullable) = columns
            .iter()
            .find(|(name, ..)| name == field.name || *name == column)
            .unwrap_or_else(|| panic!("{} has no column", field.name));
        let fits = match field.kind {
            Kind::Int => kind == "int4" || kind == "int8",
            Kind::Text | Kind::Choice(_) => kind == "text",
            Kind::Time => kind == "timestamptz",
            Kind::Money => kind == "numeric",
            Kind::Ref(_) => kind == "uuid",
            _ => false,
        };
        assert!(fits, "{name} is a {kind}");
        // created_by is stamped by a trigger, which the column's own nullability does not show
        assert!(field.nullable || !nullable || name == "created_by", "{name} may be null in the table and not in the file");
        assert!(!field.writable || *nullable, "{name} may be cleared by a file but not in the table");
    }
}

#[test]
fn given_every_writable_field_when_a_step_sets_it_then_the_order_takes_it() {
    for field in SUBJECT.fields.iter().filter(|field| field.writable) {
        let value = match field.kind {
            Kind::Int => Value::Int(1),
            Kind::Text => Value::Text("x".into()),
            Kind::Time => Value::Time(*crate::kernel::testing::START),
            Kind::Money => Value::Money("1.00 KZT".parse().expect("is money")),
            Kind::Ref(_) => Value::Ref(Uuid::now_v7()),
            other => panic!("{}: no value of {other:?}", field.name),
        };
        let mut writable = Writable::default();
        let untouched = format!("{writable:?}");
        writable.set_all(&[(field.name.to_owned(), value)], "KZT").expect("takes it");
        assert_ne!(format!("{writable:?}"), untouched, "{} was swallowed", field.name);
        writable.set_all(&[(field.name.to_owned(), Value::Null)], "KZT").expect("takes nothing too");
        assert_eq!(format!("{writable:?}"), untouched);
        let wrong = writable.set_all(&[(field.name.to_owned(), Value::Bool(true))], "KZT");
        assert!(matches!(wrong, Err(Error::Internal(_))), "{}: {wrong:?}", field.name);
    }
    for field in SUBJECT.fields.iter().filter(|field| !field.writable) {
        let refused = Writable::default().set_all(&[(field.name.to_owned(), Value::Null)], "KZT");
        assert!(matches!(refused, Err(Error::Internal(_))), "{} is not to be written", field.name);
    }
}
