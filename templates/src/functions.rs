//! Functions a template may call: words, icons, assets.

use std::collections::HashSet;
use std::sync::LazyLock;

use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error, ErrorKind, State};

use crate::assets::Manifest;
use crate::format;
use crate::i18n::{self, Locale};

/// Names of the icons in the sprite.
static ICONS: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("../assets/src/icons.txt").split_whitespace().collect());

/// Adds `t`, `tn`, `drawing`, `icon` and `asset`.
pub(crate) fn register(environment: &mut Environment<'static>, manifest: &Manifest) {
    environment.add_function("t", t);
    environment.add_function("tn", tn);
    environment.add_function("drawing", crate::drawing::drawing);
    let sprite = manifest.href("icons.svg");
    environment.add_function("icon", move |name: &str, class: Option<&str>| icon(&sprite, name, class));
    let manifest = manifest.clone();
    environment.add_function("asset", move |name: &str| manifest.href(name));
}

/// The reader's language.
pub(crate) fn locale(state: &State<'_, '_>) -> Result<Locale, Error> {
    shell(state, "locale")?
        .as_str()
        .and_then(Locale::parse)
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "the shell has no language"))
}

/// A field of the shell.
pub(crate) fn shell(state: &State<'_, '_>, field: &str) -> Result<Value, Error> {
    state.lookup("shell").ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "no shell around this template"))?.get_attr(field)
}

#[expect(clippy::needless_pass_by_value, reason = "the engine hands arguments over by value")]
fn t(state: &State<'_, '_>, key: &str, arguments: Kwargs) -> Result<String, Error> {
    let locale = locale(state)?;
    let arguments = words(locale, &arguments)?;
    Ok(i18n::t(locale, key, &borrow(&arguments)))
}

#[expect(clippy::needless_pass_by_value, reason = "the engine hands arguments over by value")]
fn tn(state: &State<'_, '_>, key: &str, count: i64, arguments: Kwargs) -> Result<String, Error> {
    let locale = locale(state)?;
    let arguments = words(locale, &arguments)?;
    Ok(i18n::tn(locale, key, count, &borrow(&arguments)))
}

/// Arguments as text; whole numbers are grouped as the language does.
fn words(locale: Locale, arguments: &Kwargs) -> Result<Vec<(String, String)>, Error> {
    arguments
        .args()
        .map(|name| {
            let value: Value = arguments.get(name)?;
            let text = match i64::try_from(value.clone()) {
                Ok(number) if value.is_number() => format::number(locale, number.into(), None),
                _ => value.to_string(),
            };
            Ok((name.to_owned(), text))
        })
        .collect()
}

fn borrow(arguments: &[(String, String)]) -> Vec<(&str, &str)> {
    arguments.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn icon(sprite: &str, name: &str, class: Option<&str>) -> Result<Value, Error> {
    if !ICONS.contains(name) {
        return Err(Error::new(ErrorKind::InvalidOperation, format!("icon {name} is not in icons.txt")));
    }
    if sprite.is_empty() {
        return Ok(Value::from(""));
    }
    let class = class.map(|class| format!(" {class}")).unwrap_or_default();
    let class = minijinja::HtmlEscape(&class);
    Ok(Value::from_safe_string(format!(r#"<svg class="icon{class}" aria-hidden="true"><use href="{sprite}#{name}"/></svg>"#)))
}
