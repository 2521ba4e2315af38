//! What comes from Telegram, reduced to what we act on.

use teloxide::types::{CallbackQuery, ChatMemberUpdated, Message, UpdateKind};

/// Something a person did in a private chat with the bot. Groups are not answered: a button there could be pressed by anyone.
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
    /// Wrote something that is none of these.
    Other {
        /// Where to answer.
        from: From,
    },
}

/// Who wrote, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct From {
    /// The chat.
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

fn read_message(message: &Message) -> Option<Update> {
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
    if !message.chat().is_private() {
        return None;
    }
    let from = From { chat: message.chat().id.0, language: press.from.language_code.clone() };
    let message = message.id().0;
    Some(Update::Press { id: press.id.0, data: press.data.unwrap_or_default(), message, from })
}

fn read_change(change: &ChatMemberUpdated) -> Option<Update> {
    let left = change.chat.is_private() && change.new_chat_member.is_banned();
    left.then_some(Update::Left { chat: change.chat.id.0 })
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
    fn groups_and_the_unknown_are_nothing_to_us() {
        assert_eq!(read(&message("/start abc", "group")), None);
        let edited = json!({ "update_id": 1, "edited_message": message("x", "private")["message"] });
        assert_eq!(read(&edited), None);
        assert_eq!(read(&json!({ "update_id": 1, "something_new": { "a": 1 } })), None);
    }
}
