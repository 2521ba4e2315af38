//! The HTTP edge: pages for people, REST for programs. Handlers parse, run the domain's actions and present; they hold no
//! rule and no SQL.

pub mod http;
pub mod rest;
pub mod web;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use domain::App;
use http::assets;
use http::edge::Edge;
use http::health;
use http::observe::Observe;
use http::problem::Problems;
use ipnetwork::IpNetwork;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use poem::endpoint::BoxEndpoint;
use poem::listener::TcpListener;
use poem::middleware::CatchPanic;
use poem::{EndpointExt, Response, Route, Server, get, handler};
use templates::Source;
use tokio_util::sync::CancellationToken;

/// How the edge is reached.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where people and programs come in.
    pub listen: SocketAddr,
    /// Where measurements are read, if anywhere: a private address.
    pub metrics_listen: Option<SocketAddr>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNetwork>,
    /// The folder mail is kept in, shown at `/dev/mail`. Development only.
    pub dev_mail: Option<PathBuf>,
    /// The bot's name, for deep links.
    pub telegram_bot: Option<String>,
    /// Where templates come from.
    pub templates: Source,
}

/// Requests in flight get this long to finish when the process ends.
const DRAIN: Duration = Duration::from_secs(20);

/// Serves until asked to stop, then finishes what is in flight.
pub async fn serve(app: App, config: Config, shutdown: CancellationToken) -> std::io::Result<()> {
    let metrics = config.metrics_listen.map(|listen| tokio::spawn(serve_metrics(listen, shutdown.clone())));
    let endpoint = endpoint(app.clone(), &config);
    // streams never end by themselves, and the drain would wait for them
    let stopping = shutdown.clone();
    tokio::spawn(async move {
        stopping.cancelled().await;
        app.close_bells();
    });
    Server::new(TcpListener::bind(config.listen)).run_with_graceful_shutdown(endpoint, shutdown.cancelled_owned(), Some(DRAIN)).await?;
    match metrics {
        Some(metrics) => metrics.await.map_err(std::io::Error::other)?,
        None => Ok(()),
    }
}

/// Everything the edge answers, as one endpoint.
pub fn endpoint(app: App, config: &Config) -> BoxEndpoint<'static, Response> {
    let edge = Edge::new(app, config);
    Route::new()
        .at("/healthz", get(health::alive))
        .at("/readyz", get(health::ready))
        .at("/assets/*path", get(assets::serve))
        .nest("/api", rest::routes().with(Problems))
        .nest("/", web::routes(&edge))
        .with(CatchPanic::new())
        .data(edge.clone())
        .with(Observe(edge))
        .boxed()
}

/// Upper bounds of the buckets that times fall into, in seconds.
const SECONDS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 300.0, 1800.0];

/// Serves `/metrics` of this process until asked to stop.
pub async fn serve_metrics(listen: SocketAddr, shutdown: CancellationToken) -> std::io::Result<()> {
    let seconds = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS);
    let handle = seconds.and_then(PrometheusBuilder::install_recorder).map_err(std::io::Error::other)?;
    let route = Route::new().at("/metrics", get(measured)).data(handle);
    Server::new(TcpListener::bind(listen)).run_with_graceful_shutdown(route, shutdown.cancelled_owned(), Some(DRAIN)).await
}

#[handler]
fn measured(poem::web::Data(handle): poem::web::Data<&PrometheusHandle>) -> String {
    handle.render()
}
