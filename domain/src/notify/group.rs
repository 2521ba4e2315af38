//! Groups of Telegram (110): a company links a group by a deep link and chooses what it is told, and of which site. What is sent
//! to it is in `group_message`; a button there acts as whoever presses it.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;
use workflows::Recipient;

use super::kinds::{KINDS, Kind, Urgency};
use super::telegram::{UseLink, make_link};
use super::{Telling, Words, tell};
use crate::assets::Location;
use crate::identity::signup::LOCALES;
use crate::kernel::action::{Action, Cx};
use crate::kernel::app::App;
use crate::kernel::error::{Checks, Error, FieldError, OrField, Refused, Result};
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::platform::{Caller, PlatformAction, Px, Standing};
use crate::kernel::scope::{Request, Scope};
use crate::kernel::secret::Token;
use crate::kernel::tenant::Access;

/// The longest title kept.
const TITLE: usize = 300;

/// A linked group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: Uuid,
    /// What it is called in Telegram.
    pub title: String,
    /// Its language.
    pub locale: String,
    /// The kinds it is told of.
    pub kinds: Vec<String>,
    /// Of which site alone; nothing for all.
    pub site: Option<Uuid>,
    /// When it was linked.
    pub linked_at: DateTime<Utc>,
    /// When it was last told something.
    pub last_sent_at: Option<DateTime<Utc>>,
    /// Why the newest message has not arrived.
    pub failure: Option<String>,
}

/// Lists the company's groups, by title.
#[derive(Debug, Clone)]
pub struct ListGroups;

impl Action for ListGroups {
    const NEEDS: Permission = Permission::CompanyManage;
    const ACCESS: Access = Access::Read;
    type Out = Vec<Group>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Group>> {
        cx.refuse_limited()?;
        Ok(sqlx::query_as!(
            Group,
            r#"SELECT g.id, g.title, g.locale, g.kinds, g.about_site AS site, g.created_at AS linked_at,
                 (SELECT max(m.sent_at) FROM group_messages m WHERE m.tenant_id = g.tenant_id AND m.group_id = g.id AND m.state = 'sent')
                   AS last_sent_at,
                 (SELECT m.reason FROM group_messages m WHERE m.tenant_id = g.tenant_id AND m.group_id = g.id ORDER BY m.id DESC LIMIT 1)
                   AS failure
               FROM telegram_groups g WHERE g.tenant_id = $1 ORDER BY g.title, g.id"#,
            cx.tenant().uuid(),
        )
        .fetch_all(cx.conn())
        .await?)
    }
}

/// What a group is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its language.
    pub locale: String,
    /// The kinds' keys.
    pub kinds: Vec<String>,
    /// Of which site alone; nothing for all.
    pub site: Option<Uuid>,
}

/// The kinds a group may be told of.
pub fn kinds() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().filter(|kind| kind.suits_groups())
}

impl Choice {
    fn check(&self) -> Result<()> {
        let mut checks = Checks::new();
        checks.one_of("locale", &self.locale, LOCALES);
        if self.kinds.iter().any(|key| !kinds().any(|kind| kind.key == key)) {
            checks.push(FieldError::new("kinds", "unknown_reference"));
        }
        checks.done()
    }
}

/// Says what a group is told.
#[derive(Debug, Clone)]
pub struct ChangeGroup {
    /// The group.
    pub id: Uuid,
    /// What it is told.
    pub choice: Choice,
}

impl Action for ChangeGroup {
    const NEEDS: Permission = Permission::CompanyManage;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        cx.refuse_limited()?;
        let Choice { locale, mut kinds, site } = self.choice.check().map(|()| self.choice)?;
        kinds.sort_unstable();
        kinds.dedup();
        let changed = sqlx::query!(
            "UPDATE telegram_groups SET locale = $3, kinds = $4, about_site = $5 WHERE tenant_id = $1 AND id = $2",
            cx.tenant().uuid(),
            self.id,
            locale,
            &kinds,
            site,
        )
        .execute(cx.conn())
        .await
        .or_field(&[("telegram_groups_site", "site", "unknown_reference")])?;
        if changed.rows_affected() == 0 { Err(Error::NotFound) } else { Ok(()) }
    }
}

/// Tells a group nothing any more.
#[derive(Debug, Clone)]
pub struct UnlinkGroup(
    /// The group.
    pub Uuid,
);

impl Action for UnlinkGroup {
    const NEEDS: Permission = Permission::CompanyManage;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        cx.refuse_limited()?;
        remove(cx, self.0).await
    }
}

async fn remove(cx: &mut Cx<'_>, group: Uuid) -> Result<()> {
    let tenant = cx.tenant().uuid();
    sqlx::query!("DELETE FROM group_messages WHERE tenant_id = $1 AND group_id = $2", tenant, group).execute(cx.conn()).await?;
    let gone = sqlx::query!("DELETE FROM telegram_groups WHERE tenant_id = $1 AND id = $2", tenant, group).execute(cx.conn()).await?;
    if gone.rows_affected() == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// The sites a group may be limited to, by name.
#[derive(Debug, Clone)]
pub struct Sites;

impl Action for Sites {
    const NEEDS: Permission = Permission::CompanyManage;
    const ACCESS: Access = Access::Read;
    type Out = Vec<(Id<Location>, String)>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Self::Out> {
        let rows = sqlx::query!(
            "SELECT id, name FROM locations WHERE tenant_id = $1 AND kind = 'site' AND active ORDER BY name, id LIMIT 1000",
            cx.tenant().uuid(),
        )
        .fetch_all(cx.conn())
        .await?;
        Ok(rows.into_iter().map(|row| (row.id.into(), row.name)).collect())
    }
}

/// Makes the code of a deep link that links a group to the actor's company.
pub struct AskGroupLink<'a>(
    /// Who asks.
    pub &'a Scope,
);

impl PlatformAction for AskGroupLink<'_> {
    const NEEDS: Standing = Standing::Anyone;
    type Out = Token;

    async fn run(self, px: &mut Px<'_>) -> Result<Token> {
        self.0.need(Permission::CompanyManage)?;
        if self.0.sites().is_some() {
            return Err(Error::Forbidden(Refused::Sites));
        }
        make_link(px, self.0, true).await
    }
}

/// Links a group, or its new title: at first it is told what is urgent, and what is to be decided.
#[derive(Clone)]
struct LinkGroup {
    chat: i64,
    title: String,
}

impl Action for LinkGroup {
    const NEEDS: Permission = Permission::CompanyManage;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        cx.refuse_limited()?;
        let first: Vec<&str> = kinds().filter(|kind| kind.decides || kind.urgency == Urgency::Urgent).map(|kind| kind.key).collect();
        let title: String = self.title.chars().filter(|c| !c.is_control()).take(TITLE).collect();
        sqlx::query!(
            "INSERT INTO telegram_groups (tenant_id, id, chat, title, locale, kinds) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant_id, chat) DO UPDATE SET title = excluded.title",
            cx.tenant().uuid(),
            Uuid::now_v7(),
            self.chat,
            if title.trim().is_empty() { "—" } else { title.trim() },
            cx.scope().locale(),
            &first as &[&str],
        )
        .execute(cx.conn())
        .await?;
        Ok(())
    }
}

/// The bot is no longer in a group: it is forgotten, and whoever looks after the company is told, once.
#[derive(Clone)]
struct LoseGroup(i64);

impl Action for LoseGroup {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        let tenant = cx.tenant().uuid();
        let group = sqlx::query!("SELECT id, title FROM telegram_groups WHERE tenant_id = $1 AND chat = $2 FOR UPDATE", tenant, self.0)
            .fetch_optional(cx.conn())
            .await?;
        let Some(group) = group else { return Ok(()) };
        remove(cx, group.id).await?;
        let telling = Telling {
            text: "channel.group_unlinked",
            words: Words::new(),
            channels: &[],
            to: &[Recipient::Permission(Permission::CompanyManage.key().to_owned())],
            subject: "channel",
            record: group.id,
            site: None,
            mention: &json!({ "group": group.title }),
            dedupe: format!("group_unlinked:{}", group.id),
            except: None,
        };
        tell(cx, &telling).await
    }
}

/// A group has become another chat.
#[derive(Clone)]
struct MoveGroup {
    from: i64,
    to: i64,
}

impl Action for MoveGroup {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        sqlx::query!(
            "UPDATE telegram_groups g SET chat = $3 WHERE g.tenant_id = $1 AND g.chat = $2
               AND NOT EXISTS (SELECT FROM telegram_groups o WHERE o.tenant_id = $1 AND o.chat = $3)",
            cx.tenant().uuid(),
            self.from,
            self.to,
        )
        .execute(cx.conn())
        .await?;
        Ok(())
    }
}

impl App {
    /// Links a group to the company of the member who asked for the link; nobody when it was used or has expired.
    pub async fn link_group(&self, code: &str, chat: i64, title: &str) -> Result<Option<Scope>> {
        let request = Request::internal("telegram");
        let used = UseLink { code: Token::presented(code), for_group: true };
        let Some((tenant, member)) = self.platform(&Caller::anyone(request.clone()), used).await? else { return Ok(None) };
        let scope = self.scope_of(tenant, Some(member), request).await?;
        self.run(&scope, LinkGroup { chat, title: title.to_owned() }).await?;
        Ok(Some(scope))
    }

    /// Forgets a group the bot is no longer in, in every company, and tells those who look after them.
    pub async fn lose_group(&self, chat: i64) -> Result<()> {
        self.in_companies_of_group(chat, LoseGroup(chat)).await
    }

    /// A group has become another chat, in every company.
    pub async fn move_group(&self, from: i64, to: i64) -> Result<()> {
        self.in_companies_of_group(from, MoveGroup { from, to }).await
    }

    async fn in_companies_of_group<A: Action<Out = ()>>(&self, chat: i64, action: A) -> Result<()> {
        for tenant in self.companies_of_group(chat).await? {
            match self.scope_of(tenant, None, Request::internal("telegram")).await {
                Ok(scope) => self.run(&scope, action.clone()).await?,
                // it is suspended
                Err(Error::NotFound | Error::Forbidden(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    pub(super) async fn companies_of_group(&self, chat: i64) -> Result<Vec<Uuid>> {
        let companies = sqlx::query_scalar!(r#"SELECT tenant_id AS "tenant!" FROM app.companies_of_group($1)"#, chat);
        Ok(companies.fetch_all(self.pool()).await?)
    }
}
