//! Companies to choose from, preferences, the profile.

use domain::kernel::testing::PASSWORD;

use crate::browser::{Page, Site};

#[tokio::test]
async fn language_and_theme_are_kept_for_anybody() {
    let site = Site::new().await;
    site.world.company("north").await;
    let browser = site.browser();
    let answer = browser.submit("/preferences", &[("locale", "ru"), ("next", "/login?next=%2Fnorth%2F")]).await.expect(303);
    assert_eq!(answer.header("location"), "/login?next=%2Fnorth%2F");
    let cookies = answer.cookies();
    assert!(
        cookies.iter().all(|cookie| cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Max-Age=")),
        "{cookies:?}"
    );
    browser.submit("/preferences", &[("theme", "dark"), ("next", "//evil.example")]).await.expect(303);
    browser.get("/login").await.expect(200).says(&["lang=\"ru\" class=\"dark\"", "Запомнить меня"]);
    let unknown = browser.submit("/preferences", &[("locale", "xx"), ("theme", "pink")]).await.expect(303);
    assert!(unknown.cookies().is_empty());

    // an account's choice follows it to another browser
    let browser = site.logged_in("admin@north.example").await;
    browser.submit("/preferences", &[("locale", "tr"), ("theme", "light")]).await.expect(303);
    let elsewhere = site.logged_in("admin@north.example").await;
    elsewhere.get("/profile").await.expect(200).says(&["lang=\"tr\" class=\"light\""]);
    elsewhere.submit("/preferences", &[("locale", "xx")]).await.expect(422);

    // and in the company one is in, letters follow the pages
    browser.submit("/preferences", &[("locale", "ru"), ("next", "/north/vendors")]).await.expect(303);
    let file = browser.get("/north/vendors/download?format=csv").await.expect(200).text;
    assert!(file.contains("Название"), "{file}");
}

#[tokio::test]
async fn the_browsers_language_is_asked_for_first() {
    let site = Site::new().await;
    let mut browser = site.browser();
    browser.language = "fr, ru-KZ;q=0.6, kk;q=0.8";
    browser.get("/login").await.expect(200).says(&["lang=\"kk\""]);
}

#[tokio::test]
async fn a_name_language_and_theme_are_changed_together() {
    let site = Site::new().await;
    site.world.company("north").await;
    let browser = site.logged_in("admin@north.example").await;
    let wrong = browser.submit("/profile", &[("name", " "), ("locale", "kk"), ("theme", "dark")]).await.expect(422);
    wrong.says(&["Fill in this field.", "lang=\"en\""]);
    browser.submit("/profile", &[("name", "А"), ("locale", "kk"), ("theme", "pink")]).await.expect(422).says(&["f-theme-error"]);
    let page = browser.complete("/profile", &[("name", "Айгерім"), ("locale", "kk"), ("theme", "dark")]).await;
    page.says(&["lang=\"kk\" class=\"dark\"", "value=\"Айгерім\"", "Өзгерістер сақталды"]);
    browser.get("/north/people").await.expect(200).says(&["Айгерім"]);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let site = Site::new().await;
    site.world.company("north").await;
    let (here, elsewhere) = (site.logged_in("admin@north.example").await, site.logged_in("admin@north.example").await);
    let new = "bir-eki-ush-tort-bes";
    here.submit("/profile/password", &[("current", "not it"), ("password", new)]).await.expect(422).says(&["The password is wrong."]);
    here.submit("/profile/password", &[("current", PASSWORD), ("password", "short")]).await.expect(422).says(&["At least 12 characters."]);
    here.complete("/profile/password", &[("current", PASSWORD), ("password", new)]).await.says(&["Password changed."]);
    elsewhere.get("/profile").await.expect(303);
    site.browser().log_in("admin@north.example").await.expect(422);
}

#[tokio::test]
async fn sessions_are_listed_and_revoked() {
    let site = Site::new().await;
    let (north, _) = (site.world.company("north").await, site.world.company("south").await);
    let here = site.admin(&north).await;
    let (one, two) = (site.admin(&north).await, site.admin(&north).await);
    let stranger = site.logged_in("admin@south.example").await;
    let page = here.get("/profile").await.expect(200);
    page.says(&["This device"]);
    let others = |page: &Page| page.text.matches("/revoke\"").count();
    assert_eq!(others(&page), 3, "one was begun by signing up");
    let id = page.between("/profile/sessions/", "/revoke").to_owned();
    stranger.submit(&format!("/profile/sessions/{id}/revoke"), &[]).await.expect(404);
    let page = here.complete(&format!("/profile/sessions/{id}/revoke"), &[]).await;
    page.says(&["Session ended."]).hides(&[&id]);
    assert_eq!(others(&page), 2);
    here.complete("/profile/sessions/revoke-others", &[]).await.says(&["All other sessions ended."]);
    one.get("/profile").await.expect(303);
    two.get("/profile").await.expect(303);
    stranger.get("/profile").await.expect(200);
}

#[tokio::test]
async fn telegram_is_linked_by_a_link_and_unlinked() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    // a technician may see no colleague's record, but their own profile
    let browser = site.member(&company, "technician", "serik").await;
    let page = browser.submit("/profile/telegram/link", &[]).await.expect(200);
    let code = page.between("https://t.me/millwright_test_bot?start=", "\"").to_owned();
    assert!(code.len() >= 22 && !page.header("location").contains(&code));
    assert_eq!(page.place(), "/profile", "language and theme lead back to a page that can be read");
    let linked = site.world.app.link_telegram(&code, 77).await.expect("links");
    assert_eq!(linked.expect("was asked for").actor().name, "serik");
    browser.get("/profile").await.expect(200).says(&["Notifications of Demo north go to your Telegram."]);
    browser.complete("/profile/telegram/unlink", &[]).await.says(&["Telegram unlinked.", "Link Telegram"]);
}

#[tokio::test]
async fn the_company_last_worked_in_is_remembered() {
    let site = Site::new().await;
    let (north, south) = (site.world.company("north").await, site.world.company("south").await);
    site.world.member(&south, "viewer", "aru").await;
    let role = north.role("viewer").to_string();
    let admin = site.admin(&north).await;
    let fields = [("email", "aru@south.example"), ("name", "Ару"), ("role_id", &*role), ("locale", "en"), ("all_sites", "true")];
    admin.complete("/north/invitations/new", &fields).await;
    let token = site.world.letter(&north, "aru@south.example").await;
    let browser = site.browser();
    browser.submit(&format!("/invite/{token}"), &[("password", PASSWORD)]).await.expect(303);
    assert_eq!(browser.get("/").await.expect(303).header("location"), "/companies");
    browser.get("/south/notifications").await.expect(200);
    assert_eq!(browser.cookie("company").as_deref(), Some("south"));
    browser.get("/profile").await.expect(200).says(&["value=\"aru\"", "Demo south"]);
    browser.get("/north/notifications").await.expect(200);
    browser.get("/profile").await.expect(200).says(&["value=\"Ару\"", "Demo north"]);
    browser.keep("company", "nowhere");
    browser.get("/profile").await.expect(200).says(&["Demo north"]);
}
