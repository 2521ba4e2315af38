//! Ending letters from a letter (RFC 8058). A mail program may do so by itself with one POST, from wherever it is: the signed code
//! is the credential, so this form alone is taken from other sites. Opening the link asks, and ends nothing.

use domain::notify::unsubscribe::{EndLetters, Letters, Subscription};
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use templates::Locale;
use templates::pages::unsubscribe::{Stand, UnsubscribePage};

use super::pages::Pages;
use super::respond::{sealed, whole};
use super::visitor::Visitor;
use crate::http::failure::Result;

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages.get("/unsubscribe/:code", show).post_from_anywhere("/unsubscribe/:code", end)
}

#[handler]
async fn show(visitor: Visitor, Path(code): Path<String>) -> Result<Response> {
    let found = visitor.edge.app.subscription(&code, visitor.origin.clone()).await?;
    told(visitor, code, found).await
}

/// The page's own form, or a mail program's `List-Unsubscribe=One-Click`: nothing in it is needed.
#[handler]
async fn end(visitor: Visitor, Path(code): Path<String>) -> Result<Response> {
    let mut found = visitor.edge.app.subscription(&code, visitor.origin.clone()).await?;
    if let Subscription::Running(letters, scope) = found {
        visitor.edge.app.run(&scope, EndLetters(letters)).await?;
        found = Subscription::Ended(letters, scope);
    }
    told(visitor, code, found).await
}

async fn told(visitor: Visitor, code: String, found: Subscription) -> Result<Response> {
    let (status, stand, about) = match found {
        Subscription::Unknown => (StatusCode::NOT_FOUND, Stand::Unknown, None),
        Subscription::Expired(letters, scope) => (StatusCode::GONE, Stand::Expired, Some((letters, scope))),
        Subscription::Ended(letters, scope) => (StatusCode::OK, Stand::Ended, Some((letters, scope))),
        Subscription::Running(letters, scope) => (StatusCode::OK, Stand::Open, Some((letters, scope))),
    };
    // the member's language: the letter was written in it
    let locale = about.as_ref().and_then(|(_, scope)| Locale::parse(scope.locale())).unwrap_or(visitor.locale);
    let mut page = UnsubscribePage { stand, ..UnsubscribePage::unknown(code) };
    if let Some((letters, scope)) = about {
        let company = scope.company();
        page.company.clone_from(&company.name);
        page.preferences = format!("/{}/notifications/preferences", company.slug);
        page.kind = match letters {
            Letters::Of(kind) => Some(kind.key.to_owned()),
            Letters::Collected => None,
        };
    }
    Ok(sealed(whole(&visitor.speaking(locale), status, &page).await?))
}
