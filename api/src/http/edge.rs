//! What handlers share.

use std::net::{IpAddr, SocketAddr};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use domain::App;
use domain::kernel::scope::Request as Origin;
use ipnetwork::IpNetwork;
use poem::Request;
use templates::Engine;
use uuid::Uuid;

use crate::Config;

/// The application, the templates and the configuration of the edge.
#[derive(Clone)]
pub struct Edge(Arc<Inner>);

/// What an [`Edge`] holds.
pub struct Inner {
    /// Everything Millwright does.
    pub app: App,
    /// Its pages.
    pub engine: Engine,
    /// Whether people reach it over https: cookies are `Secure` then.
    pub https: bool,
    /// The folder mail is kept in, shown at `/dev/mail`.
    pub dev_mail: Option<PathBuf>,
    /// The bot's name, for deep links.
    pub telegram_bot: Option<String>,
    trusted_proxies: Vec<IpNetwork>,
}

impl Deref for Edge {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Edge {
    /// An edge over an application.
    pub fn new(app: App, config: &Config) -> Self {
        let https = app.settings().public_url.starts_with("https://");
        Self(Arc::new(Inner {
            app,
            engine: Engine::new(&config.templates),
            https,
            dev_mail: config.dev_mail.clone(),
            telegram_bot: config.telegram_bot.clone(),
            trusted_proxies: config.trusted_proxies.clone(),
        }))
    }

    /// Where a request came from: the peer, or what a trusted proxy says of it.
    pub fn origin(&self, request: &Request) -> Origin {
        let agent = request.header("user-agent").unwrap_or_default();
        Origin::new(Uuid::now_v7(), self.client_ip(request), agent)
    }

    /// The right-most address no trusted proxy has: what stands left of it anybody may have written.
    fn client_ip(&self, request: &Request) -> Option<IpAddr> {
        let peer = request.remote_addr().as_socket_addr().map(SocketAddr::ip)?;
        let trusted = |ip: &IpAddr| self.trusted_proxies.iter().any(|network| network.contains(*ip));
        if !trusted(&peer) {
            return Some(peer);
        }
        let forwarded = request.header("x-forwarded-for").unwrap_or_default();
        forwarded.rsplit(',').map_while(|part| part.trim().parse().ok()).find(|ip| !trusted(ip)).or(Some(peer))
    }
}
