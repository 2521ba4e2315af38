use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::Notify;

/// A door to PostgreSQL that can be shut: connections made meanwhile are closed at once, those open are cut.
pub struct Door {
    pub port: u16,
    open: Arc<AtomicBool>,
    cut: Arc<Notify>,
    freeze: Arc<Notify>,
    turned_away: Arc<AtomicUsize>,
}

/// Where PostgreSQL listens.
#[derive(Clone)]
pub enum Server {
    Tcp(String, u16),
    Socket(PathBuf),
}

/// Carries bytes both ways until one side ends or the door is shut; none at all any more, either side still open, once it froze.
async fn carry(
    mut client: TcpStream,
    mut server: impl AsyncRead + AsyncWrite + Unpin,
    cut: &Notify,
    freeze: &Notify,
) -> std::io::Result<()> {
    tokio::select! {
        ended = tokio::io::copy_bidirectional(&mut client, &mut server) => return ended.map(drop),
        () = cut.notified() => return Ok(()),
        () = freeze.notified() => {}
    }
    cut.notified().await;
    Ok(())
}

impl Door {
    pub async fn to(server: Server, open: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let door = Self {
            port: listener.local_addr().expect("bound").port(),
            open: Arc::new(AtomicBool::new(open)),
            cut: Arc::default(),
            freeze: Arc::default(),
            turned_away: Arc::default(),
        };
        let (open, cut, freeze, turned_away) = (door.open.clone(), door.cut.clone(), door.freeze.clone(), door.turned_away.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !open.load(Ordering::SeqCst) {
                    turned_away.fetch_add(1, Ordering::SeqCst);
                    continue;
                }
                let (server, cut, freeze) = (server.clone(), cut.clone(), freeze.clone());
                tokio::spawn(async move {
                    match server {
                        Server::Tcp(host, port) => carry(client, TcpStream::connect((host, port)).await?, &cut, &freeze).await,
                        Server::Socket(path) => carry(client, UnixStream::connect(path).await?, &cut, &freeze).await,
                    }
                });
            }
        });
        door
    }

    pub fn open(&self) {
        self.open.store(true, Ordering::SeqCst);
    }

    pub fn shut(&self) {
        self.open.store(false, Ordering::SeqCst);
        self.cut.notify_waiters();
    }

    /// Connections open now go dead without being closed, as when a firewall forgets them; new ones are let through.
    pub fn freeze(&self) {
        self.freeze.notify_waiters();
    }

    /// Waits until so many connections were turned away.
    pub async fn turns_away(&self, connections: usize) {
        let enough = async {
            while self.turned_away.load(Ordering::SeqCst) < connections {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(10), enough).await.expect("somebody keeps knocking");
    }
}
