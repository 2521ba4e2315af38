use std::sync::{Arc, Mutex};

use base64::Engine;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A mail server that says what it is told to.
#[derive(Clone)]
pub struct Smtp {
    pub url: String,
    state: Arc<Mutex<State>>,
}

struct State {
    /// Down: connections are closed before a greeting.
    up: bool,
    /// The reply to RCPT.
    recipient: &'static str,
    letters: Vec<String>,
}

impl Smtp {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("smtp://{}", listener.local_addr().expect("bound"));
        let state = State { up: true, recipient: "250 yes", letters: Vec::new() };
        let server = Self { url, state: Arc::new(Mutex::new(state)) };
        let running = server.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = running.clone();
                tokio::spawn(async move { server.converse(client).await });
            }
        });
        server
    }

    pub fn set_up(&self, up: bool) {
        self.state.lock().expect("whole").up = up;
    }

    pub fn says_to_recipients(&self, reply: &'static str) {
        self.state.lock().expect("whole").recipient = reply;
    }

    pub fn letters(&self) -> Vec<String> {
        self.state.lock().expect("whole").letters.clone()
    }

    /// Waits for the nth letter to somebody, from 1, and answers it decoded.
    pub async fn letter_to(&self, address: &str, nth: usize) -> String {
        let to = |letter: &String| letter.lines().any(|line| line.starts_with("To: ") && line.contains(address));
        let letter = super::eventually("a letter", async || self.letters().into_iter().filter(to).nth(nth - 1)).await;
        decoded(&letter)
    }

    async fn converse(&self, client: TcpStream) -> std::io::Result<()> {
        if !self.state.lock().expect("whole").up {
            return Ok(());
        }
        let mut client = BufReader::new(client);
        client.write_all(b"220 stub\r\n").await?;
        let mut line = String::new();
        while client.read_line(&mut line).await? > 0 {
            // a connection that was kept goes down with the server
            if !self.state.lock().expect("whole").up {
                return Ok(());
            }
            let reply = match line.split([' ', '\r']).next().unwrap_or_default() {
                "EHLO" => "250-stub\r\n250 8BITMIME",
                "RCPT" => self.state.lock().expect("whole").recipient,
                "DATA" => {
                    client.write_all(b"354 go on\r\n").await?;
                    let mut letter = String::new();
                    while !letter.ends_with("\r\n.\r\n") && client.read_line(&mut letter).await? > 0 {}
                    self.state.lock().expect("whole").letters.push(letter);
                    "250 kept"
                }
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            client.write_all(format!("{reply}\r\n").as_bytes()).await?;
            line.clear();
        }
        Ok(())
    }
}

/// The letter with its parts decoded.
fn decoded(letter: &str) -> String {
    let mut encoding = "";
    let mut decoded = String::new();
    for block in letter.split("\r\n\r\n") {
        decoded += &match encoding {
            "base64" => from_base64(block),
            "quoted-printable" => from_quoted_printable(block),
            _ => block.to_owned(),
        };
        // a block of headers says how the next one is encoded; a decoded block holds none
        let header = block.lines().find_map(|line| line.strip_prefix("Content-Transfer-Encoding: "));
        encoding = header.unwrap_or_default();
    }
    decoded
}

fn from_base64(text: &str) -> String {
    let text: String = text.lines().take_while(|line| !line.starts_with("--")).collect();
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(text).expect("base64")).expect("UTF-8")
}

fn from_quoted_printable(text: &str) -> String {
    let text = text.replace("=\r\n", "");
    let mut pieces = text.split('=');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        bytes.push(u8::from_str_radix(&piece[..2], 16).expect("two hexadecimal digits"));
        bytes.extend_from_slice(&piece.as_bytes()[2..]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
