//! What comes from Telegram, reduced to what we act on.

use teloxide::types::{CallbackQuery, Chat, ChatMemberUpdated, Message, UpdateKind, User};

/// Something a person did in a private chat with the bot, or to the bot in a group. What is merely said in a group is not heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// Opened the bot, by a deep link when there is a token.
    Start {
        /// What the link carried; empty when the person found the bot by themselves.
        token: String,
        /// Where to answer.
        from: From,
    },
    /// Pressed a button of ours.
    Press {
        /// Names the press, to be answered.
        id: String,
        /// What the button carried.
        data: String,
        /// The message the button stands under.
        message: i32,
        /// Where to answer.
        from: From,
    },
    /// Answered a message of ours.
    Reply {
        /// The message answered.
        to: i32,
        /// What was written.
        text: String,
        /// Where to answer.
        from: From,
    },
    /// Wants to hear no more.
    Stop {
        /// Where to answer.
        from: From,
    },
    /// Blocked the bot.
    Left {
        /// The chat that is no more.
        chat: i64,
    },
    /// Brought the bot into a group by a deep link.
    Brought {
        /// What the link carried.
        token: String,
        /// The group.
        group: i64,
        /// What it is called.
        title: String,
        /// Who did.
        from: From,
    },
    /// Pressed a button under a message to a group.
    PressInGroup {
        /// Names the press, to be answered.
        id: String,
        /// What the button carried.
        data: String,
        /// The message the button stands under.
        message: i32,
        /// The group.
        group: i64,
        /// Who did.
        from: From,
    },
    /// Took the bot out of a group.
    Removed {
        /// The group.
        group: i64,
    },
    /// A group became another chat.
    Moved {
        /// Its number until now.
        from: i64,
        /// Its number from now on.
        to: i64,
    },
    /// Wrote something that is none of these.
    Other {
        /// Where to answer.
        from: From,
    },
}

/// Who wrote, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct From {
    /// The person's own chat with the bot: it has the person's number.
    pub chat: i64,
    /// The language of the person's own Telegram, an IETF tag.
    pub language: Option<String>,
}

impl Update {
    /// Reads an update; `None` for what is nothing to us.
    pub fn read(kind: UpdateKind) -> Option<Self> {
        match kind {
            UpdateKind::Message(message) => read_message(&message),
            UpdateKind::CallbackQuery(press) => read_press(press),
            UpdateKind::MyChatMember(change) => read_change(&change),
            _ => None,
        }
    }
}

impl From {
    fn user(user: &User) -> Option<Self> {
        Some(Self { chat: user.id.0.try_into().ok()?, language: user.language_code.clone() })
    }
}

fn is_group(chat: &Chat) -> bool {
    chat.is_group() || chat.is_supergroup()
}

fn read_in_group(message: &Message) -> Option<Update> {
    let group = message.chat.id.0;
    if let Some(to) = message.migrate_to_chat_id() {
        return Some(Update::Moved { from: group, to: to.0 });
    }
    let token = command(message.text()?, "/start").filter(|token| !token.is_empty())?.to_owned();
    let title = message.chat.title().unwrap_or_default().to_owned();
    Some(Update::Brought { token, group, title, from: From::user(message.from.as_ref()?)? })
}

fn read_message(message: &Message) -> Option<Update> {
    if is_group(&message.chat) {
        return read_in_group(message);
    }
    if !message.chat.is_private() {
        return None;
    }
    let language = message.from.as_ref().and_then(|user| user.language_code.clone());
    let from = From { chat: message.chat.id.0, language };
    let text = message.text().unwrap_or_default();
    if let Some(token) = command(text, "/start") {
        return Some(Update::Start { token: token.to_owned(), from });
    }
    if command(text, "/stop").is_some() {
        return Some(Update::Stop { from });
    }
    match message.reply_to_message() {
        Some(asked) if !text.is_empty() => Some(Update::Reply { to: asked.id.0, text: text.to_owned(), from }),
        _ => Some(Update::Other { from }),
    }
}

/// What follows a command: `/start`, `/start <token>`, and the same with the bot's name behind the command.
fn command<'a>(text: &'a str, command: &str) -> Option<&'a str> {
    let mut words = text.split_whitespace();
    let name = words.next()?.strip_prefix(command)?;
    (name.is_empty() || name.starts_with('@')).then(|| words.next().unwrap_or_default())
}

fn read_press(press: CallbackQuery) -> Option<Update> {
    let message = press.message.as_ref()?;
    let (id, data, from, chat) = (press.id.0, press.data.unwrap_or_default(), From::user(&press.from)?, message.chat());
    let message = message.id().0;
    match chat {
        chat if chat.is_private() => Some(Update::Press { id, data, message, from: From { chat: chat.id.0, ..from } }),
        chat if is_group(chat) => Some(Update::PressInGroup { id, data, message, group: chat.id.0, from }),
        _ => None,
    }
}

fn read_change(change: &ChatMemberUpdated) -> Option<Update> {
    let (chat, now) = (change.chat.id.0, &change.new_chat_member);
    if is_group(&change.chat) {
        return (!now.is_present()).then_some(Update::Removed { group: chat });
    }
    (change.chat.is_private() && now.is_banned()).then_some(Update::Left { chat })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(update: &Value) -> Option<Update> {
        // as text: from a value the library reads no update
        let update: teloxide::types::Update = serde_json::from_str(&update.to_string()).expect("an update of the Bot API");
        Update::read(update.kind)
    }

    fn user() -> Value {
        json!({ "id": 5, "is_bot": false, "first_name": "Айгүл", "language_code": "kk" })
    }

    fn chat(kind: &str) -> Value {
        match kind {
            "private" => json!({ "id": 5, "type": kind, "first_name": "Айгүл" }),
            _ => json!({ "id": 5, "type": kind, "title": "Цех" }),
        }
    }

    fn message(text: &str, kind: &str) -> Value {
        json!({ "update_id": 1, "message": { "message_id": 9, "date": 0, "from": user(), "chat": chat(kind), "text": text } })
    }

    fn from() -> From {
        From { chat: 5, language: Some("kk".into()) }
    }

    #[test]
    fn a_deep_link_brings_its_token() {
        for (text, token) in [("/start abc-123", "abc-123"), ("/start@mill_bot abc", "abc"), ("/start", "")] {
            assert_eq!(read(&message(text, "private")), Some(Update::Start { token: token.into(), from: from() }));
        }
        assert_eq!(read(&message("/started", "private")), Some(Update::Other { from: from() }));
    }

    #[test]
    fn a_wish_for_silence_is_understood() {
        for text in ["/stop", "/stop@mill_bot", " /stop please"] {
            assert_eq!(read(&message(text, "private")), Some(Update::Stop { from: from() }), "{text}");
        }
        for text in ["/stopped", "stop"] {
            assert_eq!(read(&message(text, "private")), Some(Update::Other { from: from() }), "{text}");
        }
    }

    #[test]
    fn a_press_names_its_message() {
        let update = json!({ "update_id": 1, "callback_query": {
            "id": "77", "from": user(), "chat_instance": "x", "data": "code",
            "message": { "message_id": 9, "date": 1, "chat": chat("private"), "text": "?" } } });
        let press = Update::Press { id: "77".into(), data: "code".into(), message: 9, from: from() };
        assert_eq!(read(&update), Some(press));
    }

    #[test]
    fn an_answer_names_what_it_answers() {
        let mut update = message("the part is missing", "private");
        update["message"]["reply_to_message"] = json!({ "message_id": 8, "date": 0, "chat": chat("private"), "text": "Why?" });
        let reply = Update::Reply { to: 8, text: "the part is missing".into(), from: from() };
        assert_eq!(read(&update), Some(reply));
    }

    #[test]
    fn blocking_the_bot_is_noticed() {
        let member = |status: &str| json!({ "user": { "id": 1, "is_bot": true, "first_name": "bot" }, "status": status, "until_date": 0 });
        let update = json!({ "update_id": 1, "my_chat_member": {
            "chat": chat("private"), "from": user(), "date": 0,
            "old_chat_member": member("member"), "new_chat_member": member("kicked") } });
        assert_eq!(read(&update), Some(Update::Left { chat: 5 }));
    }

    #[test]
    fn a_group_is_linked_pressed_in_left_and_moved() {
        let brought = Update::Brought { token: "abc".into(), group: 5, title: "Цех".into(), from: from() };
        assert_eq!(read(&message("/start@mill_bot abc", "supergroup")), Some(brought));
        let update = json!({ "update_id": 1, "callback_query": {
            "id": "77", "from": user(), "chat_instance": "x", "data": "code",
            "message": { "message_id": 9, "date": 1, "chat": chat("group"), "text": "?" } } });
        let press = Update::PressInGroup { id: "77".into(), data: "code".into(), message: 9, group: 5, from: from() };
        assert_eq!(read(&update), Some(press));
        let member = |status: &str| json!({ "user": { "id": 1, "is_bot": true, "first_name": "bot" }, "status": status, "until_date": 0 });
        let change = |now: &str| {
            json!({ "update_id": 1, "my_chat_member": {
            "chat": chat("group"), "from": user(), "date": 0, "old_chat_member": member("member"), "new_chat_member": member(now) } })
        };
        for gone in ["left", "kicked"] {
            assert_eq!(read(&change(gone)), Some(Update::Removed { group: 5 }), "{gone}");
        }
        assert_eq!(read(&change("member")), None);
        let mut moved = message("x", "group");
        moved["message"].as_object_mut().expect("a message").remove("text");
        moved["message"]["migrate_to_chat_id"] = json!(-1005);
        assert_eq!(read(&moved), Some(Update::Moved { from: 5, to: -1005 }));
    }

    #[test]
    fn what_is_said_in_groups_and_the_unknown_are_nothing_to_us() {
        for text in ["/start", "/stop", "a word", "abc"] {
            assert_eq!(read(&message(text, "group")), None, "{text}");
        }
        assert_eq!(read(&message("/start abc", "channel")), None);
        let edited = json!({ "update_id": 1, "edited_message": message("x", "private")["message"] });
        assert_eq!(read(&edited), None);
        assert_eq!(read(&json!({ "update_id": 1, "something_new": { "a": 1 } })), None);
    }
}
