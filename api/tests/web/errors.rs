//! Failures, as pages.

use poem::http::Method;

use crate::browser::Site;

#[tokio::test]
async fn an_unknown_address_is_told_in_the_readers_language() {
    let site = Site::new().await;
    let mut browser = site.browser();
    browser.language = "kk";
    let page = browser.get("/no/such/page").await.expect(404);
    page.says(&["lang=\"kk\"", "Табылмады", "Мұндай бет немесе жазба жоқ", page.header("x-request-id")]);
    assert!(page.header("content-type").starts_with("text/html"));
    browser.language = "ru";
    browser.send(Method::PUT, "/login", &[("sec-fetch-site", "same-origin")], None).await.expect(405).says(&["lang=\"ru\""]);
}

#[tokio::test]
async fn inside_a_company_an_error_keeps_its_surroundings() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    admin.get("/north/people/01938700-0000-7000-8000-000000000000").await.expect(404).says(&["href=\"/north/people\"", "Demo north"]);
    admin.get("/north/nothing").await.expect(404).says(&["Demo north"]);
    admin.get("/elsewhere/people").await.expect(404).hides(&["Demo north ·"]);
}

#[tokio::test]
async fn forms_that_cannot_be_read_are_refused() {
    let site = Site::new().await;
    let browser = site.browser();
    let same = [("sec-fetch-site", "same-origin")];
    let send =
        async |kind: &str, body: &[u8]| browser.send(Method::POST, "/login", &same, Some((kind, body.to_vec()))).await.status.as_u16();
    assert_eq!(send("application/json", b"{}").await, 415);
    assert_eq!(send("application/x-www-form-urlencoded", &vec![b'a'; 11 * 1024 * 1024]).await, 413);
    assert_eq!(send("application/x-www-form-urlencoded; charset=utf-8", b"email=%ff%fe&password=x").await, 422);
    assert_eq!(browser.send(Method::POST, "/login", &same, None).await.status.as_u16(), 422);
}

#[tokio::test]
async fn a_stranger_cannot_make_us_say_things() {
    let site = Site::new().await;
    let browser = site.browser();
    browser.keep("flash", "joined.company.3c7363726970743e");
    browser.get("/login").await.expect(200).says(&["You have joined &lt;script&gt;."]).hides(&["<script>."]);
    browser.keep("flash", "you won");
    browser.keep("locale", "%00");
    browser.keep("theme", "\"><b>");
    browser.get("/login").await.expect(200).hides(&["you won", "<b>"]);
}
