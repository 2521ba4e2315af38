//! What the bot does in groups: it is brought in by a company's link, and a button there acts as whoever presses it. Why somebody
//! refuses they are asked in their own chat: a group is no place for it, and anybody there could answer.

use domain::Error;
use domain::kernel::scope::Scope;
use domain::notify::press::{InGroup, Press};
use templates::telegram::{Reply, reply};

use super::{Came, Chat, heard, language, words};
use crate::jobs::locale;
use crate::queue::failure::Failure;
use crate::telegram::update::From;

impl Chat {
    /// Links the group to the company whose link it was.
    pub(super) async fn bring(&self, token: &str, group: i64, title: &str, from: &From) -> Result<(), Failure> {
        let words = match self.app.link_group(token, group, title).await {
            Ok(Some(scope)) => reply(Reply::GroupLinked { company: &scope.company().name }, locale(scope.locale())),
            Ok(None) | Err(Error::NotFound | Error::Forbidden(_)) => reply(Reply::GroupLinkExpired, language(from)),
            Err(error) => return Err(error.into()),
        };
        self.say(group, words).await
    }

    /// Acts on a button as whoever pressed it.
    pub(super) async fn press_in_group(&self, id: &str, code: &str, at: (i64, i32), from: &From) -> Result<(), Failure> {
        let (group, message) = at;
        let (press, scope) = match self.app.group_press(code, group, from.chat).await? {
            InGroup::Known(known) => *known,
            InGroup::Stranger => {
                let profile = self.app.url("/profile");
                return heard(self.bot.alert(id, &reply(Reply::Stranger { profile: &profile }, language(from))).await);
            }
            InGroup::Unknown => {
                heard(self.bot.alert(id, &reply(Reply::ButtonExpired, language(from))).await)?;
                return heard(self.bot.strip(group, message).await);
            }
        };
        let locale = locale(scope.locale());
        let Some(number) = self.number(&press, &scope).await? else { return self.answer(id, None).await };
        let came = self.take(&press, &scope, None).await?;
        if let Came::Ask = came {
            let asked = self.ask_apart(&press, &number, &scope, from.chat).await?;
            let said = if asked { Reply::AskedApart { number: &number } } else { Reply::NotAllowed { number: &number } };
            return heard(self.bot.alert(id, &reply(said, locale)).await);
        }
        heard(self.bot.alert(id, &words(&came, &number, locale)).await)?;
        match came {
            Came::Done { over } => {
                if over {
                    heard(self.bot.strip(group, message).await)?;
                }
                let by = &scope.actor().name;
                self.say(group, reply(Reply::DoneInGroup { number: &number, by }, locale)).await
            }
            Came::Late { .. } | Came::Changed => heard(self.bot.strip(group, message).await),
            Came::Refused | Came::Ask => Ok(()),
        }
    }

    /// Asks whoever pressed, in their own chat, why; whether there was anything to ask.
    async fn ask_apart(&self, press: &Press, number: &str, scope: &Scope, chat: i64) -> Result<bool, Failure> {
        let Some(own) = self.app.press_apart(press, scope, chat).await? else { return Ok(false) };
        self.ask(&own, number, scope, chat).await?;
        Ok(true)
    }
}
