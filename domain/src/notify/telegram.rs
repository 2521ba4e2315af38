//! Telegram, seen from the domain: linking a member's private chat by a deep link. What its buttons press is in
//! [`press`](super::press).

use chrono::TimeDelta;
use uuid::Uuid;

use crate::identity::Member;
use crate::kernel::action::{Action, Cx};
use crate::kernel::app::App;
use crate::kernel::error::{Error, OrField, Refused, Result};
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::platform::{Caller, PlatformAction, Px, Standing};
use crate::kernel::scope::{Request, Scope};
use crate::kernel::secret::Token;

const LINK_LIFETIME: TimeDelta = TimeDelta::minutes(30);

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
            match self.scope_of(row.tenant, Some(row.member), Request::internal("telegram")).await {
                Ok(scope) => self.unlink_telegram(&scope).await?,
                // nothing is sent from a suspended company, nor to somebody who left
                Err(Error::Forbidden(Refused::Suspended) | Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The scope of a member whose message is being sent.
    pub async fn member_scope(&self, scope: &Scope, member: Id<Member>) -> Result<Scope> {
        self.scope_of(scope.tenant().uuid(), Some(member.uuid()), Request::internal("worker")).await
    }
}
