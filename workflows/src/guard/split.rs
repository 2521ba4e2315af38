//! The text of each conjunct, for people: `a && (b || c)` → `a`, `(b || c)`.

/// Splits at the `&&` that are outside quotes and brackets. `None` when the text is not a plain conjunction, or is written in a way this
/// reading does not follow (raw and triple-quoted texts, comments): then the whole text stands for each part.
pub(super) fn conjuncts(source: &str) -> Option<Vec<&str>> {
    let bytes = source.as_bytes();
    let (mut parts, mut start, mut depth, mut i) = (Vec::new(), 0, 0_usize, 0);
    while let Some(&byte) = bytes.get(i) {
        match byte {
            b'"' | b'\'' => i = end_of_text(bytes, i)?,
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.checked_sub(1)?,
            b'/' if bytes.get(i + 1) == Some(&b'/') => return None,
            b'?' | b'|' if depth == 0 => return None,
            b'&' if depth == 0 && bytes.get(i + 1) == Some(&b'&') => {
                parts.push(source.get(start..i)?.trim());
                i += 1;
                start = i + 1;
            }
            _ => {}
        }
        i += 1;
    }
    parts.push(source.get(start..)?.trim());
    Some(parts)
}

/// The place of the quote that ends the text beginning at `start`.
fn end_of_text(bytes: &[u8], start: usize) -> Option<usize> {
    let quote = bytes[start];
    let raw = start > 0 && matches!(bytes[start - 1], b'r' | b'R');
    if raw || bytes.get(start + 1..start + 3) == Some(&[quote, quote]) {
        return None;
    }
    let mut i = start + 1;
    loop {
        match *bytes.get(i)? {
            b'\\' => i += 2,
            byte if byte == quote => return Some(i),
            _ => i += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::conjuncts;

    #[test]
    fn splits_only_where_every_part_must_hold() {
        for (source, expected) in [
            ("a && b", Some(vec!["a", "b"])),
            ("a && (b || c) && d[0]", Some(vec!["a", "(b || c)", "d[0]"])),
            ("x == 'a && b' && y == \"\\\" && \"", Some(vec!["x == 'a && b'", "y == \"\\\" && \""])),
            ("a || b && c", None),
            ("a ? b : c && d", None),
            ("r'\\' && a", None),
            ("'''a''' && b", None),
            ("a // && b", None),
            ("a", Some(vec!["a"])),
        ] {
            assert_eq!(conjuncts(source), expected, "{source}");
        }
    }
}
