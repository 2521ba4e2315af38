//! Codes that stand for a press (160): under a button of a chat, or in a link of a letter. A code is random and nothing else; the
//! row behind it names company, member, chat, record, step and the state entry it was made for, so that neither another chat nor
//! a later round can press it. It works once.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use workflows::Input;

use crate::kernel::app::App;
use crate::kernel::error::{Error, Result};
use crate::kernel::platform::{Caller, PlatformAction, Px, Standing};
use crate::kernel::scope::{Request, Scope};
use crate::kernel::secret::Token;
use crate::workflow::{Fired, Offered, take};

const BUTTON_LIFETIME: TimeDelta = TimeDelta::days(30);
/// How long the links of a letter work: it may be forwarded, kept and found, so shorter than a chat's buttons.
pub const LINK_LIFETIME: TimeDelta = TimeDelta::days(7);
/// A step that lost a race is taken so many times in all.
const TRIES: usize = 4;

/// Where a code is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Under a message in a member's own chat.
    Chat(i64),
    /// In a letter to a member.
    Letter,
}

impl Shown {
    fn chat(self) -> Option<i64> {
        match self {
            Self::Chat(chat) => Some(chat),
            Self::Letter => None,
        }
    }

    fn lifetime(self) -> TimeDelta {
        match self {
            Self::Chat(_) => BUTTON_LIFETIME,
            Self::Letter => LINK_LIFETIME,
        }
    }
}

/// What a code stands for.
#[derive(Debug, Clone)]
pub struct Press {
    /// The company.
    pub tenant: Uuid,
    /// Whose it is.
    pub member: Uuid,
    /// The kind of record.
    pub subject: String,
    /// The record.
    pub record: Uuid,
    /// The step it takes.
    pub transition: String,
    /// The state entry it was made for.
    pub entry_seq: i32,
    /// When it was used.
    pub used_at: Option<DateTime<Utc>>,
    /// Until when it works.
    pub expires_at: DateTime<Utc>,
    code_hash: Vec<u8>,
}

/// Makes the codes of a message, one a transition.
pub struct MakeCodes<'a> {
    /// Whose codes they are.
    pub scope: &'a Scope,
    /// Where they are shown.
    pub shown: Shown,
    /// The kind of record.
    pub subject: &'a str,
    /// The record.
    pub record: Uuid,
    /// The transitions they take.
    pub transitions: &'a [String],
    /// The state entry they are made for.
    pub entry_seq: i32,
}

impl PlatformAction for MakeCodes<'_> {
    const NEEDS: Standing = Standing::Anyone;
    type Out = Vec<Token>;

    async fn run(self, px: &mut Px<'_>) -> Result<Vec<Token>> {
        let now = px.now();
        let mut codes = Vec::new();
        for transition in self.transitions {
            let code = Token::short();
            sqlx::query!(
                "INSERT INTO platform.press_codes (code_hash, tenant_id, member_id, chat, subject, record_id, transition, entry_seq, expires_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                code.digest(),
                self.scope.tenant().uuid(),
                self.scope.actor().id.uuid(),
                self.shown.chat(),
                self.subject,
                self.record,
                transition,
                self.entry_seq,
                now + self.shown.lifetime(),
            )
            .execute(px.conn())
            .await?;
            codes.push(code);
        }
        Ok(codes)
    }
}

/// By the code and, for a button, the chat it stands in; a letter's link has none.
struct FindCode {
    code: Token,
    chat: Option<i64>,
}

impl PlatformAction for FindCode {
    const NEEDS: Standing = Standing::Anyone;
    type Out = Option<Press>;

    async fn run(self, px: &mut Px<'_>) -> Result<Option<Press>> {
        Ok(sqlx::query_as!(
            Press,
            "SELECT tenant_id AS tenant, member_id AS member, subject, record_id AS record, transition, entry_seq, used_at, expires_at, code_hash
             FROM platform.press_codes WHERE code_hash = $1 AND chat IS NOT DISTINCT FROM $2",
            self.code.digest(),
            self.chat,
        )
        .fetch_optional(px.conn())
        .await?)
    }
}

/// Remembers by which message its reason was asked for.
struct AwaitReason<'a> {
    press: &'a Press,
    message: i64,
}

impl PlatformAction for AwaitReason<'_> {
    const NEEDS: Standing = Standing::Anyone;
    type Out = ();

    async fn run(self, px: &mut Px<'_>) -> Result<()> {
        sqlx::query!("UPDATE platform.press_codes SET asked_message = $2 WHERE code_hash = $1", self.press.code_hash, self.message)
            .execute(px.conn())
            .await?;
        Ok(())
    }
}

struct FindAsked {
    chat: i64,
    message: i64,
}

impl PlatformAction for FindAsked {
    const NEEDS: Standing = Standing::Anyone;
    type Out = Option<Press>;

    async fn run(self, px: &mut Px<'_>) -> Result<Option<Press>> {
        let now = px.now();
        Ok(sqlx::query_as!(
            Press,
            "SELECT tenant_id AS tenant, member_id AS member, subject, record_id AS record, transition, entry_seq, used_at, expires_at, code_hash
             FROM platform.press_codes WHERE chat = $1 AND asked_message = $2 AND expires_at > $3",
            self.chat,
            self.message,
            now,
        )
        .fetch_optional(px.conn())
        .await?)
    }
}

/// Uses a code and takes its step, both or neither.
struct UseCode<'a> {
    press: &'a Press,
    scope: &'a Scope,
    input: &'a Input,
}

impl PlatformAction for UseCode<'_> {
    const NEEDS: Standing = Standing::Anyone;
    type Out = Fired;

    async fn run(self, px: &mut Px<'_>) -> Result<Fired> {
        let Self { press, scope, input } = self;
        let now = px.now();
        // whoever comes second waits here until the first is done, and finds it used
        let used = sqlx::query!(
            "UPDATE platform.press_codes SET used_at = $2 WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2",
            press.code_hash,
            now,
        );
        if used.execute(px.conn()).await?.rows_affected() == 0 {
            return Err(Error::Conflict("press_used"));
        }
        let Press { subject, record, transition, entry_seq, .. } = press;
        let offered = Offered { subject, record: *record, transition, entry_seq: *entry_seq, input };
        px.inside(scope, async |cx| take(cx, &offered).await).await
    }
}

/// How the link of a letter stands.
#[derive(Debug)]
pub enum Link {
    /// There is none such, or there is nobody any more it would act as.
    Unknown,
    /// It was used.
    Used(Press, Scope),
    /// It was not used in time.
    Expired(Press, Scope),
    /// It may be pressed.
    Open(Press, Scope),
}

impl App {
    /// How the link of a letter stands, with the scope of the member it acts as. Looking changes nothing.
    pub async fn letter_press(&self, code: &str, request: Request) -> Result<Link> {
        let now = self.clock().now();
        let Some((press, scope)) = self.find_press(FindCode { code: Token::presented(code), chat: None }, request).await? else {
            return Ok(Link::Unknown);
        };
        Ok(if press.used_at.is_some() {
            Link::Used(press, scope)
        } else if press.expires_at <= now {
            Link::Expired(press, scope)
        } else {
            Link::Open(press, scope)
        })
    }

    /// What a code pressed in a chat stands for, and the scope of the member it belongs to.
    pub async fn chat_press(&self, code: &str, chat: i64) -> Result<Option<(Press, Scope)>> {
        let now = self.clock().now();
        let found = self.find_press(FindCode { code: Token::presented(code), chat: Some(chat) }, Request::internal("telegram")).await?;
        Ok(found.filter(|(press, _)| press.expires_at > now))
    }

    /// What the reason asked for by this message is for, and the scope of the member who was asked.
    pub async fn asked_press(&self, chat: i64, message: i64) -> Result<Option<(Press, Scope)>> {
        self.find_press(FindAsked { chat, message }, Request::internal("telegram")).await
    }

    /// Remembers that its member was asked by this message why.
    pub async fn await_reason(&self, press: &Press, message: i64) -> Result<()> {
        let caller = Caller::anyone(Request::internal("telegram"));
        self.platform(&caller, AwaitReason { press, message }).await
    }

    /// Takes the step a code stands for as the scope's actor, and uses the code up with it: both or neither.
    ///
    /// # Errors
    /// Those of the page's own button; `press_used` where the code was used, [`Error::WrongState`] where the record has moved on.
    pub async fn take_press(&self, press: &Press, scope: &Scope, input: &Input) -> Result<Fired> {
        let caller = Caller::anyone(scope.request().clone());
        let mut tries = 1;
        loop {
            match self.platform(&caller, UseCode { press, scope, input }).await {
                Err(error) if error.is_serialization() && tries < TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn find_press<A>(&self, find: A, request: Request) -> Result<Option<(Press, Scope)>>
    where
        A: PlatformAction<Out = Option<Press>>,
    {
        let Some(press) = self.platform(&Caller::anyone(request.clone()), find).await? else { return Ok(None) };
        match self.scope_of(press.tenant, Some(press.member), request).await {
            Ok(scope) => Ok(Some((press, scope))),
            // the member left the company, or it is suspended
            Err(Error::NotFound | Error::Forbidden(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
