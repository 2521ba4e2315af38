//! A company's own mail server.

use domain::Error;
use domain::kernel::permission::Permission;
use domain::notify::mail_server::{Input, MailServer, PORTS, RemoveMailServer, SetMailServer, ShowMailServer, TestMailServer};
use poem::{Response, handler};
use templates::pages::mail::{Failing, MailPage, Test};
use templates::pages::parts::{Choice, Errors, Text};

use super::flash::Flash;
use super::form::{Form, Wrong};
use super::pages::Pages;
use super::respond::{done, page, whole};
use super::visitor::Member;
use crate::http::failure::Result;

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages
        .get("/:company/settings/mail", show)
        .post("/:company/settings/mail", save)
        .post("/:company/settings/mail/test", test)
        .post("/:company/settings/mail/remove", remove)
}

fn path(member: &Member) -> String {
    member.path("settings/mail")
}

#[handler]
async fn show(member: Member) -> Result<Response> {
    let filled = filled(&member).await?;
    page(&member, &filled).await
}

#[handler]
async fn save(member: Member, form: Form) -> Result<Response> {
    member.scope.need(Permission::CompanyManage)?;
    let typed = |name: &str| form.text(name).trim().to_owned();
    let input = Input {
        host: typed("host"),
        port: typed("port").parse().unwrap_or_default(),
        security: typed("security"),
        username: typed("username"),
        password: form.typed("password"),
        sender: typed("sender"),
    };
    match member.edge.app.run(&member.scope, SetMailServer(input)).await {
        Ok(()) => Ok(done(&member, &path(&member), Flash::new("saved"))),
        Err(error) => {
            let again = filled(&member).await?;
            let again = MailPage {
                host: typed("host"),
                port: typed("port"),
                security: typed("security"),
                username: typed("username"),
                sender: typed("sender"),
                ..again
            };
            refused(&member, error, again).await
        }
    }
}

#[handler]
async fn test(member: Member) -> Result<Response> {
    match member.edge.app.run(&member.scope, TestMailServer).await {
        Ok(()) => Ok(done(&member, &path(&member), Flash::new("mail_test"))),
        Err(error) => {
            let again = filled(&member).await?;
            refused(&member, error, again).await
        }
    }
}

#[handler]
async fn remove(member: Member) -> Result<Response> {
    member.run(RemoveMailServer).await?;
    Ok(done(&member, &path(&member), Flash::new("saved")))
}

async fn refused(member: &Member, error: Error, again: MailPage) -> Result<Response> {
    let wrong = Wrong::of(member.locale, error)?;
    whole(member, wrong.status, &MailPage { errors: wrong.errors, ..again }).await
}

async fn filled(member: &Member) -> Result<MailPage> {
    let server = member.run(ShowMailServer).await?;
    let own = server.is_some();
    let server = server.unwrap_or_else(|| MailServer {
        host: String::new(),
        port: 465,
        security: "tls".to_owned(),
        username: String::new(),
        has_password: false,
        sender: String::new(),
        failing_since: None,
        failure: None,
        test_asked_at: None,
        tested_at: None,
        test_passed: None,
        test_answer: None,
    });
    Ok(MailPage {
        base: path(member),
        own,
        host: server.host,
        port: server.port.to_string(),
        ports: PORTS.iter().map(|port| Choice::new(port.to_string(), Text::raw(port.to_string()))).collect(),
        security: server.security,
        username: server.username,
        has_password: server.has_password,
        sender: server.sender,
        failing: server.failing_since.map(|since| Failing { since, reason: server.failure.unwrap_or_default() }),
        test: server.tested_at.or(server.test_asked_at).map(|at| Test {
            at,
            passed: server.test_passed,
            answer: server.test_answer.unwrap_or_default(),
        }),
        to: member.scope.actor().email.clone().unwrap_or_default(),
        errors: Errors::new(),
    })
}
