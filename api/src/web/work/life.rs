//! The states and steps of work orders in words and colours. Lists ask the current definition, and what an older one alone knows
//! shows its own name there; a record's page asks the one it follows.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::App;
use domain::kernel::scope::Scope;
use domain::maintenance::work_order::SUBJECT;
use domain::workflow::Explanation;
use domain::workflow::versions::Diagram;
use templates::Locale;
use templates::i18n::{exists, t};
use templates::pages::parts::{Chip, Text};
use workflows::{State, Workflow};

use crate::http::failure::Result;
use crate::web::visitor::Member;

/// The current definition, for one reader.
pub struct Life {
    /// The definition.
    pub workflow: Arc<Workflow>,
    locale: Locale,
}

impl Life {
    /// As new work orders live it.
    pub async fn of(member: &Member) -> Result<Self> {
        Self::following(member, SUBJECT.key).await
    }

    /// As new records of a workflow live it.
    pub async fn following(member: &Member, workflow: &str) -> Result<Self> {
        Ok(Self { workflow: member.run(Diagram(workflow.to_owned())).await?, locale: member.locale })
    }

    /// As the record explained lives it.
    pub fn recorded(member: &Member, explained: &Explanation) -> Self {
        Self { workflow: explained.definition.clone(), locale: member.locale }
    }

    /// As new work orders of a company live it, for somebody who is not signed in.
    pub async fn within(app: &App, scope: &Scope, locale: Locale) -> Result<Self> {
        Ok(Self { workflow: app.run(scope, Diagram(SUBJECT.key.to_owned())).await?, locale })
    }

    /// The reader's language.
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// A state.
    pub fn state(&self, id: &str) -> Chip {
        let tone = self.workflow.state(id).map_or("neutral", |state| state.tone.as_str());
        Chip::new(self.label(&self.workflow.labels().states, "state", id), tone)
    }

    /// A state's name in the reader's language.
    pub fn state_name(&self, id: &str) -> String {
        self.words(&self.state(id).label)
    }

    /// A step.
    pub fn transition(&self, id: &str) -> Text {
        self.label(&self.workflow.labels().transitions, "transition", id)
    }

    /// A step's name in the reader's language.
    pub fn transition_name(&self, id: &str) -> String {
        self.words(&self.transition(id))
    }

    /// A field of a step's form.
    pub fn field(&self, name: &str) -> Text {
        self.label(&self.workflow.labels().fields, "field", name)
    }

    /// A level of a decision.
    pub fn level(&self, id: &str) -> Text {
        self.label(&self.workflow.labels().levels, "level", id)
    }

    /// A level's name in the reader's language.
    pub fn level_name(&self, id: &str) -> String {
        self.words(&self.level(id))
    }

    /// A service level.
    pub fn service_level(&self, id: &str) -> Text {
        self.label(&self.workflow.labels().slas, "sla", id)
    }

    /// States in which a decision is waited for.
    pub fn waiting(&self) -> Vec<&str> {
        self.workflow.states().map(|state| state.id.as_str()).filter(|state| self.workflow.approval_in(state).is_some()).collect()
    }

    /// States a board has a lane for: those something leads out of.
    pub fn lanes(&self) -> impl Iterator<Item = &State> {
        self.workflow.states().filter(|state| !state.terminal)
    }

    /// A company's own word, ours, or the bare name.
    fn label(&self, own: &BTreeMap<String, BTreeMap<String, String>>, what: &str, id: &str) -> Text {
        if let Some(word) = own.get(self.locale.as_str()).and_then(|words| words.get(id)) {
            return Text::raw(word.clone());
        }
        let key = format!("wf.{}.{what}.{id}", self.workflow.key());
        if exists(self.locale, &key) {
            return Text::key(key);
        }
        // a company writes its own words in its main language at least
        let any = own.values().find_map(|words| words.get(id));
        Text::raw(any.cloned().unwrap_or_else(|| id.replace('_', " ")))
    }

    fn words(&self, text: &Text) -> String {
        text.key.as_ref().map_or_else(|| text.text.clone(), |key| t(self.locale, key, &[]))
    }
}
