//! Levels of a decision and a service level, as the samples show them.

use super::super::parts::Text;
use super::sample::{days, person};
use super::{Agreed, ApprovalLevel, Missing, ServiceLevel, Stretch};

pub(super) fn agreed() -> Agreed {
    Agreed { person: person("Serik Mukhamedov", "СМ"), on_behalf_of: Some("Айгерім Бекова".into()) }
}

pub(super) fn approval_levels() -> Vec<ApprovalLevel> {
    let level = |name: &str, standing: &str, given, needed, escalated| ApprovalLevel {
        name: Text::raw(name),
        standing: standing.into(),
        given,
        needed,
        agreed: (given > 0).then(agreed).into_iter().collect(),
        escalated,
    };
    vec![level("First approval", "agreed", 1, 1, false), level("Finance", "waiting", 1, 2, true), level("Board", "later", 0, 1, false)]
}

pub(super) fn service_level() -> ServiceLevel {
    let stretch = |from: i64, to: Option<i64>, counted: Option<&str>, state: &str| Stretch {
        from: days(from),
        to: to.map(days),
        counted: counted.map(Into::into),
        cause: Text::key(format!("wf.work_order.state.{state}")),
    };
    ServiceLevel {
        name: Text::key("wf.work_order.sla.resolution"),
        number: 1,
        phase: "running".into(),
        health: "critical".into(),
        clock: "business".into(),
        elapsed: "9 h 20 min".into(),
        target: "8 h 00 min".into(),
        due: Some(days(-1)),
        stretches: vec![
            stretch(-3, Some(-2), Some("3 h 00 min"), "open"),
            stretch(-2, Some(-1), None, "waiting_parts"),
            stretch(-1, None, Some("6 h 20 min"), "in_progress"),
        ],
    }
}

/// Nobody of a role.
pub(super) fn missing() -> Missing {
    Missing {
        sentences: vec!["“Қаржы” <x>".into()],
        people_href: Some("/altyn-bus/people".into()),
        flow_href: Some("/altyn-bus/settings/workflows/work_order/edit".into()),
    }
}
