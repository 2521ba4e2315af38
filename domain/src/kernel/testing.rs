//! A world for a test: a database of its own, cloned in milliseconds from a migrated template, an application with a clock
//! that stands still, and companies that came to life the way real ones do.

#![expect(clippy::disallowed_types, reason = "names of databases and tables are not parameters")]

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use uuid::Uuid;

use super::app::{App, Settings};
use super::clock::Clock;
use super::error::{Error, Result};
use super::files::Files;
use super::id::Id;
use super::listing::{List, Query};
use super::migrate;
use super::platform::Caller;
use super::resource::Create;
use super::scope::{Request, Scope};
use super::secret::Secret;
use crate::assets::{Asset, AssetInput, AssetType, Location, LocationInput};
use crate::exports::Limits;
use crate::identity::company::{Input, Onboard, Onboarded};
use crate::identity::invitation::{self, Acceptance, Invite, WriteLetter};
use crate::identity::login::Begun;
use crate::identity::session::Credential;
use crate::identity::signup::{Signup, Words};
use crate::identity::{Account, role};
use crate::inventory::{Vendor, VendorInput};
use crate::maintenance::work_order::{self, WorkOrder};
use crate::workflow::{Fire, Fired};

/// The server tests make their databases on, as a superuser.
pub const SERVER: &str = "MILLWRIGHT_TEST_DATABASE_URL";

/// A password nobody tries first.
pub const PASSWORD: &str = "ak-kaiyn-tunde-sybdyrlaidy";

/// Held while the template is made.
const TEMPLATE_LOCK: i64 = 0x6d77_7465_7374;

static COUNT: AtomicU32 = AtomicU32::new(0);

/// The instant every test begins at: a Monday morning in Almaty.
pub static START: LazyLock<DateTime<Utc>> = LazyLock::new(|| "2026-03-02T04:00:00Z".parse().unwrap_or_default());

/// A database, an application over it, and a clock.
pub struct World {
    /// The application.
    pub app: App,
    /// Its clock.
    pub clock: Clock,
    /// The database, as a superuser sees it.
    pub url: String,
    name: String,
}

/// A company in a world.
pub struct Company {
    /// Its name in addresses.
    pub slug: String,
    /// Its first person.
    pub admin: Scope,
    /// The session the first person has.
    pub begun: Begun,
    /// Its first site.
    pub site: Uuid,
    /// Ids of its default roles.
    roles: HashMap<String, Uuid>,
}

fn server() -> String {
    std::env::var(SERVER).unwrap_or_else(|_| panic!("{SERVER} must name a PostgreSQL server for tests"))
}

fn with_database(url: &str, name: &str) -> String {
    let (head, query) = url.split_once('?').map_or((url, ""), |(head, query)| (head, query));
    let base = head.rsplit_once('/').map_or(head, |(base, _)| base);
    if query.is_empty() { format!("{base}/{name}") } else { format!("{base}/{name}?{query}") }
}

async fn create_database() -> (String, String) {
    let server = server();
    let mut conn = PgConnection::connect(&server).await.expect("the test server answers");
    let template = format!("mw_template_{}", migrate::digest());
    conn.execute(AssertSqlSafe(format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})"))).await.expect("locks");
    let ready: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate)")
        .bind(&template)
        .fetch_one(&mut conn)
        .await
        .expect("reads databases");
    if !ready {
        conn.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {template}"))).await.expect("drops a half-made template");
        conn.execute(AssertSqlSafe(format!("CREATE DATABASE {template}"))).await.expect("creates the template");
        migrate::migrate(&with_database(&server, &template)).await.expect("migrates");
        conn.execute(AssertSqlSafe(format!("ALTER DATABASE {template} IS_TEMPLATE true"))).await.expect("marks the template");
    }
    conn.execute(AssertSqlSafe(format!("SELECT pg_advisory_unlock({TEMPLATE_LOCK})"))).await.expect("unlocks");
    let name = format!("mw_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    conn.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))).await.expect("drops a leftover");
    conn.execute(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}"))).await.expect("clones the template");
    conn.close().await.expect("closes");
    (with_database(&server, &name), name)
}

impl World {
    /// A new world with shipped workflow files.
    pub async fn new() -> Self {
        Self::with(None, 8).await
    }

    /// A new world with workflow files of a folder, and so many connections.
    pub async fn with(workflows: Option<std::path::PathBuf>, max_connections: u32) -> Self {
        let (url, name) = create_database().await;
        let clock = Clock::fixed(*START);
        let settings = Settings {
            database_url: url.clone(),
            max_connections,
            secret: Secret::new(b"a secret of tests, long enough, not of anybody").expect("is long enough"),
            public_url: "http://millwright.test".to_owned(),
            workflows,
            files: Files::in_memory().await,
            exports: Limits::default(),
        };
        let app = App::connect(settings, clock.clone()).await.expect("connects");
        Self { app, clock, url, name }
    }

    /// A connection that row-level security does not hold, to look behind the scenes.
    pub async fn superuser(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.expect("connects")
    }

    /// The request of a test.
    pub fn request(&self) -> Request {
        Request::new(Uuid::now_v7(), "203.0.113.7".parse().ok(), "test")
    }

    /// An operator of the platform.
    pub fn operator(&self) -> Caller {
        Caller { account: Some(Id::<Account>::new()), operator: true, request: self.request() }
    }

    /// Adds a company and makes its key.
    pub async fn onboard(&self, slug: &str) -> Onboarded {
        let input = Input {
            name: format!("Demo {slug}"),
            slug: Some(slug.to_owned()),
            contact_email: format!("admin@{slug}.example"),
            seats: 50,
            locale: None,
        };
        self.app.platform(&self.operator(), Onboard(input)).await.expect("onboards")
    }

    /// What the first person of a company sends.
    pub fn signup(&self, slug: &str, key: &str) -> Signup {
        Signup {
            email: format!("admin@{slug}.example"),
            key: key.to_owned(),
            name: Some(format!("Admin {slug}")),
            password: PASSWORD.to_owned(),
            locale: "en".to_owned(),
            time_zone: "Asia/Almaty".to_owned(),
            currency: "KZT".to_owned(),
        }
    }

    /// Words for a company's first rows: the keys themselves.
    pub fn words() -> Words {
        Arc::new(|key: &str| key.rsplit('.').next().unwrap_or(key).to_owned())
    }

    /// A company whose first person has signed up.
    pub async fn company(&self, slug: &str) -> Company {
        let onboarded = self.onboard(slug).await;
        let signup = self.signup(slug, &onboarded.signup_key);
        let (begun, slug) = self.app.sign_up(&signup, Self::words(), &self.request()).await.expect("signs up");
        let admin = self.enter(&begun, &slug).await;
        let roles = self.app.run(&admin, role::List).await.expect("lists roles");
        let roles = roles.into_iter().filter_map(|role| Some((role.key?, role.id))).collect();
        let sites = self.app.run(&admin, List::<Location>::new(Query::all::<Location>())).await.expect("lists sites");
        Company { slug, admin, begun, site: sites.data[0].id, roles }
    }

    /// The scope of a session in a company.
    pub async fn enter(&self, begun: &Begun, slug: &str) -> Scope {
        let cookie = begun.token.reveal().to_owned();
        self.app.enter(Credential::Cookie(&cookie), slug, self.request()).await.expect("enters").1
    }

    /// A person of a default role, invited and accepted; limited to the sites, if any.
    pub async fn member_at(&self, company: &Company, role: &str, name: &str, sites: Option<Vec<Uuid>>) -> (Begun, Scope) {
        let input = invitation::Input {
            email: format!("{name}@{}.example", company.slug),
            name: name.to_owned(),
            role_id: company.role(role),
            all_sites: sites.is_none(),
            site_ids: sites.unwrap_or_default(),
            locale: "en".to_owned(),
        };
        let invitation = self.app.run(&company.admin, Invite(input)).await.expect("invites");
        let letter = self.app.run(&company.admin, WriteLetter(invitation.id.into())).await.expect("writes").expect("is open");
        let acceptance = Acceptance { token: letter.token.reveal().to_owned(), name: None, password: PASSWORD.to_owned() };
        let (begun, slug) = self.app.accept_invitation(&acceptance, &self.request()).await.expect("accepts");
        let scope = self.enter(&begun, &slug).await;
        (begun, scope)
    }

    /// What the letter of the open invitation of an address carries.
    pub async fn letter(&self, company: &Company, email: &str) -> String {
        let open = self.app.run(&company.admin, invitation::List::open()).await.expect("lists");
        let invitation = open.into_iter().find(|invitation| invitation.email == email).expect("is open");
        let letter = self.app.run(&company.admin, WriteLetter(invitation.id.into())).await.expect("writes").expect("is open");
        letter.token.reveal().to_owned()
    }

    /// A person of a default role.
    pub async fn member(&self, company: &Company, role: &str, name: &str) -> Scope {
        self.member_at(company, role, name, None).await.1
    }
}

/// What is recorded.
impl World {
    /// A location; a site without a parent.
    pub async fn location(&self, scope: &Scope, name: &str, parent: Option<Uuid>) -> Location {
        let kind = if parent.is_some() { "area" } else { "site" };
        let input: LocationInput = read(json!({ "name": name, "parent_id": parent, "kind": kind }));
        self.app.run(scope, Create::<Location> { input }).await.expect("adds a location")
    }

    /// An asset of the company's first type, its tag made from its name.
    pub async fn asset(&self, scope: &Scope, name: &str, location: Uuid) -> Asset {
        let types = self.app.run(scope, List::<AssetType>::new(Query::all::<AssetType>())).await.expect("lists types");
        let input: AssetInput =
            read(json!({ "name": name, "tag": format!("T-{name}"), "type_id": types.data[0].id, "location_id": location }));
        self.app.run(scope, Create::<Asset> { input }).await.expect("adds an asset")
    }

    /// A vendor.
    pub async fn vendor(&self, scope: &Scope, name: &str) -> Vendor {
        let input: VendorInput = read(json!({ "name": name }));
        self.app.run(scope, Create::<Vendor> { input }).await.expect("adds a vendor")
    }

    /// A work order at a place.
    pub async fn work_order(&self, scope: &Scope, title: &str, location: Uuid) -> WorkOrder {
        self.order(scope, json!({ "title": title, "location_id": location })).await.expect("asks for work")
    }

    /// A work order of this input, or why not.
    pub async fn order(&self, scope: &Scope, input: Json) -> Result<WorkOrder> {
        self.app.run(scope, work_order::Create(read(input))).await
    }

    /// Presses a work order's button; a `reason` among the fields is the reason.
    pub async fn press(&self, scope: &Scope, order: &WorkOrder, transition: &str, fields: Json) -> Result<Fired> {
        self.app.run(scope, press(order.id, transition, fields)).await
    }

    /// Everything the database holds of a company, to compare before and after.
    pub async fn snapshot(&self, scope: &Scope) -> BTreeMap<String, String> {
        let mut conn = self.superuser().await;
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'schema_migrations'",
        )
        .fetch_all(&mut conn)
        .await
        .expect("lists tables");
        let mut snapshot = BTreeMap::new();
        for table in tables {
            let sql = format!(
                "SELECT coalesce(string_agg(to_jsonb(t)::text, E'\\n' ORDER BY to_jsonb(t)::text), '') FROM public.{table} t WHERE tenant_id = $1"
            );
            let rows =
                sqlx::query_scalar(AssertSqlSafe(sql)).bind(scope.tenant().uuid()).fetch_one(&mut conn).await.expect("reads a table");
            snapshot.insert(table, rows);
        }
        snapshot
    }
}

/// Reads an input as the API does.
pub fn read<T: DeserializeOwned>(input: Json) -> T {
    serde_json::from_value(input).expect("is an input")
}

/// A press of a work order's button.
pub fn press(order: Uuid, transition: &str, fields: Json) -> Fire<WorkOrder> {
    let mut input = workflows::Input::default();
    let fields: BTreeMap<String, Json> = read(fields);
    for (name, value) in fields {
        if name == "reason" {
            input.reason = value.as_str().map(str::to_owned);
        } else {
            input.fields.insert(name, value);
        }
    }
    Fire { id: order.into(), transition: transition.to_owned(), input, version: None }
}

/// The fields an error names, each with its code; panics on another error.
pub fn named<T: std::fmt::Debug>(answer: Result<T>) -> Vec<(String, String)> {
    match answer {
        Err(Error::Invalid(errors)) => errors.into_iter().map(|error| (error.field, error.code.into_owned())).collect(),
        other => panic!("expected wrong fields, got {other:?}"),
    }
}

impl Company {
    /// The id of a default role.
    pub fn role(&self, key: &str) -> Uuid {
        self.roles[key]
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let name = std::mem::take(&mut self.name);
        // a thread of its own: a test's runtime may be shutting down
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("starts");
            runtime.block_on(async {
                let mut conn = PgConnection::connect(&server()).await?;
                conn.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))).await
            })
        });
        drop(dropped.join());
    }
}
