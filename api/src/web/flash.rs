//! What an action says on the page it leads to, once. It travels in a cookie as a code of ours and the values its words need, so
//! that nobody can make us say anything else.

use templates::Locale;
use templates::i18n::{exists, t};

/// A message for the next page: its words are `flash.<code>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    code: String,
    values: Vec<(String, String)>,
}

/// Longest cookie read.
const LONGEST: usize = 2000;

impl Flash {
    /// The cookie it travels in.
    pub const COOKIE: &str = "flash";

    /// A message without values.
    pub fn new(code: &str) -> Self {
        Self { code: code.to_owned(), values: Vec::new() }
    }

    /// With a value its words mention.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        // a long name must not cost the reader the message: the cookie has a limit
        self.values.push((name.to_owned(), value.chars().take(80).collect()));
        self
    }

    /// As the cookie's value: the code, then names and values, these in hexadecimal, since a cookie has a small alphabet.
    pub fn write(&self) -> String {
        let digit = |value: u8| char::from_digit(value.into(), 16);
        let hex = |text: &str| text.bytes().flat_map(|byte| [byte >> 4, byte & 0xF]).filter_map(digit).collect::<String>();
        let values = self.values.iter().flat_map(|(name, value)| [name.clone(), hex(value)]);
        std::iter::once(self.code.clone()).chain(values).collect::<Vec<_>>().join(".")
    }

    /// From the cookie's value, if we have words for it.
    pub fn read(value: &str) -> Option<Self> {
        let mut parts = value.split('.').filter(|_| value.len() <= LONGEST);
        let code = parts.next().filter(|code| exists(Locale::En, &format!("flash.{code}")))?;
        let mut flash = Self::new(code);
        while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
            flash.values.push((name.to_owned(), unhex(value)?));
        }
        Some(flash)
    }

    /// The message, in a language.
    pub fn words(&self, locale: Locale) -> String {
        let values: Vec<(&str, &str)> = self.values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        t(locale, &format!("flash.{}", self.code), &values)
    }
}

fn unhex(text: &str) -> Option<String> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>()?;
    String::from_utf8(digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_survives_the_way() {
        let flash = Flash::new("joined").with("company", "«Дала Фудс»; =&%<b>");
        let written = flash.write();
        assert!(written.bytes().all(|b| b.is_ascii_alphanumeric() || b"._".contains(&b)), "{written}");
        assert_eq!(Flash::read(&written), Some(flash.clone()));
        assert_eq!(flash.words(Locale::En), "You have joined «Дала Фудс»; =&%<b>.");
    }

    #[test]
    fn nobody_puts_words_in_our_mouth() {
        assert_eq!(Flash::read("your account is closed"), None);
        assert_eq!(Flash::read("joined.company.xy"), None);
        assert_eq!(Flash::read("joined.company.ff"), None);
        assert_eq!(Flash::read(&format!("saved.x.{}", "61".repeat(LONGEST))), None);
    }
}
