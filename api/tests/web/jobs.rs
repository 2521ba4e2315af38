//! The operator's board of jobs.

use domain::kernel::jobs::{self, Job, Lane, NewJob, Owner};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::browser::Site;

#[derive(Serialize, Deserialize)]
struct Letter {
    to: String,
    order: Uuid,
}

impl Job for Letter {
    const KIND: &'static str = "test.letter";
    const QUEUE: Lane = Lane::Interactive;
}

/// A company's job that failed; answers its page.
async fn failed(site: &Site, company: Uuid) -> String {
    let mut conn = site.world.superuser().await;
    sqlx::query("SELECT set_config('app.tenant_id', $1, false)").bind(company.to_string()).execute(&mut conn).await.expect("enters");
    let job = NewJob::of(&Letter { to: "<madina>@north.example".into(), order: Uuid::from_u128(7) }).expect("is JSON");
    jobs::insert(&mut conn, Owner::Tenant, std::slice::from_ref(&job)).await.expect("is added");
    put(site, job.id(), "dead").await;
    format!("/platform/jobs/{company}/{}", job.id())
}

async fn put(site: &Site, id: Uuid, state: &str) {
    let sql = "UPDATE queue.jobs SET state = $2, attempt = 3, last_error = '550 <b>no such user</b> madina@north.example',
      finished_at = CASE WHEN $2 = 'dead' THEN now() END,
      lease_token = CASE WHEN $2 = 'running' THEN id END, lease_until = CASE WHEN $2 = 'running' THEN now() END WHERE id = $1";
    sqlx::query(sql).bind(id).bind(state).execute(&mut site.world.superuser().await).await.expect("is put so");
}

#[tokio::test]
async fn operators_alone_see_the_jobs() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let path = failed(&site, company.admin.tenant().uuid()).await;
    assert_eq!(site.browser().get("/platform/jobs").await.expect(303).header("location"), "/login?next=%2Fplatform%2Fjobs");
    let admin = site.admin(&company).await;
    for page in ["/platform/jobs", path.as_str()] {
        admin.get(page).await.expect(403).hides(&["test.letter"]);
    }
    for act in ["retry", "discard", "cancel"] {
        admin.submit(&format!("{path}/{act}"), &[]).await.expect(403);
    }
    let operator = site.operator().await;
    operator.get(&path).await.expect(200).says(&["test.letter", "Failed"]);
    operator.get("/platform/companies").await.expect(200).says(&["href=\"/platform/jobs\""]);
}

#[tokio::test]
async fn what_failed_is_shown_without_what_is_personal_and_done_again() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let path = failed(&site, company.admin.tenant().uuid()).await;
    let operator = site.operator().await;
    let list = operator.get("/platform/jobs").await.expect(200);
    list.says(&["Fast lane", "Bulk lane", "Demo north", "test.letter", "550 &lt;b&gt;no such user&lt;/b&gt; •••", "3 of 10", &path]);
    list.hides(&["madina", "<b>no such"]);
    let page = operator.get(&path).await.expect(200);
    page.says(&["&quot;to&quot;: &quot;•••&quot;", "00000000-0000-0000-0000-000000000007", "Run again", "Yes, discard", "hidden"]);
    page.hides(&["madina", "Yes, cancel the job"]);

    operator.complete(&format!("{path}/retry"), &[]).await.says(&["The job starts anew.", "Waiting", "0 of 10", "Yes, cancel the job"]);
    operator.submit(&format!("{path}/retry"), &[]).await.expect(409).says(&["This job has moved on meanwhile."]);
    operator.complete(&format!("{path}/cancel"), &[]).await.says(&["The job is cancelled.", "Cancelled"]);
    operator.complete(&format!("{path}/discard"), &[]).await.says(&["Job discarded."]).hides(&[&path]);
    operator.get(&path).await.expect(404);
    operator.get("/platform/jobs/nonsense/nonsense").await.expect(404);
    let logged: Vec<String> =
        sqlx::query_scalar("SELECT kind FROM platform.log WHERE kind LIKE 'job.%' AND account_id IS NOT NULL ORDER BY at, id")
            .fetch_all(&mut site.world.superuser().await)
            .await
            .expect("is logged");
    assert_eq!(logged, ["job.retried", "job.cancelled", "job.discarded"]);
}

#[tokio::test]
async fn a_running_job_is_asked_to_stop() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let path = failed(&site, company.admin.tenant().uuid()).await;
    put(&site, path.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id"), "running").await;
    let operator = site.operator().await;
    let page = operator.complete(&format!("{path}/cancel"), &[]).await;
    page.says(&["The job is cancelled.", "Running", "The job has been asked to stop."]).hides(&["Yes, cancel the job"]);
}

#[tokio::test]
async fn jobs_are_filtered_and_paged() {
    let site = Site::new().await;
    let (north, south) = (site.world.company("north").await, site.world.company("south").await);
    let (north, south) = (north.admin.tenant().uuid(), south.admin.tenant().uuid());
    sqlx::query("DELETE FROM queue.jobs").execute(&mut site.world.superuser().await).await.expect("begins empty");
    let operator = site.operator().await;
    operator.get("/platform/jobs").await.expect(200).says(&["Nothing waits", "No jobs"]);
    let mut paths = Vec::new();
    for _ in 0..51 {
        paths.push(failed(&site, north).await);
    }
    let other = failed(&site, south).await;
    let first = operator.get("/platform/jobs?state=dead").await.expect(200);
    first.says(&[&other, &paths[50], &paths[2]]).hides(&[&paths[1]]);
    let href = first.between("cursor=", "\"");
    let href = format!("/platform/jobs?state=dead&cursor={href}");
    operator.get(&href).await.expect(200).says(&[&paths[1], &paths[0]]).hides(&[&paths[2]]);
    operator.get(&format!("/platform/jobs?company={south}")).await.expect(200).says(&[&other]).hides(&[&paths[50]]);
    operator.get("/platform/jobs?company=nobody").await.expect(200).says(&["Nothing matches"]);
    operator.get("/platform/jobs?q=test.le").await.expect(200).says(&[&other]);
    operator.get("/platform/jobs?q=export").await.expect(200).says(&["Nothing matches"]);
    operator.get("/platform/jobs?state=running").await.expect(200).says(&["Nothing matches"]);
    operator.get("/platform/jobs?cursor=nonsense").await.expect(422);
    operator.part("/platform/jobs?q=test").await.expect(200).says(&["id=\"results\""]).hides(&["<html"]);
}
