//! A company signs up in three steps; people accept invitations.

use domain::kernel::testing::PASSWORD;

use crate::browser::{Browser, Site};

const ACCOUNT: [(&str, &str); 6] = [
    ("step", "account"),
    ("name", "Айгерім <Бекова>"),
    ("password", PASSWORD),
    ("locale", "kk"),
    ("time_zone", "Asia/Almaty"),
    ("currency", "KZT"),
];

fn account<'a>(email: &'a str, key: &'a str) -> Vec<(&'a str, &'a str)> {
    ACCOUNT.into_iter().chain([("email", email), ("key", key)]).collect()
}

#[tokio::test]
async fn the_first_step_answers_the_same_for_any_address() {
    let site = Site::new().await;
    site.world.onboard("north").await;
    let browser = site.browser();
    browser.get("/signup").await.expect(200).says(&["Step 1 of 3"]);
    browser.submit("/signup", &[("step", "email"), ("email", "nothing")]).await.expect(422).says(&["This is not an email address."]);
    let mut pages = Vec::new();
    for email in ["admin@north.example", "who@ever.example"] {
        let page = browser.submit("/signup", &[("step", "email"), ("email", email)]).await.expect(200);
        assert_eq!(page.value("email"), email);
        pages.push(page.text.replace(email, ""));
    }
    assert_eq!(pages[0], pages[1]);
}

#[tokio::test]
async fn the_first_person_signs_up_and_is_inside() {
    let site = Site::new().await;
    let onboarded = site.world.onboard("north").await;
    let browser = site.browser();
    let (email, key) = ("admin@north.example", &*onboarded.signup_key);
    let wrong = browser.submit("/signup", &[("step", "key"), ("email", email), ("key", "no-such-key")]).await.expect(422);
    wrong.says(&["The key is wrong, has expired or belongs to another email.", "Step 2 of 3"]);
    assert_eq!((wrong.value("email"), wrong.value("key")), (email, "no-such-key"));
    let third = browser.submit("/signup", &[("step", "key"), ("email", email), ("key", key)]).await.expect(200);
    third.says(&["Step 3 of 3", "Demo north", "name=\"time_zone\"", "Asia/Almaty", "name=\"currency\""]);
    assert_eq!(third.value("key"), key, "carried in the form");

    let mut weak = account(email, key);
    weak.retain(|(name, _)| *name != "password");
    weak.push(("password", "short"));
    let again = browser.submit("/signup", &weak).await.expect(422);
    again.says(&["At least 12 characters.", "Айгерім &lt;Бекова&gt;", "Step 3 of 3"]).hides(&["value=\"short\"", "<Бекова>"]);

    let done = browser.submit("/signup", &account(email, key)).await.expect(303);
    assert_eq!(done.header("location"), "/north/");
    assert!(browser.cookie("session").is_some());
    let people = browser.get("/north/people").await.expect(200);
    people.says(&["Айгерім &lt;Бекова&gt;", "Компания дайын.", "lang=\"kk\""]).hides(&["<Бекова>"]);

    // the key is worth nothing any more: it is asked for again
    site.browser().submit("/signup", &account(email, key)).await.expect(422).says(&["Step 2 of 3"]);
}

#[tokio::test]
async fn somebody_with_an_account_joins_with_its_password() {
    let site = Site::new().await;
    site.world.company("north").await;
    let input = domain::identity::company::Input {
        name: "Екінші".to_owned(),
        slug: Some("second".to_owned()),
        contact_email: "admin@north.example".to_owned(),
        seats: 5,
        locale: None,
    };
    let onboarded = site.world.app.platform(&site.world.operator(), domain::identity::company::Onboard(input)).await.expect("onboards");
    let browser = site.browser();
    let (email, key) = ("admin@north.example", &*onboarded.signup_key);
    let third = browser.submit("/signup", &[("step", "key"), ("email", email), ("key", key)]).await.expect(200);
    third.says(&["admin@north.example already has an account"]).hides(&["name=\"name\""]);
    let join = |password: &'static str| {
        [
            ("step", "join"),
            ("email", email),
            ("key", key),
            ("password", password),
            ("locale", "ru"),
            ("time_zone", "Asia/Almaty"),
            ("currency", "KZT"),
        ]
    };
    browser.submit("/signup", &join("not the password")).await.expect(422).says(&["The email or the password is wrong.", "Екінші"]);
    let done = browser.submit("/signup", &join(PASSWORD)).await.expect(303);
    assert_eq!(done.header("location"), "/second/");
    browser.get("/companies").await.expect(200).says(&["href=\"/north/\"", "href=\"/second/\""]);
}

#[tokio::test]
async fn wrong_choices_of_a_signup_are_named() {
    let site = Site::new().await;
    let onboarded = site.world.onboard("north").await;
    let fields = [("locale", "de"), ("time_zone", "Mars/Olympus"), ("currency", "EUR")];
    let mut sent = account("admin@north.example", &onboarded.signup_key);
    sent.retain(|(name, _)| !fields.iter().any(|(wrong, _)| wrong == name));
    sent.extend(fields);
    let page = site.browser().submit("/signup", &sent).await.expect(422);
    for field in ["locale", "time_zone", "currency"] {
        page.says(&[&format!("f-{field}-error")]);
    }
}

async fn invited<'a>(site: &'a Site, email: &str) -> (Browser<'a>, String) {
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    let role = company.role("technician").to_string();
    let fields = [("email", email), ("name", "Серік"), ("role_id", &*role), ("locale", "kk"), ("all_sites", "true")];
    admin.complete("/north/invitations/new", &fields).await.says(&["Invitation sent to", "Серік"]);
    (admin, format!("/invite/{}", site.world.letter(&company, email).await))
}

#[tokio::test]
async fn an_invitation_is_accepted_once() {
    let site = Site::new().await;
    let (_, path) = invited(&site, "serik@north.example").await;
    let browser = site.browser();
    let page = browser.get(&path).await.expect(200);
    page.says(&["Demo north", "technician", "serik@north.example"]);
    assert_eq!(page.value("name"), "Серік");
    let again = browser.submit(&path, &[("name", "Серік Н"), ("password", "123456789012")]).await.expect(422);
    assert_eq!(again.value("name"), "Серік Н");
    again.says(&["too common"]);
    let done = browser.submit(&path, &[("name", "Серік Н"), ("password", PASSWORD)]).await.expect(303);
    assert_eq!(done.header("location"), "/north/");
    browser.get("/profile").await.expect(200).says(&["Серік Н", "Demo north"]);
    browser.get(&path).await.expect(404);
    browser.submit(&path, &[("name", "Серік Н"), ("password", PASSWORD)]).await.expect(404);
}

#[tokio::test]
async fn a_revoked_or_expired_invitation_is_worthless() {
    let site = Site::new().await;
    let (admin, path) = invited(&site, "serik@north.example").await;
    let list = admin.get("/north/invitations").await.expect(200);
    let id = list.between("/north/invitations/", "/revoke").rsplit('/').next().expect("an id").to_owned();
    admin.complete(&format!("/north/invitations/{id}/revoke"), &[]).await.says(&["Invitation revoked."]).hides(&["Серік"]);
    site.browser().get(&path).await.expect(404).says(&["no longer valid"]);
    admin.submit(&format!("/north/invitations/{id}/revoke"), &[]).await.expect(404);
    site.browser().get("/invite/nothing").await.expect(404);
}
