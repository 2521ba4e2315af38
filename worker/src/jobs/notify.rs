//! Notifications on their way out: load the delivery, send, record. One that was sent already is left alone.

use domain::kernel::jobs::Job;
use domain::kernel::scope::Scope;
use domain::notify::delivery::{Load, Message, Outcome as Ended, Record};
use domain::notify::jobs::{Email, Telegram};
use domain::notify::press::{LINK_LIFETIME, Shown};
use domain::notify::unsubscribe::Letters;
use domain::notify::{Kind, text};
use serde_json::Value;
use templates::Own;
use templates::mail::Links;
use templates::message::spoken;
use templates::telegram::Press as Means;
use uuid::Uuid;

use super::presses::offers;
use super::{Post, locale};
use crate::mail::{Letter, Marks};
use crate::queue::failure::Failure;
use crate::registry::{JobContext, Outcome};
use crate::telegram::{Press, Text, Unreached};

/// Sends one email.
pub async fn email(post: Post, context: JobContext, job: Email) -> Outcome {
    let scope = post.company(&context).await?;
    let load = post.app.run(&scope, Load(job.delivery)).await?;
    let Some(message) = load else { return Ok(()) };
    let sent = letter(&post, &scope, &message).await;
    let last = context.attempt >= i32::from(Email::MAX_ATTEMPTS);
    record(&post, &scope, message.delivery, sent, last).await
}

async fn letter(post: &Post, scope: &Scope, message: &Message) -> Outcome {
    let words = Words::of(post, scope, message)?;
    let locale = locale(&message.locale);
    let reader = post.app.member_scope(scope, message.member.into()).await?;
    let offers = offers(&post.app, &reader, Shown::Letter, words.kind, message.record).await?;
    let presses: Vec<(String, String)> =
        offers.into_iter().map(|(means, code)| (means.label(locale), post.app.url(&format!("/act/{code}")))).collect();
    let until = templates::format::datetime(locale, scope.company().zone, post.app.clock().now() + LINK_LIFETIME);
    let unsubscribe = post.unsubscribe(scope, message.member, Letters::Of(words.kind));
    let links = Links { presses: &presses, until: &until, unsubscribe: unsubscribe.as_deref() };
    let mail =
        templates::mail::render_with(words.said(), locale, &words.params(), links).map_err(|error| Failure::give_up(error.to_string()))?;
    let letter = Letter {
        id: message.delivery,
        to: &message.address,
        name: Some(&message.name),
        subject: &mail.subject,
        text: &mail.text,
        html: &mail.html,
    };
    let marks = Marks { thread: Some(message.record), unsubscribe: unsubscribe.as_deref() };
    let sent = post.send(scope, &letter, marks).await;
    post.note_address(scope, message.member, &message.address, &sent).await?;
    sent
}

/// Sends one Telegram message. A chat that is no more is unlinked from its member.
pub async fn telegram(post: Post, context: JobContext, job: Telegram) -> Outcome {
    let scope = post.company(&context).await?;
    let load = post.app.run(&scope, Load(job.delivery)).await?;
    let Some(message) = load else { return Ok(()) };
    let reader = post.app.member_scope(&scope, message.member.into()).await?;
    let sent = deliver(&post, &reader, &message).await;
    if let (Err(Unreached::Gone(_) | Unreached::Moved(_)), Ok(chat)) = (&sent, message.address.parse()) {
        post.app.lose_telegram_chat(chat).await?;
    }
    let sent = sent.map_err(|unreached| match unreached {
        Unreached::Gone(reason) => Failure::GiveUp(reason),
        Unreached::Moved(_) => Failure::give_up("the chat has become another one"),
        Unreached::Failed(failure) => failure,
    });
    let last = context.attempt >= i32::from(Telegram::MAX_ATTEMPTS);
    record(&post, &scope, message.delivery, sent, last).await
}

async fn deliver(post: &Post, reader: &Scope, message: &Message) -> Result<(), Unreached> {
    let chat = message.address.parse().map_err(|_| Failure::give_up("not a chat"))?;
    say(post, reader, message, Shown::Chat(chat), chat).await
}

/// Says a message in a chat, with what may be pressed there.
pub(super) async fn say(post: &Post, reader: &Scope, message: &Message, shown: Shown, chat: i64) -> Result<(), Unreached> {
    let no_bot = || Failure::give_up("no Telegram bot is configured");
    let bot = post.telegram.as_ref().ok_or_else(no_bot)?;
    let words = Words::of(post, reader, message)?;
    let locale = locale(&message.locale);
    let html = templates::telegram::render(words.said(), locale, &words.params());
    let offers = offers(&post.app, reader, shown, words.kind, message.record).await?;
    let mut row: Vec<(String, Press)> = offers.into_iter().map(|(means, code)| (means.label(locale), Press::Tell(code))).collect();
    row.push((Means::Open.label(locale), Press::Open(words.url.clone())));
    bot.send(chat, &Text { html, buttons: vec![row], ask: None }).await.map(drop)
}

/// Writes down what became of a delivery; one to be tried again stays pending.
async fn record(post: &Post, scope: &Scope, delivery: Uuid, sent: Outcome, last: bool) -> Outcome {
    post.app.run(scope, Record { delivery, outcome: ended(&sent, last) }).await?;
    sent
}

/// How a try ended. The last one that failed was one too many.
pub(super) fn ended(sent: &Outcome, last: bool) -> Ended {
    match sent {
        Ok(()) => Ended::Sent,
        Err(Failure::GiveUp(reason)) => Ended::Refused(reason.clone()),
        Err(Failure::Retry(reason)) if last => Ended::Refused(format!("given up: {reason}")),
        Err(Failure::Retry(reason)) => Ended::Failed(reason.clone()),
        Err(Failure::Later { reason, .. }) => Ended::Delayed(reason.clone()),
    }
}

/// What a message is about, as its templates want it.
struct Words {
    kind: &'static Kind,
    url: String,
    values: Vec<(String, String)>,
    /// The company's own subject and text, filled in.
    own: Option<(String, String)>,
}

impl Words {
    fn of(post: &Post, scope: &Scope, message: &Message) -> Result<Self, Failure> {
        let unknown = || Failure::give_up(format!("no words for messages of kind {}", message.kind));
        let kind = Kind::find(&message.kind).ok_or_else(unknown)?;
        let mut values: Vec<(String, String)> = mentioned(locale(&message.locale), &message.params).collect();
        let value = |name: &str| values.iter().find(|(known, _)| known == name).map(|(_, v)| v.clone());
        let company = scope.company();
        let url = post.app.url(&kind.path(&company.slug, message.record, &message.params));
        if value("actor").is_none() {
            values.push(("actor".into(), company.name.clone()));
        }
        values.push(("name".into(), message.name.clone()));
        values.push(("company".into(), company.name.clone()));
        values.push(("url".into(), url.clone()));
        let own = match filed(message, &values) {
            Some(own) => Some(own),
            None => own(message, &values)?,
        };
        Ok(Self { kind, url, values, own })
    }

    fn said(&self) -> templates::Kind<'_> {
        let own = self.own.as_ref().map(|(subject, body)| Own { subject, body });
        templates::Kind::new(self.kind.key).saying(own)
    }

    fn params(&self) -> Vec<(&str, &str)> {
        borrowed(&self.values)
    }
}

/// The words of the workflow file that had it sent: its first line is the subject. A letter of one line says it in its body as well.
fn filed(message: &Message, values: &[(String, String)]) -> Option<(String, String)> {
    let said = text::filed(&message.params, &message.locale, &borrowed(values))?;
    let (subject, body) = said.trim().split_once('\n').unwrap_or((said.trim(), ""));
    let body = if body.trim().is_empty() && message.is_letter { subject } else { body };
    Some((subject.to_owned(), body.to_owned()))
}

fn borrowed(values: &[(String, String)]) -> Vec<(&str, &str)> {
    values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// The company's own words. A text that mentions what the message does not have is not sent: it says so, by name and line.
fn own(message: &Message, values: &[(String, String)]) -> Result<Option<(String, String)>, Failure> {
    let (Some(subject), Some(body)) = (&message.own_subject, &message.own_body) else { return Ok(None) };
    let values = borrowed(values);
    let filled = |text: &str| {
        let of = format!("the company's own text for {} ({})", message.kind, message.locale);
        text::fill(text, &values).map_err(|fault| Failure::give_up(format!("{of}: {fault}")))
    };
    Ok(Some((filled(subject)?, filled(body)?)))
}

/// What a message mentions, in its reader's language.
pub(super) fn mentioned(locale: templates::Locale, params: &Value) -> impl Iterator<Item = (String, String)> {
    params.as_object().into_iter().flatten().filter_map(move |(name, value)| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        Some(spoken(locale, name, &text))
    })
}
