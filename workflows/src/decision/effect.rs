//! What a step has done to other things than its record.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

use super::Recipient;
use crate::definition::StockOp;
use crate::value::Value;

/// An effect inside the transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct DbEffect {
    /// The effect's place in its list, from 0: what a failure names.
    pub index: usize,
    /// What is done.
    pub op: DbOp,
}

/// What is done inside the transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum DbOp {
    /// The record is assigned to somebody of these people, whom the domain picks.
    AssignTo(Recipient),
    /// A record is created.
    Create {
        /// Its kind.
        subject: String,
        /// Its fields, in order.
        fields: Vec<(String, Value)>,
    },
    /// Another record is moved, by the same actor, or as the system where its transition is `system: true`.
    Transition {
        /// Its kind.
        subject: String,
        /// The record.
        record: Uuid,
        /// The transition.
        transition: String,
        /// Its form.
        input: BTreeMap<String, Value>,
        /// Its reason.
        reason: Option<String>,
    },
    /// The record and its files are removed; its history stays.
    Purge,
    /// Stock is reserved, moved, used.
    Stock(Stock),
}

/// An operation on stock.
#[derive(Clone, Debug, PartialEq)]
pub struct Stock {
    /// What is done.
    pub op: StockOp,
    /// What with, and where.
    pub lines: Vec<StockLine>,
    /// For a move: where it goes.
    pub to: Option<Place>,
    /// For a reservation: what happens when there is not enough.
    pub on_short: OnShort,
    /// For a move: whether it uses up what the record reserved.
    pub consume_reservation: bool,
}

/// A quantity of a part at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StockLine {
    /// The part.
    pub part: Uuid,
    /// How much.
    #[serde(with = "rust_decimal::serde::str")]
    pub qty: Decimal,
    /// Where; `None` for wherever the record reserved it, or the part's main place.
    pub place: Option<Place>,
}

/// Where stock is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A location.
    Location(Uuid),
    /// An account of the ledger's own, such as `transit`.
    Virtual(String),
}

/// What a reservation does when there is not enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnShort {
    /// It fails, and the step with it.
    #[default]
    Fail,
    /// It takes what there is.
    Partial,
}

/// A call to somebody else's system.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    /// The effect's place in its list, from 0: with the history row it makes the delivery key.
    pub index: usize,
    /// The company's endpoint.
    pub endpoint: String,
    /// What is sent.
    pub fields: BTreeMap<String, Value>,
}
