//! Levels of a decision and service levels, as the page of a work order shows them.

use domain::maintenance::work_order::WorkOrder;
use domain::workflow::{ApprovalView, LevelView, RunView, SegmentView, ServiceLevels, VoterView};
use templates::i18n::t;
use templates::pages::parts::Text;
use templates::pages::work::{Agreed, ApprovalLevel, ServiceLevel, Stretch};

use super::life::Life;
use crate::http::failure::Result;
use crate::web::happenings::person;
use crate::web::visitor::Member;

/// Those who agreed on the level a request waits for.
pub fn agreed(request: &ApprovalView) -> Vec<Agreed> {
    let current = request.levels.iter().find(|level| level.id == request.level);
    current.map(|level| people(&level.voters)).unwrap_or_default()
}

/// Every level of a request; none of one that has a single level, which the panel shows by itself.
pub fn of(life: &Life, request: &ApprovalView) -> Vec<ApprovalLevel> {
    let level = |level: &LevelView| ApprovalLevel {
        name: life.level(&level.id),
        standing: level.standing.clone(),
        given: level.have,
        needed: level.need,
        agreed: people(&level.voters),
        escalated: level.escalated,
    };
    if request.levels.len() < 2 { Vec::new() } else { request.levels.iter().map(level).collect() }
}

fn people(voters: &[VoterView]) -> Vec<Agreed> {
    voters.iter().map(|voter| Agreed { person: person(&voter.name), on_behalf_of: voter.on_behalf_of.clone() }).collect()
}

/// The service levels of an order.
pub async fn service_levels(member: &Member, life: &Life, order: &WorkOrder) -> Result<Vec<ServiceLevel>> {
    let runs = member.run(ServiceLevels::<WorkOrder>(order.id.into())).await?;
    Ok(runs.into_iter().map(|run| service_level(member, life, run)).collect())
}

fn service_level(member: &Member, life: &Life, run: RunView) -> ServiceLevel {
    ServiceLevel {
        name: life.service_level(&run.sla),
        number: run.number,
        due: run.due_at.filter(|_| run.phase == "running"),
        phase: run.phase,
        health: run.health,
        clock: run.clock,
        elapsed: span(member, run.elapsed),
        target: span(member, run.target),
        stretches: run.segments.iter().map(|segment| stretch(member, life, segment)).collect(),
    }
}

fn stretch(member: &Member, life: &Life, segment: &SegmentView) -> Stretch {
    Stretch {
        from: segment.from,
        to: segment.to,
        counted: segment.running.then(|| span(member, segment.counted)),
        cause: if segment.cause == "state" { life.state(&segment.of).label } else { Text::raw(segment.of.clone()) },
    }
}

/// Hours and minutes, in the reader's words.
fn span(member: &Member, seconds: i64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    t(member.locale, "sla.span", &[("hours", &hours.to_string()), ("minutes", &format!("{minutes:02}"))])
}
