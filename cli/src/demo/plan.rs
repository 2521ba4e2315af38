//! When which order of a demonstration company takes which step, and who takes it: what the file says in a word (`ends:
//! completed`), written out. Pure, so that a test reads it.

use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone, Utc};

use super::file::{CompanyFile, End, Order};

/// Roles whose orders need nobody's approval.
const APPROVERS: [&str; 3] = ["admin", "manager", "fleet_manager"];
/// Roles that give work to others when they ask for it.
const MANAGERS: [&str; 4] = ["admin", "manager", "operations", "fleet_manager"];

/// Something that is done to an order; all but the first are transitions of `work_order.yml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Asking for it.
    Create,
    /// Agreeing.
    Approve,
    /// Disagreeing, for a reason.
    Reject,
    /// Giving it to somebody.
    Assign,
    /// Beginning.
    Start,
    /// Stopping for want of parts.
    AwaitParts,
    /// Ending, with a cost.
    Complete,
    /// Sending it back, for a reason.
    Reopen,
    /// Looking it over.
    Close,
    /// Giving it up, for a reason.
    Cancel,
}

/// Who takes a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Who asked.
    Requester,
    /// The company's manager.
    Manager,
    /// Who does it.
    Assignee,
}

/// One step of one order.
#[derive(Debug)]
pub struct Step<'a> {
    /// When.
    pub at: DateTime<Utc>,
    /// Of which order.
    pub order: &'a Order,
    /// How many steps of the order are before it.
    pub nth: usize,
    /// What.
    pub act: Act,
    /// By whom, as the file calls them.
    pub by: &'a str,
}

/// Every step of every order up to `now`, oldest first.
pub fn steps(file: &CompanyFile, now: DateTime<Utc>) -> anyhow::Result<Vec<Step<'_>>> {
    let manager = &file.first_of("manager")?.key;
    let mut steps = Vec::new();
    for (index, order) in file.orders.iter().enumerate() {
        let asked = asked_at(file, order, index, now);
        let role = &*file.person(&order.by)?.role;
        for (nth, (act, who)) in acts(order, role).into_iter().enumerate() {
            let by = match who {
                Who::Requester => &order.by,
                Who::Manager => manager,
                Who::Assignee => order.to.as_ref().unwrap_or(manager),
            };
            steps.push(Step { at: asked + after(act, order), order, nth, act, by });
        }
    }
    steps.sort_by_key(|step| step.at);
    Ok(steps)
}

/// Whether the order is given to somebody as it is asked for.
pub fn given_at_once(file: &CompanyFile, order: &Order) -> bool {
    file.person(&order.by).is_ok_and(|person| MANAGERS.contains(&&*person.role))
}

/// What is done to an order that somebody of this role asks for.
fn acts(order: &Order, role: &str) -> Vec<(Act, Who)> {
    let mut acts = vec![(Act::Create, Who::Requester)];
    match order.ends {
        End::OnHold => return acts,
        End::Rejected => {
            acts.push((Act::Reject, Who::Manager));
            return acts;
        }
        _ if !APPROVERS.contains(&role) => acts.push((Act::Approve, Who::Manager)),
        _ => {}
    }
    if order.to.is_some() && !MANAGERS.contains(&role) {
        acts.push((Act::Assign, Who::Manager));
    }
    let work: &[(Act, Who)] = match order.ends {
        End::OnHold | End::Rejected | End::Open => &[],
        End::Cancelled => &[(Act::Cancel, Who::Manager)],
        End::InProgress => &[(Act::Start, Who::Assignee)],
        End::WaitingParts => &[(Act::Start, Who::Assignee), (Act::AwaitParts, Who::Assignee)],
        End::Completed => &[(Act::Start, Who::Assignee), (Act::Complete, Who::Assignee)],
        End::Reopened => &[(Act::Start, Who::Assignee), (Act::Complete, Who::Assignee), (Act::Reopen, Who::Manager)],
        End::Closed => &[(Act::Start, Who::Assignee), (Act::Complete, Who::Assignee), (Act::Close, Who::Manager)],
    };
    acts.extend(work);
    acts
}

/// How long after an order was asked for a step is taken.
fn after(act: Act, order: &Order) -> TimeDelta {
    let took = TimeDelta::days(order.took);
    let begun = (took / 4).max(TimeDelta::hours(4));
    match act {
        Act::Create => TimeDelta::zero(),
        Act::Approve | Act::Reject => TimeDelta::hours(1),
        Act::Assign => TimeDelta::hours(2),
        Act::Cancel => TimeDelta::hours(3),
        Act::Start => begun,
        Act::AwaitParts => begun + TimeDelta::hours(2),
        Act::Complete => took,
        Act::Reopen | Act::Close => took + TimeDelta::hours(5),
    }
}

/// In the working hours of its day, no two orders at one time.
fn asked_at(file: &CompanyFile, order: &Order, index: usize, now: DateTime<Utc>) -> DateTime<Utc> {
    const FIRST: i64 = 8 * 60;
    const SPREAD: i64 = 6 * 60;
    let minute = FIRST + i64::try_from(index).unwrap_or_default() * 47 % SPREAD;
    local(file, order.days, TimeDelta::minutes(minute), now)
}

/// When an order is due: in the evening of its day.
pub fn due_at(file: &CompanyFile, order: &Order, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    order.due.map(|due| local(file, order.days - due, TimeDelta::hours(18), now))
}

/// A time of day in the company's zone, so many days before today.
fn local(file: &CompanyFile, days_ago: i64, time: TimeDelta, now: DateTime<Utc>) -> DateTime<Utc> {
    let today = now.with_timezone(&file.time_zone).date_naive();
    let wall = (today - TimeDelta::days(days_ago)).and_time(NaiveTime::MIN) + time;
    // a clock that is put forward leaves no hour of a working day out
    file.time_zone.from_local_datetime(&wall).earliest().map_or_else(|| wall.and_utc(), |at| at.to_utc())
}
