//! A file, read and checked: the program decisions run on.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Serialize;

use crate::guard::{Expression, Guard};
use crate::value::Value;

/// A compiled workflow: immutable, cheap to share.
#[derive(Debug)]
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
}

/// One way for a record to begin.
#[derive(Debug)]
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
#[derive(Debug)]
pub struct Transition {
    /// Its id.
    pub id: String,
    /// The states it leaves from.
    pub from: FromStates,
    /// Where it leads.
    pub to: To,
    /// The permission it takes to see and press it.
    pub permission: String,
    /// Record fields that must not be empty.
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
#[derive(Debug)]
pub enum To {
    /// One state.
    State(String),
    /// The state stays.
    Same,
    /// The first branch whose condition holds; the last has none.
    First(Vec<Branch>),
}

/// One branch of an ordered `to`.
#[derive(Debug)]
pub struct Branch {
    /// The state.
    pub state: String,
    pub(crate) when: Option<Guard>,
}

/// A field of a transition's form.
#[derive(Clone, Debug)]
pub struct FormField {
    /// Its name, `input.<name>` in conditions.
    pub name: String,
    /// What is typed into it.
    pub kind: FieldKind,
    /// Whether it must be filled.
    pub required: bool,
    /// The least value; for text the least length.
    pub min: Option<Bound>,
    /// The greatest value; for text the greatest length.
    pub max: Option<Bound>,
}

/// What is typed into a form field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text.
    Text,
    /// A whole number.
    Int,
    /// An exact decimal.
    Decimal,
    /// A tick box.
    Bool,
    /// A calendar day.
    Date,
    /// A moment.
    Time,
    /// One of these.
    Choice(Vec<String>),
    /// A record of the named subject.
    Ref(String),
    /// An amount; without a currency, the company's.
    Money,
}

/// An end of a field's range.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// A number of the file.
    Literal(Value),
    /// The value of this record field, without `doc.`; no bound while it is empty.
    Field(String),
}

/// Who must agree before a transition fires.
#[derive(Debug)]
pub struct Approvals {
    /// The transition a rejection fires.
    pub on_reject: Option<String>,
    /// Whether the requester may decide.
    pub own: bool,
    /// The message that asks a level; `<workflow>.approval_requested` unless the file says otherwise.
    pub text: String,
    /// The levels, in order.
    pub levels: Vec<Level>,
}

/// One level of approval.
#[derive(Debug)]
pub struct Level {
    /// Its id.
    pub id: String,
    /// Who decides.
    pub who: Who,
    /// How many must agree.
    pub need: u32,
    pub(crate) when: Option<Guard>,
}

/// Who decides on a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever holds this permission.
    Permission(String),
    /// Whoever is of this role.
    Role(String),
}

/// An effect of a transition.
#[derive(Debug)]
pub(crate) struct Effect {
    pub when: Option<Guard>,
    pub action: Action,
}

/// What an effect does.
#[derive(Debug)]
pub(crate) enum Action {
    Set(Vec<(String, Expression)>),
    Assign(Expression),
    Notify { text: String, to: Vec<Target>, channels: Vec<Channel> },
}

/// Somebody to tell, before the record is known.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    Permission(String),
    Role(String),
    /// `doc.<field>`
    Doc(String),
    /// `input.<field>`
    Input(String),
    /// `actor`
    Actor,
}
