//! A step taken from a letter: what it would do is shown, and nothing is done before the button is pressed.

use serde::Serialize;

use super::parts::{Chip, Errors, Text, errors};
use crate::page::templates;

templates! {
    ActPage => "public/act.html",
}

/// `GET`/`POST /act/{code}`: field `reason`.
#[derive(Clone, Debug, Serialize)]
pub struct ActPage {
    /// Secret part of the link.
    pub code: String,
    /// How the link stands.
    pub stand: Stand,
    /// What it is about; none where that is not to be told.
    pub about: Option<About>,
    /// What the step is called.
    pub step: Text,
    /// Whether the step ends the record in a way nobody hoped for.
    pub destructive: bool,
    /// Whether a reason is asked, and must be given.
    pub reason: AskedReason,
    /// The reason typed.
    pub typed: String,
    /// Who moved the record meanwhile.
    pub by: String,
    /// Why the step is refused.
    pub refusals: Vec<String>,
    /// What is wrong.
    pub errors: Errors,
}

/// How a letter's link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stand {
    /// It may be pressed.
    Open,
    /// It is worth nothing.
    Gone,
    /// It was used.
    Used,
    /// It was not used in time.
    Expired,
    /// The record is in another state.
    Moved,
    /// The record says something else than when its reader was asked.
    Changed,
    /// The member may not, or not now.
    Refused,
}

/// Whether a reason is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedReason {
    /// None.
    None,
    /// It may be given.
    Optional,
    /// It must be given.
    Required,
}

/// What a step is about, and as whom it is taken.
#[derive(Clone, Debug, Serialize)]
pub struct About {
    /// The company.
    pub company: String,
    /// The member.
    pub name: String,
    /// The record's number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// Its page.
    pub href: String,
    /// Its state.
    pub state: Chip,
    /// Who asked for it.
    pub asked_by: String,
    /// Where it is.
    pub location: String,
    /// What it is expected to cost, as the reader's language writes it.
    pub estimate: Option<String>,
}

impl ActPage {
    /// A link worth nothing: whatever it was, its holder is told no more.
    pub fn gone(code: String) -> Self {
        Self {
            code,
            stand: Stand::Gone,
            about: None,
            step: Text::raw(""),
            destructive: false,
            reason: AskedReason::None,
            typed: String::new(),
            by: String::new(),
            refusals: Vec::new(),
            errors: Errors::new(),
        }
    }

    fn samples() -> Vec<Self> {
        let about = About {
            company: "Дала Фудс".into(),
            name: "Айгерім Бекова".into(),
            number: "WO-1042".into(),
            title: "Компрессор С-3: <b>май ағуы</b>".into(),
            href: "/dala-foods/work-orders/WO-1042".into(),
            state: Chip::new(Text::key("wf.work_order.state.on_hold"), "warn"),
            asked_by: "Серік Жұмабаев".into(),
            location: "Алматы › Цех".into(),
            estimate: Some("1 250 000 ₸".into()),
        };
        let approve = Self {
            stand: Stand::Open,
            about: Some(about.clone()),
            step: Text::key("wf.work_order.transition.approve"),
            ..Self::gone("3vQ9".into())
        };
        let reject = Self {
            step: Text::key("wf.work_order.transition.reject"),
            destructive: true,
            reason: AskedReason::Required,
            typed: "<x>".into(),
            errors: errors([("reason", "…")]),
            about: Some(About { estimate: None, ..about }),
            ..approve.clone()
        };
        let optional = Self { reason: AskedReason::Optional, errors: Errors::new(), ..reject.clone() };
        let ended = |stand| Self { stand, by: "Серік".into(), refusals: vec!["…".into()], ..approve.clone() };
        let ends = [Stand::Used, Stand::Expired, Stand::Moved, Stand::Changed, Stand::Refused].map(ended);
        [approve.clone(), reject, optional, Self::gone("3vQ9".into())].into_iter().chain(ends).collect()
    }
}
