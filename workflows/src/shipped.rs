//! The workflows the product comes with.

/// A file that ships with the product.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// The subject it moves.
    pub entity: &'static str,
    /// Its name, for findings.
    pub file: &'static str,
    /// Its text.
    pub source: &'static str,
}

macro_rules! shipped {
    ($($entity:literal),+ $(,)?) => {
        &[$(Shipped {
            entity: $entity,
            file: concat!("workflows/definitions/", $entity, ".yml"),
            source: include_str!(concat!("../definitions/", $entity, ".yml")),
        }),+]
    };
}

/// Every shipped file.
pub const SHIPPED: &[Shipped] = shipped![
    "work_order",
    "dispatch",
    "relocation",
    "part_relocation",
    "service_ticket",
    "asset_it",
    "asset_equipment",
    "asset_vehicle",
    "purchase_order",
    "contract",
];
