//! A person's own pages: the companies they work for, and their profile.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use super::parts::{Errors, errors};
use crate::page::{sample_time, templates};

templates! {
    CompaniesPage => "account/companies.html",
    ProfilePage => "account/profile.html",
}

/// `GET /companies`: which company to work in.
#[derive(Clone, Debug, Serialize)]
pub struct CompaniesPage {
    /// Companies the person is an active member of.
    pub companies: Vec<CompanyCard>,
    /// Names of those they are kept out of, since the company is suspended.
    pub suspended: Vec<String>,
    /// Whether the person runs the platform too.
    pub platform: bool,
}

/// A company the person may enter.
#[derive(Clone, Debug, Serialize)]
pub struct CompanyCard {
    /// First part of its pages' path.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// One or two letters for its badge.
    pub initials: String,
}

impl CompaniesPage {
    fn samples() -> Vec<Self> {
        let card = |slug: &str, name: &str, initials: &str| CompanyCard { slug: slug.into(), name: name.into(), initials: initials.into() };
        let several = Self {
            companies: vec![
                card("dala-foods", "Дала Фудс", "ДФ"),
                card("altyn-trans", "«Алтын Транс Логистика» жауапкершілігі шектеулі серіктестігі", "АТ"),
            ],
            suspended: vec!["Шығыс Болат".into()],
            platform: true,
        };
        let none = Self { companies: Vec::new(), suspended: Vec::new(), platform: false };
        vec![several, Self { suspended: vec!["Шығыс Болат".into()], ..none.clone() }, none]
    }
}

/// `GET /profile`, and the forms on it: `POST /profile` (`name`, `locale`, `theme`), `POST /profile/password`
/// (`current`, `password`), `POST /profile/sessions/{id}/revoke`, `POST /profile/sessions/revoke-others`,
/// `POST /profile/telegram/link`, `POST /profile/telegram/unlink`.
#[derive(Clone, Debug, Serialize)]
pub struct ProfilePage {
    /// The name colleagues know the person by; none without a company.
    pub name: Option<String>,
    /// The email they log in with.
    pub email: String,
    /// Language code.
    pub locale: String,
    /// `light`, `dark` or `system`.
    pub theme: String,
    /// What is wrong with the first form.
    pub errors: Errors,
    /// What is wrong with the password form.
    pub password_errors: Errors,
    /// Where the person is logged in.
    pub sessions: Vec<SessionRow>,
    /// Telegram in the company last worked in; none where no bot is configured or there is no company.
    pub telegram: Option<Telegram>,
}

/// One login.
#[derive(Clone, Debug, Serialize)]
pub struct SessionRow {
    /// Public id of the session, not its secret.
    pub id: String,
    /// Browser and system.
    pub device: String,
    /// Address it was last used from.
    pub ip: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used.
    pub seen_at: DateTime<Utc>,
    /// Whether it is the one in use.
    pub current: bool,
}

/// A member's private chat with the bot.
#[derive(Clone, Debug, Serialize)]
pub struct Telegram {
    /// Company the chat is for.
    pub company: String,
    /// Whether it is linked.
    pub linked: bool,
    /// Deep link to press while linking; it works once, for half an hour.
    pub link: Option<String>,
}

impl ProfilePage {
    fn samples() -> Vec<Self> {
        let session = |id: &str, device: &str, hours, current| SessionRow {
            id: id.into(),
            device: device.into(),
            ip: "95.56.0.17".into(),
            created_at: sample_time() - Duration::days(12),
            seen_at: sample_time() - Duration::hours(hours),
            current,
        };
        let unlinked = Telegram { company: "Дала Фудс".into(), linked: false, link: None };
        let plain = Self {
            name: Some("Айгерім Бекова".into()),
            email: "aigerim@example.kz".into(),
            locale: "kk".into(),
            theme: "system".into(),
            errors: Errors::new(),
            password_errors: Errors::new(),
            sessions: vec![session("a", "Firefox 150, Windows", 0, true), session("b", "Chrome 150, Android <13>", 30, false)],
            telegram: Some(unlinked.clone()),
        };
        let linking = Self {
            errors: errors([("name", "…")]),
            password_errors: errors([("current", "…"), ("password", "…")]),
            telegram: Some(Telegram { link: Some("https://t.me/millwright_bot?start=3vQ9".into()), ..unlinked.clone() }),
            ..plain.clone()
        };
        let linked = Self { telegram: Some(Telegram { linked: true, ..unlinked }), ..plain.clone() };
        let alone = Self { name: None, telegram: None, sessions: plain.sessions[..1].to_vec(), ..plain.clone() };
        vec![plain, linking, linked, alone]
    }
}
