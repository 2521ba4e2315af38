//! A contract: leasing, rental, insurance, warranty, service; from signature to renewal or end (91, 92, 115).

use workflows::{Field, Kind, Subject};

use super::{ASSET, empty, field, writable};

/// Kinds of contract (91).
pub const KINDS: &[&str] = &["leasing", "rental", "insurance_casco", "insurance_osago", "warranty", "service_contract"];

/// How often it is paid.
pub const FREQUENCIES: &[&str] = &["one_time", "monthly", "quarterly", "annual"];

/// The fields `contract.yml` may name. `ends_at` is the end of its last day, in the company's time.
pub const SUBJECT: Subject = Subject {
    key: "contract",
    fields: &[
        field("number", Kind::Text),
        field("kind", Kind::Choice(KINDS)),
        field("contractor", Kind::Text),
        empty("asset", ASSET),
        field("owner", Kind::Ref("member")),
        empty("starts_at", Kind::Time),
        writable("ends_at", Kind::Time),
        field("payment_frequency", Kind::Choice(FREQUENCIES)),
        empty("amount", Kind::Money),
        Field { name: "auto_renew", kind: Kind::Bool, nullable: false, writable: true },
        writable("renewed_at", Kind::Time),
        field("created_by", Kind::Ref("member")),
        field("created_at", Kind::Time),
        field("state", Kind::Text),
    ],
};

/// The messages `contract.yml` names.
pub const TEXTS: &[&str] = &[
    "contract.approval_requested",
    "contract.approved",
    "contract.rejected",
    "contract.ends_soon",
    "contract.renewal_due",
    "contract.renewed",
    "contract.expired",
    "contract.terminated",
];
