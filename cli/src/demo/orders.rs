//! The orders of a demonstration company, taken through their lives by the people who may.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use domain::App;
use domain::kernel::id::Id;
use domain::kernel::money::Money;
use domain::kernel::scope::Scope;
use domain::maintenance::work_order::{Create, Input, WorkOrder};
use domain::notify::MarkRead;
use domain::workflow::{Fire, History};
use serde_json::{Value, json};
use uuid::Uuid;

use super::catalogue::{Things, all};
use super::company::People;
use super::file::{CompanyFile, Order};
use super::plan::{self, Act, Step};

/// What people were told longer ago than this, they have read.
const UNREAD: TimeDelta = TimeDelta::days(3);

/// An order that is there, and how many of its steps were taken.
pub(super) struct Known {
    id: Uuid,
    steps: usize,
}

/// Takes every step that was not taken yet, each at its time.
pub async fn play(app: &App, people: &People, things: &Things, file: &CompanyFile, now: DateTime<Utc>) -> anyhow::Result<()> {
    let admin = people.get(&file.admin()?.key).context("the company has no administrator")?;
    let mut known = known(app, admin).await?;
    let stage = Stage { app, people, things, file, now };
    let steps = plan::steps(file, now)?;
    let (old, recent) = steps.split_at(steps.partition_point(|step| step.at < now - UNREAD));
    for step in old {
        stage.take(step, &mut known).await?;
    }
    for scope in people.values() {
        app.run(scope, MarkRead(None)).await?;
    }
    for step in recent {
        stage.take(step, &mut known).await?;
    }
    Ok(())
}

pub(super) async fn known(app: &App, admin: &Scope) -> anyhow::Result<HashMap<String, Known>> {
    let mut known = HashMap::new();
    for row in all::<WorkOrder>(app, admin).await? {
        let steps = app.run(admin, History::<WorkOrder>(row.id.into())).await?.len();
        known.insert(row.title, Known { id: row.id, steps });
    }
    Ok(known)
}

/// What a step is taken with.
pub(super) struct Stage<'a> {
    pub(super) app: &'a App,
    pub(super) people: &'a People,
    pub(super) things: &'a Things,
    pub(super) file: &'a CompanyFile,
    pub(super) now: DateTime<Utc>,
}

impl Stage<'_> {
    pub(super) async fn take(&self, step: &Step<'_>, known: &mut HashMap<String, Known>) -> anyhow::Result<()> {
        let order = known.get(&step.order.title);
        if order.is_some_and(|order| order.steps > step.nth) {
            return Ok(());
        }
        self.app.clock().advance(step.at - self.app.clock().now());
        let actor = self.people.get(step.by).with_context(|| format!("there is no person {}", step.by))?;
        let told = || format!("{:?} of “{}” by {}", step.act, step.order.title, step.by);
        match order {
            None => {
                let order = self.app.run(actor, Create(self.input(step.order)?)).await.with_context(told)?;
                known.insert(order.title, Known { id: order.id, steps: 1 });
            }
            Some(order) => {
                self.app.run(actor, self.press(order.id.into(), step)?).await.with_context(told)?;
            }
        }
        Ok(())
    }

    fn input(&self, order: &Order) -> anyhow::Result<Input> {
        let find = |all: &BTreeMap<String, Uuid>, name: &String| all.get(name).copied().with_context(|| format!("there is no {name}"));
        let assignee_id = match &order.to {
            Some(to) if plan::given_at_once(self.file, order) => Some(self.member(to)?),
            _ => None,
        };
        Ok(Input {
            title: order.title.clone(),
            description: order.text.clone(),
            kind: order.kind.clone(),
            priority: order.priority.clone(),
            asset_id: Some(find(&self.things.assets, &order.asset)?),
            vendor_id: order.vendor.as_ref().map(|vendor| find(&self.things.vendors, vendor)).transpose()?,
            assignee_id,
            due_at: plan::due_at(self.file, order, self.now),
            estimated_cost: order.estimate.map(|amount| self.money(amount)),
            ..Input::blank()
        })
    }

    fn press(&self, id: Id<WorkOrder>, step: &Step<'_>) -> anyhow::Result<Fire<WorkOrder>> {
        let order = step.order;
        let (transition, fields): (_, Vec<(&str, Value)>) = match step.act {
            Act::Create => anyhow::bail!("“{}” is gone", order.title),
            Act::Approve => ("approve", vec![]),
            Act::Reject => ("reject", vec![]),
            Act::Assign => ("assign", vec![("assignee", json!(self.member(order.to.as_deref().unwrap_or_default())?))]),
            Act::Start => ("start", vec![]),
            Act::AwaitParts => ("await_parts", vec![]),
            Act::Complete => ("complete", self.outcome(order)),
            Act::Reopen => ("reopen", vec![]),
            Act::Close => ("close", vec![]),
            Act::Cancel => ("cancel", vec![]),
        };
        let reasoned = matches!(step.act, Act::Reject | Act::AwaitParts | Act::Reopen | Act::Cancel);
        let input = workflows::Input {
            fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            reason: order.why.clone().filter(|_| reasoned),
        };
        Ok(Fire { id, transition: transition.to_owned(), input, version: None })
    }

    fn outcome(&self, order: &Order) -> Vec<(&'static str, Value)> {
        let cost = order.cost.map(|amount| ("cost", json!(self.money(amount))));
        std::iter::once(("resolution", json!(order.done))).chain(cost).collect()
    }

    fn member(&self, key: &str) -> anyhow::Result<Uuid> {
        let scope = self.people.get(key).with_context(|| format!("there is no person {key}"))?;
        Ok(scope.actor().id.uuid())
    }

    fn money(&self, amount: u64) -> Money {
        Money { amount: amount.to_string(), currency: self.file.currency.clone() }
    }
}
