//! The editor: a text, what check says of it, its tests, and the way to publish it. One form, several buttons; script checks as
//! one types.

use domain::workflow::versions::{Against, Check, Checked, Discard, Draft, Input, Publish, ReadDraft, Rehearse, Replay, SaveDraft};
use domain::{Error, FieldError};
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use templates::pages::editor::WorkflowEditPage;
use templates::pages::parts::Errors;

use super::differences::hunks;
use super::{Named, at, rows};
use crate::http::failure::Result;
use crate::web::flash::Flash;
use crate::web::form::{Form, Wrong};
use crate::web::respond::{done, page, part, whole};
use crate::web::visitor::Member;
use crate::web::work::life::Life;

#[handler]
pub async fn show(member: Member, Path(Named { workflow }): Path<Named>) -> Result<Response> {
    let draft = member.run(ReadDraft(workflow.clone())).await?;
    let found = checked(&member, &workflow, &draft.source).await?;
    page(&member, &filled(&member, &workflow, draft.version, draft.source, &found)).await
}

/// Browsers send lines ended as in letters; files end them as everywhere else.
fn text(form: &Form) -> String {
    form.text("source").replace("\r\n", "\n")
}

async fn checked(member: &Member, workflow: &str, source: &str) -> Result<Checked> {
    let input = Input { source: source.to_owned() };
    member.run(Check { workflow: workflow.to_owned(), input }).await
}

fn filled(member: &Member, workflow: &str, version: i32, source: String, checked: &Checked) -> WorkflowEditPage {
    WorkflowEditPage {
        workflow: workflow.to_owned(),
        name: rows::name(member.locale, workflow),
        base_version: format!("{workflow}@{}", checked.base),
        version,
        source,
        unsaved: false,
        theirs: None,
        note: String::new(),
        findings: rows::found(member.locale, workflow, &checked.found),
        warnings: rows::found(member.locale, workflow, &checked.warnings),
        tests: None,
        replay: None,
        errors: Errors::new(),
    }
}

/// What script asks for while one types: the findings alone.
#[handler]
pub async fn check(member: Member, Path(Named { workflow }): Path<Named>, form: Form) -> Result<Response> {
    let source = text(&form);
    let found = checked(&member, &workflow, &source).await?;
    part(&member, &filled(&member, &workflow, 0, source, &found), "findings").await
}

#[handler]
pub async fn send(member: Member, Path(Named { workflow }): Path<Named>, form: Form) -> Result<Response> {
    let version = form.version()?;
    match form.text("do") {
        "save" => save(member, &workflow, &form, version).await,
        "publish" => publish(member, &workflow, &form, version).await,
        "discard" => discard(member, &workflow, &form, version).await,
        asked => look(&member, &workflow, &form, version, asked).await,
    }
}

/// Check, tests, replay: the text is looked at and kept by nobody.
async fn look(member: &Member, workflow: &str, form: &Form, version: i32, asked: &str) -> Result<Response> {
    let source = text(form);
    if source.len() > workflows::MAX_FILE_BYTES {
        let error = FieldError::new("source", "text_too_large").with("max", workflows::MAX_FILE_BYTES / 1024);
        return again(member, workflow, form, version, Error::Invalid(vec![error])).await;
    }
    let found = checked(member, workflow, &source).await?;
    let input = Input { source: source.clone() };
    let shown = WorkflowEditPage { note: form.typed("note"), unsaved: true, ..filled(member, workflow, version, source, &found) };
    let shown = match asked {
        "test" => {
            let played = member.run(Rehearse { workflow: workflow.to_owned(), input }).await?;
            WorkflowEditPage { tests: Some(rows::tests(member.locale, workflow, &played)), ..shown }
        }
        "replay" if found.found.is_empty() => {
            let life = Life::following(member, workflow).await?;
            let replayed = member.run(Replay { workflow: workflow.to_owned(), input }).await?;
            WorkflowEditPage { replay: Some(rows::replay(&life, &replayed)), ..shown }
        }
        _ => shown,
    };
    page(member, &shown).await
}

async fn keep(member: &Member, workflow: &str, form: &Form, version: i32) -> Result<Draft, Error> {
    let save = SaveDraft { workflow: workflow.to_owned(), version, input: Input { source: text(form) } };
    member.edge.app.run(&member.scope, save).await
}

async fn save(member: Member, workflow: &str, form: &Form, version: i32) -> Result<Response> {
    match keep(&member, workflow, form, version).await {
        Ok(_) => Ok(done(&member, &at(&member, workflow, "/edit"), Flash::new("workflow_saved"))),
        Err(error) => again(&member, workflow, form, version, error).await,
    }
}

/// What is in the form is kept first, so that a refusal loses nothing.
async fn publish(member: Member, workflow: &str, form: &Form, version: i32) -> Result<Response> {
    let draft = match keep(&member, workflow, form, version).await {
        Ok(draft) => draft,
        Err(error) => return again(&member, workflow, form, version, error).await,
    };
    let publish = Publish { workflow: workflow.to_owned(), version: draft.version, note: form.typed("note") };
    match member.edge.app.run(&member.scope, publish).await {
        Ok(published) => {
            let flash = Flash::new("workflow_published").with("number", &published.number.to_string());
            Ok(done(&member, &at(&member, workflow, ""), flash))
        }
        Err(error) => again(&member, workflow, form, draft.version, error).await,
    }
}

async fn discard(member: Member, workflow: &str, form: &Form, version: i32) -> Result<Response> {
    match member.edge.app.run(&member.scope, Discard { workflow: workflow.to_owned(), version }).await {
        Ok(()) => Ok(done(&member, &at(&member, workflow, ""), Flash::new("workflow_discarded"))),
        Err(error) => again(&member, workflow, form, version, error).await,
    }
}

/// The editor with what was typed and what is wrong: findings at their lines, failed tests in their own panel.
async fn again(member: &Member, workflow: &str, form: &Form, version: i32, error: Error) -> Result<Response> {
    let source = text(form);
    // the form goes on from what is there now, or saving would be refused for good; so what is there is shown before it is lost
    let (version, late) = if let Error::Stale { current, .. } = &error { (*current, true) } else { (version, false) };
    let about_text = matches!(&error, Error::Invalid(fields) if fields.iter().any(is_finding));
    let mut wrong = Wrong::of(member.locale, error)?;
    if source.len() > workflows::MAX_FILE_BYTES {
        // nothing is said of a text this long but that it is
        let unread = Checked { found: Vec::new(), ..checked(member, workflow, "").await? };
        let shown = WorkflowEditPage {
            note: form.typed("note"),
            unsaved: true,
            errors: wrong.errors,
            ..filled(member, workflow, version, source, &unread)
        };
        return whole(member, wrong.status, &shown).await;
    }
    let found = checked(member, workflow, &source).await?;
    let theirs = if late {
        let lines = member.run(Against { workflow: workflow.to_owned(), source: source.clone() }).await?;
        Some(hunks(&lines)).filter(|hunks| !hunks.is_empty())
    } else {
        None
    };
    let kept = filled(member, workflow, version, source.clone(), &found);
    let mut shown = WorkflowEditPage { note: form.typed("note"), unsaved: true, theirs, ..kept };
    if about_text && found.found.is_empty() {
        let played = member.run(Rehearse { workflow: workflow.to_owned(), input: Input { source } }).await?;
        shown.tests = Some(rows::tests(member.locale, workflow, &played));
    }
    if let Some(sentence) = wrong.errors.remove("source") {
        wrong.errors.entry(String::new()).or_insert(sentence);
    }
    let status = if wrong.status.is_success() { StatusCode::UNPROCESSABLE_ENTITY } else { wrong.status };
    whole(member, status, &WorkflowEditPage { errors: wrong.errors, ..shown }).await
}

fn is_finding(field: &FieldError) -> bool {
    field.code.starts_with("WF")
}
