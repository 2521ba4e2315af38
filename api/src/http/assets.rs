//! The built front end: compressed when it was built, named by its content, kept by browsers for good.

use poem::http::{StatusCode, header};
use poem::web::Path;
use poem::{Request, Response, handler};

/// `GET /assets/{file}`.
#[handler]
pub fn serve(Path(path): Path<String>, request: &Request) -> poem::Result<Response> {
    let file = templates::assets::get(&path).ok_or_else(|| poem::Error::from_status(StatusCode::NOT_FOUND))?;
    let etag = format!("\"{}\"", file.etag.trim_matches('"'));
    if request.header(header::IF_NONE_MATCH).is_some_and(|known| known.split(',').any(|tag| tag.trim() == etag)) {
        return Ok(Response::builder().status(StatusCode::NOT_MODIFIED).header(header::ETAG, etag).finish());
    }
    let accepted = request.header(header::ACCEPT_ENCODING).unwrap_or_default();
    let accepts = |coding: &str| accepted.split(',').any(|part| part.split(';').next().is_some_and(|name| name.trim() == coding));
    let mut response = Response::builder()
        .content_type(file.mime)
        .header(header::ETAG, etag)
        .header(header::VARY, "Accept-Encoding")
        .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable");
    let body = match (file.br, file.gz) {
        (Some(br), _) if accepts("br") => {
            response = response.header(header::CONTENT_ENCODING, "br");
            br
        }
        (_, Some(gz)) if accepts("gzip") => {
            response = response.header(header::CONTENT_ENCODING, "gzip");
            gz
        }
        _ => file.bytes,
    };
    Ok(response.body(body.into_owned()))
}
