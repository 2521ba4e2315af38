//! Runs of exports: reads a list page by page through the code its page uses, writes the file as it reads, tells how far it is.

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::exports::{AnyList, Begin, End, Ended, Kind, Order, Progress, Standing, list};
use domain::kernel::export::{Format, Table, Words, sheet};
use domain::kernel::listing::Query;
use domain::kernel::permission::Permission;
use domain::kernel::scope::Scope;
use domain::{App, Error};
use futures::TryStreamExt;
use templates::i18n::t;
use tokio::io::AsyncRead;
use tokio_util::io::StreamReader;
use uuid::Uuid;

use crate::jobs::locale;
use crate::queue::failure::Failure;

/// How often a run says how far it is, and hears whether it is to go on.
const BEAT: Duration = Duration::from_millis(500);
/// No file is larger, in bytes: a sheet of the most rows there may be stays well below.
const LARGEST: u64 = 2 * 1024 * 1024 * 1024;

/// Why a run made no file.
enum Stop {
    /// For good, for the reason of this code.
    Reason(&'static str),
    /// For now.
    Fault(Error),
    /// Its member stopped it.
    Cancelled,
    /// Another run has taken over.
    Superseded,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error {
            error if error.is_storage_full() => Self::Reason("storage_full"),
            Error::Forbidden(_) => Self::Reason("forbidden"),
            Error::Invalid(_) => Self::Reason("bad_query"),
            error => Self::Fault(error),
        }
    }
}

/// One run.
struct Run<'a> {
    app: &'a App,
    /// The company's own scope: what a run writes down is not its member's doing.
    company: &'a Scope,
    order: Order,
    rows: Arc<AtomicU32>,
    /// Why reading or writing ended before its time: the store only hears that it did.
    fault: Arc<Mutex<Option<Error>>>,
}

/// Makes the file of an export. `last` says that a fault is not tried again.
pub async fn run(app: &App, company: &Scope, export: Uuid, last: bool) -> Result<(), Failure> {
    let Some(order) = app.run(company, Begin(export)).await? else { return Ok(()) };
    let run = Run { app, company, order, rows: Arc::default(), fault: Arc::default() };
    let stop = match run.make().await {
        Ok(done) => return run.end(done).await,
        Err(stop) => stop,
    };
    match stop {
        Stop::Superseded => Ok(()),
        Stop::Cancelled => run.end(Ended::Cancelled).await,
        Stop::Reason(reason) => {
            run.end(Ended::Failed(reason)).await?;
            Err(Failure::give_up(format!("the export failed: {reason}")))
        }
        Stop::Fault(error) if last => {
            let reason = if let Error::Unavailable(_) = error { "unavailable" } else { "internal" };
            run.end(Ended::Failed(reason)).await?;
            Err(Failure::give_up(error.to_string()))
        }
        // the row stays as it is: the next run begins anew, at the same place in the store
        Stop::Fault(error) => Err(Failure::retry(error.to_string())),
    }
}

impl Run<'_> {
    async fn make(&self) -> Result<Ended, Stop> {
        let order = &self.order;
        let reader = self.reader().await?;
        let list = list(&order.list).ok_or(Stop::Reason("bad_query"))?;
        reader.need(list.reads())?;
        let query = list.query(&order.query, &reader)?;
        let cap = self.app.settings().exports.rows_of(order.kind);
        let total = self.beside(list.count(self.app, &reader, query.clone(), cap)).await?;
        let total = u32::try_from(total).unwrap_or(u32::MAX);
        let truncated = total > cap;
        if truncated && order.kind != Kind::Document {
            return Err(Stop::Reason("too_many_rows"));
        }
        self.progress(Some(total)).await?;
        let bytes = self.put(list, &reader, query, cap).await?;
        let rows = self.rows.load(Ordering::Relaxed);
        Ok(Ended::done(&reader, bytes, rows, truncated, self.needs(list, &reader)))
    }

    /// The member as they are now.
    async fn reader(&self) -> Result<Scope, Stop> {
        match self.app.member_scope(self.company, self.order.member).await {
            Ok(scope) => Ok(scope),
            Err(Error::NotFound) => Err(Stop::Reason("member_gone")),
            Err(error) => Err(error.into()),
        }
    }

    /// The rights of what is written.
    fn needs(&self, list: &dyn AnyList, reader: &Scope) -> Vec<Permission> {
        let named = |key: &str| self.order.columns.is_empty() || self.order.columns.iter().any(|column| column == key);
        let columns = list.columns(reader).into_iter().filter(|column| named(column.key)).filter_map(|column| column.needs);
        std::iter::once(list.reads()).chain(columns).collect()
    }

    /// Puts the file away while it is written; answers its size.
    async fn put(&self, list: &dyn AnyList, reader: &Scope, query: Query, cap: u32) -> Result<u64, Stop> {
        let mut table = list.table(self.app, reader, query, &self.order.columns)?;
        table.batches = self.counted(table.batches);
        let file = self.order.file;
        let files = self.app.files(self.company);
        match self.order.kind {
            Kind::Sheet(format) => {
                let content = self.written(table, format);
                self.beside(async move { Ok(files.replace(file, content, LARGEST).await?.size) }).await
            }
            Kind::Document => {
                let bytes = self.beside(crate::documents::list(self.app, reader, &self.order, table, cap)).await?;
                Ok(files.replace(file, &*bytes, LARGEST).await.map_err(Stop::from)?.size)
            }
        }
    }

    fn counted(&self, batches: domain::kernel::export::Batches) -> domain::kernel::export::Batches {
        let rows = self.rows.clone();
        Box::pin(batches.inspect_ok(move |batch| {
            rows.fetch_add(u32::try_from(batch.len()).unwrap_or(u32::MAX), Ordering::Relaxed);
        }))
    }

    fn written(&self, table: Table, format: Format) -> impl AsyncRead + Send + Unpin + use<> {
        let locale = locale(&self.order.locale);
        let words: Words = Arc::new(move |key: &str| t(locale, key, &[]));
        let fault = self.fault.clone();
        let chunks = sheet(table, format, words).map_ok(io::Cursor::new).map_err(move |error| {
            let told = io::Error::other(error.to_string());
            *fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            told
        });
        Box::pin(StreamReader::new(chunks))
    }

    /// Does the work, telling how far it is, until it is done or to be stopped: dropped, it leaves nothing.
    async fn beside<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Stop> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return done.map_err(|error| self.cause(error).into()),
                () = tokio::time::sleep(BEAT) => self.progress(None).await?,
            }
        }
    }

    fn cause(&self, error: Error) -> Error {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or(error)
    }

    async fn progress(&self, total: Option<u32>) -> Result<(), Stop> {
        let Order { export, run, .. } = self.order;
        let done = self.rows.load(Ordering::Relaxed);
        match self.app.run(self.company, Progress { export, run, done, total }).await? {
            Standing::Going => Ok(()),
            Standing::Stopped => Err(Stop::Cancelled),
            Standing::Superseded => Err(Stop::Superseded),
        }
    }

    async fn end(&self, how: Ended) -> Result<(), Failure> {
        let Order { export, run, file, .. } = self.order;
        if self.app.run(self.company, End { export, run, how }).await? == Standing::Stopped {
            self.app.files(self.company).delete(file).await?;
        }
        Ok(())
    }
}
