//! The queue, as operators of the platform see it.

use domain::platform::board::{Board, Look};
use domain::platform::jobs::{Cancel, Cursor, Discard, Filter, Job, List, Named, Retry, Show, State};
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use uuid::Uuid;

use super::answer::{Done, Page, page_limit};
use super::caller::Account;
use crate::http::failure::{Failure, Result};

/// Jobs, as operators see them.
pub struct Jobs;

#[OpenApi(prefix_path = "/platform/jobs", tag = "super::tag::Tag::Platform")]
impl Jobs {
    /// Lists jobs, newest first: of a state, of the kinds that begin so, of a company (the nil id for the platform's own work).
    #[oai(path = "/", method = "get", operation_id = "jobs_list")]
    async fn list(
        &self,
        account: Account,
        state: Query<Option<State>>,
        kind: Query<Option<String>>,
        company: Query<Option<Uuid>>,
        cursor: Query<Option<String>>,
        limit: Query<Option<i32>>,
    ) -> Result<Json<Page<Job>>, Failure> {
        let limit = page_limit(limit.0.map(i64::from))?;
        let before = cursor.0.as_deref().map(Cursor::read).transpose()?;
        let filter = Filter { state: state.0, kind: kind.0, company: company.0 };
        let data =
            account.edge.app.platform(&account.caller(), List { filter, before, limit: i32::try_from(limit).unwrap_or_default() }).await?;
        Ok(Json(Page::behind(data, limit, |last| Cursor::behind(last).to_string())))
    }

    /// Reads how much there is in the queue, and whose it is.
    #[oai(path = "/board", method = "get", operation_id = "jobs_board")]
    async fn board(&self, account: Account) -> Result<Json<Board>, Failure> {
        Ok(Json(account.edge.app.platform(&account.caller(), Look).await?))
    }

    /// Reads a job. `company` is the nil id for the platform's own work.
    #[oai(path = "/:company/:id", method = "get", operation_id = "jobs_show")]
    async fn show(&self, account: Account, company: Path<Uuid>, id: Path<Uuid>) -> Result<Json<Job>, Failure> {
        Ok(Json(account.edge.app.platform(&account.caller(), Show(named(company, id))).await?))
    }

    /// Has a job that failed or was cancelled done again, with all its tries, or one that waits for its next try done now.
    #[oai(path = "/:company/:id/retry", method = "post", operation_id = "jobs_retry")]
    async fn retry(&self, account: Account, company: Path<Uuid>, id: Path<Uuid>) -> Result<Json<Job>, Failure> {
        Ok(Json(account.edge.app.platform(&account.caller(), Retry(named(company, id))).await?))
    }

    /// Cancels a job: one that waits at once, one that runs within two seconds.
    #[oai(path = "/:company/:id/cancel", method = "post", operation_id = "jobs_cancel")]
    async fn cancel(&self, account: Account, company: Path<Uuid>, id: Path<Uuid>) -> Result<Json<Job>, Failure> {
        Ok(Json(account.edge.app.platform(&account.caller(), Cancel(named(company, id))).await?))
    }

    /// Removes a job that failed or was cancelled.
    #[oai(path = "/:company/:id", method = "delete", operation_id = "jobs_discard")]
    async fn discard(&self, account: Account, company: Path<Uuid>, id: Path<Uuid>) -> Result<Done, Failure> {
        account.edge.app.platform(&account.caller(), Discard(named(company, id))).await?;
        Ok(Done::Done)
    }
}

fn named(Path(company): Path<Uuid>, Path(id): Path<Uuid>) -> Named {
    Named { company, id }
}
