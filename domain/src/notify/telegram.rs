//! Telegram, seen from the domain: linking a member's private chat by a deep link, and buttons that fire transitions as that
//! member (160). A button carries a random code and nothing else; the row behind it names company, member, chat, record and
//! the state entry it was made for, so that neither another chat nor a later round can press it.

use chrono::TimeDelta;
use uuid::Uuid;

use crate::identity::Member;
use crate::kernel::action::{Action, Cx};
use crate::kernel::app::App;
use crate::kernel::error::{Error, OrField, Result};
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::platform::{Caller, PlatformAction, Px, Standing};
use crate::kernel::scope::{Request, Scope};
use crate::kernel::secret::Token;

const LINK_LIFETIME: TimeDelta = TimeDelta::minutes(30);
const BUTTON_LIFETIME: TimeDelta = TimeDelta::days(30);

/// Makes the code of a deep link that links the actor's private chat.
pub struct AskLink<'a>(
    /// Who asks.
    pub &'a Scope,
);

impl PlatformAction for AskLink<'_> {
    const NEEDS: Standing = Standing::Anyone;
    type Out = Token;

    async fn run(self, px: &mut Px<'_>) -> Result<Token> {
        let (code, now) = (Token::short(), px.now());
        sqlx::query!(
            "INSERT INTO platform.telegram_links (code_hash, tenant_id, member_id, expires_at) VALUES ($1, $2, $3, $4)",
            code.digest(),
            self.0.tenant().uuid(),
            self.0.actor().id.uuid(),
            now + LINK_LIFETIME,
        )
        .execute(px.conn())
        .await?;
        Ok(code)
    }
}

struct UseLink(Token);

impl PlatformAction for UseLink {
    const NEEDS: Standing = Standing::Anyone;
    type Out = Option<(Uuid, Uuid)>;

    async fn run(self, px: &mut Px<'_>) -> Result<Option<(Uuid, Uuid)>> {
        let now = px.now();
        let row = sqlx::query!(
            "UPDATE platform.telegram_links SET used_at = $2 WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2
             RETURNING tenant_id, member_id",
            self.0.digest(),
            now,
        )
        .fetch_optional(px.conn())
        .await?;
        Ok(row.map(|row| (row.tenant_id, row.member_id)))
    }
}

#[derive(Clone)]
struct SetChat(Option<i64>);

impl Action for SetChat {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        sqlx::query!(
            "UPDATE members SET telegram_chat = $3 WHERE tenant_id = $1 AND id = $2",
            cx.tenant().uuid(),
            cx.scope().actor().id.uuid(),
            self.0,
        )
        .execute(cx.conn())
        .await
        .or_field(&[("members_telegram", "telegram_chat", "taken")])?;
        Ok(())
    }
}

/// A button's row.
#[derive(Debug, Clone)]
pub struct Button {
    /// The company.
    pub tenant: Uuid,
    /// Whose button it is.
    pub member: Uuid,
    /// The kind of record.
    pub subject: String,
    /// The record.
    pub record: Uuid,
    /// The transition it fires.
    pub transition: String,
    /// The state entry it was made for.
    pub entry_seq: i32,
}

/// Makes the codes of a message's buttons.
pub struct MakeButtons<'a> {
    /// Whose buttons they are.
    pub scope: &'a Scope,
    /// The chat they are shown in.
    pub chat: i64,
    /// The kind of record.
    pub subject: &'a str,
    /// The record.
    pub record: Uuid,
    /// The transitions they fire.
    pub transitions: &'a [String],
    /// The state entry they are made for.
    pub entry_seq: i32,
}

impl PlatformAction for MakeButtons<'_> {
    const NEEDS: Standing = Standing::Anyone;
    type Out = Vec<Token>;

    async fn run(self, px: &mut Px<'_>) -> Result<Vec<Token>> {
        let now = px.now();
        let mut codes = Vec::new();
        for transition in self.transitions {
            let code = Token::short();
            sqlx::query!(
                "INSERT INTO platform.telegram_buttons (code_hash, tenant_id, member_id, chat, subject, record_id, transition, entry_seq, expires_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                code.digest(),
                self.scope.tenant().uuid(),
                self.scope.actor().id.uuid(),
                self.chat,
                self.subject,
                self.record,
                transition,
                self.entry_seq,
                now + BUTTON_LIFETIME,
            )
            .execute(px.conn())
            .await?;
            codes.push(code);
        }
        Ok(codes)
    }
}

struct FindButton {
    code: Token,
    chat: i64,
}

impl PlatformAction for FindButton {
    const NEEDS: Standing = Standing::Anyone;
    type Out = Option<Button>;

    async fn run(self, px: &mut Px<'_>) -> Result<Option<Button>> {
        let now = px.now();
        Ok(sqlx::query_as!(
            Button,
            "SELECT tenant_id AS tenant, member_id AS member, subject, record_id AS record, transition, entry_seq
             FROM platform.telegram_buttons WHERE code_hash = $1 AND chat = $2 AND expires_at > $3",
            self.code.digest(),
            self.chat,
            now,
        )
        .fetch_optional(px.conn())
        .await?)
    }
}

struct AwaitReason {
    code: Token,
    message: i64,
}

impl PlatformAction for AwaitReason {
    const NEEDS: Standing = Standing::Anyone;
    type Out = ();

    async fn run(self, px: &mut Px<'_>) -> Result<()> {
        sqlx::query!("UPDATE platform.telegram_buttons SET asked_message = $2 WHERE code_hash = $1", self.code.digest(), self.message)
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
    type Out = Option<Button>;

    async fn run(self, px: &mut Px<'_>) -> Result<Option<Button>> {
        let now = px.now();
        Ok(sqlx::query_as!(
            Button,
            "SELECT tenant_id AS tenant, member_id AS member, subject, record_id AS record, transition, entry_seq
             FROM platform.telegram_buttons WHERE chat = $1 AND asked_message = $2 AND expires_at > $3",
            self.chat,
            self.message,
            now,
        )
        .fetch_optional(px.conn())
        .await?)
    }
}

impl App {
    /// Links a private chat to the member who asked for the link; nobody when it was used or has expired.
    pub async fn link_telegram(&self, code: &str, chat: i64) -> Result<Option<Scope>> {
        let request = Request::internal("telegram");
        let used = self.platform(&Caller::anyone(request.clone()), UseLink(Token::presented(code))).await?;
        let Some((tenant, member)) = used else { return Ok(None) };
        let scope = self.scope_of(tenant, Some(member), request).await?;
        self.run(&scope, SetChat(Some(chat))).await?;
        Ok(Some(scope))
    }

    /// Forgets the member's chat: they asked, or they blocked the bot.
    pub async fn unlink_telegram(&self, scope: &Scope) -> Result<()> {
        self.run(scope, SetChat(None)).await
    }

    /// Forgets a chat everywhere: its owner said stop, or blocked the bot.
    pub async fn unlink_telegram_chat(&self, chat: i64) -> Result<()> {
        let rows = sqlx::query!(r#"SELECT tenant_id AS "tenant!", member_id AS "member!" FROM app.members_of_chat($1)"#, chat)
            .fetch_all(self.pool())
            .await?;
        for row in rows {
            let scope = self.scope_of(row.tenant, Some(row.member), Request::internal("telegram")).await?;
            self.unlink_telegram(&scope).await?;
        }
        Ok(())
    }

    /// The button behind a code pressed in a chat, and the scope of the member it belongs to.
    pub async fn telegram_button(&self, code: &str, chat: i64) -> Result<Option<(Button, Scope)>> {
        let request = Request::internal("telegram");
        let found = self.platform(&Caller::anyone(request.clone()), FindButton { code: Token::presented(code), chat }).await?;
        self.with_scope(found, request).await
    }

    /// The button whose reason was asked for by this message, and the scope of the member it belongs to.
    pub async fn telegram_asked(&self, chat: i64, message: i64) -> Result<Option<(Button, Scope)>> {
        let request = Request::internal("telegram");
        let found = self.platform(&Caller::anyone(request.clone()), FindAsked { chat, message }).await?;
        self.with_scope(found, request).await
    }

    /// Remembers by which message a button's reason was asked for.
    pub async fn telegram_await_reason(&self, code: &str, message: i64) -> Result<()> {
        let caller = Caller::anyone(Request::internal("telegram"));
        self.platform(&caller, AwaitReason { code: Token::presented(code), message }).await
    }

    async fn with_scope(&self, found: Option<Button>, request: Request) -> Result<Option<(Button, Scope)>> {
        let Some(button) = found else { return Ok(None) };
        match self.scope_of(button.tenant, Some(button.member), request).await {
            Ok(scope) => Ok(Some((button, scope))),
            // the member left the company
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The scope of a member whose message is being sent.
    pub async fn member_scope(&self, scope: &Scope, member: Id<Member>) -> Result<Scope> {
        self.scope_of(scope.tenant().uuid(), Some(member.uuid()), Request::internal("worker")).await
    }
}
