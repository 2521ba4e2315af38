//! Ending letters from a letter, by a person and by their mail program.

use chrono::TimeDelta;
use domain::kernel::scope::Scope;
use domain::notify::preference::{ChangePreferences, ShowPreferences};
use domain::notify::unsubscribe::Letters;
use domain::notify::{Channel, Kind};
use poem::http::Method;
use serde_json::json;

use crate::browser::Site;

const COMPLETED: &str = "work_order.completed";

fn letters(kind: &str) -> Letters {
    Letters::Of(Kind::find(kind).expect("is declared"))
}

fn link(site: &Site, reader: &Scope, letters: Letters) -> String {
    let code = site.world.app.unsubscribe_code(reader, reader.actor().id.uuid(), letters);
    format!("/unsubscribe/{}", code.expect("may be turned off"))
}

/// The kinds a member has turned off by mail.
async fn off(site: &Site, member: &Scope) -> Vec<String> {
    let sql = "SELECT kind FROM notification_preferences WHERE member_id = $1 AND channel = 'email' AND mode = 'off' ORDER BY kind";
    let kinds = sqlx::query_scalar(sql).bind(member.actor().id.uuid());
    kinds.fetch_all(&mut site.world.superuser().await).await.expect("reads")
}

/// What a mail program sends.
fn one_click() -> (&'static str, Vec<u8>) {
    ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click".to_vec())
}

#[tokio::test]
async fn a_link_asks_and_the_button_ends_letters_of_that_kind() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let mandatory = letters("work_order.approval_requested");
    assert_eq!(site.world.app.unsubscribe_code(&company.admin, company.admin.actor().id.uuid(), mandatory), None);
    let path = link(&site, &company.admin, letters(COMPLETED));
    let browser = site.browser();
    for method in [Method::GET, Method::HEAD] {
        browser.send(method, &path, &[("sec-purpose", "prefetch")], None).await.expect(200);
    }
    let page = browser.get(&path).await.expect(200);
    page.says(&["“Completed”", "Demo north", "Stop the letters", "/north/notifications/preferences"]);
    assert_eq!((page.header("referrer-policy"), page.header("cache-control")), ("no-referrer", "no-store"));
    assert!(page.cookies().iter().all(|cookie| !cookie.contains("session")), "{:?}", page.cookies());
    assert!(off(&site, &company.admin).await.is_empty(), "to look ends nothing");
    browser.submit(&path, &[]).await.expect(200).says(&["Done", "no longer come"]);
    assert_eq!(off(&site, &company.admin).await, [COMPLETED]);
    let chosen = site.world.app.run(&company.admin, ShowPreferences).await.expect("shows");
    assert_eq!(chosen.mode(COMPLETED, Channel::Bell).map(domain::notify::kinds::Mode::as_str), Some("now"), "by mail alone");
    // a link that was used says so, and has nothing more to ask
    browser.get(&path).await.expect(200).says(&["no longer come"]).hides(&["Stop the letters"]);
}

#[tokio::test]
async fn a_mail_program_ends_them_by_itself_from_wherever_it_is() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let path = link(&site, &company.admin, letters(COMPLETED));
    let headers: [&[(&str, &str)]; 3] = [&[], &[("sec-fetch-site", "cross-site")], &[("origin", "https://mail.example"), ("host", "x")]];
    for headers in headers {
        site.browser().send(Method::POST, &path, headers, Some(one_click())).await.expect(200).says(&["Done"]);
    }
    assert_eq!(off(&site, &company.admin).await, [COMPLETED], "once and again are the same");
}

#[tokio::test]
async fn collected_letters_end_for_every_kind_that_is_collected() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let choice = |kind: &str, mode: &str| json!({ "kind": kind, "channel": "email", "mode": mode });
    let choices = json!({ "preferences": [choice(COMPLETED, "daily"), choice("work_order.due_soon", "hourly")] });
    let choices = serde_json::from_value(choices).expect("choices");
    site.world.app.run(&company.admin, ChangePreferences(choices)).await.expect("chooses");
    let path = link(&site, &company.admin, Letters::Collected);
    let browser = site.browser();
    browser.get(&path).await.expect(200).says(&["that list several messages"]);
    browser.submit(&path, &[]).await.expect(200).says(&["Done"]);
    assert_eq!(off(&site, &company.admin).await, [COMPLETED, "work_order.due_soon"]);
}

#[tokio::test]
async fn a_link_that_was_changed_is_too_old_or_whose_member_left_ends_nothing() {
    let site = Site::new().await;
    let (north, south) = (site.world.company("north").await, site.world.company("south").await);
    let technician = site.world.member(&north, "technician", "serik").await;
    let path = link(&site, &technician, letters(COMPLETED));
    let browser = site.browser();
    let code = path.rsplit('/').next().expect("a code");
    let mut changed = code.as_bytes().to_vec();
    changed[3] = if changed[3] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).expect("is text");
    for wrong in [changed.as_str(), &code[..code.len() - 2], "x", "%20", &"A".repeat(1000)] {
        let wrong = format!("/unsubscribe/{wrong}");
        browser.get(&wrong).await.expect(404).says(&["This link does not work"]);
        browser.submit(&wrong, &[]).await.expect(404).hides(&["Demo north"]);
    }
    // one company's link for a member of another
    let strange = site.world.app.unsubscribe_code(&south.admin, technician.actor().id.uuid(), letters(COMPLETED)).expect("a code");
    browser.submit(&format!("/unsubscribe/{strange}"), &[]).await.expect(404);
    site.world.clock.advance(TimeDelta::days(365));
    browser.get(&path).await.expect(200);
    site.world.clock.advance(TimeDelta::days(1));
    browser.get(&path).await.expect(410).says(&["This link has expired"]);
    browser.submit(&path, &[]).await.expect(410).says(&["This link has expired"]);
    let fresh = link(&site, &technician, letters(COMPLETED));
    let leave = "UPDATE members SET active = false WHERE id = $1";
    sqlx::query(leave).bind(technician.actor().id.uuid()).execute(&mut site.world.superuser().await).await.expect("leaves");
    browser.submit(&fresh, &[]).await.expect(404).hides(&["Demo north"]);
    assert!(off(&site, &technician).await.is_empty());
}

#[tokio::test]
async fn the_page_reads_in_its_members_language() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    sqlx::query("UPDATE members SET locale = 'kk'").execute(&mut site.world.superuser().await).await.expect("reads Kazakh");
    let path = link(&site, &company.admin, letters(COMPLETED));
    site.browser().get(&path).await.expect(200).says(&["lang=\"kk\"", "Хаттарды тоқтату"]);
}
