//! Who is looking at a page: anybody, somebody signed in, an operator, a member of the company the address names. Each is an
//! extractor that answers for itself whoever may not come this far.

use std::ops::Deref;

use domain::identity::session::SignedIn;
use domain::kernel::action::Action;
use domain::kernel::error::{Error, Refused};
use domain::kernel::platform::{Caller, PlatformAction};
use domain::kernel::scope::Scope;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::types::Type;
use serde::Serialize;
use serde::de::DeserializeOwned;
use templates::Locale;

use super::form::Form;
use super::reader::Reader;
use crate::http::failure::{Failure, Result};
use crate::http::schema::Reading;

/// Somebody in front of a page.
pub trait Face: Sync {
    /// What the request tells of them.
    fn reader(&self) -> &Reader;
    /// Who they are, if signed in.
    fn who(&self) -> Option<&SignedIn>;
    /// The company they are in, and as what.
    fn scope(&self) -> Option<&Scope>;
}

/// Anybody.
pub struct Visitor {
    reader: Reader,
    /// Who it is, if signed in.
    pub who: Option<SignedIn>,
    scope: Option<Scope>,
}

impl Visitor {
    /// Nobody known.
    pub fn stranger(reader: Reader) -> Self {
        Self { reader, who: None, scope: None }
    }

    /// Whoever it is, in the company if they may enter it.
    pub async fn recognise(mut reader: Reader, company: Option<&str>) -> Result<Self> {
        if let Some(company) = company
            && let Ok((who, scope)) = reader.enter(company).await
        {
            return Ok(Self { reader, who: Some(who), scope: Some(scope) });
        }
        let who = reader.signed_in().await?;
        Ok(Self { reader, who, scope: None })
    }

    /// The same visitor, reading another language.
    #[must_use]
    pub fn speaking(mut self, locale: Locale) -> Self {
        self.reader.locale = locale;
        self
    }

    /// The same visitor, in a company if they may enter it.
    pub async fn inside(self, company: &str) -> Result<Self> {
        Self::recognise(self.reader, Some(company)).await
    }

    /// As a caller of platform actions.
    pub fn caller(&self) -> Caller {
        self.who.as_ref().map_or_else(|| self.anyone(), |who| who.caller(self.origin.clone()))
    }
}

/// Somebody signed in.
pub struct Account {
    reader: Reader,
    /// Who it is.
    pub who: SignedIn,
    /// A company they work in, where a page asked for it.
    pub scope: Option<Scope>,
}

impl Account {
    /// As a caller of platform actions.
    pub fn caller(&self) -> Caller {
        self.who.caller(self.origin.clone())
    }

    /// Runs a platform action.
    pub async fn platform<A: PlatformAction>(&self, action: A) -> Result<A::Out> {
        Ok(self.edge.app.platform(&self.caller(), action).await?)
    }

    /// The same reader, in a company.
    pub async fn inside(mut self, company: &str) -> Result<Self> {
        match self.reader.enter(company).await {
            Ok((who, scope)) => Ok(Self { reader: self.reader, who, scope: Some(scope) }),
            // they left it, or it is suspended: their own pages stay open
            Err(Failure::Domain(Error::NotFound | Error::Forbidden(_))) => Ok(self),
            Err(failure) => Err(failure),
        }
    }

    /// The same reader, in front of another page than the request named.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        path.clone_into(&mut self.reader.path);
        self
    }
}

/// An operator of the platform.
pub struct Operator(Account);

impl Operator {
    /// The same operator, in front of another page than the request named.
    #[must_use]
    pub fn at(self, path: &str) -> Self {
        Self(self.0.at(path))
    }
}

/// A member of the company the address names.
pub struct Member {
    reader: Reader,
    /// Who it is.
    pub who: SignedIn,
    /// The company, and as what they are in it.
    pub scope: Scope,
}

impl Member {
    /// Runs an action of the company.
    pub async fn run<A: Action>(&self, action: A) -> Result<A::Out> {
        Ok(self.edge.app.run(&self.scope, action).await?)
    }

    /// The first part of the addresses of the company's pages.
    pub fn base(&self) -> String {
        format!("/{}", self.scope.company().slug)
    }

    /// Runs the action a form asks for. Whoever may not run it is told so before they are told what is wrong with the form.
    pub async fn send<T, A>(&self, form: &Form, action: impl FnOnce(T) -> A) -> Result<A::Out, Error>
    where
        T: Type + DeserializeOwned + 'static,
        A: Action,
    {
        self.scope.need(A::NEEDS)?;
        form.to_be_sent()?;
        let input = form.read(self.reading())?;
        self.edge.app.run(&self.scope, action(input)).await
    }

    /// The same for a form that makes something: a second press gets what the first one made.
    pub async fn send_once<T, A>(&self, form: &Form, action: impl FnOnce(T) -> A) -> Result<A::Out, Error>
    where
        T: Type + DeserializeOwned + 'static,
        A: Action,
        A::Out: Serialize + DeserializeOwned,
    {
        self.scope.need(A::NEEDS)?;
        form.to_be_sent()?;
        let input = form.read(self.reading())?;
        self.edge.app.run_once(&self.scope, form.once(&self.reader.path), action(input)).await
    }

    /// An address of the company's pages.
    pub fn path(&self, rest: &str) -> String {
        format!("/{}/{rest}", self.scope.company().slug)
    }

    /// How the texts of a form are understood.
    pub fn reading(&self) -> Reading<'_> {
        let company = self.scope.company();
        Reading { locale: self.locale, currency: &company.currency, zone: company.zone }
    }

    /// The same member, in front of another page than the request named.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        path.clone_into(&mut self.reader.path);
        self
    }
}

impl Face for Visitor {
    fn reader(&self) -> &Reader {
        &self.reader
    }

    fn who(&self) -> Option<&SignedIn> {
        self.who.as_ref()
    }

    fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }
}

impl Face for Account {
    fn reader(&self) -> &Reader {
        &self.reader
    }

    fn who(&self) -> Option<&SignedIn> {
        Some(&self.who)
    }

    fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }
}

impl Face for Operator {
    fn reader(&self) -> &Reader {
        &self.0.reader
    }

    fn who(&self) -> Option<&SignedIn> {
        Some(&self.0.who)
    }

    fn scope(&self) -> Option<&Scope> {
        None
    }
}

impl Face for Member {
    fn reader(&self) -> &Reader {
        &self.reader
    }

    fn who(&self) -> Option<&SignedIn> {
        Some(&self.who)
    }

    fn scope(&self) -> Option<&Scope> {
        Some(&self.scope)
    }
}

impl Deref for Visitor {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl Deref for Account {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl Deref for Operator {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.0
    }
}

impl Deref for Member {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl<'a> FromRequest<'a> for Visitor {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self::recognise(Reader::of(request)?, None).await?)
    }
}

impl<'a> FromRequest<'a> for Account {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let mut reader = Reader::of(request)?;
        match reader.signed_in().await? {
            Some(who) => Ok(Self { reader, who, scope: None }),
            None => Err(reader.to_login()),
        }
    }
}

impl<'a> FromRequest<'a> for Operator {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let account = Account::from_request(request, body).await?;
        if account.who.operator { Ok(Self(account)) } else { Err(Failure::from(Error::Forbidden(Refused::Operator)).into()) }
    }
}

impl<'a> FromRequest<'a> for Member {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let mut reader = Reader::of(request)?;
        let company = request.raw_path_param("company").unwrap_or_default();
        match reader.enter(company).await {
            Ok((who, scope)) => Ok(Self { reader, who, scope }),
            Err(Failure::Domain(Error::Unauthenticated)) => Err(reader.to_login()),
            Err(failure) => Err(failure.into()),
        }
    }
}
