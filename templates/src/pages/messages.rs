//! How people are told: what each prefers, what a company's messages say, what became of them.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use super::parts::{Choice, Errors, Pager, Text, errors};
use crate::page::{sample_time, templates};

templates! {
    PreferencesPage => "notifications/preferences.html",
    TextsPage => "messages/texts.html",
    TextPage => "messages/text.html",
    LogPage => "messages/log.html",
    MailPage => "platform/mail.html",
}

/// `GET /{company}/notifications/preferences`, with `POST` to the same (`<kind>:<channel>`, `from`, `until`, `zone`).
#[derive(Clone, Debug, Serialize)]
pub struct PreferencesPage {
    /// The company's name.
    pub company: String,
    /// Its time zone.
    pub company_zone: String,
    /// Whether a Telegram chat is linked.
    pub telegram: bool,
    /// The kinds, by family.
    pub families: Vec<Family>,
    /// When quiet begins.
    pub from: String,
    /// When it ends.
    pub until: String,
    /// By whose clock.
    pub zone: String,
    /// What is wrong with it.
    pub errors: Errors,
}

/// Kinds that are about the same sort of record.
#[derive(Clone, Debug, Serialize)]
pub struct Family {
    /// Its key.
    pub key: String,
    /// Its kinds.
    pub kinds: Vec<KindRow>,
}

/// A kind of message, and how it is taken.
#[derive(Clone, Debug, Serialize)]
pub struct KindRow {
    /// Its key.
    pub key: String,
    /// By the bell, by mail, by Telegram.
    pub channels: Vec<ChannelCell>,
}

/// How a kind is taken by a channel.
#[derive(Clone, Debug, Serialize)]
pub struct ChannelCell {
    /// `bell`, `email` or `telegram`.
    pub channel: String,
    /// The mode now.
    pub mode: String,
    /// The modes to choose from; empty where it always comes, or never.
    pub modes: Vec<String>,
    /// Whether the kind takes the channel at all.
    pub taken: bool,
}

/// `GET /{company}/settings/notifications`, with `POST …/keep` (`keep_days`, `version`).
#[derive(Clone, Debug, Serialize)]
pub struct TextsPage {
    /// The page's own path.
    pub base: String,
    /// The company's name.
    pub company: String,
    /// The kinds, by family.
    pub families: Vec<TextFamily>,
    /// How many days messages are kept.
    pub keep_days: String,
    /// The version of that.
    pub keep_version: i32,
    /// What is wrong with it.
    pub errors: Errors,
}

/// Texts of kinds that are about the same sort of record.
#[derive(Clone, Debug, Serialize)]
pub struct TextFamily {
    /// Its key.
    pub key: String,
    /// Its kinds.
    pub kinds: Vec<TextRow>,
}

/// The texts of a kind.
#[derive(Clone, Debug, Serialize)]
pub struct TextRow {
    /// Its key.
    pub key: String,
    /// By channel.
    pub channels: Vec<TextCell>,
}

/// The texts of a kind for a channel.
#[derive(Clone, Debug, Serialize)]
pub struct TextCell {
    /// `bell`, `email` or `telegram`.
    pub channel: String,
    /// By language: its code, and whether the company has written its own.
    pub locales: Vec<(String, bool)>,
}

/// `GET /{company}/settings/notifications/{kind}/{channel}/{locale}`, with `POST` to the same (`subject`, `body`, `version`; with
/// `preview` nothing is kept) and `POST …/reset`.
#[derive(Clone, Debug, Serialize)]
pub struct TextPage {
    /// The page's own path.
    pub base: String,
    /// The list's path.
    pub list: String,
    /// The kind's key.
    pub kind: String,
    /// The channel.
    pub channel: String,
    /// The language.
    pub locale: String,
    /// Whether the company has written its own.
    pub own: bool,
    /// Its version.
    pub version: i32,
    /// What was typed.
    pub subject: String,
    /// What was typed.
    pub body: String,
    /// Names that may be mentioned.
    pub placeholders: Vec<String>,
    /// The text with made-up values: its first line, and paragraphs.
    pub preview: Option<(String, Vec<String>)>,
    /// What is wrong with it.
    pub errors: Errors,
}

/// `GET /{company}/settings/notifications/log?state=&channel=&kind=&member=`.
#[derive(Clone, Debug, Serialize)]
pub struct LogPage {
    /// The page's own path.
    pub base: String,
    /// The texts' path.
    pub texts: String,
    /// The filter: state, channel, kind, member.
    pub filter: LogFilter,
    /// States to choose from.
    pub states: Vec<Choice>,
    /// Channels to choose from.
    pub channels: Vec<Choice>,
    /// Kinds to choose from.
    pub kinds: Vec<Choice>,
    /// People to choose from.
    pub people: Vec<Choice>,
    /// Newest first.
    pub rows: Vec<LogRow>,
    /// Links to more.
    pub pager: Pager,
}

/// What a log is asked for.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LogFilter {
    /// A state.
    pub state: String,
    /// A channel.
    pub channel: String,
    /// A kind.
    pub kind: String,
    /// A member's id.
    pub member: String,
}

/// A message.
#[derive(Clone, Debug, Serialize)]
pub struct LogRow {
    /// When it was told.
    pub at: DateTime<Utc>,
    /// Whom it was for.
    pub to: String,
    /// The address.
    pub address: String,
    /// What it is called.
    pub kind: Text,
    /// The channel.
    pub channel: String,
    /// Its state.
    pub state: String,
    /// Why.
    pub reason: Option<Text>,
    /// How often it was tried.
    pub attempts: i32,
    /// The moment it waits for.
    pub waits: Option<DateTime<Utc>>,
}

/// `GET /platform/mail?days=`.
#[derive(Clone, Debug, Serialize)]
pub struct MailPage {
    /// Days looked back.
    pub days: i64,
    /// Those to choose from.
    pub spans: Vec<i64>,
    /// By company and channel.
    pub rows: Vec<MailRow>,
}

/// How a company's messages go by a channel.
#[derive(Clone, Debug, Serialize)]
pub struct MailRow {
    /// The company's id.
    pub company_id: String,
    /// Its name.
    pub company: String,
    /// The channel.
    pub channel: String,
    /// Waiting.
    pub pending: i64,
    /// Sent.
    pub sent: i64,
    /// Refused.
    pub refused: i64,
    /// Without an address.
    pub skipped: i64,
    /// What was answered to the last refused one.
    pub refusal: Option<String>,
    /// When.
    pub refused_at: Option<DateTime<Utc>>,
}

impl PreferencesPage {
    fn samples() -> Vec<Self> {
        let cell = |channel: &str, mode: &str, modes: &[&str], taken| ChannelCell {
            channel: channel.into(),
            mode: mode.into(),
            modes: modes.iter().map(|mode| (*mode).to_owned()).collect(),
            taken,
        };
        let row = |key: &str, channels| KindRow { key: key.into(), channels };
        let asked = row(
            "work_order.approval_requested",
            vec![cell("bell", "now", &[], true), cell("email", "now", &[], true), cell("telegram", "now", &["off", "now"], true)],
        );
        let done = row(
            "work_order.completed",
            vec![
                cell("bell", "now", &["off", "now"], true),
                cell("email", "daily", &["off", "now", "hourly", "daily"], true),
                cell("telegram", "off", &[], false),
            ],
        );
        let plain = Self {
            company: "Дала Фудс & <b>".into(),
            company_zone: "Asia/Almaty".into(),
            telegram: false,
            families: vec![Family { key: "work_order".into(), kinds: vec![asked, done] }],
            from: String::new(),
            until: String::new(),
            zone: String::new(),
            errors: errors([]),
        };
        let wrong = Self {
            telegram: true,
            from: "22".into(),
            until: "07:00".into(),
            zone: "Mars/Base".into(),
            errors: errors([("quiet_hours", "…"), ("", "…")]),
            ..plain.clone()
        };
        vec![plain, wrong]
    }
}

impl TextsPage {
    fn samples() -> Vec<Self> {
        let cell = |channel: &str, own: &str| TextCell {
            channel: channel.into(),
            locales: ["kk", "ru", "en", "tr"].map(|locale| (locale.to_owned(), locale == own)).into(),
        };
        let row =
            TextRow { key: "work_order.rejected".into(), channels: vec![cell("bell", ""), cell("email", "kk"), cell("telegram", "")] };
        let plain = Self {
            base: "/dala-foods/settings/notifications".into(),
            company: "Дала Фудс".into(),
            families: vec![TextFamily { key: "work_order".into(), kinds: vec![row] }],
            keep_days: "90".into(),
            keep_version: 0,
            errors: errors([]),
        };
        vec![plain.clone(), Self { keep_days: "3".into(), errors: errors([("keep_days", "…")]), ..plain }]
    }
}

impl TextPage {
    fn samples() -> Vec<Self> {
        let list = "/dala-foods/settings/notifications";
        let ours = Self {
            base: format!("{list}/work_order.rejected/email/kk"),
            list: list.into(),
            kind: "work_order.rejected".into(),
            channel: "email".into(),
            locale: "kk".into(),
            own: false,
            version: 0,
            subject: "{{number}}: қабылданбады".into(),
            body: "«{{title}}» жұмыс тапсырмасы қабылданбады.\n<script>".into(),
            placeholders: ["number", "title", "actor", "company", "url", "name", "reason"].map(str::to_owned).into(),
            preview: Some(("WO-1042: қабылданбады".into(), vec!["<b> Компрессор".into()])),
            errors: errors([]),
        };
        let wrong = Self {
            own: true,
            version: 2,
            preview: None,
            errors: errors([("subject", "…"), ("body", "3-жол: бұл хабарламада {{colour}} жоқ.")]),
            ..ours.clone()
        };
        let bell = Self { channel: "bell".into(), body: String::new(), ..ours.clone() };
        vec![ours, wrong, bell]
    }
}

impl LogPage {
    fn samples() -> Vec<Self> {
        let row = |channel: &str, state: &str, reason: Option<Text>, minutes| LogRow {
            at: sample_time() - Duration::minutes(minutes),
            to: "Айгерім <b>".into(),
            address: if state == "skipped" { String::new() } else { "aigerim@example.kz".into() },
            kind: Text::key("kind.work_order.assigned"),
            channel: channel.into(),
            state: state.into(),
            reason,
            attempts: i32::from(state != "skipped"),
            waits: (state == "pending").then(|| sample_time() + Duration::hours(8)),
        };
        let choice = |value: &str| Choice::new(value, Text::raw(value));
        let many = Self {
            base: "/dala-foods/settings/notifications/log".into(),
            texts: "/dala-foods/settings/notifications".into(),
            filter: LogFilter { state: "refused".into(), ..LogFilter::default() },
            states: vec![choice("refused")],
            channels: vec![choice("email")],
            kinds: vec![choice("work_order.assigned")],
            people: vec![choice("Айгерім")],
            rows: vec![
                row("email", "refused", Some(Text::raw("550 5.1.1 no such user <x>")), 3),
                row("telegram", "skipped", Some(Text::key("messages.log.no_address.telegram")), 4),
                row("email", "pending", None, 9),
                row("email", "sent", None, 60 * 30),
            ],
            pager: Pager { next: Some("?cursor=x".into()), ..Pager::default() },
        };
        let none = Self { rows: Vec::new(), pager: Pager::default(), ..many.clone() };
        let fresh = Self { filter: LogFilter::default(), ..none.clone() };
        vec![many, none, fresh]
    }
}

impl MailPage {
    fn samples() -> Vec<Self> {
        let row = |channel: &str, refused, refusal: Option<&str>| MailRow {
            company_id: "019386f0-5a3c-7cc1-9d2e-3f1d5c8f0b11".into(),
            company: "Дала Фудс <b>".into(),
            channel: channel.into(),
            pending: 2,
            sent: 14_310,
            refused,
            skipped: 40,
            refusal: refusal.map(str::to_owned),
            refused_at: refusal.map(|_| sample_time()),
        };
        let some = Self { days: 7, spans: vec![1, 7, 30], rows: vec![row("email", 3, Some("550 <x>")), row("telegram", 0, None)] };
        vec![some.clone(), Self { rows: Vec::new(), ..some }]
    }
}
