//! What the platform does for itself every hour, so that nothing grows without bound: sessions, throttles, links, keys and answers
//! that have had their time are removed, and next month's part of the audit log is made ahead of it.

use serde::{Deserialize, Serialize};

use super::error::Result;
use super::jobs::{Job, Lane};
use super::platform::{PlatformAction, Px, Standing};

/// One round of it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct KeepHouse {}

impl Job for KeepHouse {
    const KIND: &'static str = "platform.keep_house";
    const QUEUE: Lane = Lane::Bulk;
    const MAX_ATTEMPTS: u16 = 3;
}

impl PlatformAction for KeepHouse {
    const NEEDS: Standing = Standing::Anyone;
    type Out = ();

    async fn run(self, px: &mut Px<'_>) -> Result<()> {
        sqlx::query("SELECT app.upkeep(), queue.upkeep()").execute(px.conn()).await?;
        Ok(())
    }
}
