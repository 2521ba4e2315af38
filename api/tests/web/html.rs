//! What a test reads out of a page.

/// What stands between two texts of a page, the first time they do.
pub fn between<'a>(html: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = html.split_once(before).unwrap_or_else(|| panic!("no {before} in {html}"));
    rest.split_once(after).unwrap_or_else(|| panic!("no {after} after {before}")).0
}

/// The version a form of the page carries.
pub fn version(html: &str) -> String {
    between(html, r#"name="version" value=""#, "\"").to_owned()
}

/// The address of a link by its relation: `next`, `prev`.
pub fn link(html: &str, rel: &str) -> Option<String> {
    let (before, _) = html.split_once(&format!(r#"" rel="{rel}""#))?;
    let (_, href) = before.rsplit_once("href=\"")?;
    Some(href.replace("&amp;", "&"))
}

/// The value of the option of a select that reads so.
pub fn option(html: &str, label: &str) -> String {
    let (before, _) = html.split_once(&format!(">{label}</option>")).unwrap_or_else(|| panic!("no option {label} in {html}"));
    between(&before[before.rfind("<option").expect("an option")..], "value=\"", "\"").to_owned()
}
