//! Who works in the company: members, invitations, roles.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use super::parts::{Choice, Errors, Pager, errors};
use crate::page::{sample_time, templates};

templates! {
    PeoplePage => "people/list.html",
    MemberPage => "people/member.html",
    InvitationsPage => "people/invitations.html",
    InvitationNewPage => "people/invite.html",
    RolesPage => "people/roles.html",
    RolePage => "people/role.html",
}

/// `GET /{company}/people?q=…&state=…`.
#[derive(Clone, Debug, Serialize)]
pub struct PeoplePage {
    /// Words looked for in name and email.
    pub q: String,
    /// `active` or `deactivated`; empty for all.
    pub state: String,
    /// Members, by name.
    pub rows: Vec<MemberRow>,
    /// Links to more.
    pub pager: Pager,
    /// Whether the reader may invite and edit.
    pub can_manage: bool,
    /// The list as a file made in the background.
    pub export_href: Option<String>,
}

/// A member in the list.
#[derive(Clone, Debug, Serialize)]
pub struct MemberRow {
    /// Id of the membership.
    pub id: String,
    /// Full name.
    pub name: String,
    /// One or two letters for the badge.
    pub initials: String,
    /// Email they log in with.
    pub email: String,
    /// Name of the role.
    pub role: String,
    /// Whether they work at every site.
    pub all_sites: bool,
    /// Names of the sites they are limited to otherwise, as far as the reader sees them.
    pub sites: Vec<String>,
    /// `active` or `deactivated`.
    pub state: String,
    /// When they joined the company.
    pub joined_at: DateTime<Utc>,
}

fn member(id: &str, name: &str, initials: &str, state: &str) -> MemberRow {
    MemberRow {
        id: id.into(),
        name: name.into(),
        initials: initials.into(),
        email: "serik.nurlanuly@example.kz".into(),
        role: "Техник".into(),
        all_sites: false,
        sites: vec!["Алматы зауыты".into(), "Қойма № 2 <б>".into()],
        state: state.into(),
        joined_at: sample_time() - Duration::days(40),
    }
}

impl PeoplePage {
    fn samples() -> Vec<Self> {
        let many = Self {
            q: String::new(),
            state: String::new(),
            rows: vec![
                MemberRow { all_sites: true, sites: Vec::new(), ..member("1", "Айгерім Бекова", "АБ", "active") },
                member("2", "Серік Нұрланұлы", "СН", "active"),
                member("3", "Mehmet Yılmaz", "MY", "deactivated"),
            ],
            pager: Pager { total: 3, ..Pager::default() },
            can_manage: true,
            export_href: Some("/dala-foods/exports/new?list=members".into()),
        };
        let read_only = Self { can_manage: false, export_href: None, ..many.clone() };
        let not_found = Self { q: "\"><x".into(), state: "active".into(), rows: Vec::new(), ..many.clone() };
        vec![many, read_only, not_found]
    }
}

/// A site a member may be limited to.
#[derive(Clone, Debug, Serialize)]
pub struct SiteChoice {
    /// Id of the location.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is chosen.
    pub checked: bool,
}

fn sites() -> Vec<SiteChoice> {
    let site = |id: &str, name: &str, checked| SiteChoice { id: id.into(), name: name.into(), checked };
    vec![site("1", "Алматы зауыты", true), site("2", "Шымкент филиалы", false)]
}

fn roles() -> Vec<Choice> {
    vec![Choice::new("1", "Менеджер"), Choice::new("2", "Техник")]
}

/// `GET`/`POST /{company}/people/{id}` (`role_id`, `all_sites`, `site_ids` repeated, `version`), with `POST …/deactivate`, `POST …/reactivate`.
#[derive(Clone, Debug, Serialize)]
pub struct MemberPage {
    /// Letters to the address are refused.
    pub refused: Option<RefusedAddress>,
    /// The member.
    pub member: MemberRow,
    /// Version of the row, sent back with a change.
    pub version: i64,
    /// Id of the role chosen.
    pub role_id: String,
    /// Roles the reader may give.
    pub roles: Vec<Choice>,
    /// Whether every site is chosen.
    pub all_sites: bool,
    /// The company's sites, those chosen otherwise checked.
    pub sites: Vec<SiteChoice>,
    /// Whether the reader may change this member.
    pub can_edit: bool,
    /// Why not, or what to know, in the reader's language.
    pub notice: Option<String>,
    /// What is wrong.
    pub errors: Errors,
}

/// What a mail server said of somebody's address.
#[derive(Clone, Debug, Serialize)]
pub struct RefusedAddress {
    /// When.
    pub at: DateTime<Utc>,
    /// In its words.
    pub reason: String,
}

impl MemberPage {
    fn samples() -> Vec<Self> {
        let edit = Self {
            refused: Some(RefusedAddress { at: sample_time(), reason: "550 5.1.1 <x> unknown user".into() }),
            member: member("2", "Серік Нұрланұлы", "СН", "active"),
            version: 4,
            role_id: "2".into(),
            roles: roles(),
            all_sites: false,
            sites: sites(),
            can_edit: true,
            notice: None,
            errors: Errors::new(),
        };
        let gone = Self { member: member("3", "Mehmet Yılmaz", "MY", "deactivated"), sites: Vec::new(), ..edit.clone() };
        let refused = Self { errors: errors([("", "…"), ("role_id", "…"), ("site_ids", "…")]), ..edit.clone() };
        let above = Self { can_edit: false, notice: Some("…".into()), ..edit.clone() };
        vec![edit, gone, refused, above]
    }
}

/// The company's seats.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SeatsView {
    /// Users allowed.
    pub seats: i64,
    /// Users there are, invitations included.
    pub used: i64,
    /// Users that may still join.
    pub left: i64,
}

/// `GET /{company}/invitations?past=…`, with `POST …/{id}/revoke`.
#[derive(Clone, Debug, Serialize)]
pub struct InvitationsPage {
    /// Whether past ones are shown instead of those that may be accepted.
    pub past: bool,
    /// How many more may be invited.
    pub seats: SeatsView,
    /// Invitations, newest first.
    pub rows: Vec<InvitationRow>,
    /// Links to more.
    pub pager: Pager,
    /// Whether the reader may invite and revoke.
    pub can_manage: bool,
}

/// An invitation in the list.
#[derive(Clone, Debug, Serialize)]
pub struct InvitationRow {
    /// Its id.
    pub id: String,
    /// Who is invited.
    pub name: String,
    /// Where the letter went.
    pub email: String,
    /// Name of the role offered.
    pub role: String,
    /// `pending`, `accepted`, `revoked` or `expired`.
    pub state: String,
    /// When they were invited.
    pub created_at: DateTime<Utc>,
    /// When it runs out.
    pub expires_at: DateTime<Utc>,
    /// When it was accepted or revoked, or ran out.
    pub ended_at: Option<DateTime<Utc>>,
}

impl InvitationsPage {
    fn samples() -> Vec<Self> {
        let row = |state: &str| InvitationRow {
            id: state.into(),
            name: "Серік Нұрланұлы".into(),
            email: "serik@example.kz".into(),
            role: "Техник".into(),
            state: state.into(),
            created_at: sample_time() - Duration::hours(2),
            expires_at: sample_time() + Duration::hours(70),
            ended_at: (state != "pending").then(|| sample_time() - Duration::hours(1)),
        };
        let seats = SeatsView { seats: 1_500, used: 1_204, left: 296 };
        let open = Self { past: false, seats, rows: vec![row("pending")], pager: Pager::default(), can_manage: true };
        let read_only = Self { can_manage: false, ..open.clone() };
        let pager = Pager { next: Some("?past=true&cursor=1".into()), ..Pager::default() };
        let past = Self { past: true, rows: ["accepted", "revoked", "expired"].map(row).into(), pager, ..open.clone() };
        let none = Self { rows: Vec::new(), ..open.clone() };
        let none_past = Self { past: true, ..none.clone() };
        vec![open, read_only, past, none, none_past]
    }
}

/// `GET`/`POST /{company}/invitations/new`: fields `email`, `name`, `role_id`, `all_sites`, `site_ids` repeated, `locale`.
#[derive(Clone, Debug, Serialize)]
pub struct InvitationNewPage {
    /// Email typed.
    pub email: String,
    /// Name typed.
    pub name: String,
    /// Id of the role chosen.
    pub role_id: String,
    /// Roles the reader may give.
    pub roles: Vec<Choice>,
    /// Whether every site is chosen.
    pub all_sites: bool,
    /// The company's sites, those chosen otherwise checked.
    pub sites: Vec<SiteChoice>,
    /// Language of the letter.
    pub locale: String,
    /// What is wrong.
    pub errors: Errors,
}

impl InvitationNewPage {
    fn samples() -> Vec<Self> {
        let empty = Self {
            email: String::new(),
            name: String::new(),
            role_id: String::new(),
            roles: roles(),
            all_sites: false,
            sites: sites(),
            locale: "kk".into(),
            errors: Errors::new(),
        };
        let wrong = Self { email: "serik".into(), errors: errors([("email", "…"), ("role_id", "…")]), ..empty.clone() };
        let full = Self { sites: Vec::new(), errors: errors([("", "…")]), ..empty.clone() };
        vec![empty, wrong, full]
    }
}

/// `GET /{company}/roles`.
#[derive(Clone, Debug, Serialize)]
pub struct RolesPage {
    /// Roles, highest level first.
    pub rows: Vec<RoleRow>,
    /// Whether the reader may add roles.
    pub can_manage: bool,
}

/// A role in the list.
#[derive(Clone, Debug, Serialize)]
pub struct RoleRow {
    /// Its id.
    pub id: String,
    /// Its name: a default role's comes from `role.<key>`.
    pub name: String,
    /// One manages only people and roles below one's own level.
    pub level: u16,
    /// Members who have it.
    pub members: u32,
    /// Permissions it gives.
    pub permissions: u32,
    /// Whether it came with the company.
    pub builtin: bool,
}

impl RolesPage {
    fn samples() -> Vec<Self> {
        let row = |id: &str, name: &str, level, members, builtin| RoleRow {
            id: id.into(),
            name: name.into(),
            level,
            members,
            permissions: members + 1,
            builtin,
        };
        let rows = vec![row("1", "Администратор", 100, 2, true), row("2", "Аға механик <x>", 40, 0, false)];
        vec![Self { rows: rows.clone(), can_manage: true }, Self { rows, can_manage: false }]
    }
}

/// `GET`/`POST /{company}/roles/{id}` (`new` for a new one): fields `name`, `level`, `permissions` repeated, `version`;
/// `POST …/delete` (`version`).
#[derive(Clone, Debug, Serialize)]
pub struct RolePage {
    /// Id; none for a new role.
    pub id: Option<String>,
    /// Version of the row, sent back with a change.
    pub version: i64,
    /// Name as typed.
    pub name: String,
    /// Level as typed.
    pub level: String,
    /// Highest level the reader may give.
    pub max_level: u16,
    /// Members who have the role.
    pub members: u32,
    /// Whether the reader may change it.
    pub can_edit: bool,
    /// Whether the reader may delete it, as far as it shows before trying.
    pub can_delete: bool,
    /// Every permission, by group.
    pub groups: Vec<PermissionGroup>,
    /// What is wrong.
    pub errors: Errors,
}

/// A row of the permission matrix; its label is `permission.group.<key>`.
#[derive(Clone, Debug, Serialize)]
pub struct PermissionGroup {
    /// The part of the keys before the dot.
    pub key: String,
    /// Its permissions.
    pub items: Vec<PermissionItem>,
}

/// One permission; its label is `permission.<key>`.
#[derive(Clone, Debug, Serialize)]
pub struct PermissionItem {
    /// Its key, such as `work_order.view`.
    pub key: String,
    /// Whether the role has it.
    pub checked: bool,
    /// Whether the reader has it and so may give it.
    pub grantable: bool,
}

impl RolePage {
    fn samples() -> Vec<Self> {
        let item = |key: &str, checked, grantable| PermissionItem { key: key.into(), checked, grantable };
        let groups = vec![
            PermissionGroup {
                key: "work_order".into(),
                items: vec![item("work_order.view", true, true), item("work_order.approve", false, true)],
            },
            PermissionGroup { key: "company".into(), items: vec![item("company.manage", false, false)] },
        ];
        let edit = Self {
            id: Some("2".into()),
            version: 3,
            name: "Аға механик".into(),
            level: "40".into(),
            max_level: 99,
            members: 21,
            can_edit: true,
            can_delete: true,
            groups,
            errors: Errors::new(),
        };
        let new = Self { id: None, name: String::new(), members: 0, can_delete: false, ..edit.clone() };
        let wrong = Self { errors: errors([("name", "…"), ("level", "…"), ("permissions", "…")]), ..edit.clone() };
        let fixed = Self { can_edit: false, can_delete: false, ..edit.clone() };
        vec![edit, new, wrong, fixed]
    }
}
