//! What every message that leaves the application has in common: its kind, and the values its words need.

use crate::i18n::{self, Locale};

/// Values for the words of a message, by name. `name` (whom it greets) and `reason` may be left out or empty.
pub type Params<'a> = [(&'a str, &'a str)];

/// A message Millwright sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Somebody is invited to a company.
    Invitation,
    /// A new company gets its signup key.
    SignupKey,
    /// A forgotten password.
    PasswordReset,
    /// A company has just signed up.
    Welcome,
    /// A work order waits for the reader's decision.
    ApprovalRequested,
    /// The reader's work order is approved.
    Approved,
    /// The reader's work order is rejected.
    Rejected,
    /// A work order is assigned to the reader.
    Assigned,
    /// A work order is done.
    Completed,
    /// A finished work order is open again.
    Reopened,
    /// A work order is cancelled.
    Cancelled,
    /// A work order is due soon.
    DueSoon,
    /// A work order is not done by its due time.
    Overdue,
    /// Most of the time allowed for a work order is gone.
    SlaWarning,
    /// The time allowed for a work order is gone.
    SlaBreach,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::Invitation,
        Self::SignupKey,
        Self::PasswordReset,
        Self::Welcome,
        Self::ApprovalRequested,
        Self::Approved,
        Self::Rejected,
        Self::Assigned,
        Self::Completed,
        Self::Reopened,
        Self::Cancelled,
        Self::DueSoon,
        Self::Overdue,
        Self::SlaWarning,
        Self::SlaBreach,
    ];

    /// The name workflow files and stored deliveries use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::SignupKey => "signup_key",
            Self::PasswordReset => "password_reset",
            Self::Welcome => "welcome",
            Self::ApprovalRequested => "work_order.approval_requested",
            Self::Approved => "work_order.approved",
            Self::Rejected => "work_order.rejected",
            Self::Assigned => "work_order.assigned",
            Self::Completed => "work_order.completed",
            Self::Reopened => "work_order.reopened",
            Self::Cancelled => "work_order.cancelled",
            Self::DueSoon => "work_order.due_soon",
            Self::Overdue => "work_order.overdue",
            Self::SlaWarning => "work_order.sla_warning",
            Self::SlaBreach => "work_order.sla_breach",
        }
    }

    /// Reads such a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether it is about a work order: those also go to Telegram and to the bell.
    pub fn is_work_order(self) -> bool {
        self.as_str().starts_with("work_order.")
    }

    /// Names of the values its words need; `url` is where its button leads.
    pub fn params(self) -> &'static [&'static str] {
        match self {
            Self::Invitation => &["company", "inviter", "role", "until", "url"],
            Self::SignupKey => &["company", "key", "until", "url"],
            Self::PasswordReset => &["until", "url"],
            Self::Welcome => &["company", "url"],
            _ => &["number", "title", "actor", "company", "url"],
        }
    }

    /// Icon of its notification.
    pub fn icon(self) -> &'static str {
        match self {
            Self::ApprovalRequested => "hourglass",
            Self::Approved => "circle-check",
            Self::Rejected | Self::Cancelled => "circle-x",
            Self::Completed => "clipboard-check",
            Self::Reopened => "rotate-ccw",
            Self::Assigned => "clipboard-list",
            Self::DueSoon => "calendar-clock",
            Self::Overdue | Self::SlaWarning | Self::SlaBreach => "alarm-clock",
            Self::Invitation | Self::SignupKey | Self::PasswordReset | Self::Welcome => "mail",
        }
    }

    /// Tone of its notification.
    pub fn tone(self) -> &'static str {
        match self {
            Self::ApprovalRequested | Self::Reopened | Self::DueSoon | Self::SlaWarning => "warn",
            Self::Approved | Self::Completed => "success",
            Self::Rejected | Self::Overdue | Self::SlaBreach => "danger",
            Self::Cancelled => "neutral",
            Self::Assigned | Self::Invitation | Self::SignupKey | Self::PasswordReset | Self::Welcome => "info",
        }
    }

    /// A text of this kind. What all work order messages share stands one level up.
    pub(crate) fn words(self, locale: Locale, part: &str, params: &Params<'_>) -> String {
        let shared = self.is_work_order() && matches!(part, "why" | "button");
        let kind = if shared { "work_order" } else { self.as_str() };
        i18n::t(locale, &format!("notify.{kind}.{part}"), params)
    }

    /// The body, with the reason on a line of its own where one was given.
    pub(crate) fn paragraphs(self, locale: Locale, params: &Params<'_>) -> Vec<String> {
        let mut paragraphs = vec![self.words(locale, "body", params)];
        if value(params, "reason").is_some() {
            paragraphs.push(i18n::t(locale, "notify.reason", params));
        }
        paragraphs
    }
}

/// A value that was given and is not empty.
pub(crate) fn value<'a>(params: &Params<'a>, name: &str) -> Option<&'a str> {
    params.iter().find(|(known, value)| *known == name && !value.trim().is_empty()).map(|(_, value)| *value)
}

/// One line: subjects are headers, and a line break in a title must not start another header.
pub(crate) fn one_line(text: &str) -> String {
    text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
