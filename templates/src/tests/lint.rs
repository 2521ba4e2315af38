//! Rules for template sources: nothing the content security policy would refuse, nothing unescaped, no text outside the words.

use super::html;
use super::scan::{self, HOLE};

/// Attributes people read.
const READ: [&str; 5] = ["alt", "aria-label", "placeholder", "title", "aria-roledescription"];

/// Messages follow other rules: mail programs know no style sheets.
fn pages() -> impl Iterator<Item = scan::Scan> {
    scan::templates().into_iter().filter(|template| !template.name.starts_with("emails/"))
}

/// Two letters in a row, outside entities.
fn has_words(text: &str) -> bool {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        rest = after.split_once(';').map_or(after, |(_, after)| after);
    }
    plain.push_str(rest);
    plain.chars().zip(plain.chars().skip(1)).any(|(first, second)| first.is_alphabetic() && second.is_alphabetic())
}

fn faults(template: &scan::Scan) -> Vec<String> {
    let mut faults = Vec::new();
    if template.filters.iter().any(|filter| filter == "safe") {
        faults.push("the filter safe".to_owned());
    }
    let (mut tags, texts) = html::parse(&template.html);
    // a macro may hold nothing but attributes
    let (attributes, texts): (Vec<_>, Vec<_>) = texts.into_iter().partition(|text| text.contains("=\""));
    let attributes: Vec<String> = attributes.into_iter().map(|text| format!("<x {text}>")).collect();
    tags.extend(attributes.iter().flat_map(|text| html::parse(text).0));
    for tag in tags.iter().filter(|tag| !tag.closing) {
        if tag.name == "script" && !tag.get("src").is_some_and(|source| source.starts_with(HOLE)) {
            faults.push("a script that is not a file of ours".to_owned());
        }
        if tag.name == "style" {
            faults.push("a style element".to_owned());
        }
        for (name, value) in &tag.attributes {
            let name = name.to_ascii_lowercase();
            if name == "style"
                || name.starts_with("on")
                || name.starts_with("hx-on")
                || value.trim_start().starts_with("javascript:")
                || value.trim_start().starts_with("js:")
            {
                faults.push(format!("the attribute {name}"));
            }
            if READ.contains(&name.as_str()) && has_words(value) {
                faults.push(format!("words in {name}: {value}"));
            }
        }
    }
    faults.extend(texts.into_iter().filter(|text| has_words(text)).map(|text| format!("words: {}", text.trim())));
    faults
}

#[test]
fn templates_keep_the_rules() {
    let faults: Vec<String> = pages()
        .flat_map(|template| faults(&template).into_iter().map(move |fault| format!("{}: {fault}", template.name)).collect::<Vec<_>>())
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn each_rule_catches_what_it_is_for() {
    let wrong = [
        "<p style=\"color: red\">",
        "<p onclick=\"x()\">",
        "<p hx-on:click=\"x()\">",
        "<a href=\"javascript:x()\">",
        "<script>x()</script>",
        "<script src=\"https://example.com/x.js\"></script>",
        "<style>",
        "<p>Save</p>",
        "<p>Сақтау</p>",
        "<button aria-label=\"Close\">",
    ];
    for source in wrong {
        let template = scan::Scan { html: source.to_owned(), ..scan::Scan::default() };
        assert!(!faults(&template).is_empty(), "{source}");
    }
    let right = format!("<!doctype html><p title=\"{HOLE}\">{HOLE} · — &nbsp; 1 / 2</p><script src=\"{HOLE}\"></script>");
    let template = scan::Scan { html: right, ..scan::Scan::default() };
    assert_eq!(faults(&template), Vec::<String>::new());
}
