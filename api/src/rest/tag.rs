//! What operations are about: the groups of the reference page, in its order.

use poem_openapi::Tags;

/// A group of operations. Catalogue tables add their own names, see [`super::crud`].
#[derive(Tags)]
#[oai(rename_all = "snake_case")]
pub enum Tag {
    /// Logging in, signing up, joining.
    Auth,
    /// Whoever calls.
    Me,
    /// Work orders and their steps.
    WorkOrders,
    /// Members, roles, invitations.
    People,
    /// What the caller is told.
    Notifications,
    /// Lists as files.
    Exports,
    /// Workflow files: a company's versions, checks, publishing, migration.
    Workflows,
    /// Working hours and service levels.
    Settings,
    /// Companies, for operators of the platform.
    Platform,
}

/// The groups as the reference page shows them; one that is not named here comes last.
pub const ORDER: &[&str] = &[
    "auth",
    "me",
    "work_orders",
    "assets",
    "asset_types",
    "categories",
    "locations",
    "vendors",
    "people",
    "workflows",
    "notifications",
    "exports",
    "settings",
    "platform",
];
