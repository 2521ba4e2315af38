//! Reminders by a company's rules, and the checks of every morning.

use domain::notify::reminder::{Arrange, ArrangeRule, DailyChecks, RunDailyChecks};

use super::Post;
use crate::registry::{JobContext, Outcome};

/// Writes down what a changed rule is going to remind of.
pub async fn arrange(post: Post, context: JobContext, job: ArrangeRule) -> Outcome {
    let scope = post.company(&context).await?;
    Ok(post.app.run(&scope, Arrange(Some(job.rule))).await?)
}

/// Runs the checks of a day.
pub async fn daily(post: Post, context: JobContext, job: DailyChecks) -> Outcome {
    let scope = post.company(&context).await?;
    Ok(post.app.run(&scope, RunDailyChecks { day: job.day }).await?)
}
