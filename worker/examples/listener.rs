//! A process that stands for the polling of Telegram, for the test that kills one: `tests/it/polling.rs` says what is expected of it.
//! It says on standard output what it hears.

use std::io::Write;

use sqlx::Executor;
use sqlx::postgres::PgPoolOptions;
use tokio_util::sync::CancellationToken;
use worker::queue::failure::Failure;
use worker::queue::leader;
use worker::telegram::poll::{Conversation, Poller};
use worker::telegram::update::Update;
use worker::telegram::{Config, Telegram};

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is set by the test"))
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("the test listens");
}

struct Ear;

impl Conversation for Ear {
    async fn hear(&self, update: Update) -> Result<(), Failure> {
        if let Update::Start { token, .. } = update {
            say(&format!("heard {token}"));
        }
        Ok(())
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .after_connect(|conn, _| Box::pin(async move { conn.execute("SET ROLE millwright_worker").await.map(drop) }))
        .connect_lazy(&variable("LISTENER_DATABASE"))
        .expect("an address");
    let config = Config { token: variable("LISTENER_TOKEN"), api_url: Some(variable("LISTENER_API")) };
    let bot = Telegram::new(&config).expect("a configuration");
    say("started");
    leader::lead(pool, Poller::new(bot, Ear), CancellationToken::new()).await;
}
