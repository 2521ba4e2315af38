//! Forms as browsers send them, and what is told of a wrong one.

use domain::kernel::action::IdempotencyKey;
use domain::{Error, FieldError};
use poem::error::ResponseError;
use poem::http::StatusCode;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::types::Type;
use serde::de::DeserializeOwned;
use templates::Locale;
use templates::i18n::t;
use templates::pages::parts::{Errors, Text};

use crate::http::failure::{Failure, Result};
use crate::http::schema::{self, Reading};
use crate::http::{body, words};

/// The button that asks for other entries of a choice, where no script looks them up.
pub const FIND: &str = "find";

/// The field of a form that makes something: the request it was shown under.
const ONCE: &str = "once";

/// The text that entries of a choice are looked for by.
pub fn sought<'a>(pairs: &'a [(String, String)], field: &str) -> &'a str {
    let of = |name: &str| name.strip_prefix(FIND).and_then(|rest| rest.strip_prefix('.')) == Some(field);
    pairs.iter().rev().find(|(name, _)| of(name)).map_or("", |(_, text)| text.trim())
}

/// The fields of a form, in order; a name may come several times.
pub struct Form(Vec<(String, String)>);

impl Form {
    /// What was typed in a field; nothing where it was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().rev().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The same, to be kept.
    pub fn typed(&self, name: &str) -> String {
        self.text(name).to_owned()
    }

    /// Everything sent under a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Refuses, with nothing wrong, a form that only asks for other entries of a choice.
    pub fn to_be_sent(&self) -> Result<(), Error> {
        if self.text(FIND).is_empty() { Ok(()) } else { Err(Error::Invalid(Vec::new())) }
    }

    /// Whether a box is ticked.
    pub fn ticked(&self, name: &str) -> bool {
        !matches!(self.text(name), "" | "false")
    }

    /// The version of the record the form was made from.
    pub fn version(&self) -> Result<i32> {
        self.text("version").parse().map_err(|_| Failure::PRECONDITION_REQUIRED)
    }

    /// What makes a form that says under which request it was shown one request, however often its button is pressed.
    pub fn once(&self, path: &str) -> Option<IdempotencyKey> {
        let parts = self.0.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
        (!self.text(ONCE).is_empty()).then(|| IdempotencyKey::of_form(&[path.as_bytes()].into_iter().chain(parts).collect::<Vec<_>>()))
    }

    /// Reads the form as an input of the domain.
    pub fn read<T: Type + DeserializeOwned + 'static>(&self, reading: Reading<'_>) -> Result<T, Error> {
        schema::parse_form(&self.0, reading)
    }

    /// The fields as they came.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

impl<'a> FromRequest<'a> for Form {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let kind = request.content_type().and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        let bytes = body::read(body).await?;
        if kind != "application/x-www-form-urlencoded" && !bytes.is_empty() {
            return Err(poem::Error::from_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        Ok(Self(serde_urlencoded::from_bytes(&bytes).map_err(|_| Failure::MALFORMED)?))
    }
}

/// What is told at a field that reads otherwise than what somebody saved meanwhile: this.
pub fn saved_meanwhile(told: String) -> Text {
    if told.is_empty() { Text::key("nav.now_empty") } else { Text::key("nav.now_reads").with("value", told) }
}

/// What is wrong with a form, in the reader's language.
#[derive(Debug)]
pub struct Wrong {
    /// The status of the form shown again.
    pub status: StatusCode,
    /// By field; `""` is the whole form.
    pub errors: Errors,
}

impl Wrong {
    /// Puts words to what the form's sender can mend; everything else is passed on, to a page of its own.
    pub fn of(locale: Locale, error: Error) -> Result<Self> {
        let errors = match &error {
            Error::Invalid(fields) => field_errors(locale, fields),
            Error::Stale { changed_by, .. } => {
                let by = changed_by.as_ref().map(|who| format!(" {}.", t(locale, "nav.stale_by", &[("who", who)])));
                whole(t(locale, "nav.stale", &[]) + &by.unwrap_or_default())
            }
            Error::Conflict(_) | Error::Limited { .. } | Error::Blocked(..) | Error::WrongState { .. } | Error::Effect { .. } => {
                whole(words::told(locale, &error))
            }
            _ => return Err(error.into()),
        };
        // nothing is wrong with a form that only asks for other entries
        let status = if errors.is_empty() { StatusCode::OK } else { Failure::from(error).status() };
        Ok(Self { status, errors })
    }
}

fn whole(sentence: String) -> Errors {
    Errors::from([(String::new(), sentence)])
}

/// A part of a field is told at the field: `estimated_cost/amount` at `estimated_cost`.
fn field_errors(locale: Locale, fields: &[FieldError]) -> Errors {
    let mut errors = Errors::new();
    for error in fields {
        let field = error.field.split('/').next().unwrap_or_default();
        errors.entry(field.to_owned()).or_insert_with(|| words::field(locale, error));
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_at_their_fields_in_the_readers_language() {
        let error = Error::Invalid(vec![FieldError::new("cost/amount", "bad_money"), FieldError::new("name", "too_long").with("max", 120)]);
        let wrong = Wrong::of(Locale::Ru, error).expect("can be mended");
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.errors["name"].contains("120"), "{:?}", wrong.errors);
        assert!(wrong.errors.contains_key("cost"));
    }

    #[test]
    fn what_nobody_can_mend_is_passed_on() {
        assert!(Wrong::of(Locale::En, Error::NotFound).is_err());
        assert!(Wrong::of(Locale::En, Error::Internal("x".to_owned())).is_err());
    }
}
