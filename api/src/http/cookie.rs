//! The session cookie: `__Host-` and `Secure` over https, a plain name on loopback http, never readable by scripts.

use poem::Request;
use poem::http::header;
use poem::web::cookie::{Cookie, SameSite};

use super::edge::Edge;

const OVER_HTTPS: &str = "__Host-session";
const PLAIN: &str = "session";

fn name(edge: &Edge) -> &'static str {
    if edge.https { OVER_HTTPS } else { PLAIN }
}

/// The value a request presents.
pub fn session(edge: &Edge, request: &Request) -> Option<String> {
    value(request, name(edge))
}

/// The value of a cookie of this name.
pub fn value(request: &Request, name: &str) -> Option<String> {
    let all = request.headers().get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// The `Set-Cookie` that begins a session; one that is to be remembered outlives the browser.
pub fn begin(edge: &Edge, value: &str, remember: bool) -> String {
    let mut cookie = bare(edge, name(edge), value);
    if remember {
        cookie.set_max_age(std::time::Duration::from_hours(90 * 24));
    }
    cookie.to_string()
}

/// The `Set-Cookie` that ends it.
pub fn end(edge: &Edge) -> String {
    let mut cookie = bare(edge, name(edge), "");
    cookie.set_max_age(std::time::Duration::ZERO);
    cookie.to_string()
}

/// A cookie no script reads, sent to this site alone, for as long as the browser runs.
pub fn bare(edge: &Edge, name: &str, value: &str) -> Cookie {
    let mut cookie = Cookie::new_with_str(name, value);
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_secure(edge.https);
    cookie.set_same_site(SameSite::Lax);
    cookie
}
