//! Logging in and out: cookies, the way back, throttling.

use chrono::TimeDelta;
use domain::kernel::testing::{PASSWORD, World};
use domain::{App, Settings};

use crate::browser::Site;

#[tokio::test]
async fn somebody_logs_in_and_begins_in_their_only_company() {
    let site = Site::new().await;
    site.world.company("north").await;
    let browser = site.browser();
    browser.get("/login").await.expect(200).says(&["Log in", "name=\"email\"", "name=\"password\""]);
    let answer = browser.log_in("admin@north.example").await.expect(303);
    assert_eq!(answer.header("location"), "/north/");
    let cookies = answer.cookies();
    let [session] = &cookies[..] else { panic!("{cookies:?}") };
    assert!(
        session.starts_with("session=") && session.contains("HttpOnly") && session.contains("SameSite=Lax") && session.contains("Path=/"),
        "{session}"
    );
    assert!(!session.contains("Max-Age") && !session.contains("Secure"), "a session of the browser, over plain http: {session}");
    assert_eq!(browser.get("/").await.expect(303).header("location"), "/north/");
    assert_eq!(browser.get("/login").await.expect(303).header("location"), "/north/");
}

#[tokio::test]
async fn a_remembered_session_outlives_the_browser() {
    let site = Site::new().await;
    site.world.company("north").await;
    let fields = [("email", "admin@north.example"), ("password", PASSWORD), ("remember", "true")];
    let answer = site.browser().submit("/login", &fields).await.expect(303);
    assert!(answer.cookies()[0].contains("Max-Age=7776000"), "{:?}", answer.cookies());
}

#[tokio::test]
async fn over_https_the_cookies_are_bound_to_the_host() {
    let world = World::new().await;
    let settings = Settings { public_url: "https://millwright.test".to_owned(), ..world.app.settings().clone() };
    let app = App::connect(settings, world.clock.clone()).await.expect("connects");
    world.company("north").await;
    let site = Site::over(world, app);
    let browser = site.browser();
    let answer = browser.log_in("admin@north.example").await.expect(303);
    let session = &answer.cookies()[0];
    assert!(
        session.starts_with("__Host-session=") && session.contains("; Secure") && session.contains("Path=/") && !session.contains("Domain"),
        "{session}"
    );
    let answer = browser.submit("/preferences", &[("locale", "kk"), ("next", "/profile")]).await.expect(303);
    assert!(answer.cookies()[0].contains("Secure") && answer.cookies()[0].contains("HttpOnly"), "{:?}", answer.cookies());
    assert!(answer.header("strict-transport-security").contains("max-age"));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_alike_and_keep_what_was_typed() {
    let site = Site::new().await;
    site.world.company("north").await;
    let mut browser = site.browser();
    browser.language = "kk";
    for email in ["admin@north.example", "nobody@north.example"] {
        let fields = [("email", email), ("password", "not it, not at all"), ("next", "/north/assets?q=1")];
        let page = browser.submit("/login", &fields).await.expect(422);
        page.says(&["Email немесе құпиясөз қате.", "lang=\"kk\""]).hides(&["not it, not at all"]);
        assert_eq!((page.value("email"), page.value("next")), (email, "/north/assets?q=1"));
        assert!(page.cookies().is_empty());
    }
}

#[tokio::test]
async fn the_way_back_leads_to_this_site_alone() {
    let site = Site::new().await;
    site.world.company("north").await;
    let browser = site.browser();
    let asked = browser.get("/north/people?q=%D0%B0&state=active").await.expect(303);
    assert_eq!(asked.header("location"), "/login?next=%2Fnorth%2Fpeople%3Fq%3D%25D0%25B0%26state%3Dactive");
    let login = browser.get(asked.header("location")).await.expect(200);
    assert_eq!(login.value("next"), "/north/people?q=%D0%B0&amp;state=active");
    for (next, leads) in [
        ("/north/people?q=%D0%B0", "/north/people?q=%D0%B0"),
        ("//evil.example/", "/north/"),
        ("https://evil.example/", "/north/"),
        ("/\\evil.example", "/north/"),
        ("javascript:alert(1)", "/north/"),
    ] {
        let fields = [("email", "admin@north.example"), ("password", PASSWORD), ("next", next)];
        let answer = site.browser().submit("/login", &fields).await.expect(303);
        assert_eq!(answer.header("location"), leads, "{next}");
    }
}

#[tokio::test]
async fn a_login_ends_the_session_before_and_a_logout_its_own() {
    let site = Site::new().await;
    site.world.company("north").await;
    let browser = site.logged_in("admin@north.example").await;
    let first = browser.cookie("session").expect("a session");
    browser.log_in("admin@north.example").await.expect(303);
    let second = browser.cookie("session").expect("a session");
    assert_ne!(first, second);
    let old = site.browser();
    old.keep("session", &first);
    old.get("/profile").await.expect(303);
    browser.get("/profile").await.expect(200);

    let out = browser.submit("/logout", &[]).await.expect(303);
    assert_eq!(out.header("location"), "/login");
    assert_eq!(browser.cookie("session"), None);
    browser.get("/login").await.expect(200).says(&["You have logged out."]);
    // it is said once
    browser.get("/login").await.expect(200).hides(&["You have logged out."]);
    old.keep("session", &second);
    assert_eq!(old.get("/north/people").await.expect(303).header("location"), "/login?next=%2Fnorth%2Fpeople");
    assert_eq!(old.submit("/north/notifications/read-all", &[]).await.expect(303).header("location"), "/login");
}

#[tokio::test]
async fn an_idle_session_ends() {
    let site = Site::new().await;
    site.world.company("north").await;
    let browser = site.logged_in("admin@north.example").await;
    site.world.clock.advance(TimeDelta::hours(13));
    browser.get("/profile").await.expect(303);
}

#[tokio::test]
async fn too_many_tries_are_told_to_wait() {
    let site = Site::new().await;
    site.world.company("north").await;
    let mut browser = site.browser();
    browser.language = "ru";
    let fields = [("email", "admin@north.example"), ("password", "wrong wrong wrong")];
    let mut last = browser.submit("/login", &fields).await;
    for _ in 0..8 {
        last = browser.submit("/login", &fields).await;
    }
    last.expect(429).says(&["Немного подождите", "admin@north.example"]);
}

#[tokio::test]
async fn a_forgotten_password_is_reset_once_and_ends_every_session() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let browser = site.logged_in("admin@north.example").await;
    let stranger = site.browser();
    stranger.submit("/forgot", &[("email", "admin@")]).await.expect(422).says(&["This is not an email address.", "value=\"admin@\""]);
    let known = stranger.submit("/forgot", &[("email", "admin@north.example")]).await.expect(200);
    let unknown = stranger.submit("/forgot", &[("email", "nobody@north.example")]).await.expect(200);
    known.says(&["Check your mail"]);
    let without = |text: &str, email: &str| text.replace(email, "").lines().filter(|line| !line.contains("request")).collect::<String>();
    assert_eq!(without(&known.text, "admin@north.example"), without(&unknown.text, "nobody@north.example"));

    let letter = domain::identity::reset::WriteLetter(company.begun.account);
    let letter = site.world.app.platform(&site.world.operator(), letter).await.expect("writes").expect("is there");
    let path = format!("/reset/{}", letter.token.reveal());
    stranger.get(&path).await.expect(200).says(&["New password"]);
    stranger.submit(&path, &[("password", "short")]).await.expect(422).says(&["At least 12 characters."]).hides(&["value=\"short\""]);
    let page = stranger.complete(&path, &[("password", "bir-eki-ush-tort-bes")]).await;
    page.says(&["Password changed. Log in with the new one."]);
    stranger.get(&path).await.expect(404).says(&["This link has expired or has been used already."]);
    stranger.submit(&path, &[("password", "bir-eki-ush-tort-bes")]).await.expect(404);
    browser.get("/profile").await.expect(303);
    let fields = [("email", "admin@north.example"), ("password", "bir-eki-ush-tort-bes")];
    stranger.submit("/login", &fields).await.expect(303);
}
