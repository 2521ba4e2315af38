//! Effects: what a step has done besides moving the record. One registry says what each is.

use super::{Channel, Who};
use crate::decision::OnShort;
use crate::guard::{Expression, Guard};

/// When an effect acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Inside the transaction of the step: it succeeds with it or undoes it.
    Db,
    /// After the transaction, at least once, under the key of the step and the effect's place.
    Outbox,
}

/// An effect's part in the protocol of a resource: what is reserved must be consumed or released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Takes hold of it.
    Reserve,
    /// Uses up what was reserved.
    Consume,
    /// Gives back what was reserved.
    Release,
}

/// A row of the registry of effects.
#[derive(Clone, Copy, Debug)]
pub struct EffectKind {
    /// Its key in a file.
    pub name: &'static str,
    /// The names of its parameters; empty where the parameter is the effect's whole value.
    pub params: &'static [&'static str],
    /// The permission it takes to publish a file that uses it, besides that of publishing.
    pub permission: Option<&'static str>,
    /// When it acts.
    pub moment: Moment,
    /// Its part in a resource's protocol.
    pub protocol: Option<Protocol>,
    /// Whether live files may use it; scenarios may use all.
    pub built: bool,
}

const fn row(name: &'static str, params: &'static [&'static str], moment: Moment, built: bool) -> EffectKind {
    EffectKind { name, params, permission: None, moment, protocol: None, built }
}

const fn stock(name: &'static str, params: &'static [&'static str], protocol: Option<Protocol>) -> EffectKind {
    EffectKind { protocol, ..row(name, params, Moment::Db, false) }
}

/// Every effect of the language.
pub const EFFECTS: &[EffectKind] = &[
    row("set", &[], Moment::Db, true),
    row("assign", &["role", "perm"], Moment::Db, true),
    row("create", &["subject", "set"], Moment::Db, true),
    row("notify", &["text", "to", "channels"], Moment::Outbox, true),
    EffectKind { permission: Some("webhook.manage"), ..row("webhook", &["endpoint", "fields"], Moment::Outbox, false) },
    row("transition", &["record", "do", "input", "reason"], Moment::Db, true),
    EffectKind { permission: Some("workflow.manage"), ..row("purge", &[], Moment::Db, false) },
    row("start_sla", &[], Moment::Db, true),
    row("stop_sla", &[], Moment::Db, true),
    stock("stock.reserve", &["lines", "part", "qty", "at", "on_short"], Some(Protocol::Reserve)),
    stock("stock.release", &["lines", "part", "qty", "at"], Some(Protocol::Release)),
    stock("stock.consume", &["lines", "part", "qty", "at"], Some(Protocol::Consume)),
    stock("stock.move", &["lines", "part", "qty", "from", "to", "consume_reservation"], None),
    stock("stock.write_off", &["lines", "part", "qty", "at"], None),
];

impl EffectKind {
    /// The row called `name`.
    pub fn named(name: &str) -> Option<&'static Self> {
        EFFECTS.iter().find(|row| row.name == name)
    }
}

/// An effect of a transition.
#[derive(Clone, Debug)]
pub(crate) struct Effect {
    /// Its row of the registry.
    pub kind: &'static EffectKind,
    pub when: Option<Guard>,
    pub action: Action,
    /// Where it stands in the file.
    pub at: crate::yaml::At,
}

/// What an effect does.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Set(Vec<(String, Expression)>),
    Assign(Expression),
    /// To somebody of a role, or with a permission, whom the domain picks.
    AssignTo(Who),
    Create {
        subject: String,
        fields: Vec<(String, Expression)>,
    },
    Notify {
        text: String,
        to: Vec<Target>,
        channels: Vec<Channel>,
    },
    Webhook {
        endpoint: String,
        fields: Vec<(String, Expression)>,
    },
    Transition {
        subject: String,
        record: Expression,
        transition: String,
        input: Vec<(String, Expression)>,
        reason: Option<String>,
    },
    Purge,
    /// Starts or stops the service level.
    Sla {
        sla: String,
        start: bool,
    },
    Stock(Box<StockAction>),
}

/// What is done with stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StockOp {
    /// Keeps it for the record: less is available, as much is on hand.
    Reserve,
    /// Gives back what the record reserved.
    Release,
    /// Uses up what the record reserved.
    Consume,
    /// Takes it from one place to another.
    Move,
    /// Takes it off the books.
    WriteOff,
}

/// An effect on stock, before the record is known.
#[derive(Clone, Debug)]
pub(crate) struct StockAction {
    pub op: StockOp,
    pub lines: Lines,
    /// Where it is; for lines without a place of their own.
    pub at: Option<PlaceOf>,
    /// For a move: where it goes.
    pub to: Option<PlaceOf>,
    pub on_short: OnShort,
    pub consume_reservation: bool,
}

/// What stock an effect is about.
#[derive(Clone, Debug)]
pub(crate) enum Lines {
    /// Those of this record field: a list of objects with `part` and `qty`, and `location` where each has its own.
    Field(String),
    One {
        part: Expression,
        qty: Expression,
    },
}

/// Where stock is.
#[derive(Clone, Debug)]
pub(crate) enum PlaceOf {
    Expression(Expression),
    /// An account of the ledger's own: `virtual.transit`.
    Virtual(String),
}

/// Somebody to tell, before the record is known.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    Permission(String),
    Role(String),
    /// `doc.<path>`
    Doc(String),
    /// `input.<field>`
    Input(String),
    /// `actor`
    Actor,
}
