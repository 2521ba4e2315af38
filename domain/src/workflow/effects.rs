//! What effects come to besides the record's own fields: people picked, other records moved, people told. The only file that
//! joins areas for workflows.

use std::pin::Pin;

use uuid::Uuid;
use workflows::{DbEffect, DbOp, Input, MAX_NESTED, Outbound, Value};

use super::begin::About;
use super::says::{channels, said};
use super::step::{Press, press};
use super::subject::Routed;
use crate::kernel::action::Cx;
use crate::kernel::error::{Error, Result};
use crate::notify::{self, Telling};

/// Runs what is given with the type of the records of a kind: `subject!(key, S => expression)`.
macro_rules! subject {
    ($key:expr, $record:ident => $work:expr) => {
        match $key {
            "work_order" => {
                type $record = crate::maintenance::work_order::WorkOrder;
                $work
            }
            other => Err(crate::kernel::error::Error::Internal(format!("{other} has no workflow here"))),
        }
    };
}
pub(super) use subject;

/// The person an `assign` to a role or a permission comes to, as the field it sets. With nobody there the record keeps who it has.
pub(super) async fn assigned<S: Routed>(cx: &mut Cx<'_>, effects: &[DbEffect], site: Uuid) -> Result<Vec<(String, Value)>> {
    let mut set = Vec::new();
    for effect in effects {
        if let DbOp::AssignTo(who) = &effect.op
            && let Some(member) = S::least_busy(cx, who, site).await?
        {
            set.push(("assignee".to_owned(), Value::Ref(member)));
        }
    }
    Ok(set)
}

/// Carries out, in file order, what a step does to other records. Whatever fails undoes the step.
pub(super) async fn carry_out(cx: &mut Cx<'_>, effects: &[DbEffect], depth: usize) -> Result<()> {
    for effect in effects {
        let done = match &effect.op {
            // it is among the record's fields already
            DbOp::AssignTo(_) => Ok(()),
            DbOp::Transition { subject, record, transition, input, reason } => {
                let fields = input.iter().map(|(name, value)| Ok((name.clone(), serde_json::to_value(value)?))).collect::<Result<_>>()?;
                let input = Input { fields, reason: reason.clone() };
                subject!(subject.as_str(), S => nested::<S>(cx, *record, transition, &input, depth + 1).await)
            }
            DbOp::Create { subject, fields } => subject!(subject.as_str(), S => made::<S>(cx, fields, depth + 1).await),
            // the loader refuses live files that use them
            DbOp::Purge | DbOp::Stock(_) => Err(Error::Internal("an effect that is not built".to_owned())),
        };
        done.map_err(|error| failed(effect.index, error))?;
    }
    Ok(())
}

/// What is lost to a race is run again as a whole; everything else names the effect.
fn failed(index: usize, error: Error) -> Error {
    if error.is_serialization() || matches!(error, Error::Internal(_) | Error::Unavailable(_)) {
        return error;
    }
    Error::Effect { index, cause: Box::new(error) }
}

/// Moves another record, in the same transaction. Boxed, because moving one may move the next.
fn nested<'a, S: Routed>(
    cx: &'a mut Cx<'_>,
    record: Uuid,
    transition: &'a str,
    input: &'a Input,
    depth: usize,
) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
    Box::pin(async move {
        if depth > MAX_NESTED {
            return Err(Error::Conflict("nested_too_deep"));
        }
        press::<S>(cx, Press { id: record.into(), transition, input, version: None, depth }).await.map(drop)
    })
}

/// Creates another record, in the same transaction. Boxed, because its beginning may create the next.
fn made<'a, S: Routed>(
    cx: &'a mut Cx<'_>,
    fields: &'a [(String, Value)],
    depth: usize,
) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
    Box::pin(async move {
        if depth > MAX_NESTED {
            return Err(Error::Conflict("nested_too_deep"));
        }
        S::make(cx, fields, depth).await
    })
}

/// Sends what effects say.
pub(super) async fn send(cx: &mut Cx<'_>, about: &About<'_>, outbox: &[Outbound]) -> Result<()> {
    // nobody is told what they did themselves
    let except = Some(cx.scope().actor().id.uuid());
    for outbound in outbox {
        let said = said(about.file, &outbound.notify.text, false);
        let telling = Telling {
            text: &said.kind,
            words: said.words,
            channels: &channels(&outbound.notify.channels),
            to: &outbound.notify.to,
            subject: about.subject,
            record: about.record,
            site: Some(about.site),
            mention: about.mention,
            dedupe: format!("{}:{}", about.happening, outbound.index),
            except,
        };
        notify::tell(cx, &telling).await?;
    }
    Ok(())
}
