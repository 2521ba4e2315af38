//! The bell, told as it rings (111): a stream of server-sent events with the number of unread notifications. Pages work without
//! it; with it the count beside the bell follows what happens elsewhere.

use std::time::Duration;

use domain::App;
use domain::kernel::bell::Hearing;
use domain::kernel::scope::Scope;
use domain::notify::Unread;
use futures::stream::{self, Stream};
use poem::http::{HeaderName, HeaderValue, StatusCode, header};
use poem::web::sse::{Event, SSE};
use poem::{IntoResponse, Request, Response, handler};
use serde_json::json;
use templates::Locale;
use templates::format::number;
use templates::i18n::{t, tn};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use uuid::Uuid;

use super::pages::Pages;
use super::visitor::Member;
use crate::http::failure::Result;

/// How often the session is looked at and the count taken anew: a session that ended is let go within 30 seconds, and a ring
/// that was lost is made good.
const LOOK: Duration = Duration::from_secs(20);
/// Silence after which proxies close a connection is longer than this.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a browser waits before it asks again.
const RETRY: u64 = 5_000;
/// Asks nginx and its like to pass every event on at once.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages.get("/:company/notifications/stream", listen)
}

/// A stream whose reader is no longer logged in is told not to come back, rather than sent to a page it cannot show.
#[handler]
async fn listen(member: poem::Result<Member>, request: &Request) -> Result<Response> {
    let member = match member.map_err(poem::Error::into_response) {
        Ok(member) => member,
        Err(answer) if answer.status().is_redirection() && request.header(header::ACCEPT) == Some("text/event-stream") => {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        Err(answer) => return Ok(answer),
    };
    let app = member.edge.app.clone();
    let hearing = app.hear_bell(&member.scope)?;
    let looks = interval_at(Instant::now() + LOOK, LOOK);
    let ear = Ear { app, hearing, session: member.who.session, locale: member.locale, scope: member.scope.clone(), told: None, looks };
    let mut response = SSE::new(ear.stream()).keep_alive(HEARTBEAT).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

/// Somebody who listens to their bell.
struct Ear {
    app: App,
    hearing: Hearing,
    session: Uuid,
    scope: Scope,
    locale: Locale,
    /// The count told last.
    told: Option<i64>,
    looks: tokio::time::Interval,
}

impl Ear {
    fn stream(mut self) -> impl Stream<Item = Event> {
        self.looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let begin = stream::iter([Event::retry(RETRY)]);
        let counts = stream::unfold(self, |mut ear| async move { ear.next().await.map(|event| (event, ear)) });
        stream::StreamExt::chain(begin, counts)
    }

    /// The next count that is news; nothing when the session or the process ends.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if self.told.is_some() {
                let stays = tokio::select! {
                    rung = self.hearing.rung() => rung,
                    _ = self.looks.tick() => self.stays().await,
                };
                if !stays {
                    return None;
                }
            }
            let unread = self.app.run(&self.scope, Unread).await;
            match unread {
                Ok(unread) if self.told != Some(unread) => {
                    self.told = Some(unread);
                    return Some(self.event(unread));
                }
                Ok(_) => {}
                // the browser asks again; until then the page shows what it knows
                Err(error) => {
                    tracing::debug!(%error, "a stream of the bell ends");
                    return None;
                }
            }
        }
    }

    async fn stays(&self) -> bool {
        self.app.stays(self.session, &self.scope.company().slug).await.unwrap_or(false)
    }

    fn event(&self, unread: i64) -> Event {
        let bell = t(self.locale, "nav.notifications", &[]);
        let said = tn(self.locale, "nav.unread", unread, &[]);
        let shown = if unread > 99 { "99+".to_owned() } else { unread.to_string() };
        let label = if unread > 0 { format!("{bell}, {said}") } else { bell };
        let data =
            json!({ "unread": unread, "shown": shown, "count": number(self.locale, unread.into(), None), "label": label, "said": said });
        Event::message(data.to_string()).event_type("unread")
    }
}
