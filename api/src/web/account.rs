//! Where to go: the start page, the companies one may enter; and language and theme, for anybody.

use domain::identity::entrance::{Companies, KeptOut};
use domain::identity::member::{ChangeOwn, Own, ShowOwn};
use domain::identity::profile::{Prefer, Preferences, THEMES};
use poem::{Response, handler};
use templates::Locale;
use templates::pages::account::{CompaniesPage, CompanyCard};

use super::form::Form;
use super::login::start;
use super::pages::Pages;
use super::reader::{LOCALE, THEME};
use super::respond::{local, page, redirect, remember};
use super::shell::initials;
use super::visitor::{Account, Face, Visitor};
use crate::http::failure::Result;

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages.get("/", root).get("/companies", companies).post("/preferences", prefer)
}

#[handler]
async fn root(account: Account) -> Result<Response> {
    Ok(redirect(&start(&account, &account.caller()).await?))
}

#[handler]
async fn companies(account: Account) -> Result<Response> {
    let companies = account.platform(Companies).await?;
    let cards =
        companies.into_iter().map(|each| CompanyCard { initials: initials(&each.name), slug: each.slug, name: each.name }).collect();
    let suspended = account.platform(KeptOut).await?.into_iter().map(|each| each.name).collect();
    page(&account, &CompaniesPage { companies: cards, suspended, platform: account.who.operator }).await
}

#[handler]
async fn prefer(visitor: Visitor, form: Form) -> Result<Response> {
    let chosen = |name: &str| Some(form.typed(name)).filter(|value| !value.is_empty());
    let preferences = Preferences { locale: chosen("locale"), theme: chosen("theme") };
    let next = local(form.text("next"), "/");
    let mut response = redirect(next);
    // the cookie keeps the choice for the pages before the next login
    if let Some(locale) = preferences.locale.as_deref().and_then(Locale::parse) {
        remember(&visitor.edge, &mut response, LOCALE, locale.as_str());
    }
    if let Some(theme) = preferences.theme.as_deref().filter(|theme| THEMES.contains(theme)) {
        remember(&visitor.edge, &mut response, THEME, theme);
    }
    if visitor.who.is_some() {
        visitor.edge.app.platform(&visitor.caller(), Prefer(preferences.clone())).await?;
        if let Some(locale) = preferences.locale {
            write_in(visitor.inside(next.split('/').nth(1).unwrap_or_default()).await?, locale).await?;
        }
    }
    Ok(response)
}

/// What the company somebody is in writes to them follows the language of its pages.
async fn write_in(visitor: Visitor, locale: String) -> Result<()> {
    let Some(scope) = visitor.scope() else { return Ok(()) };
    let own = visitor.edge.app.run(scope, ShowOwn).await?;
    visitor.edge.app.run(scope, ChangeOwn(Own { name: own.name, locale })).await?;
    Ok(())
}
