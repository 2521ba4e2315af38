//! An open request as people see it: level by level, who agreed, and who is waited for.

use poem_openapi::Object;
use serde::Serialize;
use workflows::{Approvals, Facts, Level, Who, Workflow};

use super::approval::Request;
use super::explain::Roles;

/// The request open on a record.
#[derive(Debug, Clone, Serialize, Object)]
pub struct ApprovalView {
    /// The transition it would fire.
    pub transition: String,
    /// The transition a rejection fires, if the file names one.
    pub on_reject: Option<String>,
    /// The level it waits for.
    pub level: String,
    /// Votes of that level so far.
    pub have: u32,
    /// Votes that level needs.
    pub need: u32,
    /// Names of those who voted on any level, in order.
    pub voters: Vec<String>,
    /// The roles whose people decide on that level.
    pub deciders: Vec<String>,
    /// Every level, in order.
    pub levels: Vec<LevelView>,
}

/// A level of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Object)]
#[oai(rename = "ApprovalLevel")]
pub struct LevelView {
    /// Its id in the file.
    pub id: String,
    /// `agreed`, `skipped` (its condition does not hold, as the record stands), `waiting`, or `later`.
    pub standing: String,
    /// Votes so far.
    pub have: u32,
    /// Votes needed.
    pub need: u32,
    /// Who agreed, in order.
    pub voters: Vec<VoterView>,
    /// The roles whose people decide.
    pub deciders: Vec<String>,
    /// Whether it has waited so long that others were asked as well.
    pub escalated: bool,
}

/// Somebody who agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Object)]
#[oai(rename = "ApprovalVoter")]
pub struct VoterView {
    /// Their name.
    pub name: String,
    /// Whose seat it was, where it had been handed to them.
    pub on_behalf_of: Option<String>,
}

impl ApprovalView {
    pub(super) fn of(workflow: &Workflow, facts: &Facts<'_>, request: &Request, roles: &Roles) -> Option<Self> {
        let transition = workflow.transition(&request.approval.transition)?;
        let approvals = transition.approvals.as_ref()?;
        let waiting = workflow.pending(facts, &request.approval)?.level;
        let passed_over = workflow.passed_over(facts, &request.approval);
        let levels = levels(approvals, &waiting, &passed_over, request, roles);
        let current = levels.iter().find(|level| level.id == waiting)?;
        Some(Self {
            transition: transition.id.clone(),
            on_reject: approvals.on_reject.clone(),
            level: waiting,
            have: current.have,
            need: current.need,
            voters: request.voters.iter().map(|voter| voter.name.clone()).collect(),
            deciders: current.deciders.clone(),
            levels,
        })
    }
}

fn levels(approvals: &Approvals, waiting: &str, passed_over: &[&str], request: &Request, roles: &Roles) -> Vec<LevelView> {
    let current = approvals.levels.iter().position(|level| level.id == waiting).unwrap_or_default();
    let view = |(at, level): (usize, &Level)| {
        let votes = request.voters.iter().filter(|voter| voter.level == level.id);
        let voters: Vec<VoterView> =
            votes.map(|voter| VoterView { name: voter.name.clone(), on_behalf_of: voter.on_behalf_of.clone() }).collect();
        let have = u32::try_from(voters.len()).unwrap_or(u32::MAX);
        let standing = match at.cmp(&current) {
            std::cmp::Ordering::Less if have >= level.need => "agreed",
            std::cmp::Ordering::Less => "skipped",
            std::cmp::Ordering::Equal => "waiting",
            std::cmp::Ordering::Greater if passed_over.contains(&level.id.as_str()) => "skipped",
            std::cmp::Ordering::Greater => "later",
        };
        LevelView {
            id: level.id.clone(),
            standing: standing.to_owned(),
            have,
            need: level.need,
            voters,
            deciders: match &level.who {
                Who::Permission(permission) => roles.with_permission(permission),
                Who::Role(key) => roles.with_key(key),
            },
            escalated: request.approval.escalated.contains(&level.id),
        }
    };
    approvals.levels.iter().enumerate().map(view).collect()
}
