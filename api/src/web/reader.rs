//! What a request tells of its reader.

use domain::Error;
use domain::identity::session::{Credential, SignedIn};
use domain::kernel::platform::Caller;
use domain::kernel::scope::{Request as Origin, Scope};
use poem::Request;
use poem::http::{Method, header};
use templates::i18n::negotiate;
use templates::{Locale, Theme};

use super::flash::Flash;
use super::respond::redirect;
use crate::http::cookie;
use crate::http::edge::Edge;
use crate::http::failure::Result;
use crate::http::observe::origin;

/// The cookie that keeps the language of somebody not signed in.
pub const LOCALE: &str = "locale";
/// The cookie that keeps their theme.
pub const THEME: &str = "theme";
/// The cookie that remembers the company last worked in.
pub const COMPANY: &str = "company";

/// What a request tells of its reader before anybody is looked up.
#[derive(Clone)]
pub struct Reader {
    /// What handlers share.
    pub edge: Edge,
    /// Where the request came from.
    pub origin: Origin,
    /// The page in front of the reader, to which the forms of its surroundings lead back.
    pub path: String,
    /// Their language: the account's, else the cookie's, else the browser's.
    pub locale: Locale,
    /// Their colours.
    pub theme: Theme,
    /// Whether a block of the page is asked for, not the whole of it.
    pub partial: bool,
    /// What the last action had to say.
    pub flash: Option<Flash>,
    /// The company last worked in, by its name in addresses.
    pub last_company: Option<String>,
    reads: bool,
    session: Option<String>,
}

impl Reader {
    /// Reads the request's head.
    pub fn of(request: &Request) -> Result<Self> {
        let edge = request.extensions().get::<Edge>().cloned();
        let edge = edge.ok_or_else(|| Error::Internal("a page outside the edge".to_owned()))?;
        let uri = request.uri();
        let kept = |name| cookie::value(request, name);
        let header = |name: &str| request.header(name).is_some_and(|value| value == "true");
        let asked = || negotiate(request.header(header::ACCEPT_LANGUAGE).unwrap_or_default());
        Ok(Self {
            origin: origin(request),
            path: uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            locale: kept(LOCALE).as_deref().and_then(Locale::parse).unwrap_or_else(asked),
            theme: theme(kept(THEME).as_deref().unwrap_or_default()),
            partial: header("hx-request") && !header("hx-boosted") && !header("hx-history-restore-request"),
            flash: kept(Flash::COOKIE).as_deref().and_then(Flash::read),
            last_company: kept(COMPANY),
            reads: request.method() == Method::GET,
            session: cookie::session(&edge, request),
            edge,
        })
    }

    /// Somebody not signed in, as a caller of platform actions.
    pub fn anyone(&self) -> Caller {
        Caller::anyone(self.origin.clone())
    }

    /// Who is signed in.
    pub async fn signed_in(&mut self) -> Result<Option<SignedIn>> {
        let Some(session) = &self.session else { return Ok(None) };
        let who = self.edge.app.signed_in(Credential::Cookie(session)).await?;
        if let Some(who) = &who {
            self.prefer(who);
        }
        Ok(who)
    }

    /// Who is signed in and their scope in a company.
    pub async fn enter(&mut self, company: &str) -> Result<(SignedIn, Scope)> {
        let session = self.session.as_deref().ok_or(Error::Unauthenticated)?;
        let (who, scope) = self.edge.app.enter(Credential::Cookie(session), company, self.origin.clone()).await?;
        self.prefer(&who);
        Ok((who, scope))
    }

    fn prefer(&mut self, who: &SignedIn) {
        self.locale = Locale::parse(&who.locale).unwrap_or(self.locale);
        self.theme = theme(&who.theme);
    }

    /// The way to the login page, and from there back to the page that was asked for.
    pub fn to_login(&self) -> poem::Error {
        let back = serde_urlencoded::to_string([("next", &self.path)]).ok().filter(|_| self.reads);
        poem::Error::from_response(redirect(&back.map_or_else(|| "/login".to_owned(), |back| format!("/login?{back}"))))
    }
}

fn theme(name: &str) -> Theme {
    match name {
        "light" => Theme::Light,
        "dark" => Theme::Dark,
        _ => Theme::System,
    }
}
