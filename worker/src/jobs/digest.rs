//! One letter that lists what its reader chose to be told of together.

use domain::kernel::jobs::Job;
use domain::kernel::scope::Scope;
use domain::notify::delivery::{Item, Letter as Listed, LoadLetter, RecordLetter};
use domain::notify::jobs::Digest;
use domain::notify::unsubscribe::Letters;
use domain::notify::{Kind, text};
use templates::mail::{self, Line};
use templates::{Locale, notice};

use super::notify::{ended, mentioned};
use super::{Post, locale};
use crate::mail::{Letter, Marks};
use crate::queue::failure::Failure;
use crate::registry::{JobContext, Outcome};

/// Messages a letter shows; of the rest it tells how many there are.
const MOST: usize = 100;

/// Sends the letter.
pub async fn letter(post: Post, context: JobContext, job: Digest) -> Outcome {
    let scope = post.company(&context).await?;
    let Some(listed) = post.app.run(&scope, LoadLetter(job.batch)).await? else { return Ok(()) };
    let sent = send(&post, &scope, &job, &listed).await;
    let outcome = ended(&sent, context.attempt >= i32::from(Digest::MAX_ATTEMPTS));
    let deliveries = listed.items.iter().map(|item| item.delivery).collect();
    post.app.run(&scope, RecordLetter { deliveries, outcome }).await?;
    sent
}

async fn send(post: &Post, scope: &Scope, job: &Digest, listed: &Listed) -> Outcome {
    let locale = locale(&listed.locale);
    let lines: Vec<Line> = listed.items.iter().filter_map(|item| line(post, scope, locale, item)).collect();
    if lines.is_empty() {
        return Err(Failure::give_up("no words for any of its messages"));
    }
    let url = post.app.url(&format!("/{}/notifications", scope.company().slug));
    let unsubscribe = post.unsubscribe(scope, listed.member, Letters::Collected);
    let digest = mail::Digest {
        name: &listed.name,
        company: &scope.company().name,
        lines: &lines[..lines.len().min(MOST)],
        total: lines.len(),
        url: &url,
        unsubscribe: unsubscribe.as_deref(),
    };
    let mail = mail::digest(locale, &digest).map_err(|error| Failure::give_up(error.to_string()))?;
    let letter =
        Letter { id: job.batch, to: &listed.address, name: Some(&listed.name), subject: &mail.subject, text: &mail.text, html: &mail.html };
    let sent = post.send(scope, &letter, Marks { thread: None, unsubscribe: unsubscribe.as_deref() }).await;
    post.note_address(scope, listed.member, &listed.address, &sent).await?;
    sent
}

/// One message as the bell says it; nothing for a kind of another version.
fn line(post: &Post, scope: &Scope, locale: Locale, item: &Item) -> Option<Line> {
    let kind = Kind::find(&item.kind)?;
    let company = scope.company();
    let mut values: Vec<(String, String)> = mentioned(locale, &item.params).collect();
    let path = kind.path(&company.slug, item.record, &item.params);
    values.push(("actor".into(), company.name.clone()));
    values.push(("company".into(), company.name.clone()));
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let filed = text::filed(&item.params, locale.as_str(), &values).map(|said| templates::message::one_line(&said));
    let text = filed.unwrap_or_else(|| notice::render(templates::Kind::new(kind.key), locale, &values));
    Some(Line { text, url: post.app.url(&path) })
}
