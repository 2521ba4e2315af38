//! What surrounds every page: who is looking, where they are, and how they like to read.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use crate::i18n::Locale;

/// A person's choice of colours; `System` follows the device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// Always light.
    Light,
    /// Always dark.
    Dark,
    /// As the device is set.
    #[default]
    System,
}

impl Theme {
    /// The name used in a form and in the page's `class`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::System => "system",
        }
    }
}

/// The surroundings of one page for one person.
#[derive(Clone, Debug, Serialize)]
pub struct Shell {
    /// Language of the page.
    pub locale: Locale,
    /// Colours.
    pub theme: Theme,
    /// IANA time zone that moments are shown in.
    pub zone: Tz,
    /// Path and query of the request, for forms that come back.
    pub path: String,
    /// Title of the browser tab where the page's own is not wanted.
    pub title: Option<String>,
    /// Time of the request.
    pub now: DateTime<Utc>,
    /// Company the person works in, if any.
    pub company: Option<Company>,
    /// Every company the person may switch to.
    pub companies: Vec<Company>,
    /// The person, if logged in.
    pub user: Option<User>,
    /// Sidebar, by permission.
    pub nav: Vec<NavGroup>,
    /// Unread notifications.
    pub unread: u32,
    /// Messages shown once.
    pub flashes: Vec<Flash>,
    /// Id of the request, shown on error pages.
    pub request_id: String,
}

impl Shell {
    /// A shell for somebody unknown: no company, no sidebar.
    pub fn anonymous(locale: Locale, theme: Theme, zone: Tz, now: DateTime<Utc>) -> Self {
        Self {
            locale,
            theme,
            zone,
            path: "/".into(),
            title: None,
            now,
            company: None,
            companies: Vec::new(),
            user: None,
            nav: Vec::new(),
            unread: 0,
            flashes: Vec::new(),
            request_id: String::new(),
        }
    }
}

/// A company as the switcher shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Company {
    /// First part of its pages' path.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// One or two letters for its badge.
    pub initials: String,
}

/// The person looking.
#[derive(Clone, Debug, Serialize)]
pub struct User {
    /// Full name.
    pub name: String,
    /// One or two letters for the badge.
    pub initials: String,
    /// Email they log in with.
    pub email: String,
}

/// A group of the sidebar.
#[derive(Clone, Debug, Serialize)]
pub struct NavGroup {
    /// Whole key of the heading, such as `nav.groups.assets`; none for the first group.
    pub label_key: Option<String>,
    /// Its links.
    pub items: Vec<NavItem>,
}

/// A link of the sidebar.
#[derive(Clone, Debug, Serialize)]
pub struct NavItem {
    /// Its label is the words of `nav.<key>`.
    pub key: String,
    /// Icon name.
    pub icon: String,
    /// Where it leads.
    pub href: String,
    /// Whether the reader is there.
    pub current: bool,
    /// How many things wait there.
    pub count: Option<u32>,
}

/// A message shown once after an action.
#[derive(Clone, Debug, Serialize)]
pub struct Flash {
    /// `success`, `info`, `warn` or `danger`.
    pub tone: String,
    /// What to say, already in the reader's language.
    pub text: String,
}

impl Shell {
    /// Somebody at work in a company, for the tests and the preview.
    pub fn sample(locale: Locale, theme: Theme) -> Self {
        let company = |slug: &str, name: &str, initials: &str| Company { slug: slug.into(), name: name.into(), initials: initials.into() };
        let item = |key: &str, icon: &str, path: &str, count| NavItem {
            key: key.into(),
            icon: icon.into(),
            href: format!("/dala-foods/{path}"),
            current: path == "work-orders",
            count,
        };
        let work = NavGroup {
            label_key: None,
            items: vec![item("dashboard", "layout-dashboard", "", None), item("work_orders", "clipboard-list", "work-orders", Some(1_042))],
        };
        let assets = NavGroup {
            label_key: Some("nav.groups.assets".into()),
            items: vec![item("assets", "box", "assets", None), item("locations", "map-pin", "locations", None)],
        };
        Self {
            path: "/dala-foods/work-orders".into(),
            company: Some(company("dala-foods", "Дала Фудс", "ДФ")),
            companies: vec![company("dala-foods", "Дала Фудс", "ДФ"), company("altyn-trans", "Алтын Транс & «Ко»", "АТ")],
            user: Some(User { name: "Айгерім Бекова".into(), initials: "АБ".into(), email: "aigerim@example.kz".into() }),
            nav: vec![work, assets],
            unread: 3,
            flashes: vec![Flash { tone: "success".into(), text: "WO-1042 <ok>".into() }],
            request_id: "019386f0-5a3c-7cc1-9d2e-3f1d5c8f0b11".into(),
            ..Self::anonymous(locale, theme, Tz::Asia__Almaty, crate::page::sample_time())
        }
    }
}
