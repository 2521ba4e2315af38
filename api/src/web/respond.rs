//! Answers: a page in its surroundings, a block of it for a partial update, the form again with what is wrong, the way on after
//! a change.

use std::time::Duration;

use poem::Response;
use poem::http::{HeaderValue, StatusCode, header};
use poem::web::cookie::Cookie;
use templates::Page;

use super::flash::Flash;
use super::reader::{COMPANY, Reader};
use super::shell;
use super::visitor::Face;
use crate::http::cookie;
use crate::http::edge::Edge;
use crate::http::failure::Result;

/// How long preferences of somebody not signed in, and the company last worked in, are remembered.
const YEAR: Duration = Duration::from_hours(365 * 24);

/// The whole page.
pub async fn page<P: Page>(face: &impl Face, page: &P) -> Result<Response> {
    whole(face, StatusCode::OK, page).await
}

/// The block of the page where a partial update asks for it, the whole page otherwise.
pub async fn part<P: Page>(face: &impl Face, page: &P, block: &str) -> Result<Response> {
    let reader = face.reader();
    if !reader.partial {
        return whole(face, StatusCode::OK, page).await;
    }
    let html = reader.edge.engine.block(page, &shell::bare(face), block)?;
    Ok(html_response(StatusCode::OK, html))
}

/// The whole page with another status: a form with what is wrong, a link that is worth nothing any more.
pub async fn whole<P: Page>(face: &impl Face, status: StatusCode, page: &P) -> Result<Response> {
    let shell = shell::around(face).await?;
    let reader = face.reader();
    let mut response = html_response(status, reader.edge.engine.page(page, &shell)?);
    if reader.flash.is_some() {
        set(&mut response, &kept(&reader.edge, Flash::COOKIE, "", Some(Duration::ZERO)));
    }
    let company = face.scope().map(|scope| &scope.company().slug);
    if let Some(company) = company.filter(|slug| reader.last_company.as_ref() != Some(*slug)) {
        set(&mut response, &kept(&reader.edge, COMPANY, company, Some(YEAR)));
    }
    Ok(response)
}

/// The address of the page is a secret: no other page is told of it.
pub fn sealed(mut response: Response) -> Response {
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn html_response(status: StatusCode, html: String) -> Response {
    Response::builder().status(status).content_type("text/html; charset=utf-8").body(html)
}

/// The way on, with GET.
pub fn redirect(path: &str) -> Response {
    // a path of ours, or one that was checked, holds no byte a header may not
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, location).finish()
}

/// The way on after a change, and what to say there.
#[expect(clippy::needless_pass_by_value, reason = "a message is made to be sent, and sent once")]
pub fn done(reader: &Reader, path: &str, flash: Flash) -> Response {
    let mut response = redirect(path);
    set(&mut response, &kept(&reader.edge, Flash::COOKIE, &flash.write(), None));
    response
}

/// Adds a cookie to an answer.
pub fn set(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Remembers a choice for a year.
pub fn remember(edge: &Edge, response: &mut Response, name: &str, value: &str) {
    set(response, &kept(edge, name, value, Some(YEAR)));
}

fn kept(edge: &Edge, name: &str, value: &str, age: Option<Duration>) -> String {
    let mut cookie: Cookie = cookie::bare(edge, name, value);
    if let Some(age) = age {
        cookie.set_max_age(age);
    }
    cookie.to_string()
}

/// A path of this site, as a form or link asks to be led to; anything else leads to `fallback`. Browsers take `//host` and
/// `/\host` for another site.
pub fn local<'a>(path: &'a str, fallback: &'a str) -> &'a str {
    let ours =
        path.starts_with('/') && !path.starts_with("//") && path.len() <= 2000 && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if ours { path } else { fallback }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        for path in ["/", "/dala-foods/work-orders?state=open&q=%D0%B0", "/a//b"] {
            assert_eq!(local(path, "/x"), path);
        }
        for path in ["", "//evil.example", "/\\evil.example", "https://evil.example", "a", "/\t/evil.example", "/\r\nSet-Cookie: a=b", "/қ"]
        {
            assert_eq!(local(path, "/x"), "/x", "{path:?}");
        }
    }
}
