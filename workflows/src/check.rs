//! What is wrong with a file whose parts are sound: its graph, what time does to it, what it leaves behind.

mod filled;
mod graph;
mod labels;
mod nested;
mod slas;
mod staffing;
mod stock;
mod timers;

use crate::definition::{Action, Effect, Effects, TimerAction, Workflow};
use crate::diagnostic::Diagnostic;
use crate::subject::{Subject, Vocabulary};
pub(crate) use graph::targets;
pub use nested::together;
pub use staffing::Staffed;

/// Reports every fault of a file whose parts are sound.
pub(crate) fn file(workflow: &Workflow, subject: &Subject, vocabulary: &Vocabulary<'_>, found: &mut Vec<Diagnostic>) {
    graph::graph(workflow, found);
    timers::timers(workflow, found);
    slas::slas(workflow, found);
    filled::filled(workflow, subject, vocabulary, found);
    stock::stock(workflow, found);
    labels::labels(workflow, vocabulary, found);
    nested::nested(workflow, found);
}

impl Workflow {
    /// Every list of effects that a transition carries out, with its id; the empty id for those of creation.
    fn steps(&self) -> impl Iterator<Item = (&str, &[Effect])> {
        let initial = self.initial.iter().map(|entry| ("", entry.effects.as_slice()));
        initial.chain(self.transitions.values().map(|transition| (transition.id.as_str(), transition.effects.as_slice())))
    }

    /// Every effect of the file.
    fn all_effects(&self) -> impl Iterator<Item = &Effect> {
        let timers = self.timers.values().filter_map(|timer| match &timer.action {
            TimerAction::Effects(Effects(effects)) => Some(effects),
            TimerAction::Do(_) => None,
        });
        let reminders = self.reminders.values().map(|reminder| &reminder.effects);
        let warnings = self.slas.values().filter_map(|sla| sla.warn.as_ref()).map(|warn| &warn.effects);
        let breaches = self.slas.values().flat_map(|sla| &sla.breach).map(|step| &step.effects);
        self.steps().flat_map(|(_, effects)| effects).chain(timers.chain(reminders).chain(warnings).chain(breaches).flatten())
    }

    /// The permissions it takes to publish the file, besides that of publishing: those of its effects.
    pub fn effect_permissions(&self) -> std::collections::BTreeSet<&'static str> {
        self.all_effects().filter_map(|effect| effect.kind.permission).collect()
    }

    /// Whether an effect somewhere starts the service level.
    fn starts(&self, id: &str) -> bool {
        self.all_effects().any(|effect| matches!(&effect.action, Action::Sla { sla, start: true } if sla == id))
    }
}
