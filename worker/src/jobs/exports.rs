//! Lists as files, and what becomes of the files.

use domain::exports::jobs::{ExpireExport, RemoveFile, RunExport};
use domain::exports::{Expire, Expired};
use domain::kernel::jobs::Job;

use super::Post;
use crate::exports;
use crate::registry::{JobContext, Outcome};

/// Makes the file of an export. One that is over, or was cancelled, is left alone.
pub async fn run(post: Post, context: JobContext, job: RunExport) -> Outcome {
    let company = post.company(&context).await?;
    let last = context.attempt >= i32::from(RunExport::MAX_ATTEMPTS);
    exports::run(&post.app, &company, job.export, last).await
}

/// Removes a file that has had its time, then says so.
pub async fn expire(post: Post, context: JobContext, job: ExpireExport) -> Outcome {
    let company = post.company(&context).await?;
    if let Some(file) = post.app.run(&company, Expire(job.export)).await? {
        post.app.files(&company).delete(file).await?;
        post.app.run(&company, Expired(job.export)).await?;
    }
    Ok(())
}

/// Removes a file whose row is gone.
pub async fn remove(post: Post, context: JobContext, job: RemoveFile) -> Outcome {
    let company = post.company(&context).await?;
    Ok(post.app.files(&company).delete(job.file.into()).await?)
}
