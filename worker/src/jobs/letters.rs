//! A company's letters: through its own mail server where it has one, and through nothing else then.

use domain::identity::member;
use domain::kernel::scope::Scope;
use domain::notify::jobs::MailTest;
use domain::notify::mail_server::{NoteTest, ReachMailServer};
use domain::notify::outage::NoteMailServer;
use domain::notify::refusal::NoteAddress;
use domain::notify::unsubscribe::Letters;
use templates::Kind;
use uuid::Uuid;

use super::{Post, locale};
use crate::mail::{Letter, Marks, WAITING};
use crate::queue::failure::Failure;
use crate::registry::{JobContext, Outcome};

impl Post {
    /// Sends a letter of the company. How its own server does is written down, for whoever looks after the company.
    pub(super) async fn send(&self, company: &Scope, letter: &Letter<'_>, marks: Marks<'_>) -> Outcome {
        let Some(reach) = self.app.run(company, ReachMailServer).await? else {
            return self.mailer.send_marked(letter, marks).await;
        };
        let sent = match self.mailer.of(company.tenant().uuid(), &reach).await {
            Ok(mailer) => mailer.send_marked(letter, marks).await,
            Err(failure) => Err(failure),
        };
        match &sent {
            Err(Failure::Later { reason, .. }) if reason == WAITING => {}
            Err(Failure::Later { reason, .. }) => self.app.run(company, NoteMailServer(Some(reason.clone()))).await?,
            // it answered, whatever it said of this letter
            _ if reach.failing => self.app.run(company, NoteMailServer(None)).await?,
            _ => {}
        }
        sent
    }

    /// Where a member ends letters like this one; nothing where nobody may.
    pub(super) fn unsubscribe(&self, company: &Scope, member: Uuid, letters: Letters) -> Option<String> {
        let code = self.app.unsubscribe_code(company, member, letters)?;
        Some(self.app.url(&format!("/unsubscribe/{code}")))
    }

    /// Writes down that a member's address is refused, or that a letter passed.
    pub(super) async fn note_address(&self, company: &Scope, member: Uuid, address: &str, sent: &Outcome) -> Result<(), Failure> {
        let refused = match sent {
            Ok(()) => None,
            Err(Failure::GiveUp(reason)) => Some(reason.clone()),
            Err(Failure::Retry(_) | Failure::Later { .. }) => return Ok(()),
        };
        let note = NoteAddress { member, address: address.to_owned(), refused };
        Ok(self.app.run(company, note).await?)
    }
}

/// Sends a test letter through the company's own mail server and writes down what the server said.
pub async fn mail_test(post: Post, context: JobContext, job: MailTest) -> Outcome {
    let scope = post.company(&context).await?;
    let person = post.app.run(&scope, member::Show(job.member.into())).await?;
    let (Some(to), Some(reach)) = (&person.email, post.app.run(&scope, ReachMailServer).await?) else { return Ok(()) };
    let company = scope.company();
    let url = post.app.url(&format!("/{}/settings/mail", company.slug));
    let params = [("name", person.name.as_str()), ("company", &company.name), ("url", &url)];
    let mail = templates::mail::render(Kind::new("mail_test"), locale(&person.locale), &params)
        .map_err(|error| Failure::give_up(error.to_string()))?;
    let (subject, text, html) = (&*mail.subject, &*mail.text, &*mail.html);
    let letter = Letter { id: context.id, to, name: Some(&person.name), subject, text, html };
    let tried = match post.mailer.of(scope.tenant().uuid(), &reach).await {
        Ok(mailer) => mailer.try_out(&letter).await,
        Err(failure) => Err(failure.to_string()),
    };
    let passed = tried.is_ok();
    let (Ok(answer) | Err(answer)) = tried;
    post.app.run(&scope, NoteTest { passed, answer }).await?;
    if passed && reach.failing {
        post.app.run(&scope, NoteMailServer(None)).await?;
    }
    Ok(())
}
