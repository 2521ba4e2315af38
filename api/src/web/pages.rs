//! The addresses of the pages, collected so that tests can walk them: the router itself does not tell what it holds.

use std::collections::BTreeMap;

use poem::http::Method;
use poem::{EndpointExt, IntoEndpoint, Route, RouteMethod};

use crate::http::csrf::SameSite;

/// Pages by path, and what each path answers to.
#[derive(Default)]
pub struct Pages {
    paths: BTreeMap<String, RouteMethod>,
    listed: Vec<(Method, String)>,
}

impl Pages {
    /// A page that is read.
    #[must_use]
    pub fn get<E>(self, path: &str, page: E) -> Self
    where
        E: IntoEndpoint,
        E::Endpoint: 'static,
    {
        self.add(Method::GET, path, page)
    }

    /// A form that is sent, from this site alone.
    #[must_use]
    pub fn post<E>(self, path: &str, form: E) -> Self
    where
        E: IntoEndpoint,
        E::Endpoint: 'static,
    {
        self.add(Method::POST, path, form.into_endpoint().with(SameSite))
    }

    /// A form that is taken from anywhere: what its address holds is the credential, and no session counts.
    #[must_use]
    pub fn post_from_anywhere<E>(self, path: &str, form: E) -> Self
    where
        E: IntoEndpoint,
        E::Endpoint: 'static,
    {
        self.add(Method::POST, path, form)
    }

    fn add<E>(mut self, method: Method, path: &str, endpoint: E) -> Self
    where
        E: IntoEndpoint,
        E::Endpoint: 'static,
    {
        let route = self.paths.entry(path.to_owned()).or_default();
        *route = std::mem::take(route).method(method.clone(), endpoint);
        self.listed.push((method, path.to_owned()));
        self
    }

    /// Method and path of every page, `:name` standing for a part of the path.
    pub fn listed(&self) -> &[(Method, String)] {
        &self.listed
    }

    /// The routes.
    pub fn into_route(self) -> Route {
        self.paths.into_iter().fold(Route::new(), |route, (path, page)| route.at(path, page))
    }
}
