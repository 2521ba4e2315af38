use domain::App;
use domain::identity::invitation::{self, Acceptance, Invite};
use domain::kernel::platform::Caller;
use domain::kernel::scope::Scope;
use domain::kernel::testing::{Company, PASSWORD};
use domain::maintenance::work_order::{Create, Input, Show, WorkOrder};
use domain::notify::telegram::AskLink;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use worker::Config;
use worker::mail::{self, Route};

use super::{BotApi, Db, Smtp, brisk};

/// A company at work: an admin, who may approve, and a technician, who may not; the whole worker beside them.
pub struct Firm {
    pub db: Db,
    pub smtp: Smtp,
    pub bot: BotApi,
    pub admin: Scope,
    pub technician: Scope,
    stop: CancellationToken,
    worker: JoinHandle<Result<(), worker::Error>>,
}

impl Firm {
    pub async fn open() -> Self {
        Self::reaching(&[]).await
    }

    /// With companies' own mail servers allowed in these networks.
    pub async fn reaching(networks: &[&str]) -> Self {
        let (db, smtp, bot) = (Db::new().await, Smtp::start().await, BotApi::start().await);
        // signed up before the worker starts, so that no letter with a key is written meanwhile
        let company = db.world.company("dala").await;
        let (stop, worker) = start(&db.world.app, &smtp, &bot, networks);
        let welcome = smtp.letter_to("admin@dala.example", 1).await;
        assert!(welcome.contains("Demo dala") && welcome.contains("http://millwright.test/dala/"), "{welcome}");
        let technician = invite(&db, &smtp, &company).await;
        Self { db, smtp, bot, admin: company.admin, technician, stop, worker }
    }

    pub fn app(&self) -> &App {
        &self.db.world.app
    }

    /// Opens the bot by the link on a member's profile page.
    pub async fn link(&self, member: &Scope) {
        let code = self.app().platform(&Caller::anyone(self.db.world.request()), AskLink(member)).await.expect("a code");
        self.bot.hears(&format!("/start {}", code.reveal()));
    }

    /// Links the admin's chat.
    pub async fn link_admin(&self) {
        self.link(&self.admin).await;
        let said = self.bot.says(1).await;
        assert!(said[0]["text"].as_str().is_some_and(|text| text.contains("Admin")), "{said:?}");
    }

    /// The technician asks for work, which waits for a decision.
    pub async fn ask(&self, title: &str) -> WorkOrder {
        let site = self.db.id("SELECT id FROM locations").await;
        let input = serde_json::json!({ "title": title, "location_id": site });
        let input: Input = serde_json::from_value(input).expect("an input");
        let order = self.app().run(&self.technician, Create(input)).await.expect("created");
        assert_eq!(order.state, "on_hold");
        order
    }

    /// Waits until an order is in a state.
    pub async fn reaches(&self, order: Uuid, state: &str) -> WorkOrder {
        super::eventually("the order moves", async || {
            let order = self.app().run(&self.admin, Show(order.into())).await.expect("shown");
            (order.state == state).then_some(order)
        })
        .await
    }

    pub async fn close(self) {
        self.stop.cancel();
        self.worker.await.expect("no panic").expect("a good configuration");
    }
}

fn start(app: &App, smtp: &Smtp, bot: &BotApi, networks: &[&str]) -> (CancellationToken, JoinHandle<Result<(), worker::Error>>) {
    let mail = mail::Config { route: Route::Smtp(smtp.url.clone()), from: "Mill <no-reply@mill.example>".into() };
    let mail_networks = networks.iter().map(|network| network.parse().expect("a network")).collect();
    let config = Config { timing: brisk(), mail_networks, ..Config::new(mail, Some(bot.config())) };
    let stop = CancellationToken::new();
    (stop.clone(), tokio::spawn(worker::run(app.clone(), config, stop)))
}

/// Invites the technician, reads the letter, accepts.
async fn invite(db: &Db, smtp: &Smtp, company: &Company) -> Scope {
    let input = invitation::Input {
        email: "tech@dala.example".into(),
        name: "Tekniker".into(),
        role_id: company.role("technician"),
        all_sites: true,
        site_ids: Vec::new(),
        locale: "kk".into(),
    };
    let (app, request) = (&db.world.app, db.world.request());
    app.run(&company.admin, Invite(input)).await.expect("invited");
    let letter = smtp.letter_to("tech@dala.example", 1).await;
    let link = letter.split("http://millwright.test/invite/").nth(1).expect("a link");
    let token: String = link.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    let acceptance = Acceptance { token, name: None, password: PASSWORD.into() };
    let (begun, slug) = app.accept_invitation(&acceptance, &request).await.expect("accepted");
    db.world.enter(&begun, &slug).await
}
