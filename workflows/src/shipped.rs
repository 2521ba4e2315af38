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

/// Every shipped file.
pub const SHIPPED: &[Shipped] = &[Shipped {
    entity: "work_order",
    file: "workflows/definitions/work_order.yml",
    source: include_str!("../definitions/work_order.yml"),
}];
