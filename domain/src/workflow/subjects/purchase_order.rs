//! A purchase order: what is bought, from whom, for how much, and what has come of it (68).

use workflows::{Field, Kind, Subject};

use super::{empty, field, writable};

/// A line. `qty` and `received_qty` are in the part's unit.
const LINE: &[Field] =
    &[field("part", Kind::Ref("part")), field("qty", Kind::Decimal), field("received_qty", Kind::Decimal), field("price", Kind::Money)];

/// The fields `purchase_order.yml` may name.
pub const SUBJECT: Subject = Subject {
    key: "purchase_order",
    fields: &[
        field("number", Kind::Int),
        field("title", Kind::Text),
        empty("vendor", Kind::Ref("vendor")),
        field("location", Kind::Ref("location")),
        field("buyer", Kind::Ref("member")),
        field("lines", Kind::List(&Kind::Object(LINE))),
        empty("total", Kind::Money),
        writable("vendor_ref", Kind::Text),
        writable("ordered_at", Kind::Time),
        writable("delivery_at", Kind::Time),
        writable("received_at", Kind::Time),
        writable("invoice_number", Kind::Text),
        writable("invoiced", Kind::Money),
        field("created_by", Kind::Ref("member")),
        field("created_at", Kind::Time),
        field("state", Kind::Text),
    ],
};

/// The messages `purchase_order.yml` names.
pub const TEXTS: &[&str] = &[
    "purchase_order.approval_requested",
    "purchase_order.approved",
    "purchase_order.rejected",
    "purchase_order.ordered",
    "purchase_order.received",
    "purchase_order.invoiced",
    "purchase_order.cancelled",
    "purchase_order.delivery_soon",
    "purchase_order.delivery_late",
    "purchase_order.approval_late",
];
