//! What the bot answers. It parses, runs the same actions as the pages, and puts words to what came of it.

mod group;

use domain::kernel::scope::Scope;
use domain::maintenance::work_order::{Show, WorkOrder};
use domain::notify::press::Press;
use domain::workflow::{History, Input, REQUEST_CHANGED};
use domain::{App, Error};
use templates::Locale;
use templates::telegram::{Reply, reply};

use crate::jobs::locale;
use crate::queue::failure::Failure;
use crate::telegram::poll::Conversation;
use crate::telegram::update::{From, Update};
use crate::telegram::{Telegram, Text, Unreached};

/// The bot's part in conversations.
#[derive(Clone)]
pub struct Chat {
    app: App,
    bot: Telegram,
}

/// What came of a press.
enum Came {
    /// Whether the question is answered, or only this one's part of it.
    Done {
        over: bool,
    },
    Late {
        by: String,
    },
    Changed,
    Refused,
    Ask,
}

impl Conversation for Chat {
    async fn hear(&self, update: Update) -> Result<(), Failure> {
        match update {
            Update::Start { token, from } if !token.is_empty() => self.link(&token, &from).await,
            Update::Press { id, data, message, from } => self.press(&id, &data, message, &from).await,
            Update::Reply { to, text, from } => self.reason(to, text, &from).await,
            Update::Stop { from } => self.stop(&from).await,
            Update::Left { chat } => self.app.lose_telegram_chat(chat).await.map_err(Failure::from),
            Update::Brought { token, group, title, from } => self.bring(&token, group, &title, &from).await,
            Update::PressInGroup { id, data, message, group, from } => self.press_in_group(&id, &data, (group, message), &from).await,
            Update::Removed { group } => self.app.lose_group(group).await.map_err(Failure::from),
            Update::Moved { from, to } => self.app.move_group(from, to).await.map_err(Failure::from),
            Update::Start { from, .. } | Update::Other { from } => self.help(&from).await,
        }
    }
}

impl Chat {
    /// A conversation over `bot`.
    pub fn new(app: App, bot: Telegram) -> Self {
        Self { app, bot }
    }

    async fn help(&self, from: &From) -> Result<(), Failure> {
        self.say(from.chat, reply(Reply::Help, language(from))).await
    }

    async fn stop(&self, from: &From) -> Result<(), Failure> {
        self.app.unlink_telegram_chat(from.chat).await?;
        self.say(from.chat, reply(Reply::Unlinked, language(from))).await
    }

    async fn link(&self, token: &str, from: &From) -> Result<(), Failure> {
        let words = match self.app.link_telegram(token, from.chat).await {
            Ok(Some(scope)) => {
                let (name, company) = (&scope.actor().name, &scope.company().name);
                reply(Reply::Linked { name, company }, locale(scope.locale()))
            }
            // the only field there is: the chat is a colleague's already
            Err(Error::Invalid(_)) => reply(Reply::ChatTaken, language(from)),
            Ok(None) | Err(Error::NotFound | Error::Forbidden(_)) => reply(Reply::LinkExpired, language(from)),
            Err(error) => return Err(error.into()),
        };
        self.say(from.chat, words).await
    }

    async fn press(&self, id: &str, code: &str, message: i32, from: &From) -> Result<(), Failure> {
        let found = self.app.chat_press(code, from.chat).await?;
        let Some((press, scope)) = found else {
            self.answer(id, Some(&reply(Reply::ButtonExpired, language(from)))).await?;
            return heard(self.bot.strip(from.chat, message).await);
        };
        let Some(number) = self.number(&press, &scope).await? else {
            return self.answer(id, None).await;
        };
        let came = self.take(&press, &scope, None).await?;
        if let Came::Ask = came {
            self.answer(id, None).await?;
            return self.ask(&press, &number, &scope, from.chat).await;
        }
        let words = words(&came, &number, locale(scope.locale()));
        self.answer(id, Some(&words)).await?;
        if !matches!(came, Came::Refused) {
            heard(self.bot.strip(from.chat, message).await)?;
        }
        self.say(from.chat, words).await
    }

    async fn reason(&self, to: i32, text: String, from: &From) -> Result<(), Failure> {
        let found = self.app.asked_press(from.chat, to.into()).await?;
        let Some((press, scope)) = found else { return self.help(from).await };
        let Some(number) = self.number(&press, &scope).await? else { return self.help(from).await };
        let came = match self.take(&press, &scope, Some(text)).await? {
            // a reason nobody can take, as one of a thousand lines
            Came::Ask => Came::Refused,
            came => came,
        };
        self.say(from.chat, words(&came, &number, locale(scope.locale()))).await
    }

    async fn ask(&self, press: &Press, number: &str, scope: &Scope, chat: i64) -> Result<(), Failure> {
        let html = reply(Reply::AskReason { number }, locale(scope.locale()));
        let question = Text { html, ask: Some(number.to_owned()), ..Text::default() };
        match self.bot.send(chat, &question).await {
            Ok(asked) => self.app.await_reason(press, asked.into()).await.map_err(Failure::from),
            Err(unreached) => heard::<()>(Err(unreached)),
        }
    }

    /// The number people know the record by; nothing when the member may not see it any more.
    async fn number(&self, press: &Press, scope: &Scope) -> Result<Option<String>, Failure> {
        match self.app.run(scope, Show(press.record.into())).await {
            Ok(order) => Ok(Some(order.number)),
            Err(Error::NotFound | Error::Forbidden(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes the step the button stands for.
    async fn take(&self, press: &Press, scope: &Scope, reason: Option<String>) -> Result<Came, Failure> {
        let input = Input { reason, ..Input::default() };
        let done = self.app.take_press(press, scope, &input).await;
        match done {
            Ok(fired) => Ok(Came::Done { over: fired.votes.is_none() }),
            Err(Error::Conflict(REQUEST_CHANGED)) => Ok(Came::Changed),
            Err(Error::WrongState { changed_by: Some(by), .. }) => Ok(Came::Late { by }),
            Err(Error::Conflict(_) | Error::WrongState { .. }) => self.late(press, scope).await,
            Err(Error::Invalid(wrong)) if wrong.iter().any(|field| field.field == "reason") => Ok(Came::Ask),
            Err(Error::Forbidden(_) | Error::Blocked(..) | Error::Invalid(_) | Error::NotFound) => Ok(Came::Refused),
            Err(error) => Err(error.into()),
        }
    }

    /// Somebody was faster: the last who moved the record.
    async fn late(&self, press: &Press, scope: &Scope) -> Result<Came, Failure> {
        let steps = self.app.run(scope, History::<WorkOrder>(press.record.into())).await;
        let last = steps?.pop();
        Ok(Came::Late { by: last.map_or_else(|| scope.actor().name.clone(), |step| step.actor) })
    }

    /// A word after the deed. It is done already: where Telegram wants to hear no more for now, the word is not said.
    async fn say(&self, chat: i64, html: String) -> Result<(), Failure> {
        match self.bot.send(chat, &Text { html, ..Text::default() }).await {
            Err(Unreached::Failed(Failure::Later { reason, .. })) => {
                tracing::info!(reason, "an answer in a chat was left out");
                Ok(())
            }
            said => heard(said),
        }
    }

    async fn answer(&self, press: &str, words: Option<&str>) -> Result<(), Failure> {
        heard(self.bot.answer(press, words).await)
    }
}

/// Somebody who left meanwhile needs no answer.
fn heard<T>(said: Result<T, Unreached>) -> Result<(), Failure> {
    match said {
        Ok(_) | Err(Unreached::Gone(_) | Unreached::Moved(_)) => Ok(()),
        Err(Unreached::Failed(failure)) => Err(failure),
    }
}

fn words(came: &Came, number: &str, locale: Locale) -> String {
    let said = match came {
        Came::Done { .. } => Reply::Done { number },
        Came::Changed => Reply::Changed { number },
        Came::Late { by } => Reply::AlreadyDecided { number, by },
        Came::Refused => Reply::NotAllowed { number },
        Came::Ask => Reply::AskReason { number },
    };
    reply(said, locale)
}

fn language(from: &From) -> Locale {
    from.language.as_deref().and_then(Locale::parse).unwrap_or_default()
}
