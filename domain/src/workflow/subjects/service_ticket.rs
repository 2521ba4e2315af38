//! A service ticket: somebody's problem, from the report to their word that it is gone (50–52, 156).

use workflows::{Field, Kind, Subject};

use super::{ASSET, PRIORITIES, empty, field, writable};

/// Where a ticket came from.
pub const SOURCES: &[&str] = &["staff", "portal", "email", "sensor"];

/// A line of the checklist (51).
const TASK: &[Field] = &[field("title", Kind::Text), field("mandatory", Kind::Bool), field("done", Kind::Bool)];

/// The fields `service_ticket.yml` may name.
pub const SUBJECT: Subject = Subject {
    key: "service_ticket",
    fields: &[
        field("number", Kind::Int),
        field("title", Kind::Text),
        empty("description", Kind::Text),
        Field { name: "priority", kind: Kind::Choice(PRIORITIES), nullable: false, writable: true },
        field("source", Kind::Choice(SOURCES)),
        empty("asset", ASSET),
        field("location", Kind::Ref("location")),
        empty("vendor", Kind::Ref("vendor")),
        empty("requester", Kind::Ref("member")),
        writable("assignee", Kind::Ref("member")),
        writable("scheduled_at", Kind::Time),
        writable("diagnosis", Kind::Text),
        writable("resolution", Kind::Text),
        writable("resolved_at", Kind::Time),
        writable("rating", Kind::Int),
        field("tasks", Kind::List(&Kind::Object(TASK))),
        field("created_by", Kind::Ref("member")),
        field("created_at", Kind::Time),
        field("state", Kind::Text),
    ],
};

/// The messages `service_ticket.yml` names.
pub const TEXTS: &[&str] = &[
    "service_ticket.reported",
    "service_ticket.assigned",
    "service_ticket.scheduled",
    "service_ticket.travelling",
    "service_ticket.question",
    "service_ticket.resolved",
    "service_ticket.reopened",
    "service_ticket.cancelled",
    "service_ticket.visit_soon",
    "service_ticket.sla_warning",
    "service_ticket.sla_breach",
];
