use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// A Bot API server: remembers what it was asked, answers what it was told to.
#[derive(Clone)]
pub struct BotApi {
    pub url: String,
    state: Arc<Mutex<State>>,
    fresh: Arc<Notify>,
}

#[derive(Default)]
struct State {
    calls: Vec<(String, Value)>,
    /// Replies to the next calls of anything but getUpdates; a sent message when there is none.
    replies: VecDeque<Value>,
    updates: Vec<Value>,
    /// Messages the bot has sent.
    sent: i64,
    /// Questions for updates held open now, and the most at once.
    polling: usize,
    most_polling: usize,
}

impl BotApi {
    pub const TOKEN: &'static str = "42:secret";

    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let server = Self { url, state: Arc::default(), fresh: Arc::default() };
        let running = server.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = running.clone();
                tokio::spawn(async move { server.converse(client).await });
            }
        });
        server
    }

    pub fn config(&self) -> worker::telegram::Config {
        worker::telegram::Config { token: Self::TOKEN.into(), api_url: Some(self.url.clone()) }
    }

    /// The next call is refused so.
    pub fn refuses(&self, code: u16, description: &str, retry_after: Option<u32>) {
        let mut reply = json!({ "ok": false, "error_code": code, "description": description });
        if let Some(seconds) = retry_after {
            reply["parameters"] = json!({ "retry_after": seconds });
        }
        self.state.lock().expect("whole").replies.push_back(reply);
    }

    /// Somebody wrote `text` to the bot.
    pub fn hears(&self, text: &str) {
        self.happens("message", &json!({ "message_id": 1, "date": 0, "from": person(), "chat": person(), "text": text }));
    }

    /// Somebody answered the bot's newest message.
    pub fn answers(&self, text: &str) {
        let asked = json!({ "message_id": self.state.lock().expect("whole").sent + 899, "date": 0, "chat": person(), "text": "?" });
        let message = json!({ "message_id": 1, "date": 0, "from": person(), "chat": person(), "text": text, "reply_to_message": asked });
        self.happens("message", &message);
    }

    /// Somebody pressed a button.
    pub fn presses(&self, data: &str) {
        let message = json!({ "message_id": 900, "date": 1, "chat": person(), "text": "?" });
        let press = json!({ "id": "77", "from": person(), "chat_instance": "x", "data": data, "message": message });
        self.happens("callback_query", &press);
    }

    /// Somebody blocked the bot.
    pub fn is_blocked(&self) {
        let member =
            |status: &str| json!({ "user": { "id": 42, "is_bot": true, "first_name": "Mill" }, "status": status, "until_date": 0 });
        let (old, new) = (member("member"), member("kicked"));
        let change = json!({ "chat": person(), "from": person(), "date": 0, "old_chat_member": old, "new_chat_member": new });
        self.happens("my_chat_member", &change);
    }

    /// Somebody brought the bot into a group by a link.
    pub fn is_brought(&self, group: i64, token: &str) {
        let text = format!("/start@mill_bot {token}");
        self.happens("message", &json!({ "message_id": 1, "date": 0, "from": user(5), "chat": workshop(group), "text": text }));
    }

    /// Somebody pressed a button under the bot's message to a group.
    pub fn is_pressed(&self, group: i64, by: i64, data: &str) {
        let message = json!({ "message_id": 901, "date": 1, "chat": workshop(group), "text": "?" });
        let press = json!({ "id": "78", "from": user(by), "chat_instance": "x", "data": data, "message": message });
        self.happens("callback_query", &press);
    }

    /// Somebody took the bot out of a group.
    pub fn is_removed(&self, group: i64) {
        let member = |status: &str| json!({ "user": { "id": 42, "is_bot": true, "first_name": "Mill" }, "status": status });
        let (old, new) = (member("member"), member("left"));
        let change = json!({ "chat": workshop(group), "from": user(5), "date": 0, "old_chat_member": old, "new_chat_member": new });
        self.happens("my_chat_member", &change);
    }

    /// A group became another chat.
    pub fn is_moved(&self, from: i64, to: i64) {
        let message = json!({ "message_id": 2, "date": 0, "from": user(5), "chat": workshop(from), "migrate_to_chat_id": to });
        self.happens("message", &message);
    }

    fn happens(&self, kind: &str, what: &Value) {
        let mut state = self.state.lock().expect("whole");
        let id = state.updates.len() + 1;
        state.updates.push(json!({ "update_id": id, kind: what }));
        self.fresh.notify_waiters();
    }

    /// Waits until the bot has said so much.
    pub async fn says(&self, messages: usize) -> Vec<Value> {
        self.called("SendMessage", messages).await
    }

    /// Waits until a method was called so often.
    pub async fn called(&self, method: &str, times: usize) -> Vec<Value> {
        super::eventually(method, async || Some(self.calls(method)).filter(|calls| calls.len() >= times)).await
    }

    /// How many questions for updates are held open, and the most that were at once.
    pub fn polling(&self) -> (usize, usize) {
        let state = self.state.lock().expect("whole");
        (state.polling, state.most_polling)
    }

    /// What was asked of a method, in order.
    pub fn calls(&self, method: &str) -> Vec<Value> {
        let state = self.state.lock().expect("whole");
        state.calls.iter().filter(|(m, _)| m == method).map(|(_, body)| body.clone()).collect()
    }

    async fn converse(&self, client: TcpStream) -> std::io::Result<()> {
        let mut client = BufReader::new(client);
        loop {
            let (mut head, mut length) = (String::new(), 0);
            while client.read_line(&mut head).await? > 2 {
                let last = head.lines().last().unwrap_or_default().to_ascii_lowercase();
                if let Some(value) = last.strip_prefix("content-length: ") {
                    length = value.trim().parse().unwrap_or(0);
                }
            }
            let mut body = vec![0; length];
            client.read_exact(&mut body).await?;
            let Some(path) = head.split(' ').nth(1) else { return Ok(()) };
            let method = path.strip_prefix(&format!("/bot{}/", Self::TOKEN)).unwrap_or("none").to_owned();
            let asked = serde_json::from_slice(&body).unwrap_or(Value::Null);
            let reply = tokio::select! {
                reply = self.reply(&method, asked) => reply.to_string(),
                // whoever asked has gone
                _ = client.fill_buf() => return Ok(()),
            };
            let status = if reply.contains("\"ok\":true") { "200 OK" } else { "400 Bad Request" };
            let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", reply.len());
            client.write_all(format!("{head}{reply}").as_bytes()).await?;
        }
    }

    async fn reply(&self, method: &str, body: Value) -> Value {
        let offset = body["offset"].as_u64().unwrap_or(0);
        self.state.lock().expect("whole").calls.push((method.to_owned(), body));
        if method == "GetUpdates" {
            let _poll = Poll::begin(&self.state);
            return json!({ "ok": true, "result": self.updates_from(offset).await });
        }
        let told = self.state.lock().expect("whole").replies.pop_front();
        told.unwrap_or_else(|| match method {
            "AnswerCallbackQuery" => json!({ "ok": true, "result": true }),
            "GetMe" => json!({ "ok": true, "result": {
                "id": 42, "is_bot": true, "first_name": "Mill", "username": "mill_bot", "can_join_groups": false,
                "can_read_all_group_messages": false, "supports_inline_queries": false,
                "can_connect_to_business": false, "has_main_web_app": false } }),
            _ => {
                let mut state = self.state.lock().expect("whole");
                state.sent += i64::from(method == "SendMessage");
                json!({ "ok": true, "result": { "message_id": 899 + state.sent, "date": 0, "text": "x", "chat": person() } })
            }
        })
    }

    /// As Telegram does: holds the question open until there is something past the offset.
    async fn updates_from(&self, offset: u64) -> Vec<Value> {
        loop {
            let fresh = self.fresh.notified();
            let found: Vec<Value> = {
                let state = self.state.lock().expect("whole");
                state.updates.iter().filter(|u| u["update_id"].as_u64() >= Some(offset)).cloned().collect()
            };
            if !found.is_empty() {
                return found;
            }
            fresh.await;
        }
    }
}

/// A question for updates that is held open.
struct Poll(Arc<Mutex<State>>);

impl Poll {
    fn begin(state: &Arc<Mutex<State>>) -> Self {
        let mut now = state.lock().expect("whole");
        now.polling += 1;
        now.most_polling = now.most_polling.max(now.polling);
        drop(now);
        Self(state.clone())
    }
}

impl Drop for Poll {
    fn drop(&mut self) {
        if let Ok(mut state) = self.0.lock() {
            state.polling -= 1;
        }
    }
}

fn user(id: i64) -> Value {
    json!({ "id": id, "is_bot": false, "first_name": "Мадина", "language_code": "en" })
}

fn workshop(id: i64) -> Value {
    json!({ "id": id, "type": "supergroup", "title": "Қазандық" })
}

fn person() -> Value {
    json!({ "id": 5, "is_bot": false, "first_name": "Мадина", "type": "private" })
}

/// What the button of a message with this label carries.
pub fn button(message: &Value, label: &str) -> String {
    let rows = message["reply_markup"]["inline_keyboard"].as_array().expect("buttons");
    let found = rows.iter().flat_map(|row| row.as_array().expect("a row")).find(|b| b["text"] == json!(label));
    let found = found.unwrap_or_else(|| panic!("no button {label}: {message}"));
    found["callback_data"].as_str().unwrap_or_default().to_owned()
}
