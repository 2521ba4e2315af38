//! Who is missing for a decision: told to those who can invite people or change the workflow, before an order waits for ever.

use domain::kernel::permission::Permission;
use domain::workflow::versions::{ShortLevel, Staffing};
use domain::workflow::{ApprovalView, Explanation};
use templates::i18n::t;
use templates::pages::work::Missing;
use workflows::Who;

use super::life::Life;
use crate::http::failure::Result;
use crate::http::words;
use crate::web::visitor::Member;

/// For the levels a request waits for, now or later.
pub async fn of(member: &Member, explained: &Explanation, request: &ApprovalView) -> Result<Missing> {
    let open = |short: &ShortLevel| {
        let level = request.levels.iter().find(|level| level.id == short.level);
        short.transition == request.transition && level.is_some_and(|level| matches!(&*level.standing, "waiting" | "later"))
    };
    missing(member, &Life::recorded(member, explained), open).await
}

/// For any level a new order may come to wait for.
pub async fn anywhere(member: &Member) -> Result<Missing> {
    missing(member, &Life::of(member).await?, |_| true).await
}

async fn missing(member: &Member, life: &Life, counts: impl Fn(&ShortLevel) -> bool) -> Result<Missing> {
    let short = member.run(Staffing(life.workflow.clone())).await?.levels;
    let sentences: Vec<String> = short.iter().filter(|short| counts(short)).map(|short| told(life, short)).collect();
    let flow = format!("settings/workflows/{}/edit", life.workflow.key());
    Ok(Missing {
        sentences,
        people_href: member.scope.can(Permission::MemberManage).then(|| member.path("people")),
        flow_href: member.scope.can(Permission::WorkflowManage).then(|| member.path(&flow)),
    })
}

fn told(life: &Life, short: &ShortLevel) -> String {
    let (what, who) = match &short.who {
        Who::Role(key) => ("role", words::role_name(life.locale(), key)),
        Who::Permission(permission) => ("permission", words::permission_name(life.locale(), permission)),
    };
    let how = if short.have == 0 { "nobody" } else { "few" };
    let (need, have) = (short.need.to_string(), short.have.to_string());
    let level = life.level_name(&short.level);
    let params = [("level", &*level), ("who", &*who), ("need", &*need), ("have", &*have)];
    t(life.locale(), &format!("work_order.missing_{how}.{what}"), &params)
}
