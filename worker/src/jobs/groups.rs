//! Messages to groups on their way out: load, send, record. One that was sent already is left alone.

use domain::kernel::jobs::Job;
use domain::notify::jobs::Group;
use domain::notify::press::Shown;
use domain::notify::{LoadToGroup, RecordToGroup};

use super::Post;
use super::notify::{ended, say};
use crate::queue::failure::Failure;
use crate::registry::{JobContext, Outcome};
use crate::telegram::Unreached;

/// Sends one message to a group. A group the bot is no longer in is unlinked from its company.
pub async fn message(post: Post, context: JobContext, job: Group) -> Outcome {
    let scope = post.company(&context).await?;
    let Some(told) = post.app.run(&scope, LoadToGroup(job.message)).await? else { return Ok(()) };
    let sent = match say(&post, &scope, &told.message, Shown::Group(told.chat), told.chat).await {
        Ok(()) => Ok(()),
        // its messages go with it
        Err(Unreached::Gone(reason)) => {
            post.app.lose_group(told.chat).await?;
            return Err(Failure::GiveUp(reason));
        }
        Err(Unreached::Moved(to)) => {
            post.app.move_group(told.chat, to).await?;
            Err(Failure::retry("the group has become another chat"))
        }
        Err(Unreached::Failed(failure)) => Err(failure),
    };
    let outcome = ended(&sent, context.attempt >= i32::from(Group::MAX_ATTEMPTS));
    post.app.run(&scope, RecordToGroup { message: job.message, outcome }).await?;
    sent
}
