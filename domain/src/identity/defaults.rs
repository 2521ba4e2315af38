//! The roles a company starts with (17). Keys are stable: workflow files name them. Levels order who manages whom (18).

use crate::kernel::permission::Permission as P;

/// A role every new company gets.
pub struct DefaultRole {
    /// Stable key.
    pub key: &'static str,
    /// One manages only people and roles below one's own level.
    pub level: i32,
    /// What it may do.
    pub permissions: &'static [P],
}

/// Keys of all default roles: the role names a workflow file may use.
pub const ROLE_KEYS: &[&str] =
    &["admin", "manager", "operations", "fleet_manager", "dispatcher", "finance", "storekeeper", "technician", "driver", "viewer"];

/// Everything a person may be granted.
const EVERYTHING: &[P] = &[
    P::WorkOrderView,
    P::WorkOrderCreate,
    P::WorkOrderEdit,
    P::WorkOrderExecute,
    P::WorkOrderApprove,
    P::WorkOrderManage,
    P::WorkOrderCancel,
    P::WorkOrderImport,
    P::CostView,
    P::AssetView,
    P::AssetEdit,
    P::AssetDelete,
    P::LocationView,
    P::LocationEdit,
    P::VendorView,
    P::VendorEdit,
    P::ExportRun,
    P::MemberView,
    P::MemberManage,
    P::RoleView,
    P::RoleManage,
    P::CompanyManage,
    P::WorkflowManage,
    P::AuditView,
];

/// The default roles, highest first.
pub const ROLES: &[DefaultRole] = &[
    DefaultRole { key: "admin", level: 100, permissions: EVERYTHING },
    DefaultRole {
        key: "manager",
        level: 80,
        permissions: &[
            P::WorkOrderView,
            P::WorkOrderCreate,
            P::WorkOrderEdit,
            P::WorkOrderExecute,
            P::WorkOrderApprove,
            P::WorkOrderManage,
            P::WorkOrderCancel,
            P::CostView,
            P::AssetView,
            P::AssetEdit,
            P::LocationView,
            P::LocationEdit,
            P::VendorView,
            P::VendorEdit,
            P::ExportRun,
            P::MemberView,
            P::MemberManage,
            P::RoleView,
        ],
    },
    DefaultRole {
        key: "operations",
        level: 60,
        permissions: &[
            P::WorkOrderView,
            P::WorkOrderCreate,
            P::WorkOrderEdit,
            P::WorkOrderExecute,
            P::WorkOrderManage,
            P::WorkOrderCancel,
            P::AssetView,
            P::AssetEdit,
            P::LocationView,
            P::VendorView,
            P::ExportRun,
            P::MemberView,
            P::AuditView,
        ],
    },
    DefaultRole {
        key: "fleet_manager",
        level: 60,
        permissions: &[
            P::WorkOrderView,
            P::WorkOrderCreate,
            P::WorkOrderEdit,
            P::WorkOrderApprove,
            P::WorkOrderManage,
            P::WorkOrderCancel,
            P::CostView,
            P::AssetView,
            P::AssetEdit,
            P::LocationView,
            P::VendorView,
            P::VendorEdit,
            P::ExportRun,
            P::MemberView,
        ],
    },
    DefaultRole {
        key: "dispatcher",
        level: 40,
        permissions: &[
            P::WorkOrderView,
            P::WorkOrderCreate,
            P::WorkOrderEdit,
            P::AssetView,
            P::LocationView,
            P::VendorView,
            P::ExportRun,
            P::MemberView,
        ],
    },
    DefaultRole {
        key: "finance",
        level: 40,
        permissions: &[
            P::WorkOrderView,
            P::CostView,
            P::AssetView,
            P::LocationView,
            P::VendorView,
            P::ExportRun,
            P::MemberView,
            P::AuditView,
        ],
    },
    DefaultRole {
        key: "storekeeper",
        level: 40,
        permissions: &[P::WorkOrderView, P::WorkOrderCreate, P::AssetView, P::LocationView, P::VendorView, P::VendorEdit, P::ExportRun],
    },
    DefaultRole {
        key: "technician",
        level: 20,
        permissions: &[P::WorkOrderView, P::WorkOrderCreate, P::WorkOrderExecute, P::AssetView, P::LocationView, P::VendorView],
    },
    DefaultRole { key: "driver", level: 20, permissions: &[P::WorkOrderView, P::WorkOrderCreate, P::AssetView, P::LocationView] },
    DefaultRole { key: "viewer", level: 10, permissions: &[P::WorkOrderView, P::AssetView, P::LocationView, P::VendorView] },
];

/// Categories every new company starts with, by the key of their name.
pub const CATEGORIES: &[&str] = &["machinery", "vehicles", "computers", "buildings", "tools"];

/// Asset types every new company starts with: the key of the name and the category.
pub const ASSET_TYPES: &[(&str, &str)] = &[
    ("machine", "machinery"),
    ("pump", "machinery"),
    ("car", "vehicles"),
    ("truck", "vehicles"),
    ("laptop", "computers"),
    ("printer", "computers"),
    ("building", "buildings"),
    ("hand_tool", "tools"),
];

#[cfg(test)]
mod tests {
    use super::{ROLE_KEYS, ROLES};
    use crate::kernel::permission::{Permission, Permissions};

    #[test]
    fn the_catalogue_and_the_default_roles_agree() {
        let keys: Vec<_> = ROLES.iter().map(|role| role.key).collect();
        assert_eq!(keys, ROLE_KEYS);
        let admin: Permissions = ROLES[0].permissions.iter().copied().collect();
        assert!(Permission::grantable().all(|permission| admin.has(permission)), "the admin may do everything");
        assert!(ROLES.is_sorted_by_key(|role| std::cmp::Reverse(role.level)));
    }
}
