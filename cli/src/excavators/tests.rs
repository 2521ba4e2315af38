//! The file as it came, and a slice of it through a served API.

use chrono::TimeDelta;
use domain::kernel::listing::{List, Query};
use domain::kernel::testing::{PASSWORD, World};
use domain::maintenance::work_order::{Show, WorkOrder};
use rust_decimal::Decimal;
use tokio_util::sync::CancellationToken;

use super::*;

const HEAD: &str = "BscStartDate,Asset,OriginalShorttext,PMType,Cost\n";

fn one(line: &str) -> Result<Row, Skipped> {
    let text = format!("{HEAD}{line}\n");
    let (mut rows, mut skipped) = file::read(text.as_bytes()).expect("the columns are right");
    assert_eq!(rows.len() + skipped.len(), 1);
    rows.pop().ok_or_else(|| skipped.remove(0))
}

#[test]
fn the_file_has_5484_orders_and_one_line_that_is_told() {
    let (rows, skipped) = file::read(FILE).expect("the file is read");
    assert_eq!(rows.len(), 5484);
    let told: Vec<String> = skipped.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["line 3454: PMType is “t swing” and not an order type such as PM01; Cost is “PM01” and not an amount"]);
    let credits = rows.iter().filter(|row| row.cost < Decimal::ZERO).count();
    assert_eq!(credits, 6);
    let letters: BTreeSet<char> = rows.iter().map(|row| row.asset).collect();
    assert_eq!(letters.into_iter().collect::<String>(), "ABCDE");
    assert!(rows.iter().all(|row| !row.text.trim().is_empty()));
    let lines: BTreeSet<u64> = rows.iter().map(|row| row.line).collect();
    assert_eq!((lines.first(), lines.last(), lines.len()), (Some(&2), Some(&5486), 5484), "every line is another reference");
}

#[test]
fn every_wrong_column_is_named() {
    let told = one("01.07.2004,AB,text,PM1,12.345").expect_err("nothing in it is right").to_string();
    for wrong in ["BscStartDate is “01.07.2004”", "Asset is “AB”", "PMType is “PM1”", "Cost is “12.345”"] {
        assert!(told.contains(wrong), "{told}");
    }
    assert_eq!(one("2004-07-01,A,text,PM01").expect_err("a column is missing").why, "4 columns instead of 5");
    assert!(file::read(b"a;b\n1;2\n").is_err(), "another file");
}

#[test]
fn a_text_too_long_for_a_title_is_kept_whole() {
    let long = "repair the boom ".repeat(20);
    let row = one(&format!("2004-07-01,A,{long},PM01,1")).expect("a row");
    let (short, rest) = title(&row);
    assert!(short.chars().count() <= TITLE && short.ends_with(" repair…"), "cut at a word: {short}");
    assert_eq!(rest, Some(&*long));
    let unbroken = one(&format!("2004-07-01,A,{},PM01,1", "қ".repeat(300))).expect("a row");
    assert_eq!(title(&unbroken).0.chars().count(), TITLE);
}

#[test]
fn a_row_without_a_text_is_called_by_its_type() {
    let row = one("2004-07-01,A, ,PM02,1").expect("a row");
    assert_eq!(title(&row), ("Excavator A, PM02".to_owned(), None));
}

#[test]
fn a_day_is_the_same_day_in_the_company_s_zone() {
    for zone in [Tz::Asia__Almaty, Tz::Europe__Istanbul, Tz::Pacific__Kiritimati, Tz::America__Los_Angeles] {
        let date = NaiveDate::from_ymd_opt(2009, 3, 29).expect("a day");
        assert_eq!(noon(date, zone).with_timezone(&zone).date_naive(), date);
    }
}

/// A served API with a company in it.
struct Served {
    world: World,
    company: domain::kernel::testing::Company,
    url: Url,
    stop: CancellationToken,
}

impl Served {
    async fn start() -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let world = World::new().await;
        let company = world.company("dala").await;
        let listen = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
        let config = api::Config {
            listen,
            metrics_listen: None,
            trusted_proxies: Vec::new(),
            dev_mail: None,
            telegram_bot: None,
            templates: templates::Source::Embedded,
        };
        let stop = CancellationToken::new();
        tokio::spawn(api::serve(world.app.clone(), config, stop.clone()));
        let url = Url::parse(&format!("http://{listen}")).expect("an address");
        Self { world, company, url, stop }
    }

    fn login() -> Login {
        Login { email: "admin@dala.example".to_owned(), password: PASSWORD.to_owned(), company: None }
    }

    async fn bring(&self, file: &str) -> anyhow::Result<Summary> {
        bring(Target { url: self.url.clone(), login: Self::login() }, file.as_bytes()).await
    }

    async fn orders(&self) -> Vec<WorkOrder> {
        let scope = &self.company.admin;
        let listed = self.world.app.run(scope, List::<WorkOrder>::new(Query::all::<WorkOrder>())).await.expect("lists");
        let mut orders = Vec::new();
        for row in listed.data {
            orders.push(self.world.app.run(scope, Show(row.id.into())).await.expect("shows"));
        }
        orders
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn slice() -> String {
    let rows = [
        "2004-07-01,A,BUCKET WON'T OPEN,PM01,183.05",
        "2005-03-20,B,L/H BUCKET CYL LEAKING.,PM02,-407.4",
        "2003-12-31,B,won,t swing,PM01",
        "2006-07-11,A,FIT BUCKET TOOTH,PM01,0",
    ];
    format!("{HEAD}{}\n", rows.join("\n"))
}

#[tokio::test]
async fn rows_enter_as_finished_repairs_with_their_dates_and_costs() {
    let served = Served::start().await;
    let summary = served.bring(&slice()).await.expect("brings them in");
    assert_eq!((summary.added, summary.known), (3, 0));
    assert_eq!(summary.skipped.iter().map(|skipped| skipped.line).collect::<Vec<_>>(), [4]);
    let orders = served.orders().await;
    let credit = orders.iter().find(|order| order.external_ref.as_deref() == Some("excavators:3")).expect("the credit is there");
    assert_eq!(credit.title, "L/H BUCKET CYL LEAKING.");
    assert_eq!(credit.description, "PM02");
    assert_eq!((&*credit.state, &*credit.kind), ("completed", "repair"));
    assert_eq!(credit.cost.as_ref().map(|cost| (&*cost.amount, &*cost.currency)), Some(("-407.40", "KZT")));
    let day = credit.completed_at.expect("it is done").with_timezone(&Tz::Asia__Almaty).date_naive();
    assert_eq!(day.to_string(), "2005-03-20");
    assert_eq!(credit.created_at.with_timezone(&Tz::Asia__Almaty).date_naive(), day);
    assert_eq!(credit.asset.as_deref(), orders.iter().find_map(|order| order.asset.as_deref().filter(|name| name.contains("EXC-B"))));
}

#[tokio::test]
async fn a_second_time_adds_nothing() {
    let served = Served::start().await;
    served.bring(&slice()).await.expect("brings them in");
    let before = served.orders().await;
    let again = served.bring(&slice()).await.expect("finds them");
    assert_eq!((again.added, again.known, again.skipped.len()), (0, 3, 1));
    assert_eq!(served.orders().await, before);
}

#[tokio::test]
async fn a_token_that_expires_on_the_way_is_renewed() {
    let served = Served::start().await;
    let client = Client::connect(&served.url, Served::login()).await.expect("logs in");
    let (rows, _) = file::read(slice().as_bytes()).expect("rows");
    let carrier = Carrier::prepare(&client, &rows).await.expect("prepares");
    served.world.clock.advance(TimeDelta::minutes(31));
    assert!(carrier.carry(&rows[0]).await.expect("is brought in"));
}

#[tokio::test]
async fn a_row_the_api_refuses_is_told_and_the_rest_goes_on() {
    let served = Served::start().await;
    let future = format!("{}2099-01-01,A,from tomorrow,PM01,5\n", slice());
    let summary = served.bring(&future).await.expect("brings the others in");
    assert_eq!(summary.added, 3);
    let refused = summary.skipped.last().expect("it is told");
    assert_eq!(refused.line, 6);
    assert!(refused.why.contains("created_at"), "{refused}");
}

#[tokio::test]
async fn a_wrong_password_is_told_in_a_sentence() {
    let served = Served::start().await;
    let login = Login { password: "not the password".to_owned(), ..Served::login() };
    let error = Client::connect(&served.url, login).await.err().expect("is refused");
    let told = format!("{error:#}");
    assert!(told.starts_with("cannot log in at http://127.0.0.1") && told.contains("password"), "{told}");
}
