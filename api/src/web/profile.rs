//! A person's own page: name, language, theme, password, sessions, Telegram.

use domain::Error;
use domain::identity::member::{ChangeOwn, Own, ShowOwn};
use domain::identity::profile::{NewPassword, Prefer, Preferences};
use domain::identity::session::{End, Listed, Mine};
use domain::notify::telegram::AskLink;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use templates::pages::account::{ProfilePage, SessionRow, Telegram};
use templates::pages::parts::Errors;
use uuid::Uuid;

use super::flash::Flash;
use super::form::{Form, Wrong};
use super::pages::Pages;
use super::respond::{done, page, whole};
use super::visitor::Account;
use crate::http::failure::Result;

const PROFILE: &str = "/profile";

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages
        .get(PROFILE, show)
        .post(PROFILE, save)
        .post("/profile/password", change_password)
        .post("/profile/sessions/:id/revoke", revoke)
        .post("/profile/sessions/revoke-others", revoke_others)
        .post("/profile/telegram/link", link)
        .post("/profile/telegram/unlink", unlink)
}

/// The reader in the company they last worked in: names and chats are a company's.
async fn at_home(account: Account) -> Result<Account> {
    let account = account.at(PROFILE);
    match account.usual_company().await? {
        Some(company) => account.inside(&company).await,
        None => Ok(account),
    }
}

#[handler]
async fn show(account: Account) -> Result<Response> {
    let account = at_home(account).await?;
    page(&account, &profile(&account).await?).await
}

#[handler]
async fn save(account: Account, form: Form) -> Result<Response> {
    let account = at_home(account).await?;
    let (locale, theme) = (form.typed("locale"), form.typed("theme"));
    let saved = async {
        if let Some(scope) = &account.scope {
            account.edge.app.run(scope, ChangeOwn(Own { name: form.typed("name"), locale: locale.clone() })).await?;
        }
        let preferences = Preferences { locale: Some(locale.clone()), theme: Some(theme.clone()) };
        account.edge.app.platform(&account.caller(), Prefer(preferences)).await
    };
    match saved.await {
        Ok(()) => Ok(done(&account, PROFILE, Flash::new("saved"))),
        Err(error) => {
            let wrong = Wrong::of(account.locale, error)?;
            let name = account.scope.as_ref().map(|_| form.typed("name"));
            let again = ProfilePage { name, locale, theme, errors: wrong.errors, ..profile(&account).await? };
            whole(&account, wrong.status, &again).await
        }
    }
}

#[handler]
async fn change_password(account: Account, form: Form) -> Result<Response> {
    let change = NewPassword { current: form.typed("current"), password: form.typed("password") };
    match account.edge.app.change_password(&account.who, &change, &account.origin).await {
        Ok(()) => Ok(done(&account, PROFILE, Flash::new("password_changed"))),
        Err(error) => {
            let wrong = Wrong::of(account.locale, error)?;
            let account = at_home(account).await?;
            let again = ProfilePage { password_errors: wrong.errors, ..profile(&account).await? };
            whole(&account, wrong.status, &again).await
        }
    }
}

#[handler]
async fn revoke(account: Account, Path(id): Path<Uuid>) -> Result<Response> {
    account.platform(End(id)).await?;
    Ok(done(&account, PROFILE, Flash::new("session_revoked")))
}

#[handler]
async fn revoke_others(account: Account) -> Result<Response> {
    for session in account.platform(Mine).await?.into_iter().filter(|each| each.id != account.who.session) {
        match account.edge.app.platform(&account.caller(), End(session.id)).await {
            // one that has just ended by itself is what was asked for
            Ok(()) | Err(Error::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(done(&account, PROFILE, Flash::new("sessions_revoked")))
}

#[handler]
async fn link(account: Account) -> Result<Response> {
    let account = at_home(account).await?;
    let mut filled = profile(&account).await?;
    if let (Some(scope), Some(telegram), Some(bot)) = (&account.scope, &mut filled.telegram, &account.edge.telegram_bot) {
        let code = account.platform(AskLink(scope)).await?;
        telegram.link = Some(format!("https://t.me/{bot}?start={}", code.reveal()));
    }
    whole(&account, StatusCode::OK, &filled).await
}

#[handler]
async fn unlink(account: Account) -> Result<Response> {
    let account = at_home(account).await?;
    if let Some(scope) = &account.scope {
        account.edge.app.unlink_telegram(scope).await?;
    }
    Ok(done(&account, PROFILE, Flash::new("telegram_unlinked")))
}

async fn profile(account: &Account) -> Result<ProfilePage> {
    let mut sessions: Vec<SessionRow> = account.platform(Mine).await?.into_iter().map(|each| row(each, account.who.session)).collect();
    sessions.sort_by_key(|session| !session.current);
    let own = match &account.scope {
        Some(scope) => Some((scope, account.edge.app.run(scope, ShowOwn).await?)),
        None => None,
    };
    let telegram = own.as_ref().filter(|_| account.edge.telegram_bot.is_some()).map(|(scope, own)| Telegram {
        company: scope.company().name.clone(),
        linked: own.telegram,
        link: None,
    });
    Ok(ProfilePage {
        name: own.map(|(_, own)| own.name),
        email: account.who.email.clone(),
        locale: account.who.locale.clone(),
        theme: account.who.theme.clone(),
        errors: Errors::new(),
        password_errors: Errors::new(),
        sessions,
        telegram,
    })
}

fn row(session: Listed, current: Uuid) -> SessionRow {
    SessionRow {
        id: session.id.to_string(),
        device: device(session.agent.as_deref().unwrap_or_default()),
        ip: session.ip.unwrap_or_default(),
        created_at: session.created_at,
        seen_at: session.seen_at,
        current: session.id == current,
    }
}

/// Browser and system from what a browser calls itself: each also names those it imitates, so the first that fits counts.
fn device(agent: &str) -> String {
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("YaBrowser/", "Yandex"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] =
        [("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux")];
    let named = |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let parts: Vec<&str> = [named(&BROWSERS), named(&SYSTEMS)].into_iter().flatten().collect();
    if parts.is_empty() { agent.chars().take(40).collect() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn a_device_is_named_as_people_know_it() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36 Edg/150.0",
                "Edge, Windows",
            ),
            ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Mobile Safari/537.36", "Chrome, Android"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Safari/604.1", "Safari, iOS"),
            ("curl/8.5.0", "curl/8.5.0"),
        ] {
            assert_eq!(device(agent), name);
        }
    }
}
