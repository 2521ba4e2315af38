//! Ending letters, from a letter.

use serde::Serialize;

use crate::page::templates;

templates! {
    UnsubscribePage => "public/unsubscribe.html",
}

/// How the link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stand {
    /// The letters may be ended.
    Open,
    /// They come no more.
    Ended,
    /// It is too old.
    Expired,
    /// It is none of ours, or its reader left.
    Unknown,
}

/// `GET`/`POST /unsubscribe/{code}`.
#[derive(Clone, Debug, Serialize)]
pub struct UnsubscribePage {
    /// Secret part of the link.
    pub code: String,
    /// How the link stands.
    pub stand: Stand,
    /// The kind of letters; none for collected ones.
    pub kind: Option<String>,
    /// The company the letters are about.
    pub company: String,
    /// Where the reader chooses for every kind.
    pub preferences: String,
}

impl UnsubscribePage {
    /// A link of which nothing is known.
    pub fn unknown(code: String) -> Self {
        Self { code, stand: Stand::Unknown, kind: None, company: String::new(), preferences: String::new() }
    }

    fn samples() -> Vec<Self> {
        let open = Self {
            stand: Stand::Open,
            kind: Some("work_order.completed".into()),
            company: "Дала Фудс <ЖШС>".into(),
            preferences: "/dala-foods/notifications/preferences".into(),
            ..Self::unknown("3vQ9".into())
        };
        let collected = Self { kind: None, ..open.clone() };
        let with = |page: &Self, stand| Self { stand, ..page.clone() };
        vec![
            with(&open, Stand::Ended),
            with(&open, Stand::Expired),
            with(&collected, Stand::Ended),
            open,
            collected,
            Self::unknown("3vQ9".into()),
        ]
    }
}
