//! The one catalogue of permissions (15). A role is any set of them (16).

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $key:literal,)+) => {
        /// A right a role may hold. Its key is stored; its name lives in the `permission.*` messages.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Permission { $($(#[$doc])* $name,)+ }

        impl Permission {
            /// All of them, in the order the role editor shows them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stored key, `<group>.<verb>`.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)+ }
            }
        }
    };
}

permissions! {
    /// See work orders.
    WorkOrderView = "work_order.view",
    /// Ask for work to be done.
    WorkOrderCreate = "work_order.create",
    /// Change what an order says.
    WorkOrderEdit = "work_order.edit",
    /// Start, hold and complete the work one is given.
    WorkOrderExecute = "work_order.execute",
    /// Let requested work begin, or reject it.
    WorkOrderApprove = "work_order.approve",
    /// Assign, reopen, close; act on anybody's order.
    WorkOrderManage = "work_order.manage",
    /// Cancel an order.
    WorkOrderCancel = "work_order.cancel",
    /// Bring finished orders in from elsewhere, with their own dates.
    WorkOrderImport = "work_order.import",
    /// See what work costs.
    CostView = "cost.view",
    /// See assets and their types.
    AssetView = "asset.view",
    /// Add and change assets and their types.
    AssetEdit = "asset.edit",
    /// Remove assets.
    AssetDelete = "asset.delete",
    /// Hand assets to clients and take them back.
    AssetAssign = "asset.assign",
    /// Take assets out of service, send them for repair, return them to service.
    AssetMaintain = "asset.maintain",
    /// Sell, write off, dispose of assets.
    AssetDispose = "asset.dispose",
    /// See locations.
    LocationView = "location.view",
    /// Add, change and remove locations.
    LocationEdit = "location.edit",
    /// See vendors.
    VendorView = "vendor.view",
    /// Add, change and remove vendors.
    VendorEdit = "vendor.edit",
    /// See dispatches.
    DispatchView = "dispatch.view",
    /// Plan dispatches.
    DispatchCreate = "dispatch.create",
    /// Drive: depart, arrive, return.
    DispatchDrive = "dispatch.drive",
    /// Reassign and cancel anybody's dispatch.
    DispatchManage = "dispatch.manage",
    /// See relocations of assets.
    RelocationView = "relocation.view",
    /// Ask for an asset to be moved.
    RelocationCreate = "relocation.create",
    /// Let an asset be moved, or refuse it.
    RelocationApprove = "relocation.approve",
    /// Send assets off and take them in.
    RelocationExecute = "relocation.execute",
    /// See parts, stock and its movements.
    StockView = "stock.view",
    /// Ask for parts to be brought.
    StockRequest = "stock.request",
    /// Let parts be moved between stores, or refuse it.
    StockApproveRelocation = "stock.approve_relocation",
    /// Send parts off.
    StockShip = "stock.ship",
    /// Take parts in.
    StockReceive = "stock.receive",
    /// Correct stock and write it off.
    StockAdjust = "stock.adjust",
    /// See service tickets.
    TicketView = "ticket.view",
    /// Report a problem.
    TicketCreate = "ticket.create",
    /// Work on the tickets one is given.
    TicketExecute = "ticket.execute",
    /// Triage, assign and close; act on anybody's ticket.
    TicketManage = "ticket.manage",
    /// See purchase orders.
    PurchaseOrderView = "purchase_order.view",
    /// Write purchase orders.
    PurchaseOrderCreate = "purchase_order.create",
    /// Let money be spent, or refuse it.
    PurchaseOrderApprove = "purchase_order.approve",
    /// Send approved orders to the vendor, follow and close them.
    PurchaseOrderOrder = "purchase_order.order",
    /// See contracts.
    ContractView = "contract.view",
    /// Add, change, renew and end contracts.
    ContractEdit = "contract.edit",
    /// Let a contract take effect, or refuse it.
    ContractApprove = "contract.approve",
    /// Download lists as files.
    ExportRun = "export.run",
    /// See who works here.
    MemberView = "member.view",
    /// Invite, change and deactivate people below one's own level.
    MemberManage = "member.manage",
    /// See roles.
    RoleView = "role.view",
    /// Change roles below one's own level.
    RoleManage = "role.manage",
    /// Change the company's settings.
    CompanyManage = "company.manage",
    /// Change workflow files.
    WorkflowManage = "workflow.manage",
    /// Change what messages say, who is reminded of what; see what became of every message.
    NotificationManage = "notification.manage",
    /// Read the audit log.
    AuditView = "audit.view",
    /// What every member may do: see the own profile and notifications.
    Member = "member",
}

impl Permission {
    /// The permission stored under this key, if the catalogue still has it.
    pub fn find(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.key() == key)
    }

    /// The part before the dot: what the role editor groups by.
    pub fn group(self) -> &'static str {
        self.key().split('.').next().unwrap_or_default()
    }

    /// Those a role may be given: every member is a [`Permission::Member`] without asking.
    pub fn grantable() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|p| *p != Self::Member)
    }
}

/// A set of permissions, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Permissions(u64);

const _: () = assert!(Permission::ALL.len() <= 64, "a permission is a bit of a u64");

impl Permissions {
    /// Every permission there is.
    pub fn all() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    /// Those stored under these keys. Unknown keys, left by an older version, grant nothing.
    pub fn from_keys<S: AsRef<str>>(keys: &[S]) -> Self {
        keys.iter().filter_map(|key| Permission::find(key.as_ref())).chain([Permission::Member]).collect()
    }

    /// Whether the set holds it.
    pub const fn has(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u64) != 0
    }

    /// Whether everything in `other` is in this set too.
    pub const fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// The members of the set.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |p| self.has(*p))
    }

    /// Their keys, as they are stored.
    pub fn keys(self) -> Vec<String> {
        self.iter().filter(|p| *p != Permission::Member).map(|p| p.key().to_owned()).collect()
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |bits, p| bits | 1 << p as u64))
    }
}
