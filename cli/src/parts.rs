//! The parts of a running process: started together, stopped together, none missing unnoticed.

use std::future::Future;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::shutdown::Signals;

/// How long parts may take to end once asked: a worker's drain is 25 seconds, and a little more.
pub const DRAIN: Duration = Duration::from_secs(30);

/// What runs side by side in this process.
#[derive(Default)]
pub struct Parts {
    tasks: JoinSet<(&'static str, anyhow::Result<()>)>,
    stop: CancellationToken,
}

impl Parts {
    /// Starts a part. It is handed the token that asks it to end.
    pub fn start<F, E>(&mut self, name: &'static str, part: impl FnOnce(CancellationToken) -> F)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<anyhow::Error>,
    {
        let part = part(self.stop.clone());
        self.tasks.spawn(async move { (name, part.await.map_err(Into::into)) });
    }

    /// Waits until one of them ends by itself, which none should.
    pub async fn ended(&mut self) -> anyhow::Error {
        match self.tasks.join_next().await {
            Some(Ok((name, Err(error)))) => error.context(format!("the {name} failed")),
            Some(Ok((name, Ok(())))) => anyhow::anyhow!("the {name} ended by itself"),
            Some(Err(error)) => anyhow::anyhow!("a part of the program died: {error}"),
            // with nothing started there is nothing to wait for
            None => std::future::pending().await,
        }
    }

    /// Asks all of them to end and waits. A second signal, or a wait beyond the limit, ends them where they stand.
    pub async fn stop(mut self, signals: &mut Signals, limit: Duration) -> anyhow::Result<()> {
        self.stop.cancel();
        tokio::select! {
            ended = Self::all(&mut self.tasks) => ended,
            () = signals.next() => bail!("ended at once, at the second signal"),
            () = tokio::time::sleep(limit) => bail!("some work did not end within {} s", limit.as_secs()),
        }
    }

    async fn all(tasks: &mut JoinSet<(&'static str, anyhow::Result<()>)>) -> anyhow::Result<()> {
        while let Some(task) = tasks.join_next().await {
            let (name, result) = task.context("a part of the program died")?;
            result.with_context(|| format!("the {name} failed while ending"))?;
        }
        Ok(())
    }
}

/// Runs parts until a signal asks this process to end.
pub async fn run(mut parts: Parts, mut signals: Signals) -> anyhow::Result<()> {
    let result = tokio::select! {
        () = signals.next() => Ok(()),
        error = parts.ended() => Err(error),
    };
    let stopped = parts.stop(&mut signals, DRAIN).await;
    result.and(stopped)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn until(stop: CancellationToken) -> anyhow::Result<()> {
        stop.cancelled().await;
        Ok(())
    }

    #[tokio::test]
    async fn parts_are_asked_to_end_and_waited_for() {
        let mut parts = Parts::default();
        let (sender, receiver) = tokio::sync::oneshot::channel();
        parts.start("one", until);
        parts.start("other", |stop| async move {
            stop.cancelled().await;
            sender.send("drained").map_err(|_| anyhow::anyhow!("nobody listens"))
        });
        let mut signals = Signals::listen().expect("signals");
        parts.stop(&mut signals, DRAIN).await.expect("both end well");
        assert_eq!(receiver.await, Ok("drained"));
    }

    #[tokio::test]
    async fn a_part_that_ends_by_itself_is_named() {
        let mut parts = Parts::default();
        parts.start("worker", |_| async { anyhow::Ok(()) });
        assert_eq!(parts.ended().await.to_string(), "the worker ended by itself");
        parts.start("API", |_| async { Err(anyhow::anyhow!("address in use")) });
        assert_eq!(format!("{:#}", parts.ended().await), "the API failed: address in use");
    }

    #[tokio::test]
    async fn a_part_that_fails_while_ending_is_told() {
        let mut parts = Parts::default();
        parts.start("worker", |stop| async move {
            stop.cancelled().await;
            Err::<(), _>(anyhow::anyhow!("the queue is gone"))
        });
        let mut signals = Signals::listen().expect("signals");
        let error = parts.stop(&mut signals, DRAIN).await.expect_err("it failed");
        assert_eq!(format!("{error:#}"), "the worker failed while ending: the queue is gone");
    }

    #[tokio::test]
    async fn a_part_that_hangs_does_not_hold_the_end_up() {
        let mut parts = Parts::default();
        parts.start("worker", |_| std::future::pending::<anyhow::Result<()>>());
        let mut signals = Signals::listen().expect("signals");
        let error = parts.stop(&mut signals, Duration::ZERO).await.expect_err("it hangs");
        assert!(error.to_string().contains("within 0 s"), "{error}");
    }
}
