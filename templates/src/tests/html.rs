//! A reader of HTML just good enough to hold our own pages to the rules.

use std::collections::BTreeSet;

/// A start or end tag.
#[derive(Debug)]
pub struct Tag<'a> {
    pub name: &'a str,
    pub closing: bool,
    pub attributes: Vec<(&'a str, &'a str)>,
}

const VOID: [&str; 9] = ["br", "hr", "img", "input", "link", "meta", "source", "wbr", "col"];

/// Attributes that name other elements of the page.
const REFERENCES: [&str; 6] = ["for", "aria-labelledby", "aria-describedby", "aria-controls", "list", "form"];

impl<'a> Tag<'a> {
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}

/// The tags and the text between them.
pub fn parse(html: &str) -> (Vec<Tag<'_>>, Vec<&str>) {
    let (mut tags, mut texts) = (Vec::new(), Vec::new());
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        texts.push(text);
        let mut quote = None;
        let end = after.find(|character| match (quote, character) {
            (None, '>') => true,
            (None, '"' | '\'') => {
                quote = Some(character);
                false
            }
            (Some(open), character) if open == character => {
                quote = None;
                false
            }
            _ => false,
        });
        let Some(end) = end else {
            panic!("a tag does not end: {}", after.chars().take(80).collect::<String>());
        };
        if !after.starts_with('!') {
            tags.push(tag(&after[..end]));
        }
        rest = &after[end + 1..];
    }
    texts.push(rest);
    (tags, texts)
}

fn tag(source: &str) -> Tag<'_> {
    let (closing, source) = source.strip_prefix('/').map_or((false, source), |source| (true, source));
    let end = source.find(|character: char| character.is_whitespace() || character == '/').unwrap_or(source.len());
    let (name, mut rest) = source.split_at(end);
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|character: char| character.is_whitespace() || character == '/');
        let end = rest.find(|character: char| character.is_whitespace() || character == '=').unwrap_or(rest.len());
        if end == 0 {
            return Tag { name, closing, attributes };
        }
        let (attribute, after) = rest.split_at(end);
        let Some(value) = after.strip_prefix('=') else {
            attributes.push((attribute, ""));
            rest = after;
            continue;
        };
        let quote = value.chars().next().filter(|character| "\"'".contains(*character));
        let (value, after) = match quote {
            Some(quote) => value[1..].split_once(quote).expect("an attribute's quote closes"),
            None => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
        };
        attributes.push((attribute, value));
        rest = after;
    }
}

/// What is wrong with a page: tags that do not match, ids used twice, references to nothing.
pub fn faults(html: &str) -> Vec<String> {
    let (tags, _) = parse(html);
    let mut faults = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut ids = BTreeSet::new();
    for tag in &tags {
        if tag.closing {
            if open.pop() != Some(tag.name) {
                faults.push(format!("</{}> closes something else", tag.name));
            }
        } else if !VOID.contains(&tag.name) && !matches!(tag.name, "use" | "path" | "rect" | "line" | "circle" | "polyline") {
            open.push(tag.name);
        }
        if let Some(id) = tag.get("id")
            && !ids.insert(id)
        {
            faults.push(format!("the id {id} is used twice"));
        }
    }
    faults.extend(open.iter().map(|name| format!("<{name}> is never closed")));
    for tag in &tags {
        for (name, value) in &tag.attributes {
            for id in value.split_whitespace().filter(|_| REFERENCES.contains(name)) {
                if !ids.contains(id) {
                    faults.push(format!("<{} {name}=\"{value}\"> points to nothing", tag.name));
                }
            }
        }
    }
    faults
}

#[test]
fn faults_are_found() {
    assert_eq!(faults("<!doctype html><p class='a>b'><br><input disabled value=x></p>").len(), 0);
    for wrong in ["<p><b></p></b>", "<p>", "<i id=a></i><i id=a></i>", "<label for=\"x\"></label>"] {
        assert!(!faults(wrong).is_empty(), "{wrong}");
    }
}
