//! What effects come to.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::guards::{chosen, guard_error};
use crate::decision::{
    Blocker, DbEffect, DbOp, Notify, Outbound, Outcome, Place, Recipient, SlaChange, SlaChangeKind, Stock, StockLine, Webhook,
};
use crate::definition::{Action, Effect, Lines, PlaceOf, StockAction, Target, Who, Workflow};
use crate::guard::{Expression, Scope};
use crate::value::{Record, Value};

impl Outcome {
    /// The record as it will stand.
    pub(super) fn record(&self, doc: &Record, state: &str) -> Record {
        let mut doc = doc.clone().with("state", Value::Text(state.to_owned()));
        for (field, value) in &self.set {
            doc.insert(field.clone(), value.clone());
        }
        if let Some(assignee) = &self.assign {
            doc.insert("assignee", assignee.clone());
        }
        doc
    }
}

/// Runs effects in file order; each sees what those before it wrote.
pub(super) fn carry_out(workflow: &Workflow, effects: &[Effect], scope: &Scope<'_>) -> Result<Outcome, Vec<Blocker>> {
    let mut done = Outcome::default();
    let mut doc = Cow::Borrowed(scope.doc);
    for (index, effect) in effects.iter().enumerate() {
        let scope = Scope { doc: &doc, ..*scope };
        if !chosen(effect.when.as_ref(), &scope, &mut Vec::new())? {
            continue;
        }
        let written = Doing { workflow, index, scope }.carry_out(&effect.action, &mut done)?;
        if index + 1 < effects.len() {
            for (field, value) in written {
                doc.to_mut().insert(field, value);
            }
        }
    }
    Ok(done)
}

/// One effect being carried out.
struct Doing<'a> {
    workflow: &'a Workflow,
    index: usize,
    scope: Scope<'a>,
}

impl Doing<'_> {
    /// Adds what the effect comes to, and answers what it writes into the record.
    fn carry_out(&self, action: &Action, done: &mut Outcome) -> Result<Vec<(String, Value)>, Vec<Blocker>> {
        let mut written = Vec::new();
        match action {
            Action::Set(fields) => {
                written = self.evaluate_all(fields)?;
                done.set.extend(written.iter().cloned());
            }
            Action::Assign(expression) => {
                let assignee = self.evaluate(expression)?;
                written.push(("assignee".to_owned(), assignee.clone()));
                done.assign = Some(assignee);
            }
            Action::AssignTo(who) => self.db(done, DbOp::AssignTo(asked(who))),
            Action::Notify { text, to, channels } => {
                let to = recipients(to, &self.scope);
                if !to.is_empty() {
                    done.outbox.push(Outbound { index: self.index, notify: Notify { text: text.clone(), to, channels: channels.clone() } });
                }
            }
            Action::Webhook { endpoint, fields } => {
                let fields = self.evaluate_all(fields)?.into_iter().collect();
                done.webhooks.push(Webhook { index: self.index, endpoint: endpoint.clone(), fields });
            }
            Action::Create { subject, fields } => {
                let fields = self.evaluate_all(fields)?;
                self.db(done, DbOp::Create { subject: subject.clone(), fields });
            }
            Action::Transition { subject, record, transition, input, reason } => {
                let id = self.evaluate(record)?.as_ref_id().ok_or_else(|| self.failed(record))?;
                let input = self.evaluate_all(input)?.into_iter().collect();
                let (subject, transition) = (subject.clone(), transition.clone());
                self.db(done, DbOp::Transition { subject, record: id, transition, input, reason: reason.clone() });
            }
            Action::Purge => self.db(done, DbOp::Purge),
            Action::Sla { sla, start } => done.slas.extend(self.sla(sla, *start)),
            Action::Stock(action) => {
                let stock = self.stock(action)?;
                if !stock.lines.is_empty() {
                    self.db(done, DbOp::Stock(stock));
                }
            }
        }
        Ok(written)
    }

    fn db(&self, done: &mut Outcome, op: DbOp) {
        done.db.push(DbEffect { index: self.index, op });
    }

    fn evaluate(&self, expression: &Expression) -> Result<Value, Vec<Blocker>> {
        expression.evaluate(&self.scope).map_err(|_| self.failed(expression))
    }

    fn failed(&self, expression: &Expression) -> Vec<Blocker> {
        vec![guard_error(&expression.source, expression.read(&self.scope))]
    }

    fn evaluate_all(&self, fields: &[(String, Expression)]) -> Result<Vec<(String, Value)>, Vec<Blocker>> {
        fields.iter().map(|(name, expression)| Ok((name.clone(), self.evaluate(expression)?))).collect()
    }

    /// A service level that does not apply to the record does not start.
    fn sla(&self, id: &str, start: bool) -> Option<SlaChange> {
        let kind =
            if start { SlaChangeKind::Start { target: self.workflow.sla(id)?.target_for(self.scope.doc)? } } else { SlaChangeKind::Stop };
        Some(SlaChange { sla: id.to_owned(), kind })
    }

    fn stock(&self, action: &StockAction) -> Result<Stock, Vec<Blocker>> {
        let at = action.at.as_ref().map(|place| self.place(place)).transpose()?;
        let lines = match &action.lines {
            Lines::One { part, qty } => {
                let id = self.evaluate(part)?.as_ref_id().ok_or_else(|| self.failed(part))?;
                let qty = amount(&self.evaluate(qty)?).ok_or_else(|| self.failed(qty))?;
                vec![StockLine { part: id, qty, place: at }]
            }
            Lines::Field(field) => {
                let items = if let Value::List(items) = self.scope.doc.at(field) { items.as_slice() } else { &[] };
                let line = |item: &Value| {
                    let (part, qty) = (item.field("part").as_ref_id()?, amount(item.field("qty"))?);
                    let place = item.field("location").as_ref_id().map(Place::Location).or_else(|| at.clone());
                    Some(StockLine { part, qty, place })
                };
                items.iter().filter_map(line).collect()
            }
        };
        let to = action.to.as_ref().map(|place| self.place(place)).transpose()?;
        Ok(Stock { op: action.op, lines, to, on_short: action.on_short, consume_reservation: action.consume_reservation })
    }

    fn place(&self, place: &PlaceOf) -> Result<Place, Vec<Blocker>> {
        match place {
            PlaceOf::Virtual(account) => Ok(Place::Virtual(account.clone())),
            PlaceOf::Expression(expression) => {
                self.evaluate(expression)?.as_ref_id().map(Place::Location).ok_or_else(|| self.failed(expression))
            }
        }
    }
}

fn amount(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(value) => Some((*value).into()),
        Value::Decimal(value) => Some(*value),
        _ => None,
    }
}

fn asked(who: &Who) -> Recipient {
    match who {
        Who::Permission(permission) => Recipient::Permission(permission.clone()),
        Who::Role(role) => Recipient::Role(role.clone()),
    }
}

/// The people of a message, each once, without those fields that are empty.
pub(super) fn recipients(targets: &[Target], scope: &Scope<'_>) -> Vec<Recipient> {
    let mut found: Vec<Recipient> = Vec::with_capacity(targets.len());
    let mut tell = |recipient: Recipient| {
        if !found.contains(&recipient) {
            found.push(recipient);
        }
    };
    for target in targets {
        match target {
            Target::Permission(permission) => tell(Recipient::Permission(permission.clone())),
            Target::Role(role) => tell(Recipient::Role(role.clone())),
            Target::Doc(path) => members(scope.doc.at(path)).map(Recipient::Member).for_each(&mut tell),
            Target::Input(field) => members(scope.input.get(field).unwrap_or(&Value::Null)).map(Recipient::Member).for_each(&mut tell),
            Target::Actor if scope.facts.actor.system => {}
            Target::Actor => tell(Recipient::Member(scope.facts.actor.id)),
        }
    }
    found
}

/// The members a value names.
fn members(value: &Value) -> impl Iterator<Item = uuid::Uuid> {
    let many = if let Value::List(values) = value { values.as_slice() } else { std::slice::from_ref(value) };
    many.iter().filter_map(Value::as_ref_id)
}
