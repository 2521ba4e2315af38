//! Drawings other crates make. A drawing is let into a page only if it is made of shapes and text: what could run, load or style
//! anything is refused, whoever made it.

use minijinja::value::Value;
use minijinja::{Error, ErrorKind, HtmlEscape};

const SHAPES: [&str; 9] = ["svg", "defs", "marker", "path", "text", "title", "g", "rect", "circle"];

const LOOKS: [&str; 30] = [
    "xmlns",
    "class",
    "viewBox",
    "width",
    "height",
    "role",
    "id",
    "refX",
    "refY",
    "markerWidth",
    "markerHeight",
    "orient",
    "d",
    "fill",
    "marker-end",
    "x",
    "y",
    "rx",
    "ry",
    "cx",
    "cy",
    "r",
    "text-anchor",
    "dominant-baseline",
    "aria-label",
    "aria-labelledby",
    "aria-hidden",
    "stroke-dasharray",
    "transform",
    "dy",
];

/// The function `drawing`: SVG as a part of the page, named for those who do not see it.
pub(crate) fn drawing(svg: &str, name: &str) -> Result<Value, Error> {
    match fault(svg) {
        None => Ok(Value::from_safe_string(svg.replacen("<svg ", &format!("<svg aria-label=\"{}\" ", HtmlEscape(name)), 1))),
        Some(fault) => Err(Error::new(ErrorKind::InvalidOperation, format!("a drawing with {fault}"))),
    }
}

/// What does not belong into a drawing.
fn fault(svg: &str) -> Option<String> {
    if !svg.starts_with("<svg ") || !svg.trim_end().ends_with("</svg>") {
        return Some("something around it".to_owned());
    }
    svg.split('<').skip(1).find_map(|part| {
        let Some((tag, _)) = part.split_once('>') else { return Some("a part that does not end".to_owned()) };
        let tag = tag.trim_start_matches('/').trim_end_matches('/');
        let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        if SHAPES.contains(&name) { strange(attributes) } else { Some(format!("<{name}>")) }
    })
}

/// An attribute that is not about looks, or not written as we write them.
fn strange(attributes: &str) -> Option<String> {
    let mut rest = attributes.trim();
    while !rest.is_empty() {
        let Some((name, value)) = rest.split_once("=\"") else { return Some(rest.to_owned()) };
        let Some((value, after)) = value.split_once('"') else { return Some(rest.to_owned()) };
        let addresses = value.to_lowercase().matches("url(").count();
        let leads_away = addresses > 0 && !(addresses == 1 && value.starts_with("url(#") && value.ends_with(')'));
        if !LOOKS.contains(&name) || leads_away {
            return Some(format!("{name}={value}"));
        }
        rest = after.trim_start();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn shapes_and_text_are_a_drawing_and_nothing_else_is() {
        let right = r#"<svg class="x" viewBox="0 0 1 1"><path marker-end="url(#a)" d="M0 0"/><text x="1">a &lt; b</text></svg>"#;
        assert_eq!(fault(right), None);
        for wrong in [
            "<p>x</p>",
            r#"<svg class="x"><script>x()</script></svg>"#,
            r#"<svg class="x" onload="x()"></svg>"#,
            r#"<svg class="x"><a href="javascript:x()"></a></svg>"#,
            r#"<svg class="x"><rect style="fill: url(//evil.example)"/></svg>"#,
            r#"<svg class="x"><path marker-end="url(https://evil.example)"/></svg>"#,
            r#"<svg class="x"><foreignObject></foreignObject></svg>"#,
            r#"<svg class="x"></svg><script>x()</script>"#,
            "<svg class='x'></svg>",
            r#"<svg class="x"><script src="//e" <path d="M0"/></svg>"#,
            r#"<svg class="x"><path marker-end="url(#a) URL(//evil.example)"/></svg>"#,
        ] {
            assert!(fault(wrong).is_some(), "{wrong}");
        }
    }
}
