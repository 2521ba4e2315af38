//! A file, read and checked: the program decisions run on.

mod approval;
mod effect;
mod form;
mod timed;

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde::Serialize;

pub use approval::{Approvals, Escalate, Level, Who};
pub(crate) use effect::{Action, Effect, Lines, PlaceOf, StockAction, Target};
pub use effect::{EFFECTS, EffectKind, Moment, Protocol, StockOp};
pub use form::{Bound, FieldKind, FormField};
pub use timed::{Breach, CalendarRef, Effects, Meter, Migrate, Offset, Reminder, ReminderRule, Sla, SlaTarget, Timer, TimerAction, Warn};

use crate::diagnostic::Diagnostic;
use crate::guard::Guard;
use crate::yaml::{At, Node};

/// A compiled workflow: immutable, cheap to share.
#[derive(Clone, Debug)]
pub struct Workflow {
    pub(crate) key: String,
    pub(crate) version: u32,
    pub(crate) entity: String,
    pub(crate) hash: String,
    pub(crate) initial: Vec<Initial>,
    pub(crate) states: IndexMap<String, State>,
    pub(crate) transitions: IndexMap<String, Transition>,
    pub(crate) labels: Labels,
    pub(crate) texts: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) calendar: CalendarRef,
    pub(crate) slas: IndexMap<String, Sla>,
    pub(crate) timers: IndexMap<String, Timer>,
    pub(crate) reminders: IndexMap<String, Reminder>,
    pub(crate) migrate: Option<Migrate>,
    pub(crate) locked: BTreeSet<String>,
    pub(crate) tests: Vec<Node>,
    pub(crate) invariants: Vec<Node>,
    pub(crate) text: Source,
}

/// The text a workflow was read from, for findings made after it was read.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub file: String,
    pub source: String,
    /// Where its parts are defined: `state.<id>`, `transition.<id>`, `level.<transition>.<id>`, `sla.<id>`, `timer.<id>`, `reminder.<id>`.
    pub places: BTreeMap<String, At>,
}

impl Workflow {
    /// The `workflow` of the file.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The `version` of the file.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The `entity` of the file: the subject's key.
    pub fn entity(&self) -> &str {
        &self.entity
    }

    /// SHA-256 of the source, in hex: what the history remembers.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The states, in file order.
    pub fn states(&self) -> impl ExactSizeIterator<Item = &State> {
        self.states.values()
    }

    /// The transitions, in file order.
    pub fn transitions(&self) -> impl ExactSizeIterator<Item = &Transition> {
        self.transitions.values()
    }

    /// The state called `id`.
    pub fn state(&self, id: &str) -> Option<&State> {
        self.states.get(id)
    }

    /// The transition called `id`.
    pub fn transition(&self, id: &str) -> Option<&Transition> {
        self.transitions.get(id)
    }

    /// The first states, in file order.
    pub fn initials(&self) -> &[Initial] {
        &self.initial
    }

    /// The transition under approval that leaves `state`: entering the state opens its request. There is one at most.
    pub fn approval_in(&self, state: &str) -> Option<(&Transition, &Approvals)> {
        self.transitions.values().find_map(|transition| {
            let approvals = transition.approvals.as_ref()?;
            transition.from.contains(state).then_some((transition, approvals))
        })
    }

    /// The calendar business time is counted on.
    pub fn calendar(&self) -> &CalendarRef {
        &self.calendar
    }

    /// The service levels, in file order.
    pub fn slas(&self) -> impl ExactSizeIterator<Item = &Sla> {
        self.slas.values()
    }

    /// The service level called `id`.
    pub fn sla(&self, id: &str) -> Option<&Sla> {
        self.slas.get(id)
    }

    /// The timers, in file order.
    pub fn timers(&self) -> impl ExactSizeIterator<Item = &Timer> {
        self.timers.values()
    }

    /// The timer called `id`.
    pub fn timer(&self, id: &str) -> Option<&Timer> {
        self.timers.get(id)
    }

    /// The timers that run while a record is in `state`: each is set when the state is entered and dropped when it is left.
    pub fn timers_in<'w>(&'w self, state: &'w str) -> impl Iterator<Item = &'w Timer> {
        self.timers.values().filter(move |timer| timer.states.iter().any(|id| id == state))
    }

    /// The reminders, in file order.
    pub fn reminders(&self) -> impl ExactSizeIterator<Item = &Reminder> {
        self.reminders.values()
    }

    /// The reminder called `id`.
    pub fn reminder(&self, id: &str) -> Option<&Reminder> {
        self.reminders.get(id)
    }

    /// The reminders that may be sent while a record is in `state`.
    pub fn reminders_in<'w>(&'w self, state: &'w str) -> impl Iterator<Item = &'w Reminder> {
        self.reminders.values().filter(move |reminder| reminder.states.iter().any(|id| id == state))
    }

    /// How running records of an older version come to this one.
    pub fn migrate(&self) -> Option<&Migrate> {
        self.migrate.as_ref()
    }

    /// The parts an overlay must not weaken, as paths: `transitions.approve.approvals`.
    pub fn locked(&self) -> &BTreeSet<String> {
        &self.locked
    }

    /// The scenarios of the file, unread.
    pub(crate) fn scenarios(&self) -> &[Node] {
        &self.tests
    }

    /// The conditions that must hold after every step of every scenario, unread.
    pub(crate) fn invariants(&self) -> &[Node] {
        &self.invariants
    }

    /// Where a part of the file is defined; its beginning where it is not known.
    pub(crate) fn place(&self, part: &str) -> At {
        self.text.places.get(part).copied().unwrap_or(At { line: 1, column: 1 })
    }

    /// A finding with the file's name and the line it is on.
    pub(crate) fn located(&self, finding: Diagnostic) -> Diagnostic {
        finding.located(&self.text.file, &self.text.source)
    }

    /// The labels a company's own file carries; empty for shipped files, whose labels are the keys `wf.<workflow>.state.<id>` and so on.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The company's own message `key` in `language`, with `%{name}` placeholders.
    pub fn text(&self, language: &str, key: &str) -> Option<&str> {
        self.texts.get(language)?.get(key).map(String::as_str)
    }
}

/// A company's own words: language → id → label.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Labels {
    /// For states.
    pub states: BTreeMap<String, BTreeMap<String, String>>,
    /// For transitions.
    pub transitions: BTreeMap<String, BTreeMap<String, String>>,
    /// For form fields.
    pub fields: BTreeMap<String, BTreeMap<String, String>>,
    /// For approval levels.
    pub levels: BTreeMap<String, BTreeMap<String, String>>,
    /// For service levels.
    pub slas: BTreeMap<String, BTreeMap<String, String>>,
}

/// One way for a record to begin.
#[derive(Clone, Debug)]
pub struct Initial {
    /// The state.
    pub to: String,
    pub(crate) when: Option<Guard>,
    pub(crate) effects: Vec<Effect>,
}

/// A state.
#[derive(Clone, Debug, Serialize)]
pub struct State {
    /// Its id.
    pub id: String,
    /// What it means to a board, a filter, a report.
    pub category: Category,
    /// How it looks.
    pub tone: Tone,
    /// Marks for other parts of the product, such as `billable`.
    pub flags: Vec<String>,
    /// Whether the record's life ends here.
    pub terminal: bool,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every word of the language for it.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word in the file.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The meaning of a word in the file.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words! {
    /// What a state means, whatever a company calls it.
    Category {
        /// Not begun.
        Todo = "todo",
        /// Being worked on.
        Doing = "doing",
        /// Held up by somebody or something else.
        Waiting = "waiting",
        /// Finished.
        Done = "done",
        /// Given up.
        Cancelled = "cancelled",
    }
}

words! {
    /// How a state looks.
    Tone {
        /// Grey.
        Neutral = "neutral",
        /// Blue.
        Info = "info",
        /// Moving.
        Progress = "progress",
        /// Amber.
        Warn = "warn",
        /// Red.
        Danger = "danger",
        /// Green.
        Success = "success",
    }
}

words! {
    /// A way to reach a person.
    Channel {
        /// Mail.
        Email = "email",
        /// A Telegram message.
        Telegram = "telegram",
        /// The bell in the page.
        InApp = "in_app",
    }
}

words! {
    /// Whether a reason is asked.
    Reason {
        /// No.
        None = "none",
        /// It may be given.
        Optional = "optional",
        /// It must be given.
        Required = "required",
    }
}

/// A way from one state to another.
#[derive(Clone, Debug)]
pub struct Transition {
    /// Its id.
    pub id: String,
    /// The states it leaves from.
    pub from: FromStates,
    /// Where it leads.
    pub to: To,
    /// The permission it takes to see and press it.
    pub permission: String,
    /// Record fields that must not be empty, as paths without `doc.`.
    pub require: Vec<String>,
    /// What is asked.
    pub form: Vec<FormField>,
    /// Whether a reason is asked.
    pub reason: Reason,
    /// Whether timers and other effects may fire it.
    pub system: bool,
    /// Who must agree first.
    pub approvals: Option<Approvals>,
    pub(crate) when: Option<Guard>,
    pub(crate) effects: Vec<Effect>,
}

/// The states a transition leaves from, in file order; `"*"` is already written out.
#[derive(Clone, Debug)]
pub struct FromStates(pub(crate) Vec<String>);

impl FromStates {
    /// Whether `state` is among them.
    pub fn contains(&self, state: &str) -> bool {
        self.0.iter().any(|id| id == state)
    }

    /// The states.
    pub fn states(&self) -> &[String] {
        &self.0
    }
}

/// Where a transition leads.
#[derive(Clone, Debug)]
pub enum To {
    /// One state.
    State(String),
    /// The state stays.
    Same,
    /// The first branch whose condition holds; the last has none.
    First(Vec<Branch>),
}

/// One branch of an ordered `to`.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The state.
    pub state: String,
    pub(crate) when: Option<Guard>,
}
