//! The files are in order, and what they say comes to life.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Timelike, Utc};
use domain::identity::entrance::Companies;
use domain::identity::login::Login;
use domain::identity::session::Credential;
use domain::insight::Dashboard;
use domain::kernel::scope::Scope;
use domain::kernel::testing::World;
use domain::maintenance::work_order::WorkOrder;
use domain::notify::Unread;

use super::catalogue::all;
use super::file::{CompanyFile, End};
use super::plan::{self, Act};
use super::*;

fn files() -> [CompanyFile; 2] {
    [file::DALA, file::LOJISTIK].map(|text| file::load(text).expect("the file is read"))
}

fn midnight_and_noon(file: &CompanyFile) -> [DateTime<Utc>; 2] {
    ["2026-11-20T00:00:30", "2026-03-01T12:00:00"].map(|wall| {
        let wall: chrono::NaiveDateTime = wall.parse().expect("a time");
        wall.and_local_timezone(file.time_zone).earliest().expect("is in the zone").to_utc()
    })
}

#[test]
fn the_files_show_every_state_every_language_and_work_over_ninety_days() {
    let files = files();
    let ends: BTreeSet<End> = files.iter().flat_map(|file| &file.orders).map(|order| order.ends).collect();
    assert_eq!(ends.len(), 9);
    let count = |of: fn(&CompanyFile) -> usize| files.iter().map(of).sum::<usize>();
    assert!(count(|file| file.orders.len()) >= 60 && count(|file| file.assets.len()) >= 40 && count(|file| file.vendors.len()) >= 10);
    for file in &files {
        let languages: BTreeSet<&str> = file.people.iter().map(|person| &*person.locale).collect();
        assert!(languages.is_superset(&["en", "kk", "ru", &file.locale].into()), "{languages:?}");
        assert!(file.people.iter().any(|person| !person.sites.is_empty()), "somebody is limited to a site");
        assert!(file.people.iter().all(|person| person.email.ends_with(".example")), "nobody's address");
        let titles: BTreeSet<&str> = file.orders.iter().map(|order| &*order.title).collect();
        assert_eq!(titles.len(), file.orders.len(), "an order is known by its title");
        let oldest = file.orders.iter().map(|order| order.days).max().expect("there are orders");
        assert!((80..=90).contains(&oldest));
        assert!(file.orders.iter().any(|order| order.to.is_none() && order.ends == End::Open), "somebody's work is nobody's yet");
        assert!(file.orders.iter().any(|order| order.ends == End::Open && order.due.is_some_and(|due| due < order.days)), "late");
    }
}

#[test]
fn every_step_lies_in_the_past_and_after_the_one_before() {
    for file in &files() {
        for now in midnight_and_noon(file) {
            let mut last: BTreeMap<&str, (usize, DateTime<Utc>)> = BTreeMap::new();
            for step in plan::steps(file, now).expect("the people are known") {
                let title = &*step.order.title;
                assert!(step.at < now && step.at > now - AGE, "{:?} of {title} at {}", step.act, step.at);
                if let Some((nth, at)) = last.insert(title, (step.nth, step.at)) {
                    assert!(step.nth == nth + 1 && step.at > at, "{:?} of {title}", step.act);
                }
            }
        }
    }
}

#[test]
fn work_is_asked_for_in_working_hours() {
    for file in &files() {
        for now in midnight_and_noon(file) {
            let steps = plan::steps(file, now).expect("the people are known");
            let hours = steps.iter().filter(|step| step.act == Act::Create).map(|step| step.at.with_timezone(&file.time_zone).hour());
            assert!(hours.into_iter().all(|hour| (8..15).contains(&hour)));
        }
    }
}

async fn scope(world: &World, account: &Account) -> Scope {
    let login = Login { email: account.email.clone(), password: account.password.clone(), remember: false };
    let begun = world.app.login(&login, &world.request()).await.expect("the printed password is right");
    let caller = Caller { account: Some(begun.account), operator: false, request: world.request() };
    let companies = world.app.platform(&caller, Companies).await.expect("lists companies");
    let credential = Credential::Cookie(begun.token.reveal());
    world.app.enter(credential, &companies[0].slug, world.request()).await.expect("enters").1
}

fn account<'a>(accounts: &'a [Account], email: &str) -> &'a Account {
    accounts.iter().find(|account| account.email.starts_with(email)).expect("is printed")
}

#[tokio::test]
async fn the_companies_come_to_life_and_a_second_time_changes_nothing() {
    let world = World::new().await;
    let accounts = seed(&world.app, PASSWORD).await.expect("is made");
    assert_eq!(accounts.len(), 1 + files().iter().map(|file| file.people.len()).sum::<usize>());
    let admin = scope(&world, account(&accounts, "aigul")).await;
    let orders = all::<WorkOrder>(&world.app, &admin).await.expect("lists orders");
    let states: BTreeSet<&str> = orders.iter().map(|order| &*order.state).collect();
    let every = ["cancelled", "closed", "completed", "in_progress", "on_hold", "open", "rejected", "waiting_parts"];
    assert_eq!(states.into_iter().collect::<Vec<_>>(), every);
    let figures = world.app.run(&admin, Dashboard { days: 90 }).await.expect("counts");
    assert!(figures.overdue > 0 && figures.waiting_approval > 0 && figures.unassigned > 0, "{figures:?}");
    assert!(figures.weeks.iter().filter(|week| week.created > 0).count() >= 10, "{figures:?}");
    let manager = scope(&world, account(&accounts, "yerlan")).await;
    let unread = world.app.run(&manager, Unread).await.expect("counts");
    assert!((1..10).contains(&unread), "the manager was told of the last days: {unread}");
    let limited = scope(&world, account(&accounts, "daniyar")).await;
    assert!(all::<WorkOrder>(&world.app, &limited).await.expect("lists").len() < orders.len(), "a site's technician sees that site");

    let before = world.snapshot(&admin).await;
    assert_eq!(seed(&world.app, PASSWORD).await.expect("is there"), accounts);
    assert_eq!(world.snapshot(&admin).await, before);
}

#[tokio::test]
async fn what_was_cut_short_is_completed() {
    let world = World::new().await;
    let now = world.app.clock().now();
    let [_, file] = &files();
    let then = App::connect(world.app.settings().clone(), Clock::fixed(now - AGE)).await.expect("connects");
    // its people are in, and its orders stop half-way
    let company = company::open(&then, file, PASSWORD).await.expect("opens");
    let admin = company::admin(&then, &company, file).await.expect("is in");
    let places = catalogue::places(&then, &admin, file).await.expect("are made");
    let people = company::people(&then, &company, &admin, file, &places, PASSWORD).await.expect("join");
    let things = catalogue::things(&then, &admin, file, &places).await.expect("are made");
    let short = now - TimeDelta::days(40);
    let stage = orders::Stage { app: &then, people: &people, things: &things, file, now };
    let mut known = orders::known(&then, &admin).await.expect("lists");
    for step in plan::steps(file, now).expect("a plan").iter().filter(|step| step.at < short) {
        stage.take(step, &mut known).await.expect("is taken");
    }
    let half = all::<WorkOrder>(&then, &admin).await.expect("lists").len();

    seed(&world.app, PASSWORD).await.expect("completes it");
    let whole = all::<WorkOrder>(&world.app, &admin).await.expect("lists");
    assert!(half < whole.len());
    assert_eq!(whole.len(), file.orders.len());
    let company = company::find(&world.app, &file.slug).await.expect("finds").expect("is there");
    assert_eq!(company.seats, SEATS);
}

#[tokio::test]
async fn a_demonstration_on_a_server_of_ones_own_has_no_known_password() {
    let world = World::new().await;
    let made = password_of(world.app.settings());
    assert_eq!(made, password_of(world.app.settings()));
    assert_ne!(made, PASSWORD);
    assert!(made.chars().count() >= 12);
}
