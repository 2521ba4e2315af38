//! What the reader of a message may press right now, without a form: the decision they are asked for, or the next step of the
//! work. The same for the buttons of a chat and the links of a letter.

use domain::kernel::platform::Caller;
use domain::kernel::scope::{Request, Scope};
use domain::maintenance::work_order::{SUBJECT, Show, WorkOrder};
use domain::notify::Kind;
use domain::notify::press::{MakeCodes, Shown};
use domain::workflow::{Explain, Explanation, Reason, TransitionView};
use domain::{App, Error};
use templates::telegram::Press;
use uuid::Uuid;

use crate::queue::failure::Failure;

/// The steps of a work order that need no form and are worth a press of their own, as the shipped file names them.
const STEPS: [(&str, Press); 2] = [("start", Press::Start), ("complete", Press::Complete)];

/// A step on offer: its meaning, and the code that stands for it.
pub type Offer = (Press, String);

/// Makes codes for what the reader of a message of this kind may press of its record now: where the kind asks for a decision, the
/// decision that is waited for; otherwise, for whoever does the work, its next steps.
///
/// # Errors
/// The database's.
pub async fn offers(app: &App, reader: &Scope, shown: Shown, kind: &Kind, record: Uuid) -> Result<Vec<Offer>, Failure> {
    if kind.family() != SUBJECT.key {
        return Ok(Vec::new());
    }
    let Some((now, assignee)) = seen(app, reader, record).await? else { return Ok(Vec::new()) };
    let open = match shown {
        // whoever presses in a group does so as themselves: what they may is asked then
        Shown::Group(_) => {
            if kind.decides {
                asked(&now)
            } else {
                Vec::new()
            }
        }
        _ if kind.decides => decisions(&now),
        _ => steps(&now, assignee == Some(reader.actor().id.uuid())),
    };
    let (meanings, transitions): (Vec<Press>, Vec<String>) = open.into_iter().unzip();
    if transitions.is_empty() {
        return Ok(Vec::new());
    }
    let (entry_seq, request) = (now.entry_seq, now.request.filter(|_| kind.decides));
    let make = MakeCodes { scope: reader, shown, subject: SUBJECT.key, record, transitions: &transitions, entry_seq, request };
    let codes = app.platform(&Caller::anyone(Request::internal("worker")), make).await?;
    Ok(meanings.into_iter().zip(codes.iter().map(|code| code.reveal().to_owned())).collect())
}

/// The record's life and who does the work; nothing where the reader may not see it any more.
async fn seen(app: &App, reader: &Scope, record: Uuid) -> Result<Option<(Explanation, Option<Uuid>)>, Failure> {
    let seen = async {
        let now = app.run(reader, Explain::<WorkOrder>(record.into())).await?;
        let order = app.run(reader, Show(record.into())).await?;
        Ok((now, order.assignee_id))
    };
    match seen.await {
        Ok(seen) => Ok(Some(seen)),
        Err(Error::NotFound | Error::Forbidden(_)) => Ok(None),
        Err(error) => Err(Error::into(error)),
    }
}

fn step<'a>(now: &'a Explanation, name: &str) -> Option<&'a TransitionView> {
    now.transitions.iter().find(|step| step.name == name && step.allowed)
}

fn decisions(now: &Explanation) -> Vec<(Press, String)> {
    let Some(asked) = &now.approval else { return Vec::new() };
    let approve = step(now, &asked.transition).map(|step| (Press::Approve, step.name.clone()));
    let reject = asked.on_reject.as_deref().and_then(|name| step(now, name)).map(|step| (Press::Reject, step.name.clone()));
    approve.into_iter().chain(reject).collect()
}

/// The decision that is waited for, whoever may take it.
fn asked(now: &Explanation) -> Vec<(Press, String)> {
    let Some(asked) = &now.approval else { return Vec::new() };
    let reject = asked.on_reject.clone().map(|name| (Press::Reject, name));
    std::iter::once((Press::Approve, asked.transition.clone())).chain(reject).collect()
}

fn steps(now: &Explanation, own: bool) -> Vec<(Press, String)> {
    let formless = |(name, press): (&str, Press)| {
        let bare = step(now, name).filter(|step| own && step.form.is_empty() && step.reason != Reason::Required)?;
        Some((press, bare.name.clone()))
    };
    STEPS.into_iter().filter_map(formless).collect()
}
