//! The form of a work order: new, wrong, and overtaken by somebody else's change.

use std::collections::BTreeMap;

use super::super::parts::{Choice, Crumb, Text, errors};
use super::sample::{BASE, assets, assignees, state};
use super::sample_levels::missing;
use super::{Missing, Stale, WorkForm, WorkSought, WorkValues};

impl WorkForm {
    pub(super) fn samples() -> Vec<Self> {
        let crumb = |label, href: Option<&str>| Crumb { label, href: href.map(Into::into) };
        let new = Self {
            base: BASE.into(),
            crumbs: vec![crumb(Text::key("work_order.title"), Some("/steppe/work-orders")), crumb(Text::key("work_order.new"), None)],
            number: None,
            version: None,
            action: format!("{BASE}/work-orders/new"),
            cancel_href: format!("{BASE}/work-orders"),
            needs_approval: true,
            missing: missing(),
            values: WorkValues { kind: "repair".into(), priority: "medium".into(), ..WorkValues::default() },
            sought: WorkSought { vendor_id: "servis".into(), ..WorkSought::default() },
            assets: assets(),
            locations: vec![Choice::new("l1", "Алматы зауыты"), Choice::new("l2", "— Компрессорлық бөлме")],
            vendors: vec![Choice::new("v1", "Kompressor Servis TOO")],
            assignees: assignees(),
            currency: "KZT".into(),
            costs: true,
            errors: errors([]),
            saved: BTreeMap::new(),
            stale: None,
        };
        let wrong = Self {
            values: WorkValues { estimated_cost: "көп".into(), ..new.values.clone() },
            errors: errors([("title", "Атауын жазыңыз."), ("estimated_cost", "Бұл сома емес.")]),
            ..new.clone()
        };
        let edit = Self {
            crumbs: vec![
                crumb(Text::key("work_order.title"), Some("/steppe/work-orders")),
                crumb(Text::raw("WO-1042"), Some("/steppe/work-orders/WO-1042")),
                crumb(Text::key("work_order.edit"), None),
            ],
            number: Some("WO-1042".into()),
            version: Some(7),
            needs_approval: false,
            missing: Missing::default(),
            costs: false,
            values: WorkValues {
                title: "Compressor C-3 oil leak".into(),
                description: "Oil on the floor.".into(),
                asset_id: "c3".into(),
                assignee_id: "a1".into(),
                due_at: "2026-11-24T18:00".into(),
                ..new.values.clone()
            },
            saved: BTreeMap::from([
                ("priority", Text::key("nav.now_reads").with("value", "High")),
                ("assignee_id", Text::key("nav.now_empty")),
            ]),
            stale: Some(Stale { who: None, at: None, state: Some(state("open")) }),
            ..new.clone()
        };
        vec![new, wrong, edit]
    }
}
