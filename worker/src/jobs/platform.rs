//! The platform's own work, which no company asked for.

use domain::kernel::housekeeping::KeepHouse;
use domain::kernel::platform::Caller;
use domain::kernel::scope::Request;

use super::Post;
use crate::registry::Outcome;

/// Removes what has had its time.
pub async fn keep_house(post: Post, job: KeepHouse) -> Outcome {
    Ok(post.app.platform(&Caller::anyone(Request::internal("worker")), job).await?)
}
