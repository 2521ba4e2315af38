//! Names in addresses: which are possible, which are ours, and one made from a name in Latin or Cyrillic letters.

/// Names under `/` that are pages of ours, or may become some.
const RESERVED: &[&str] = &[
    "about",
    "account",
    "act",
    "admin",
    "api",
    "app",
    "assets",
    "auth",
    "companies",
    "dev",
    "docs",
    "favicon",
    "files",
    "forgot",
    "health",
    "healthz",
    "help",
    "home",
    "invite",
    "locale",
    "login",
    "logout",
    "metrics",
    "millwright",
    "platform",
    "preferences",
    "pricing",
    "privacy",
    "profile",
    "public",
    "readyz",
    "reset",
    "settings",
    "signup",
    "static",
    "status",
    "support",
    "terms",
    "theme",
    "unsubscribe",
    "www",
];

/// Whether pages of ours live, or may live, under the name.
pub(super) fn is_reserved(slug: &str) -> bool {
    RESERVED.contains(&slug)
}

/// How long a name in addresses is.
pub(super) const LENGTHS: std::ops::RangeInclusive<usize> = 2..=40;

/// Whether it is a name in addresses at all.
pub(super) fn is_slug(slug: &str) -> bool {
    LENGTHS.contains(&slug.len())
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !slug.starts_with('-')
        && !slug.ends_with('-')
        && !slug.contains("--")
}

/// A name in addresses from a name in Latin or Cyrillic letters.
pub(super) fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for c in name.to_lowercase().chars() {
        match transliterate(c) {
            Some(latin) => slug.push_str(latin),
            None if c.is_ascii_alphanumeric() => slug.push(c),
            None if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            None => {}
        }
    }
    slug.truncate(40);
    slug.trim_matches('-').to_owned()
}

fn transliterate(c: char) -> Option<&'static str> {
    const TABLE: &[(&str, &str)] = &[
        ("аәâ", "a"),
        ("б", "b"),
        ("вw", "v"),
        ("гғğ", "g"),
        ("д", "d"),
        ("еэё", "e"),
        ("ж", "zh"),
        ("з", "z"),
        ("иыіıî", "i"),
        ("й", "y"),
        ("кқ", "k"),
        ("л", "l"),
        ("м", "m"),
        ("нң", "n"),
        ("оөö", "o"),
        ("п", "p"),
        ("р", "r"),
        ("с", "s"),
        ("т", "t"),
        ("уұүüû", "u"),
        ("ф", "f"),
        ("хһ", "h"),
        ("ц", "ts"),
        ("чç", "ch"),
        ("шщş", "sh"),
        ("ю", "yu"),
        ("я", "ya"),
        ("ъь", ""),
    ];
    TABLE.iter().find(|(letters, _)| letters.contains(c) && !c.is_ascii()).map(|(_, latin)| *latin)
}

#[cfg(test)]
mod tests {
    use super::{is_slug, slug_of};

    #[test]
    fn names_become_addresses() {
        for (name, slug) in [
            ("Шығыс Болат ЖШС", "shigis-bolat-zhshs"),
            ("Demo Lojistik A.Ş.", "demo-lojistik-a-sh"),
            ("ТОО «Дем(о)-Агро»", "too-dem-o-agro"),
        ] {
            assert_eq!(slug_of(name), slug);
            assert!(is_slug(slug));
        }
        for (slug, is_one) in [("a", false), ("ab", true), (&*"x".repeat(40), true), (&*"x".repeat(41), false)] {
            assert_eq!(is_slug(slug), is_one, "{slug}");
        }
    }
}
