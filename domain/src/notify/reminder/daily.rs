//! What is looked at every morning at eight, by the company's clock (113): reminders of the days to come are written down, and
//! whoever manages work hears how the day begins.

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};
use serde_json::json;
use workflows::Recipient;
use workflows::calendar::local;

use super::arrange::arrange;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::Result;
use crate::kernel::jobs::{Job, Lane};
use crate::kernel::permission::Permission;
use crate::notify::{Telling, Words, tell};

/// The checks of a day; the schedule queues them at eight in every company's zone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DailyChecks {
    /// The day, in the company's zone.
    pub day: NaiveDate,
}

impl Job for DailyChecks {
    const KIND: &'static str = "notify.daily";
    const QUEUE: Lane = Lane::Bulk;

    fn unique_key(&self) -> Option<String> {
        Some(self.day.to_string())
    }
}

/// Runs the checks of a day. Run again, they add nothing: everything told has the day in its key.
#[derive(Debug, Clone)]
pub struct RunDailyChecks {
    /// The day, in the company's zone.
    pub day: NaiveDate,
}

/// Days ahead a warranty's end is counted.
const WARRANTY: i64 = 30;

impl Action for RunDailyChecks {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        arrange(cx, None, None, None).await?;
        let zone = cx.scope().company().zone;
        // yesterday's figures are of no use to anybody
        if cx.now().with_timezone(&zone).date_naive() != self.day {
            return Ok(());
        }
        summary(cx, self.day).await
    }
}

async fn summary(cx: &mut Cx<'_>, day: NaiveDate) -> Result<()> {
    let (zone, now, tenant) = (cx.scope().company().zone, cx.now(), cx.tenant());
    let midnight = local(zone, day + TimeDelta::days(1), NaiveTime::MIN).unwrap_or(now);
    let figures = sqlx::query!(
        r#"SELECT
             (SELECT count(*) FROM work_orders WHERE tenant_id = $1 AND category IN ('todo', 'doing', 'waiting') AND due_at < $2) AS "overdue!",
             (SELECT count(*) FROM work_orders WHERE tenant_id = $1 AND category IN ('todo', 'doing', 'waiting')
                AND due_at >= $2 AND due_at < $3) AS "due!",
             (SELECT count(*) FROM assets WHERE tenant_id = $1 AND active AND warranty_until BETWEEN $4 AND $5) AS "warranties!""#,
        tenant.uuid(),
        now,
        midnight,
        day,
        day + TimeDelta::days(WARRANTY),
    )
    .fetch_one(cx.conn())
    .await?;
    if figures.overdue + figures.due + figures.warranties == 0 {
        return Ok(());
    }
    let mention = json!({ "overdue": figures.overdue, "due": figures.due, "warranties": figures.warranties });
    let telling = Telling {
        text: "daily.summary",
        words: Words::new(),
        channels: &[],
        to: &[Recipient::Permission(Permission::WorkOrderManage.key().to_owned())],
        subject: "daily",
        record: tenant.uuid(),
        // the figures are of all sites: whoever is limited to some of them is not told
        site: None,
        mention: &mention,
        dedupe: format!("daily:{day}"),
        except: None,
    };
    tell(cx, &telling).await
}
