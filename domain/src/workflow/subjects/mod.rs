//! The fields of the records that get their files before their tables: each file is read, checked and tried out against them
//! now, and a table that comes later is held to them. Live files are those of subjects with tables, in `definitions`; a subject
//! moves there when its table does.

pub mod asset_equipment;
pub mod asset_it;
pub mod asset_vehicle;
pub mod contract;
pub mod dispatch;
pub mod part_relocation;
pub mod purchase_order;
pub mod relocation;
pub mod service_ticket;
#[cfg(test)]
mod tests;

use workflows::{Field, Kind, Subject};

/// A kind of record whose table comes later.
#[derive(Debug)]
pub struct Planned {
    /// Its fields.
    pub subject: &'static Subject,
    /// The messages its file names; their words are written, their pages come with the table.
    pub texts: &'static [&'static str],
}

/// Every planned kind of record.
pub const PLANNED: &[Planned] = &[
    Planned { subject: &dispatch::SUBJECT, texts: dispatch::TEXTS },
    Planned { subject: &relocation::SUBJECT, texts: relocation::TEXTS },
    Planned { subject: &part_relocation::SUBJECT, texts: part_relocation::TEXTS },
    Planned { subject: &service_ticket::SUBJECT, texts: service_ticket::TEXTS },
    Planned { subject: &asset_it::SUBJECT, texts: asset_it::TEXTS },
    Planned { subject: &asset_equipment::SUBJECT, texts: asset_equipment::TEXTS },
    Planned { subject: &asset_vehicle::SUBJECT, texts: asset_vehicle::TEXTS },
    Planned { subject: &purchase_order::SUBJECT, texts: purchase_order::TEXTS },
    Planned { subject: &contract::SUBJECT, texts: contract::TEXTS },
];

/// How urgent, least first.
pub const PRIORITIES: &[&str] = &["low", "medium", "high", "critical"];

/// In what state something came, best first.
pub const CONDITIONS: &[&str] = &["good", "worn", "damaged", "unusable"];

/// The asset a record is about, walked through from it.
pub const ASSET: Kind = Kind::Link {
    subject: "asset",
    fields: &[
        field("name", Kind::Text),
        field("location", Kind::Ref("location")),
        // whether its state carries the flag `available`
        field("available", Kind::Bool),
        empty("meter", Kind::Int),
        empty("license_category", Kind::Text),
    ],
};

/// Always filled.
const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, nullable: false, writable: false }
}

/// May be empty.
const fn empty(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, nullable: true, writable: false }
}

/// May be empty, and steps write it.
const fn writable(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, nullable: true, writable: true }
}
