//! What the clock brings to records, and migrations that did not fit into one transaction.

use domain::workflow::TimerDue;
use domain::workflow::versions::CarryOver;

use super::Post;
use crate::registry::{JobContext, Outcome};

/// Carries out a timer that is due. One that has been done already, or does no longer apply, is left alone.
pub async fn timer(post: Post, context: JobContext, job: TimerDue) -> Outcome {
    let scope = post.company(&context).await?;
    Ok(post.app.timer_due(&scope, job.timer).await?)
}

/// Moves the next batch of a migration.
pub async fn carry_over(post: Post, context: JobContext, job: CarryOver) -> Outcome {
    let scope = post.company(&context).await?;
    post.app.run(&scope, job).await?;
    Ok(())
}
