//! The link in a letter by which its reader ends letters like it (RFC 8058). It names company, member, letters and day, and is
//! signed, so that nothing is stored for it and it works as long as a letter is likely to be kept; it can do nothing but end those
//! letters. To end collected letters is to end, by mail, every kind the reader takes collected: the bell goes on showing them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

use super::kinds::{Channel, Kind, Mode, to_members};
use super::preference::{self, Preferences, ShowPreferences};
use crate::kernel::action::{Action, Cx};
use crate::kernel::app::App;
use crate::kernel::error::{Error, Result};
use crate::kernel::permission::Permission;
use crate::kernel::scope::{Request, Scope};

const PURPOSE: &str = "unsubscribe";
/// How long a link works: the law of some countries asks for a month, and letters are found again after longer.
const LIFETIME: TimeDelta = TimeDelta::days(365);
/// The name of collected letters in a code; no kind's.
const COLLECTED: &str = "collected";
/// Bytes of an id.
const ID: usize = 16;
/// Bytes of a day.
const DAY: usize = 4;
/// Bytes kept of the signature.
const MARK: usize = 16;

/// What a link ends.
#[derive(Debug, Clone, Copy)]
pub enum Letters {
    /// Letters of a kind.
    Of(&'static Kind),
    /// Letters that list several messages.
    Collected,
}

impl Letters {
    fn key(self) -> &'static str {
        match self {
            Self::Of(kind) => kind.key,
            Self::Collected => COLLECTED,
        }
    }

    fn find(key: &str) -> Option<Self> {
        if key == COLLECTED { Some(Self::Collected) } else { may_be_ended(Kind::find(key)?).map(Self::Of) }
    }

    /// The kinds the reader takes by mail which it ends.
    fn kinds(self, now: &Preferences) -> Vec<&'static str> {
        let taken = |kind: &Kind| now.mode(kind.key, Channel::Email);
        match self {
            Self::Of(kind) => may_be_ended(kind).filter(|kind| taken(kind) != Some(Mode::Off)).map(|kind| kind.key).into_iter().collect(),
            Self::Collected => {
                let collected = |kind: &&Kind| matches!(taken(kind), Some(Mode::Hourly | Mode::Daily));
                to_members().filter(collected).map(|kind| kind.key).collect()
            }
        }
    }
}

fn may_be_ended(kind: &'static Kind) -> Option<&'static Kind> {
    kind.modes(Channel::Email).contains(&Mode::Off).then_some(kind)
}

/// How a link stands.
#[derive(Debug)]
pub enum Subscription {
    /// It is none of ours, or its reader left.
    Unknown,
    /// It is too old.
    Expired(Letters, Scope),
    /// There is nothing left to end.
    Ended(Letters, Scope),
    /// Such letters come.
    Running(Letters, Scope),
}

/// Ends letters for the actor: those to come, and those that wait to be sent.
#[derive(Debug, Clone)]
pub struct EndLetters(
    /// Which.
    pub Letters,
);

impl Action for EndLetters {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        let me = cx.scope().actor().id.uuid();
        cx.hold(&format!("preferences:{me}")).await?;
        let now = preference::show(cx).await?;
        let kinds = self.0.kinds(&now);
        preference::turn_off(cx, &kinds, Channel::Email).await?;
        sqlx::query!(
            "UPDATE deliveries d SET state = 'skipped', reason = 'turned_off', wake_at = NULL
             FROM notifications n WHERE n.tenant_id = d.tenant_id AND n.id = d.notification_id AND n.member_id = $2 AND n.kind = ANY ($3)
               AND d.tenant_id = $1 AND d.channel = 'email' AND d.state = 'pending' AND d.wake_at IS NOT NULL",
            cx.tenant().uuid(),
            me,
            &kinds as &[&str],
        )
        .execute(cx.conn())
        .await?;
        Ok(())
    }
}

impl App {
    /// The code by which a member ends letters; none for those nobody may turn off.
    pub fn unsubscribe_code(&self, company: &Scope, member: Uuid, letters: Letters) -> Option<String> {
        if let Letters::Of(kind) = letters {
            may_be_ended(kind)?;
        }
        let mut named = [company.tenant().uuid().into_bytes(), member.into_bytes()].concat();
        named.extend(day(self.clock().now()).to_be_bytes());
        named.extend(letters.key().as_bytes());
        let mark = self.mark(&named).finalize().into_bytes();
        named.extend(&mark[..MARK]);
        Some(URL_SAFE_NO_PAD.encode(named))
    }

    /// How a link stands. Looking changes nothing.
    pub async fn subscription(&self, code: &str, request: Request) -> Result<Subscription> {
        let Some(Named { tenant, member, made, letters }) = self.named(code) else { return Ok(Subscription::Unknown) };
        let scope = match self.scope_of(tenant, Some(member), request).await {
            Ok(scope) => scope,
            // the member left the company, or it is suspended
            Err(Error::NotFound | Error::Forbidden(_)) => return Ok(Subscription::Unknown),
            Err(error) => return Err(error),
        };
        if i64::from(day(self.clock().now()) - made) > LIFETIME.num_days() {
            return Ok(Subscription::Expired(letters, scope));
        }
        let now = self.run(&scope, ShowPreferences).await?;
        let ended = letters.kinds(&now).is_empty();
        Ok(if ended { Subscription::Ended(letters, scope) } else { Subscription::Running(letters, scope) })
    }

    fn named(&self, code: &str) -> Option<Named> {
        let bytes = URL_SAFE_NO_PAD.decode(code).ok()?;
        let (named, mark) = bytes.split_at_checked(bytes.len().checked_sub(MARK)?)?;
        self.mark(named).verify_truncated_left(mark).ok()?;
        let (tenant, rest) = named.split_at_checked(ID)?;
        let (member, rest) = rest.split_at_checked(ID)?;
        let (made, letters) = rest.split_first_chunk::<DAY>()?;
        Some(Named {
            tenant: Uuid::from_slice(tenant).ok()?,
            member: Uuid::from_slice(member).ok()?,
            made: i32::from_be_bytes(*made),
            letters: Letters::find(std::str::from_utf8(letters).ok()?)?,
        })
    }

    fn mark(&self, named: &[u8]) -> Hmac<Sha256> {
        let key = self.secret().derive(PURPOSE);
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(named);
        mac
    }
}

/// What a code names.
struct Named {
    tenant: Uuid,
    member: Uuid,
    made: i32,
    letters: Letters,
}

fn day(moment: DateTime<Utc>) -> i32 {
    NaiveDate::num_days_from_ce(&moment.date_naive())
}
