//! Every kind of message there is, declared once: who is told, by which channels, how urgent it is, and what its texts may
//! mention. The texts are `notify.<key>.*` in the locale files; those a family shares (`notify.<family>.why`, `.button`) stand one
//! level up. Preferences, the company's own texts, workflow files and the templates go by this list: a new kind is a row here
//! and its texts.

use std::sync::LazyLock;

use poem_openapi::Enum;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

/// A way to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
#[oai(rename_all = "lowercase", rename = "NotificationChannel")]
pub enum Channel {
    /// The bell, inside the application.
    Bell,
    /// A letter.
    Email,
    /// The bot.
    Telegram,
}

impl Channel {
    /// Every channel, in the order people see them.
    pub const ALL: [Self; 3] = [Self::Bell, Self::Email, Self::Telegram];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bell => "bell",
            Self::Email => "email",
            Self::Telegram => "telegram",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == name)
    }
}

/// When a message should reach its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// At once, quiet hours or not.
    Urgent,
    /// At once, outside quiet hours.
    Normal,
    /// May wait for a letter that lists several.
    Digestible,
}

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The address it was asked for, of an account or a company: no member, and nothing to prefer.
    Addressee,
    /// Whom the workflow file names.
    Workflow,
    /// Whom a rule of the company names.
    Rule,
    /// Whoever asked for the work it is about.
    Asker,
    /// Whom a channel concerns that fails or works again: whose it is, or who looks after it.
    Concerned,
}

/// How somebody takes a kind of message by a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
#[oai(rename_all = "lowercase", rename = "NotificationMode")]
pub enum Mode {
    /// Not at all.
    Off,
    /// As it comes.
    Now,
    /// Listed in a letter at the full hour.
    Hourly,
    /// Listed in a letter at eight in the morning.
    Daily,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 4] = [Self::Off, Self::Now, Self::Hourly, Self::Daily];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Now => "now",
            Self::Hourly => "hourly",
            Self::Daily => "daily",
        }
    }

    /// Reads a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }
}

/// A kind of message.
#[derive(Debug)]
pub struct Kind {
    /// Its name in workflow files, stored notifications and locale files: `<family>.<name>`, or a bare name outside a family.
    pub key: &'static str,
    /// Who is told.
    pub audience: Audience,
    /// The channels it may take.
    pub channels: &'static [Channel],
    /// Of these, those nobody may turn off or put off.
    pub mandatory: &'static [Channel],
    /// How urgent it is.
    pub urgency: Urgency,
    /// Minutes within which the same thing said of the same record again is not said: a double press is one message.
    pub window: u16,
    /// What its texts may mention, and always can. `name` (the reader) and `reason` may be mentioned too, and may be empty.
    pub placeholders: &'static [&'static str],
    /// Of these, what a company's own text must mention: without it nobody would know what is meant.
    pub must_mention: &'static [&'static str],
    /// Whether the reader is asked to decide: its message bears the buttons for it.
    pub decides: bool,
    /// Icon of its line in the bell.
    pub icon: &'static str,
    /// Tone of its line: `info`, `warn`, `danger`, `success` or `neutral`.
    pub tone: &'static str,
}

/// What every text may mention besides, and may be empty.
pub const OPTIONAL: &[&str] = &["name", "reason"];

/// What a text in a workflow file may mention, as `%{number}`: what each message about a record bears. `asset` and `reason` are empty where
/// there is none.
pub const VARIABLES: &[&str] = &["number", "title", "asset", "actor", "company", "url", "name", "reason"];

const EVERYWHERE: &[Channel] = &[Channel::Bell, Channel::Email, Channel::Telegram];
const ORDER: &[&str] = &["number", "title", "actor", "company", "url"];

/// A letter about an account or a company.
const fn letter(key: &'static str, placeholders: &'static [&'static str]) -> Kind {
    Kind {
        key,
        audience: Audience::Addressee,
        channels: &[Channel::Email],
        mandatory: &[Channel::Email],
        urgency: Urgency::Urgent,
        window: 0,
        placeholders,
        must_mention: &[],
        decides: false,
        icon: "mail",
        tone: "info",
    }
}

/// A message a workflow file sends about a work order.
const fn order(key: &'static str, urgency: Urgency, icon: &'static str, tone: &'static str) -> Kind {
    Kind {
        key,
        audience: Audience::Workflow,
        channels: EVERYWHERE,
        mandatory: &[],
        urgency,
        window: 5,
        placeholders: ORDER,
        must_mention: &["number"],
        decides: false,
        icon,
        tone,
    }
}

/// What became of a channel.
const fn channel(key: &'static str, channels: &'static [Channel], placeholders: &'static [&'static str], tone: &'static str) -> Kind {
    Kind {
        key,
        audience: Audience::Concerned,
        channels,
        mandatory: &[],
        urgency: Urgency::Normal,
        window: 0,
        placeholders,
        must_mention: &[],
        decides: false,
        icon: "send",
        tone,
    }
}

/// What became of a list that was to be a file.
const fn export(key: &'static str, icon: &'static str, tone: &'static str) -> Kind {
    Kind {
        key,
        audience: Audience::Asker,
        channels: EVERYWHERE,
        mandatory: &[Channel::Bell],
        urgency: Urgency::Normal,
        window: 0,
        placeholders: &["list", "format", "rows", "company", "url"],
        must_mention: &["list"],
        decides: false,
        icon,
        tone,
    }
}

/// Every kind.
pub const KINDS: &[Kind] = &[
    letter("invitation", &["company", "inviter", "role", "until", "url"]),
    letter("signup_key", &["company", "key", "until", "url"]),
    letter("password_reset", &["until", "url"]),
    letter("welcome", &["company", "url"]),
    letter("mail_test", &["company", "url"]),
    Kind {
        mandatory: &[Channel::Bell, Channel::Email],
        decides: true,
        // a second question is about another round
        window: 0,
        ..order("work_order.approval_requested", Urgency::Normal, "hourglass", "warn")
    },
    order("work_order.approved", Urgency::Normal, "circle-check", "success"),
    order("work_order.rejected", Urgency::Normal, "circle-x", "danger"),
    Kind { mandatory: &[Channel::Bell], ..order("work_order.assigned", Urgency::Normal, "clipboard-list", "info") },
    order("work_order.completed", Urgency::Digestible, "clipboard-check", "success"),
    order("work_order.reopened", Urgency::Normal, "rotate-ccw", "warn"),
    order("work_order.cancelled", Urgency::Digestible, "circle-x", "neutral"),
    order("work_order.due_soon", Urgency::Digestible, "calendar-clock", "warn"),
    order("work_order.overdue", Urgency::Normal, "alarm-clock", "danger"),
    order("work_order.sla_warning", Urgency::Urgent, "alarm-clock", "warn"),
    Kind { mandatory: &[Channel::Bell], ..order("work_order.sla_breach", Urgency::Urgent, "alarm-clock", "danger") },
    // in the words of a company's own file
    order("work_order.message", Urgency::Normal, "message-square", "info"),
    Kind {
        audience: Audience::Rule,
        placeholders: &["number", "title", "what", "date", "company", "url"],
        ..order("work_order.reminder", Urgency::Digestible, "calendar-clock", "warn")
    },
    Kind {
        audience: Audience::Rule,
        placeholders: &["title", "what", "date", "company", "url"],
        must_mention: &["title"],
        ..order("asset.reminder", Urgency::Digestible, "calendar-clock", "warn")
    },
    Kind {
        audience: Audience::Rule,
        placeholders: &["overdue", "due", "warranties", "company", "url"],
        must_mention: &[],
        ..order("daily.summary", Urgency::Normal, "sun", "info")
    },
    channel("channel.chat_unlinked", &[Channel::Bell, Channel::Email], &["company", "url"], "warn"),
    channel("channel.group_unlinked", &[Channel::Bell, Channel::Email], &["group", "company", "url"], "warn"),
    channel("channel.mail_failing", &[Channel::Bell, Channel::Telegram], &["host", "company", "url"], "danger"),
    channel("channel.mail_working", &[Channel::Bell, Channel::Telegram], &["host", "company", "url"], "success"),
    channel("channel.address_refused", &[Channel::Bell], &["person", "address", "company", "url"], "warn"),
    channel("channel.address_accepted", &[Channel::Bell], &["person", "address", "company", "url"], "success"),
    export("export.ready", "file-check", "success"),
    export("export.failed", "file-x", "danger"),
    Kind {
        audience: Audience::Rule,
        mandatory: &[],
        placeholders: &["title", "list", "format", "rows", "company", "url"],
        must_mention: &["title"],
        ..export("export.scheduled", "file-clock", "info")
    },
    Kind {
        audience: Audience::Rule,
        placeholders: &["title", "list", "company", "url"],
        must_mention: &["title"],
        ..export("export.stopped", "file-x", "danger")
    },
];

static TEXTS: LazyLock<Vec<&'static str>> = LazyLock::new(|| of(Audience::Workflow).map(|kind| kind.key).collect());

fn of(audience: Audience) -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().filter(move |kind| kind.audience == audience)
}

/// The messages workflow files may send, by key.
pub fn texts() -> &'static [&'static str] {
    &TEXTS
}

/// The kinds a member is told of, and may have preferences about.
pub fn to_members() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().filter(|kind| kind.audience != Audience::Addressee)
}

impl Kind {
    /// The kind of a stored key; nothing for one of another version.
    pub fn find(key: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.key == key)
    }

    /// What it belongs to: `work_order`; its own key outside a family.
    pub fn family(&self) -> &'static str {
        self.key.split('.').next().unwrap_or(self.key)
    }

    /// Where its record is shown, in the company of this name in addresses.
    pub fn path(&self, company: &str, record: Uuid, params: &Json) -> String {
        let said = |name: &str| match params.get(name) {
            Some(Json::String(text)) => Some(text.clone()),
            Some(Json::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        match self.family() {
            "work_order" => format!("/{company}/work-orders/{}", said("number").unwrap_or_else(|| record.to_string())),
            "asset" => format!("/{company}/assets/{record}"),
            "daily" => format!("/{company}/"),
            "channel" => self.channel_path(company, record),
            "export" if self.key == "export.stopped" => format!("/{company}/exports/schedules"),
            "export" => format!("/{company}/exports"),
            _ => format!("/{company}/notifications"),
        }
    }

    fn channel_path(&self, company: &str, record: Uuid) -> String {
        match self.key {
            "channel.chat_unlinked" => "/profile".to_owned(),
            "channel.group_unlinked" => format!("/{company}/settings/telegram"),
            "channel.mail_failing" | "channel.mail_working" => format!("/{company}/settings/mail"),
            _ => format!("/{company}/people/{record}"),
        }
    }

    /// Whether a group may be told: what its text says is to nobody alone.
    pub fn suits_groups(&self) -> bool {
        let about_work = matches!(self.audience, Audience::Workflow | Audience::Rule);
        about_work && self.takes(Channel::Telegram) && !["work_order.assigned", "daily.summary"].contains(&self.key)
    }

    /// Whether it may take the channel.
    pub fn takes(&self, channel: Channel) -> bool {
        self.channels.contains(&channel)
    }

    /// The modes its reader may choose for the channel; none where there is nothing to choose.
    pub fn modes(&self, channel: Channel) -> &'static [Mode] {
        match channel {
            _ if !self.takes(channel) || self.mandatory.contains(&channel) => &[],
            Channel::Email if self.urgency != Urgency::Urgent => &Mode::ALL,
            _ => &[Mode::Off, Mode::Now],
        }
    }

    /// How people take it until they choose: whoever only looks on gets what can wait once a day.
    pub fn usual(&self, channel: Channel, role: Option<&str>) -> Mode {
        let onlooker = matches!(role, Some("finance" | "viewer"));
        match channel {
            _ if !self.takes(channel) => Mode::Off,
            Channel::Email if onlooker && self.urgency == Urgency::Digestible => Mode::Daily,
            _ => Mode::Now,
        }
    }
}
