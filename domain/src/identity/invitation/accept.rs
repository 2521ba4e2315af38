//! Accepting an invitation: what the letter's link offers, and coming in with a new account or the one the person has.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Invitation, list};
use crate::identity::login::{Begun, Login};
use crate::identity::signup::{join, new_account};
use crate::identity::{Account, Member, password, session};
use crate::kernel::action::{Action, Cx};
use crate::kernel::app::App;
use crate::kernel::error::{Checks, Error, OrField, Result};
use crate::kernel::event::Event;
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::platform::{Caller, PlatformAction, Px, Standing};
use crate::kernel::scope::{Request, Scope};
use crate::kernel::secret::Token;
use crate::kernel::tenant::Access;

/// What an invited person sees before accepting.
#[derive(Debug, Clone, Serialize, Object)]
pub struct Offer {
    /// The company.
    pub company: String,
    /// Its name in addresses.
    pub slug: String,
    /// Who is invited.
    pub email: String,
    /// Their name.
    pub name: String,
    /// The role's name.
    pub role: String,
    /// The language.
    pub locale: String,
    /// Whether the address has an account, which then logs in and joins.
    pub has_account: bool,
}

/// What an invited person sends.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields)]
pub struct Acceptance {
    /// What the letter's link carries.
    pub token: String,
    /// Their name; not needed when the address has an account already.
    #[serde(default)]
    pub name: Option<String>,
    /// A new password, or the existing account's.
    pub password: String,
}

impl App {
    /// What a letter's link offers; not found when it was used, revoked or has expired.
    pub async fn invitation_offer(&self, token: &str, request: &Request) -> Result<Offer> {
        let (scope, id) = self.invitation_scope(token, request).await?;
        let mut offer = self.run(&scope, MakeOffer { id, digest: Token::presented(token).digest() }).await?;
        offer.has_account = self.platform(&Caller::anyone(request.clone()), HasAccount(offer.email.clone())).await?;
        Ok(offer)
    }

    /// Accepts an invitation and lets the person in.
    pub async fn accept_invitation(&self, acceptance: &Acceptance, request: &Request) -> Result<(Begun, String)> {
        let offer = self.invitation_offer(&acceptance.token, request).await?;
        let (scope, id) = self.invitation_scope(&acceptance.token, request).await?;
        let name = acceptance.name.clone().filter(|name| !name.trim().is_empty()).unwrap_or_else(|| offer.name.clone());
        let mut checks = Checks::new();
        checks.text("name", &name, 120);
        let person = if offer.has_account {
            checks.done()?;
            let login = Login { email: offer.email.clone(), password: acceptance.password.clone(), remember: false };
            Ok(self.login(&login, request).await?)
        } else {
            password::check(&mut checks, "password", &acceptance.password, &offer.email);
            checks.done()?;
            Err(self.hash_password(&acceptance.password).await?)
        };
        let slug = offer.slug.clone();
        let digest = Token::presented(&acceptance.token).digest();
        let begun = self.platform(&Caller::anyone(request.clone()), Accept { scope, id, digest, offer, name, person }).await?;
        Ok((begun, slug))
    }

    async fn invitation_scope(&self, token: &str, request: &Request) -> Result<(Scope, Id<Invitation>)> {
        let row = sqlx::query!(
            r#"SELECT tenant_id AS "tenant_id!", invitation_id AS "invitation_id!" FROM app.invitation_tenant($1)"#,
            Token::presented(token).digest(),
        )
        .fetch_optional(self.pool())
        .await?
        .ok_or(Error::NotFound)?;
        let scope = self.scope_of(row.tenant_id, None, request.clone()).await?;
        Ok((scope, row.invitation_id.into()))
    }
}

#[derive(Clone)]
struct MakeOffer {
    id: Id<Invitation>,
    digest: Vec<u8>,
}

impl Action for MakeOffer {
    const NEEDS: Permission = Permission::MemberView;
    const ACCESS: Access = Access::Read;
    type Out = Offer;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Offer> {
        let now = cx.now();
        let row = sqlx::query!(
            "SELECT i.email, i.name, i.locale, r.name AS role
             FROM invitations i JOIN roles r ON r.tenant_id = i.tenant_id AND r.id = i.role_id
             WHERE i.tenant_id = $1 AND i.id = $2 AND i.token_hash = $3 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > $4",
            cx.tenant().uuid(),
            self.id.uuid(),
            self.digest,
            now,
        )
        .fetch_optional(cx.conn())
        .await?
        .ok_or(Error::NotFound)?;
        let company = cx.scope().company();
        Ok(Offer {
            company: company.name.clone(),
            slug: company.slug.clone(),
            email: row.email,
            name: row.name,
            role: row.role,
            locale: row.locale,
            has_account: false,
        })
    }
}

struct HasAccount(String);

impl PlatformAction for HasAccount {
    const NEEDS: Standing = Standing::Anyone;
    type Out = bool;

    async fn run(self, px: &mut Px<'_>) -> Result<bool> {
        Ok(sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM platform.accounts WHERE email = $1) AS "there!""#, self.0)
            .fetch_one(px.conn())
            .await?)
    }
}

struct Accept {
    scope: Scope,
    id: Id<Invitation>,
    digest: Vec<u8>,
    offer: Offer,
    name: String,
    /// The session of an account that logged in, or the hash of a new one's password.
    person: Result<Begun, String>,
}

impl PlatformAction for Accept {
    const NEEDS: Standing = Standing::Anyone;
    type Out = Begun;

    async fn run(self, px: &mut Px<'_>) -> Result<Begun> {
        let account = match &self.person {
            Ok(begun) => begun.account,
            Err(hash) => new_account(px, &self.offer.email, &self.name, hash, &self.offer.locale).await?,
        };
        let member = Id::<Member>::new();
        px.inside(&self.scope, async |cx| self.enter(cx, account, member).await).await?;
        join(px, account, self.scope.tenant(), member).await?;
        px.log("invitation.accepted", Some(self.scope.tenant()), json!({ "account": account })).await?;
        match self.person {
            Ok(begun) => Ok(begun),
            Err(_) => session::begin(px, account, false, false).await,
        }
    }
}

impl Accept {
    /// Of two people with one link, the second finds it used.
    async fn enter(&self, cx: &mut Cx<'_>, account: Id<Account>, member: Id<Member>) -> Result<()> {
        let now = cx.now();
        let invited = sqlx::query!(
            "UPDATE invitations SET accepted_at = $4
             WHERE tenant_id = $1 AND id = $2 AND token_hash = $3 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $4
             RETURNING role_id, site_ids",
            cx.tenant().uuid(),
            self.id.uuid(),
            self.digest,
            now,
        )
        .fetch_optional(cx.conn())
        .await?
        .ok_or(Error::NotFound)?;
        list::refuse_crowded(cx).await?;
        sqlx::query!(
            "INSERT INTO members (tenant_id, id, account_id, name, email, role_id, site_ids, locale) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            cx.tenant().uuid(),
            member.uuid(),
            account.uuid(),
            self.name.trim(),
            self.offer.email,
            invited.role_id,
            invited.site_ids.as_deref(),
            self.offer.locale,
        )
        .execute(cx.conn())
        .await
        .or_field(&[("members_account", "email", "already_member")])?;
        cx.emit(Event::new("member.joined", "member", member).with(json!({ "name": self.name })));
        Ok(())
    }
}
