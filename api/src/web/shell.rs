//! What surrounds a page: the reader, the company, the sidebar by permission, the bell, what the last action had to say.

use chrono_tz::Tz;
use domain::identity::entrance::Companies;
use domain::kernel::permission::Permission;
use domain::kernel::scope::Scope;
use domain::notify::Unread;
use templates::{Company, Flash, NavGroup, NavItem, Shell, User};

use super::visitor::Face;
use crate::http::failure::Result;

/// A link of the sidebar.
struct Entry {
    key: &'static str,
    icon: &'static str,
    path: &'static str,
    needs: Permission,
}

const fn entry(key: &'static str, icon: &'static str, path: &'static str, needs: Permission) -> Entry {
    Entry { key, icon, path, needs }
}

/// The sidebar of a company, by group; the first has no heading.
const NAV: &[(Option<&str>, &[Entry])] = &[
    (
        None,
        &[
            entry("dashboard", "layout-dashboard", "", Permission::WorkOrderView),
            entry("work_orders", "clipboard-list", "work-orders", Permission::WorkOrderView),
            entry("board", "square-kanban", "work-orders/board", Permission::WorkOrderView),
        ],
    ),
    (
        Some("nav.groups.assets"),
        &[
            entry("assets", "box", "assets", Permission::AssetView),
            entry("locations", "map-pin", "locations", Permission::LocationView),
            entry("asset_types", "boxes", "asset-types", Permission::AssetView),
            entry("categories", "tags", "categories", Permission::AssetView),
        ],
    ),
    (Some("nav.groups.supply"), &[entry("vendors", "store", "vendors", Permission::VendorView)]),
    (
        Some("nav.groups.company"),
        &[
            entry("people", "users", "people", Permission::MemberView),
            entry("notifications", "bell", "notifications", Permission::Member),
            entry("messages", "message-square", "settings/notifications", Permission::NotificationManage),
            entry("reminders", "alarm-clock", "settings/reminders", Permission::NotificationManage),
            entry("exports", "file-down", "exports", Permission::ExportRun),
            entry("workflows", "workflow", "settings/workflows", Permission::WorkflowManage),
            entry("hours", "calendar-clock", "service-levels", Permission::CompanyManage),
            entry("mail_server", "mail", "settings/mail", Permission::CompanyManage),
            entry("telegram_groups", "send", "settings/telegram", Permission::CompanyManage),
        ],
    ),
];

/// The surroundings of a block, which shows none of them: nothing is looked up.
pub fn bare(face: &impl Face) -> Shell {
    let reader = face.reader();
    let zone = face.scope().map_or(Tz::UTC, |scope| scope.company().zone);
    let mut shell = Shell::anonymous(reader.locale, reader.theme, zone, reader.edge.app.clock().now());
    shell.path.clone_from(&reader.path);
    shell.request_id = reader.origin.id.to_string();
    shell.company = face.scope().map(|scope| company(&scope.company().slug, &scope.company().name));
    shell.user = face.who().map(|who| User { name: who.name.clone(), initials: initials(&who.name), email: who.email.clone() });
    shell
}

/// The surroundings of a whole page.
pub async fn around(face: &impl Face) -> Result<Shell> {
    let mut shell = bare(face);
    let reader = face.reader();
    shell.flashes = reader.flash.iter().map(|flash| Flash { tone: "success".to_owned(), text: flash.words(reader.locale) }).collect();
    let Some(who) = face.who() else { return Ok(shell) };
    let (app, caller) = (&reader.edge.app, who.caller(reader.origin.clone()));
    let unread = async {
        match face.scope() {
            Some(scope) => app.run(scope, Unread).await,
            None => Ok(0),
        }
    };
    let (companies, unread) = tokio::try_join!(app.platform(&caller, Companies), unread)?;
    shell.companies = companies.iter().map(|each| company(&each.slug, &each.name)).collect();
    shell.unread = u32::try_from(unread).unwrap_or(u32::MAX);
    let path = reader.path.split('?').next().unwrap_or_default();
    shell.nav = face.scope().map_or_else(Vec::new, |scope| company_nav(scope, path, shell.unread));
    if who.operator {
        let mut links = vec![
            link("companies", "building-2", "/platform/companies".to_owned()),
            link("jobs", "list", "/platform/jobs".to_owned()),
            link("mail_log", "send", "/platform/mail".to_owned()),
        ];
        if reader.edge.dev_mail.is_some() {
            links.push(link("mail", "mail", "/dev/mail".to_owned()));
        }
        mark(&mut links, path);
        shell.nav.push(NavGroup { label_key: Some("nav.groups.platform".to_owned()), items: links });
    }
    Ok(shell)
}

fn company_nav(scope: &Scope, path: &str, unread: u32) -> Vec<NavGroup> {
    let slug = &scope.company().slug;
    let mut groups: Vec<NavGroup> = NAV
        .iter()
        .map(|(label, entries)| NavGroup {
            label_key: label.map(str::to_owned),
            items: entries
                .iter()
                .filter(|entry| scope.can(entry.needs))
                .map(|entry| link(entry.key, entry.icon, format!("/{slug}/{}", entry.path)))
                .collect(),
        })
        .filter(|group| !group.items.is_empty())
        .collect();
    // invitations and roles are tabs beside the people
    let at = [format!("/{slug}/invitations"), format!("/{slug}/roles")].iter().any(|tab| under(path, tab));
    let path = if at { format!("/{slug}/people") } else { path.to_owned() };
    let all = groups.iter().flat_map(|group| &group.items).map(|item| item.href.clone());
    let current = all.filter(|href| under(&path, href)).max_by_key(String::len);
    for item in groups.iter_mut().flat_map(|group| &mut group.items) {
        item.current = Some(&item.href) == current.as_ref();
        item.count = (item.key == "notifications" && unread > 0).then_some(unread);
    }
    groups
}

fn mark(links: &mut [NavItem], path: &str) {
    for item in links {
        item.current = under(path, &item.href);
    }
}

/// Whether a path is the address, or below it; the dashboard's, which ends in a slash, has nothing below it.
fn under(path: &str, href: &str) -> bool {
    path == href || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'))
}

fn link(key: &str, icon: &str, href: String) -> NavItem {
    NavItem { key: key.to_owned(), icon: icon.to_owned(), href, current: false, count: None }
}

fn company(slug: &str, name: &str) -> Company {
    Company { slug: slug.to_owned(), name: name.to_owned(), initials: initials(name) }
}

/// One or two capital letters that stand for a name.
pub fn initials(name: &str) -> String {
    let letters = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    letters.take(2).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::{initials, under};

    #[test]
    fn initials_are_of_the_first_two_words_with_letters() {
        for (name, letters) in [("Айгерім Бекова", "АБ"), ("«Алтын Транс» — жауапкершілігі шектеулі", "АТ"), ("mw", "M"), ("…", "")]
        {
            assert_eq!(initials(name), letters);
        }
    }

    #[test]
    fn a_page_is_under_its_list() {
        assert!(under("/dala/assets/1/edit", "/dala/assets"));
        assert!(!under("/dala/asset-types", "/dala/asset"));
        assert!(!under("/dala/assets", "/dala/"));
    }
}
