//! The approval request open on a record, its votes, and those who have handed their seat to the actor.

use std::collections::BTreeSet;

use serde::Deserialize;
use uuid::Uuid;
use workflows::{Actor, Approval, Opening, Principal, Recipient, Record, Scoped, Value, Vote, Workflow};

use super::begin::About;
use super::calendar;
use super::says::said;
use super::subject::{Routed, Routing};
use super::timers::{self, NewTimer};
use crate::kernel::action::Cx;
use crate::kernel::error::Result;
use crate::notify::{self, Telling};

/// An open request.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub id: Uuid,
    pub approval: Approval,
    /// Those who voted, in order.
    pub voters: Vec<Voter>,
}

/// Somebody who voted.
#[derive(Debug, Clone)]
pub(super) struct Voter {
    pub level: String,
    pub name: String,
    /// Whose seat it was, where it had been handed over.
    pub on_behalf_of: Option<String>,
}

/// A request, and for whom the actor may decide on it besides themselves.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub request: Option<Request>,
    principals: Vec<Handed>,
}

/// A seat handed to the actor.
#[derive(Debug, Clone, Deserialize)]
struct Handed {
    member: Uuid,
    role: Option<String>,
    permissions: Vec<String>,
    sites: Option<Vec<Uuid>>,
}

/// The request open on a record; only a state which an approved transition leaves can have one.
pub(super) async fn find<S: Routed>(cx: &mut Cx<'_>, workflow: &Workflow, routing: &Routing<S>, record: Uuid) -> Result<Asked> {
    if workflow.approval_in(routing.doc.state()).is_none() {
        return Ok(Asked::default());
    }
    let (tenant, actor, now) = (cx.tenant().uuid(), cx.scope().actor().id.uuid(), cx.now());
    let rows = sqlx::query!(
        r#"SELECT a.id, a.transition, a.requested_by, a.escalated, d.member_id AS "member_id?", d.level AS "level?", d.on_behalf_of,
             m.name AS "name?", p.name AS "principal?",
             (SELECT jsonb_agg(jsonb_build_object('member', g.principal_id, 'role', r.key, 'permissions', r.permissions, 'sites', s.site_ids)
                  ORDER BY g.starts_at, g.id)
                FROM delegations g
                JOIN members s ON s.tenant_id = g.tenant_id AND s.id = g.principal_id AND s.active
                JOIN roles r ON r.tenant_id = s.tenant_id AND r.id = s.role_id
                WHERE g.tenant_id = $1 AND g.delegate_id = $3 AND g.starts_at <= $4 AND g.ends_at > $4
                  AND (s.site_ids IS NULL OR $5 = ANY (s.site_ids))) AS principals
           FROM approvals a
           LEFT JOIN approval_decisions d ON d.tenant_id = a.tenant_id AND d.approval_id = a.id
           LEFT JOIN members m ON m.tenant_id = d.tenant_id AND m.id = d.member_id
           LEFT JOIN members p ON p.tenant_id = d.tenant_id AND p.id = d.on_behalf_of
           WHERE a.tenant_id = $1 AND a.record_id = $2 AND a.status = 'open' ORDER BY d.id"#,
        tenant,
        record,
        actor,
        now,
        routing.site,
    )
    .fetch_all(cx.conn())
    .await?;
    let Some(first) = rows.first() else { return Ok(Asked::default()) };
    let mut request = Request {
        id: first.id,
        approval: Approval {
            transition: first.transition.clone(),
            requested_by: first.requested_by,
            votes: Vec::new(),
            escalated: first.escalated.clone(),
        },
        voters: Vec::new(),
    };
    let principals = first.principals.clone().map_or_else(|| Ok(Vec::new()), serde_json::from_value)?;
    for row in rows {
        if let (Some(member), Some(level), Some(name)) = (row.member_id, row.level, row.name) {
            request.approval.votes.push(Vote { member, level: level.clone(), on_behalf_of: row.on_behalf_of });
            request.voters.push(Voter { level, name, on_behalf_of: row.principal });
        }
    }
    Ok(Asked { request: Some(request), principals })
}

impl Asked {
    /// Gives the actor the seats handed to them, and says at which of the record's places each of these people may act.
    pub(super) async fn seat(&self, cx: &mut Cx<'_>, workflow: &Workflow, doc: &Record, actor: &mut Actor) -> Result<()> {
        actor.on_behalf_of = self.principals.iter().map(Handed::principal).collect();
        let is_scoped = workflow.approval_in(doc.state()).is_some_and(|(_, asked)| asked.levels.iter().any(|level| level.scope.is_some()));
        let limited =
            || std::iter::once(&actor.sites).chain(actor.on_behalf_of.iter().map(|principal| &principal.sites)).any(Option::is_some);
        if !is_scoped || !limited() {
            return Ok(());
        }
        let places =
            sqlx::query!("SELECT id, site_id FROM locations WHERE tenant_id = $1 AND id = ANY ($2)", cx.tenant().uuid(), &references(doc),)
                .fetch_all(cx.conn())
                .await?;
        let places: Vec<(Uuid, Uuid)> = places.into_iter().map(|place| (place.id, place.site_id)).collect();
        for sites in std::iter::once(&mut actor.sites).chain(actor.on_behalf_of.iter_mut().map(|principal| &mut principal.sites)) {
            extend(sites, &places);
        }
        Ok(())
    }
}

impl Handed {
    fn principal(&self) -> Principal {
        Principal {
            member: self.member,
            role: self.role.clone().unwrap_or_default(),
            permissions: self.permissions.iter().cloned().collect(),
            sites: self.sites.as_ref().map(|sites| sites.iter().copied().collect()),
        }
    }
}

/// Whoever may act at a site may act everywhere in it.
fn extend(sites: &mut Option<BTreeSet<Uuid>>, places: &[(Uuid, Uuid)]) {
    if let Some(sites) = sites {
        let inside: Vec<Uuid> = places.iter().filter(|(_, site)| sites.contains(site)).map(|(place, _)| *place).collect();
        sites.extend(inside);
    }
}

/// Every record that a record names.
fn references(doc: &Record) -> Vec<Uuid> {
    let of = |value: &Value| -> Vec<Uuid> {
        let mut found: Vec<Uuid> = value.as_ref_id().into_iter().collect();
        if let Value::Link(link) = value {
            found.extend(link.fields.values().filter_map(Value::as_ref_id));
        }
        found
    };
    doc.iter().flat_map(|(_, value)| of(value)).collect()
}

/// Opens a request, tells its first level and minds its escalation.
pub(super) async fn open(cx: &mut Cx<'_>, about: &About<'_>, opening: Option<&Opening>, requester: Uuid) -> Result<Vec<NewTimer>> {
    let Some(opening) = opening else { return Ok(Vec::new()) };
    let request = Uuid::now_v7();
    sqlx::query!(
        "INSERT INTO approvals (tenant_id, id, subject, record_id, transition, entry_seq, requested_by) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        cx.tenant().uuid(),
        request,
        about.subject,
        about.record,
        opening.transition,
        about.entry_seq,
        requester,
    )
    .execute(cx.conn())
    .await?;
    ask(cx, about, (request, ASKED), opening, requester).await
}

/// That a level was asked, once in its request.
pub(super) const ASKED: &str = "asked";

/// Puts a request to a level: tells those who decide there, once for each turn; answers the escalation to mind.
pub(super) async fn ask(
    cx: &mut Cx<'_>,
    about: &About<'_>,
    (request, turn): (Uuid, &str),
    opening: &Opening,
    requester: Uuid,
) -> Result<Vec<NewTimer>> {
    tell(cx, about, request, opening, requester, turn).await?;
    let Some(after) = opening.escalate_after else { return Ok(Vec::new()) };
    let calendar = calendar::load(cx, calendar::named(about.file)).await?;
    let due_at = after.on(&calendar).and_then(|seconds| calendar.add(cx.now(), seconds));
    Ok(vec![NewTimer {
        due_at,
        ..NewTimer::new(timers::ESCALATION, &opening.level, format!("escalation:{request}:{}", opening.level), about.entry_seq)
    }])
}

/// Tells everybody who may decide, delegates too; not the requester, unless they may.
pub(super) async fn tell(cx: &mut Cx<'_>, about: &About<'_>, request: Uuid, opening: &Opening, requester: Uuid, why: &str) -> Result<()> {
    let except = (!opening.own).then_some(requester);
    let to = deciders(cx, opening, about.site, except).await?;
    let said = said(about.file, &opening.text, true);
    let telling = Telling {
        text: &said.kind,
        words: said.words,
        channels: &[],
        to: &to,
        subject: about.subject,
        record: about.record,
        site: Some(about.site),
        mention: about.mention,
        dedupe: format!("{request}:{}:{why}", opening.level),
        except,
    };
    notify::tell(cx, &telling).await
}

/// The people of a level who see the record's site, and those to whom such people have handed their seats.
async fn deciders(cx: &mut Cx<'_>, opening: &Opening, site: Uuid, except: Option<Uuid>) -> Result<Vec<Recipient>> {
    let (mut permissions, mut roles, mut members) = (Vec::new(), Vec::new(), Vec::new());
    for recipient in &opening.to {
        match recipient {
            Recipient::Permission(permission) => permissions.push(permission.clone()),
            Recipient::Role(role) => roles.push(role.clone()),
            Recipient::Member(member) => members.push(*member),
        }
    }
    let (everywhere, place) = match opening.scope {
        Some(Scoped::Everywhere) => (true, None),
        Some(Scoped::At(place)) => (false, Some(place)),
        None => (false, None),
    };
    let now = cx.now();
    let found = sqlx::query_scalar!(
        r#"WITH named AS (
             SELECT m.id, m.site_ids FROM members m JOIN roles r ON r.tenant_id = m.tenant_id AND r.id = m.role_id
             WHERE m.tenant_id = $1 AND m.kind = 'person' AND m.active AND m.id IS DISTINCT FROM $8
               AND (r.permissions && $2 OR r.key = ANY ($3) OR m.id = ANY ($4))
               AND (m.site_ids IS NULL OR NOT $6 AND ($7::uuid IS NULL
                 OR (SELECT l.site_id FROM locations l WHERE l.tenant_id = $1 AND l.id = $7) = ANY (m.site_ids))))
           SELECT n.id AS "id!" FROM named n WHERE n.site_ids IS NULL OR $5 = ANY (n.site_ids)
           UNION SELECT g.delegate_id FROM named n
             JOIN delegations g ON g.tenant_id = $1 AND g.principal_id = n.id AND g.starts_at <= $9 AND g.ends_at > $9
             WHERE n.site_ids IS NULL OR $5 = ANY (n.site_ids)"#,
        cx.tenant().uuid(),
        &permissions,
        &roles,
        &members,
        site,
        everywhere,
        place,
        except,
        now,
    )
    .fetch_all(cx.conn())
    .await?;
    Ok(found.into_iter().map(Recipient::Member).collect())
}

/// Records the actor's vote.
pub(super) async fn vote(cx: &mut Cx<'_>, request: Uuid, level: &str, on_behalf_of: Option<Uuid>) -> Result<()> {
    let (scope, now) = (cx.scope(), cx.now());
    sqlx::query!(
        "INSERT INTO approval_decisions (tenant_id, id, approval_id, level, member_id, on_behalf_of, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        scope.tenant().uuid(),
        Uuid::now_v7(),
        request,
        level,
        scope.actor().id.uuid(),
        on_behalf_of,
        now,
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

/// Closes a request: met by its last vote, or void because the record went another way or says something else now. It escalates
/// no more.
pub(super) async fn close(cx: &mut Cx<'_>, request: Uuid, status: &str) -> Result<()> {
    sqlx::query!(
        "WITH gone AS (DELETE FROM timers WHERE tenant_id = $1 AND kind = 'escalation' AND wake_at IS NOT NULL
           AND record_id = (SELECT record_id FROM approvals WHERE tenant_id = $1 AND id = $2))
         UPDATE approvals SET status = $3 WHERE tenant_id = $1 AND id = $2",
        cx.tenant().uuid(),
        request,
        status,
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

/// Whether a request still waits for its decision.
pub(super) async fn is_open(cx: &mut Cx<'_>, request: Uuid) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM approvals WHERE tenant_id = $1 AND id = $2 AND status = 'open') AS "open!""#,
        cx.tenant().uuid(),
        request,
    )
    .fetch_one(cx.conn())
    .await?)
}

/// From now on those whom the level's escalation names may decide as well.
pub(super) async fn escalate(cx: &mut Cx<'_>, request: Uuid, level: &str) -> Result<()> {
    sqlx::query!(
        "UPDATE approvals SET escalated = array_append(escalated, $3) WHERE tenant_id = $1 AND id = $2",
        cx.tenant().uuid(),
        request,
        level,
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

/// Of the escalations a record waits for, only that of this level remains.
pub(super) async fn keep_only(cx: &mut Cx<'_>, record: Uuid, level: Option<&str>) -> Result<()> {
    sqlx::query!(
        "DELETE FROM timers WHERE tenant_id = $1 AND record_id = $2 AND kind = 'escalation' AND wake_at IS NOT NULL
           AND rule IS DISTINCT FROM $3",
        cx.tenant().uuid(),
        record,
        level,
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

/// Whether everybody needed had agreed since the record entered its state.
pub(super) async fn was_met(cx: &mut Cx<'_>, record: Uuid, entry_seq: i32) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM approvals WHERE tenant_id = $1 AND record_id = $2 AND entry_seq = $3 AND status = 'met') AS "met!""#,
        cx.tenant().uuid(),
        record,
        entry_seq,
    )
    .fetch_one(cx.conn())
    .await?)
}

/// Who asked for what a record waits for since it entered its state: whoever moved it last until then, a person at any rate; who
/// brought it to another version of its file asked for nothing.
pub(super) async fn last_person(cx: &mut Cx<'_>, record: Uuid, entry_seq: i32, otherwise: Uuid) -> Result<Uuid> {
    let found = sqlx::query_scalar!(
        "SELECT h.actor FROM workflow_history h JOIN members m ON m.tenant_id = h.tenant_id AND m.id = h.actor AND m.kind = 'person'
         WHERE h.tenant_id = $1 AND h.record_id = $2 AND h.seq <= $3 AND (h.transition IS NOT NULL OR h.from_state IS NULL)
         ORDER BY h.seq DESC LIMIT 1",
        cx.tenant().uuid(),
        record,
        entry_seq,
    )
    .fetch_optional(cx.conn())
    .await?;
    Ok(found.unwrap_or(otherwise))
}
