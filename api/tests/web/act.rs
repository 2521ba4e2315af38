//! Steps taken from a letter: looking does nothing, the button does it once, and nothing is told to whoever holds a worthless link.

use chrono::TimeDelta;
use domain::kernel::platform::Caller;
use domain::kernel::scope::Scope;
use domain::kernel::testing::Company;
use domain::maintenance::work_order::{Edit, WorkOrder};
use domain::notify::press::{MakeCodes, Shown};
use domain::workflow::Explain;
use poem::http::Method;
use serde_json::json;

use crate::browser::{Browser, Page, Site};

/// An order that waits for a decision, and the links of the letters that ask for it.
struct Asked {
    company: Company,
    order: WorkOrder,
    technician: Scope,
}

async fn asked(site: &Site, slug: &str) -> Asked {
    let company = site.world.company(slug).await;
    let technician = site.world.member(&company, "technician", "serik").await;
    let location = site.world.location(&company.admin, "Алматы", None).await;
    let order = json!({ "title": "Насос <b>", "location_id": location.id, "estimated_cost": { "amount": "1250.50", "currency": "KZT" } });
    let order = site.world.order(&technician, order).await.expect("asks for work");
    Asked { company, order, technician }
}

async fn link(site: &Site, reader: &Scope, order: &WorkOrder, transition: &str) -> String {
    let now = site.world.app.run(reader, Explain::<WorkOrder>(order.id.into())).await.expect("explains");
    let transitions = [transition.to_owned()];
    let make = MakeCodes {
        scope: reader,
        shown: Shown::Letter,
        subject: "work_order",
        record: order.id,
        transitions: &transitions,
        entry_seq: now.entry_seq,
        request: now.request,
    };
    let codes = site.world.app.platform(&Caller::anyone(site.world.request()), make).await.expect("makes codes");
    format!("/act/{}", codes[0].reveal())
}

async fn state(site: &Site, asked: &Asked) -> String {
    let show = domain::maintenance::work_order::Show(asked.order.id.into());
    site.world.app.run(&asked.company.admin, show).await.expect("is there").state
}

async fn look(browser: &Browser<'_>, method: Method, path: &str, headers: &[(&str, &str)]) -> Page {
    browser.send(method, path, headers, None).await
}

#[tokio::test]
async fn a_scanner_that_opens_every_link_decides_nothing() {
    let site = Site::new().await;
    let asked = asked(&site, "north").await;
    let approve = link(&site, &asked.company.admin, &asked.order, "approve").await;
    let scanner = site.browser();
    let headers: [&[(&str, &str)]; 3] =
        [&[], &[("sec-fetch-site", "cross-site"), ("sec-purpose", "prefetch")], &[("user-agent", "Mail Gateway Scanner/1.0")]];
    for headers in headers {
        for method in [Method::HEAD, Method::GET, Method::OPTIONS] {
            let answer = look(&scanner, method.clone(), &approve, headers).await;
            assert!(!answer.status.is_server_error(), "{method}: {}", answer.text);
        }
    }
    let page = look(&scanner, Method::GET, &approve, &[]).await.expect(200);
    page.says(&[&asked.order.number, "Насос &lt;b&gt;", "Demo north", "Admin north", "serik", "Nothing has happened yet", "1,250.50"]);
    assert_eq!((page.header("referrer-policy"), page.header("cache-control")), ("no-referrer", "no-store"));
    assert!(page.cookies().iter().all(|cookie| !cookie.contains("session")), "{:?}", page.cookies());
    assert_eq!(state(&site, &asked).await, "on_hold");
    // and one that sends forms from elsewhere is stopped at the door
    scanner.submit_with(&approve, &[], &[]).await.expect(403);
    scanner.submit_with(&approve, &[], &[("sec-fetch-site", "cross-site")]).await.expect(403);
    assert_eq!(state(&site, &asked).await, "on_hold");
}

#[tokio::test]
async fn the_button_acts_as_the_member_and_only_once() {
    let site = Site::new().await;
    let asked = asked(&site, "north").await;
    let approve = link(&site, &asked.company.admin, &asked.order, "approve").await;
    let other = link(&site, &asked.company.admin, &asked.order, "approve").await;
    let browser = site.browser();
    browser.complete(&approve, &[]).await.says(&["This link has been used", "is now “Open”"]);
    assert_eq!(state(&site, &asked).await, "open");
    let history = site.world.app.run(&asked.company.admin, domain::workflow::History::<WorkOrder>(asked.order.id.into())).await;
    let last = history.expect("has a history").pop().expect("was moved");
    assert_eq!((last.actor.as_str(), last.to_state.as_str()), ("Admin north", "open"));
    browser.submit(&approve, &[]).await.expect(410).says(&["This link has been used"]);
    browser.get(&approve).await.expect(410);
    // a second letter for the same question
    browser.get(&other).await.expect(409).says(&["has moved on", "Admin north"]);
    browser.submit(&other, &[]).await.expect(409).says(&["has moved on"]);
    // and once the order has come back to the same state, the old link is still for the earlier round
    let reading = site.browser();
    reading.get("/act/nonsense").await.expect(404).says(&["This link does not work"]);
    reading.submit("/act/nonsense", &[]).await.expect(404).hides(&["Насос"]);
}

#[tokio::test]
async fn two_presses_at_once_are_one() {
    let site = Site::new().await;
    let asked = asked(&site, "north").await;
    let approve = link(&site, &asked.company.admin, &asked.order, "approve").await;
    let (one, other) = (site.browser(), site.browser());
    let (first, second) = tokio::join!(one.submit(&approve, &[]), other.submit(&approve, &[]));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 410]);
    let history = site.world.app.run(&asked.company.admin, domain::workflow::History::<WorkOrder>(asked.order.id.into())).await;
    assert_eq!(history.expect("has a history").len(), 2, "asked for, approved once");
}

#[tokio::test]
async fn a_refusal_wants_its_reason_and_keeps_the_link() {
    let site = Site::new().await;
    let asked = asked(&site, "north").await;
    let reject = link(&site, &asked.company.admin, &asked.order, "reject").await;
    let browser = site.browser();
    browser.get(&reject).await.expect(200).says(&["name=\"reason\"", "required"]);
    browser.submit(&reject, &[("reason", " ")]).await.expect(422).says(&["aria-invalid"]);
    assert_eq!(state(&site, &asked).await, "on_hold");
    browser.complete(&reject, &[("reason", "Too <dear>")]).await.says(&["This link has been used"]);
    assert_eq!(state(&site, &asked).await, "rejected");
}

#[tokio::test]
async fn a_link_that_is_too_old_or_whose_member_left_decides_nothing() {
    let site = Site::new().await;
    let asked = asked(&site, "north").await;
    let manager = site.world.member(&asked.company, "manager", "lead").await;
    let theirs = link(&site, &manager, &asked.order, "approve").await;
    let old = link(&site, &asked.company.admin, &asked.order, "approve").await;
    let unable = link(&site, &asked.technician, &asked.order, "approve").await;
    let browser = site.browser();
    // the right is asked for when the button is pressed, not when the letter was written
    browser.get(&unable).await.expect(422).says(&["This is not possible now"]);
    browser.submit(&unable, &[]).await.expect(422).says(&["This is not possible now"]);
    let mut conn = site.world.superuser().await;
    let leave = "UPDATE members SET active = false WHERE id = $1";
    sqlx::query(leave).bind(manager.actor().id.uuid()).execute(&mut conn).await.expect("leaves");
    browser.get(&theirs).await.expect(404).hides(&["Насос", "Demo north"]);
    browser.submit(&theirs, &[]).await.expect(404).hides(&["Насос"]);
    site.world.clock.advance(TimeDelta::days(7));
    browser.get(&old).await.expect(410).says(&["This link has expired"]);
    browser.submit(&old, &[]).await.expect(410).says(&["This link has expired"]);
    assert_eq!(state(&site, &asked).await, "on_hold");
}

#[tokio::test]
async fn a_link_of_one_company_does_nothing_in_another_and_reads_in_its_members_language() {
    let site = Site::new().await;
    let (north, south) = (asked(&site, "north").await, asked(&site, "south").await);
    let mut conn = site.world.superuser().await;
    sqlx::query("UPDATE members SET locale = 'kk'").execute(&mut conn).await.expect("all read Kazakh");
    let approve = link(&site, &north.company.admin, &north.order, "approve").await;
    // whoever is signed in elsewhere acts as the link's member, and the page says so
    let stranger = site.admin(&south.company).await;
    let page = stranger.get(&approve).await.expect(200);
    page.says(&["Demo north", "lang=\"kk\"", "Мақұлдау"]).hides(&["Demo south компаниясында"]);
    stranger.submit(&approve, &[]).await.expect(303);
    assert_eq!((state(&site, &north).await, state(&site, &south).await), ("open".into(), "on_hold".into()));
}

/// The technician edits the order.
async fn edit(site: &Site, asked: &Asked, title: &str, amount: &str) {
    let show = domain::maintenance::work_order::Show(asked.order.id.into());
    let now = site.world.app.run(&asked.technician, show).await.expect("is there");
    let input = json!({ "title": title, "location_id": now.location_id, "estimated_cost": { "amount": amount, "currency": "KZT" } });
    let input = serde_json::from_value(input).expect("an input");
    let edit = Edit { id: asked.order.id.into(), version: now.version, input };
    site.world.app.run(&asked.technician, edit).await.expect("edits");
}

#[tokio::test]
async fn a_link_agrees_to_what_was_asked_and_to_nothing_the_order_says_since() {
    let site = Site::new().await;
    let asked = asked(&site, "north").await;
    let approve = link(&site, &asked.company.admin, &asked.order, "approve").await;
    let reject = link(&site, &asked.company.admin, &asked.order, "reject").await;
    let browser = site.browser();
    edit(&site, &asked, "Насос 2", "1250.50").await;
    browser.get(&approve).await.expect(200).says(&["1,250.50"]);
    // between the look and the button the estimate becomes another
    edit(&site, &asked, "Насос 2", "1300.75").await;
    browser.submit(&approve, &[]).await.expect(409).says(&["has been changed", "You have been asked again", "1,300.75"]);
    browser.get(&approve).await.expect(409).says(&["has been changed"]).hides(&["Nothing has happened yet"]);
    browser.submit(&reject, &[("reason", "no")]).await.expect(409).says(&["has been changed"]);
    assert_eq!(state(&site, &asked).await, "on_hold");
    let fresh = link(&site, &asked.company.admin, &asked.order, "approve").await;
    browser.submit(&fresh, &[]).await.expect(303);
    assert_eq!(state(&site, &asked).await, "open");
}
