//! The operator's pages.

use chrono::TimeDelta;

use crate::browser::Site;

#[tokio::test]
async fn operators_alone_see_the_platform() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    assert_eq!(site.browser().get("/platform/companies").await.expect(303).header("location"), "/login?next=%2Fplatform%2Fcompanies");
    let admin = site.admin(&company).await;
    for path in ["/platform", "/platform/companies", "/platform/companies/new"] {
        admin.get(path).await.expect(403).says(&["You may not do this"]);
    }
    let id = company.admin.tenant();
    admin.get(&format!("/platform/companies/{id}")).await.expect(403);
    admin.submit(&format!("/platform/companies/{id}/suspend"), &[]).await.expect(403);
    admin.get("/north/people").await.expect(200);
    let operator = site.operator().await;
    assert_eq!(operator.get("/").await.expect(303).header("location"), "/platform");
    assert_eq!(operator.get("/platform").await.expect(303).header("location"), "/platform/companies");
}

#[tokio::test]
async fn a_company_is_added_and_its_key_shown_once() {
    let site = Site::new().await;
    let operator = site.operator().await;
    operator.get("/platform/companies").await.expect(200).says(&["No companies yet"]);
    let wrong = [("name", "Дала <Фудс>"), ("slug", "login"), ("contact_email", "office"), ("seats", "көп")];
    let page = operator.submit("/platform/companies/new", &wrong).await.expect(422);
    page.says(&["Enter a whole number.", "Дала &lt;Фудс&gt;", "value=\"көп\""]).hides(&["<Фудс>"]);
    let refused = [("name", "Дала"), ("slug", "login"), ("contact_email", "office"), ("seats", "5")];
    operator.submit("/platform/companies/new", &refused).await.expect(422).says(&["f-slug-error", "This is not an email address."]);

    let fields = [("name", "Дала <Фудс>"), ("slug", ""), ("contact_email", "office@dala.example"), ("locale", "ru"), ("seats", "5")];
    let made = operator.submit("/platform/companies/new", &fields).await.expect(200);
    let key = made.between("select-all\">", "<").to_owned();
    assert!(key.len() >= 22, "{key}");
    made.says(&["Дала &lt;Фудс&gt;", "office@dala.example also gets a key of their own", "Valid until"]);
    let list = operator.get("/platform/companies?q=%D0%94%D0%B0%D0%BB%D0%B0").await.expect(200);
    list.says(&["Дала &lt;Фудс&gt;", "/dala-fuds/", "Awaiting signup", "0 / 5"]).hides(&[&key]);
    let path = format!("/platform/companies/{}", list.between("href=\"/platform/companies/", "\">Дала").rsplit('/').next().expect("an id"));
    operator.get(&path).await.expect(200).says(&["A key has been issued and not used yet."]).hides(&[&key]);
    operator.get("/platform/companies?q=nothing").await.expect(200).says(&["Nothing matches"]);

    operator.complete(&format!("{path}/key/send"), &[]).await.says(&["A letter with a new key is on its way to office@dala.example."]);
    let renewed = operator.submit(&format!("{path}/key"), &[]).await.expect(200);
    let newer = renewed.between("select-all\">", "<").to_owned();
    assert_ne!(key, newer);
    assert_eq!(renewed.place(), path, "language and theme lead back to a page that can be read");
    let open = async |key: &str| {
        site.browser().submit("/signup", &[("step", "key"), ("email", "office@dala.example"), ("key", key)]).await.status.as_u16()
    };
    assert_eq!((open(&key).await, open(&newer).await), (422, 200));
    site.world.clock.advance(TimeDelta::hours(73));
    // an operator's session is short
    let operator = site.browser();
    operator.log_in("operator@platform.example").await.expect(303);
    operator.get(&path).await.expect(200).says(&["The key has expired."]);
}

#[tokio::test]
async fn a_company_is_limited_suspended_and_resumed() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let operator = site.operator().await;
    let path = format!("/platform/companies/{}", company.admin.tenant());
    let page = operator.get(&path).await.expect(200);
    page.says(&["The key has been used", "1 / 50"]).hides(&["/key\""]);
    let version = page.value("version").to_owned();
    let wrong = operator.submit(&path, &[("name", ""), ("contact_email", "x"), ("seats", "0"), ("version", &version)]).await.expect(422);
    wrong.says(&["Fill in this field.", "f-seats-error", "f-contact_email-error", "value=\"0\""]);
    operator
        .complete(&path, &[("name", "Солтүстік"), ("contact_email", "boss@north.example"), ("seats", "7"), ("version", &version)])
        .await
        .says(&["Changes saved.", "Солтүстік", "boss@north.example", "1 / 7", "Seats left"]);
    let stale = operator
        .submit(&path, &[("name", "Оңтүстік"), ("contact_email", "a@b.example"), ("seats", "8"), ("version", &version)])
        .await
        .expect(412);
    stale.says(&["Somebody changed this record", "value=\"Оңтүстік\"", "1 / 7"]);
    operator.submit(&path, &[("name", "Оңтүстік"), ("seats", "8")]).await.expect(428);

    let admin = site.admin(&company).await;
    operator.complete(&format!("{path}/suspend"), &[]).await.says(&["Company suspended.", "nobody can log in"]);
    admin.get("/north/people").await.expect(403).says(&["The company is suspended"]);
    admin.get("/profile").await.expect(200);
    admin.get("/companies").await.expect(200).says(&["is suspended: nobody can enter it"]).hides(&["not a member of any company"]);
    operator.complete(&format!("{path}/resume"), &[]).await.says(&["Company resumed."]);
    admin.get("/north/people").await.expect(200);
    operator.submit(&format!("{path}/key"), &[]).await.expect(409);
    operator.submit(&format!("{path}/key/send"), &[]).await.expect(409);
    operator.get("/platform/companies/01938700-0000-7000-8000-000000000000").await.expect(404);
    operator.get("/platform/companies/nonsense").await.expect(404);
}

#[tokio::test]
async fn many_companies_are_paged() {
    let site = Site::new().await;
    for n in 0..51 {
        site.world.onboard(&format!("company-{n:02}")).await;
    }
    let operator = site.operator().await;
    let first = operator.get("/platform/companies").await.expect(200);
    first.says(&["company-50", "company-01"]).hides(&["company-00"]);
    let next = first.between("rel=\"next\"", "Next");
    assert!(next.starts_with('>'), "{next}");
    let href =
        first.text.split("rel=\"next\"").next().and_then(|before| before.rsplit("href=\"").next()).expect("a link").trim_end_matches("\" ");
    operator.get(href).await.expect(200).says(&["company-00"]).hides(&["company-01"]);
    // a partial update gets the results alone
    let part =
        operator.send(poem::http::Method::GET, "/platform/companies?q=company-07", &[("hx-request", "true")], None).await.expect(200);
    part.says(&["company-07", "id=\"results\""]).hides(&["<html", "company-08"]);
    let boosted = [("hx-request", "true"), ("hx-boosted", "true")];
    operator.send(poem::http::Method::GET, "/platform/companies", &boosted, None).await.expect(200).says(&["<html"]);
}
