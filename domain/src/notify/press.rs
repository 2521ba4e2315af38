//! Codes that stand for a press (160): under a button of a chat, or in a link of a letter. A code is random and nothing else; the
//! row behind it names company, member, chat, record, step, the state entry and the request it was made for, so that neither another
//! chat nor a later round can press it, nor anybody agree to what is no longer asked. It works once; one under a message to a group
//! belongs to nobody, and is pressed by each as themselves.

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
    /// Under a message to a group.
    Group(i64),
    /// In a letter to a member.
    Letter,
}

impl Shown {
    fn chat(self) -> Option<i64> {
        match self {
            Self::Chat(chat) | Self::Group(chat) => Some(chat),
            Self::Letter => None,
        }
    }

    /// Whose the code is, of the member it is made for.
    fn member(self, member: Uuid) -> Option<Uuid> {
        Some(member).filter(|_| !matches!(self, Self::Group(_)))
    }

    fn lifetime(self) -> TimeDelta {
        match self {
            Self::Chat(_) | Self::Group(_) => BUTTON_LIFETIME,
            Self::Letter => LINK_LIFETIME,
        }
    }
}

/// What a code stands for.
#[derive(Debug, Clone)]
pub struct Press {
    /// The company.
    pub tenant: Uuid,
    /// Whose it is; nobody's under a message to a group.
    pub member: Option<Uuid>,
    /// The kind of record.
    pub subject: String,
    /// The record.
    pub record: Uuid,
    /// The step it takes.
    pub transition: String,
    /// The state entry it was made for.
    pub entry_seq: i32,
    /// The request it was made for, where it decides one.
    pub request: Option<Uuid>,
    /// When it was used.
    pub used_at: Option<DateTime<Utc>>,
    /// Until when it works.
    pub expires_at: DateTime<Utc>,
    code_hash: Vec<u8>,
}

/// Makes the codes of a message, one a transition.
pub struct MakeCodes<'a> {
    /// Whose codes they are; for a group's, the company's.
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
    /// The request they decide, if any.
    pub request: Option<Uuid>,
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
                "INSERT INTO platform.press_codes (code_hash, tenant_id, member_id, chat, subject, record_id, transition, entry_seq, request_id,
                   expires_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                code.digest(),
                self.scope.tenant().uuid(),
                self.shown.member(self.scope.actor().id.uuid()),
                self.shown.chat(),
                self.subject,
                self.record,
                transition,
                self.entry_seq,
                self.request,
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
            "SELECT tenant_id AS tenant, member_id AS member, subject, record_id AS record, transition, entry_seq, request_id AS request,
               used_at, expires_at, code_hash
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
            "SELECT tenant_id AS tenant, member_id AS member, subject, record_id AS record, transition, entry_seq, request_id AS request,
               used_at, expires_at, code_hash
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
        // whoever comes second waits here until the first is done, and finds it used; in a group the step itself knows who comes twice
        let used = sqlx::query!(
            "UPDATE platform.press_codes SET used_at = CASE WHEN member_id IS NOT NULL THEN $2::timestamptz END
             WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2",
            press.code_hash,
            now,
        );
        if used.execute(px.conn()).await?.rows_affected() == 0 {
            return Err(Error::Conflict("press_used"));
        }
        let Press { subject, record, transition, entry_seq, request, .. } = press;
        let offered = Offered { subject, record: *record, transition, entry_seq: *entry_seq, request: *request, input };
        px.inside(scope, async |cx| take(cx, &offered).await).await
    }
}

/// What a press in a group stands for.
#[derive(Debug)]
pub enum InGroup {
    /// Nothing, or nothing any more.
    Unknown,
    /// A step, but whoever pressed has linked no chat of theirs to the company.
    Stranger,
    /// A step, and the scope of the member who pressed.
    Known(Box<(Press, Scope)>),
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

    /// What a code pressed in a group stands for, and the scope of the member whose own chat is `presser`.
    pub async fn group_press(&self, code: &str, group: i64, presser: i64) -> Result<InGroup> {
        let (now, request) = (self.clock().now(), Request::internal("telegram"));
        let find = FindCode { code: Token::presented(code), chat: Some(group) };
        let found = self.platform(&Caller::anyone(request.clone()), find).await?;
        let linked = self.companies_of_group(group).await?;
        let open = |press: &Press| press.member.is_none() && press.expires_at > now && linked.contains(&press.tenant);
        let Some(press) = found.filter(open) else { return Ok(InGroup::Unknown) };
        let members = self.members_of_chat(presser).await?;
        let Some((_, member)) = members.into_iter().find(|(tenant, _)| *tenant == press.tenant) else { return Ok(InGroup::Stranger) };
        match self.scope_of(press.tenant, Some(member), request).await {
            Ok(scope) => Ok(InGroup::Known(Box::new((press, scope)))),
            Err(Error::NotFound | Error::Forbidden(_)) => Ok(InGroup::Stranger),
            Err(error) => Err(error),
        }
    }

    /// The same step for the scope's actor alone, in their own chat: there they are asked why.
    pub async fn press_apart(&self, press: &Press, scope: &Scope, chat: i64) -> Result<Option<Press>> {
        let Press { subject, record, transition, entry_seq, request, .. } = press;
        let transitions = std::slice::from_ref(transition);
        let shown = Shown::Chat(chat);
        let make = MakeCodes { scope, shown, subject, record: *record, transitions, entry_seq: *entry_seq, request: *request };
        let codes = self.platform(&Caller::anyone(scope.request().clone()), make).await?;
        let Some(code) = codes.first() else { return Ok(None) };
        Ok(self.chat_press(code.reveal(), chat).await?.map(|(press, _)| press))
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
    /// Those of the page's own button; `press_used` where the code was used, [`Error::WrongState`] where the record has moved on,
    /// [`REQUEST_CHANGED`](crate::workflow::REQUEST_CHANGED) where the decision was asked again.
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
        let Some(member) = press.member else { return Ok(None) };
        match self.scope_of(press.tenant, Some(member), request).await {
            Ok(scope) => Ok(Some((press, scope))),
            // the member left the company, or it is suspended
            Err(Error::NotFound | Error::Forbidden(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
