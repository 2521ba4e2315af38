//! Failures as pages, in the reader's language and, inside a company, in its surroundings. What went wrong inside is logged under
//! the request's id and never shown.

use domain::Error;
use poem::error::ParsePathError;
use poem::http::{StatusCode, header};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response};
use templates::pages::public::ErrorPage;

use super::reader::Reader;
use super::respond;
use super::visitor::Visitor;
use crate::http::failure::{Failure, Result};
use crate::http::problem::{describe, log, retry_after};

/// Turns failures into pages.
pub struct ErrorPages;

impl<E: Endpoint> Middleware<E> for ErrorPages {
    type Output = WithErrorPages<E>;

    fn transform(&self, inner: E) -> Self::Output {
        WithErrorPages(inner)
    }
}

/// An endpoint whose failures are pages.
pub struct WithErrorPages<E>(E);

impl<E: Endpoint> Endpoint for WithErrorPages<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let reader = Reader::of(&request)?;
        match self.0.call(request).await {
            Ok(response) => Ok(response.into_response()),
            // an extractor that leads elsewhere
            Err(error) if error.is_from_response() => Ok(error.into_response()),
            // an address that names no id names no page
            Err(error) if error.is::<ParsePathError>() => Ok(told(reader, &Failure::from(Error::NotFound).into()).await?),
            Err(error) => Ok(told(reader, &error).await?),
        }
    }
}

async fn told(reader: Reader, error: &poem::Error) -> Result<Response> {
    log(error, &reader.origin.id.to_string());
    let status = error.status();
    let visitor = recognise(reader, status).await;
    let problem = describe(error, visitor.locale);
    let page = ErrorPage { status: status.as_u16(), title: problem.title, detail: problem.detail };
    let mut response = respond::whole(&visitor, status, &page).await?;
    if let Some(seconds) = retry_after(error) {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

/// A failing service is not asked who the reader is.
async fn recognise(reader: Reader, status: StatusCode) -> Visitor {
    if status.is_server_error() {
        return Visitor::stranger(reader);
    }
    let company = reader.path.split(['/', '?']).nth(1).map(str::to_owned);
    Visitor::recognise(reader.clone(), company.as_deref()).await.unwrap_or_else(|_| Visitor::stranger(reader))
}
