//! Telegram, seen from the domain: linking a member's private chat by a deep link, and what becomes of the link. Groups are in
//! [`group`](super::group); what buttons press is in [`press`](super::press).

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;
use workflows::Recipient;

use super::{Telling, Words, tell};
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

/// Makes the code of a deep link that links the actor's private chat.
pub struct AskLink<'a>(
    /// Who asks.
    pub &'a Scope,
);

impl PlatformAction for AskLink<'_> {
    const NEEDS: Standing = Standing::Anyone;
    type Out = Token;

    async fn run(self, px: &mut Px<'_>) -> Result<Token> {
        make_link(px, self.0, false).await
    }
}

/// Makes the code of a deep link, for the actor's private chat or for a group.
pub(super) async fn make_link(px: &mut Px<'_>, scope: &Scope, for_group: bool) -> Result<Token> {
    let (code, now) = (Token::short(), px.now());
    sqlx::query!(
        "INSERT INTO platform.telegram_links (code_hash, tenant_id, member_id, for_group, expires_at) VALUES ($1, $2, $3, $4, $5)",
        code.digest(),
        scope.tenant().uuid(),
        scope.actor().id.uuid(),
        for_group,
        now + LINK_LIFETIME,
    )
    .execute(px.conn())
    .await?;
    Ok(code)
}

/// Uses a link up; answers who asked for it, where it still worked.
pub(super) struct UseLink {
    pub code: Token,
    pub for_group: bool,
}

impl PlatformAction for UseLink {
    const NEEDS: Standing = Standing::Anyone;
    type Out = Option<(Uuid, Uuid)>;

    async fn run(self, px: &mut Px<'_>) -> Result<Option<(Uuid, Uuid)>> {
        let now = px.now();
        let row = sqlx::query!(
            "UPDATE platform.telegram_links SET used_at = $2 WHERE code_hash = $1 AND for_group = $3 AND used_at IS NULL AND expires_at > $2
             RETURNING tenant_id, member_id",
            self.code.digest(),
            now,
            self.for_group,
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

/// The actor's chat takes no messages any more: it is forgotten, and they are told elsewhere, once.
#[derive(Clone)]
struct LoseChat(i64);

impl Action for LoseChat {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        let (tenant, me) = (cx.tenant().uuid(), cx.scope().actor().id.uuid());
        let lost = sqlx::query!(
            "UPDATE members SET telegram_chat = NULL WHERE tenant_id = $1 AND id = $2 AND telegram_chat = $3",
            tenant,
            me,
            self.0,
        )
        .execute(cx.conn())
        .await?
        .rows_affected();
        if lost == 0 {
            return Ok(());
        }
        let telling = Telling {
            text: "channel.chat_unlinked",
            words: Words::new(),
            channels: &[],
            to: &[Recipient::Member(me)],
            subject: "channel",
            record: me,
            site: None,
            mention: &json!({}),
            dedupe: format!("chat_unlinked:{}", Uuid::now_v7()),
            except: None,
        };
        tell(cx, &telling).await
    }
}

impl App {
    /// Links a private chat to the member who asked for the link; nobody when it was used or has expired.
    pub async fn link_telegram(&self, code: &str, chat: i64) -> Result<Option<Scope>> {
        let request = Request::internal("telegram");
        let used = UseLink { code: Token::presented(code), for_group: false };
        let Some((tenant, member)) = self.platform(&Caller::anyone(request.clone()), used).await? else { return Ok(None) };
        let scope = self.scope_of(tenant, Some(member), request).await?;
        self.run(&scope, SetChat(Some(chat))).await?;
        Ok(Some(scope))
    }

    /// Forgets the member's chat, as they asked.
    pub async fn unlink_telegram(&self, scope: &Scope) -> Result<()> {
        self.run(scope, SetChat(None)).await
    }

    /// Forgets a chat everywhere, as its owner asked.
    pub async fn unlink_telegram_chat(&self, chat: i64) -> Result<()> {
        for scope in self.scopes_of_chat(chat).await? {
            self.unlink_telegram(&scope).await?;
        }
        Ok(())
    }

    /// Forgets a chat that takes no messages any more, everywhere, and tells its owner elsewhere.
    pub async fn lose_telegram_chat(&self, chat: i64) -> Result<()> {
        for scope in self.scopes_of_chat(chat).await? {
            self.run(&scope, LoseChat(chat)).await?;
        }
        Ok(())
    }

    /// The members a private chat is linked to, but for those of a company that is suspended.
    async fn scopes_of_chat(&self, chat: i64) -> Result<Vec<Scope>> {
        let mut scopes = Vec::new();
        for (tenant, member) in self.members_of_chat(chat).await? {
            match self.scope_of(tenant, Some(member), Request::internal("telegram")).await {
                Ok(scope) => scopes.push(scope),
                Err(Error::NotFound | Error::Forbidden(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(scopes)
    }

    /// Company and member of a private chat, in every company.
    pub(super) async fn members_of_chat(&self, chat: i64) -> Result<Vec<(Uuid, Uuid)>> {
        let rows = sqlx::query!(r#"SELECT tenant_id AS "tenant!", member_id AS "member!" FROM app.members_of_chat($1)"#, chat)
            .fetch_all(self.pool())
            .await?;
        Ok(rows.into_iter().map(|row| (row.tenant, row.member)).collect())
    }

    /// The scope of a member whose message is being sent.
    pub async fn member_scope(&self, scope: &Scope, member: Id<Member>) -> Result<Scope> {
        self.scope_of(scope.tenant().uuid(), Some(member.uuid()), Request::internal("worker")).await
    }
}
