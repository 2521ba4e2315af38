//! Working hours, figures of service levels, decisions handed over.

use serde_json::json;

use crate::browser::{Browser, Page, Site};

const AT: &str = "/north/service-levels";

/// The usual hours, one of them changed.
fn hours<'a>(version: &'a str, day: &'a str, times: &'a str, holidays: &'a str) -> Vec<(&'a str, &'a str)> {
    let usual = ["mon", "tue", "wed", "thu", "fri"].map(|day| (day, "09:00-13:00, 14:00-18:00"));
    let week = usual.into_iter().filter(move |(name, _)| *name != day).chain([(day, times)]);
    [("version", version), ("zone", "Asia/Almaty"), ("holidays", holidays)].into_iter().chain(week).collect()
}

#[tokio::test]
async fn working_hours_and_days_off_are_written_at_the_version_read() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    let page = admin.get(AT).await.expect(200);
    assert_eq!((page.value("zone"), page.value("mon"), page.value("sat")), ("Asia/Almaty", "09:00-13:00, 14:00-18:00", ""));
    let calendar = format!("{AT}/calendar");
    let written = hours("0", "sat", "10:00-14:00", "2026-03-22\r\n\r\n 2026-05-01 \r\n");
    let page = admin.complete(&calendar, &written).await;
    page.says(&["Changes saved.", "2026-03-22\n2026-05-01</textarea>"]);
    assert_eq!((page.value("sat"), page.value("version")), ("10:00-14:00", "1"));
    // what was typed stays where it was wrong, and nothing is written
    for (form, sentence) in [
        (hours("1", "mon", "18:00-09:00", ""), "18:00-09:00"),
        (hours("1", "mon", "09:00-12:00, 11:00-13:00", ""), "09:00-12:00, 11:00-13:00"),
        (hours("1", "mon", "nine to five", ""), "nine to five"),
        (hours("1", "mon", "", "22 March"), "22 March"),
    ] {
        admin.submit(&calendar, &form).await.expect(422).says(&[sentence, "role=\"alert\""]);
    }
    let elsewhere: Vec<(&str, &str)> =
        hours("1", "mon", "", "").into_iter().map(|(name, value)| (name, if name == "zone" { "Mars/Olympus" } else { value })).collect();
    admin.submit(&calendar, &elsewhere).await.expect(422).says(&["f-zone-error"]);
    admin.submit(&calendar, &written).await.expect(412).says(&["Somebody changed this record"]);
    assert_eq!(admin.get(AT).await.expect(200).value("sat"), "10:00-14:00");
    // and for whoever may not
    site.member(&company, "technician", "timur").await.submit(&calendar, &hours("1", "sat", "", "")).await.expect(403);
}

#[tokio::test]
async fn a_company_sets_its_own_figures_and_takes_them_back() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    let level = format!("{AT}/levels/resolution");
    admin.get(AT).await.expect(200).says(&["The workflow says 4 h", "The workflow says 80 %"]);
    let set = [("version", "0"), ("by_critical", "PT2H"), ("by_low", ""), ("warn", "60")];
    let page = admin.complete(&level, &set).await;
    assert_eq!((page.value("by_critical"), page.value("by_low"), page.value("warn")), ("2 h", "", "60"));
    let order = json!({ "title": "Belt", "location_id": company.site, "priority": "critical" });
    site.world.order(&company.admin, order).await.expect("is created");
    let terms: serde_json::Value =
        sqlx::query_scalar("SELECT run->'terms' FROM sla_runs").fetch_one(&mut site.world.superuser().await).await.expect("its clock runs");
    assert_eq!((&terms["target"], &terms["warn"]), (&json!("PT2H"), &json!(60)));
    for (field, typed) in [("by_critical", "two hours"), ("by_critical", "PT0S"), ("warn", "100"), ("warn", "often")] {
        let refused = admin.submit(&level, &[("version", "1"), (field, typed)]).await.expect(422);
        assert_eq!(refused.value(field), typed);
        refused.says(&[&format!("resolution-{field}-error")]);
    }
    admin.submit(&level, &set).await.expect(412).says(&["Somebody changed this record"]);
    admin.submit(&format!("{AT}/levels/nothing"), &set).await.expect(404);
    let page = admin.complete(&level, &[("version", "1")]).await;
    assert_eq!((page.value("by_critical"), page.value("warn")), ("", ""));
    site.member(&company, "technician", "timur").await.submit(&level, &set).await.expect(403);
}

const SEAT: &str = "/north/delegations";

async fn hand_over(who: &Browser<'_>, to: &str, from: &str, until: &str) -> Page {
    who.submit(SEAT, &[("delegate_id", to), ("starts_at", from), ("ends_at", until)]).await
}

#[tokio::test]
async fn decisions_are_handed_over_from_the_profile_and_taken_back() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let (dana, boss) = site.recruit(&company, "manager", "dana").await;
    let (aru, other) = site.recruit(&company, "technician", "aru").await;
    let (own, to) = (boss.actor().id.to_string(), other.actor().id.to_string());
    dana.get("/profile").await.expect(200).says(&["Delegations", &format!("href=\"{SEAT}\"")]);
    let page = dana.get(SEAT).await.expect(200);
    page.says(&["You decide for yourself.", ">aru</option>"]).hides(&[">dana</option>"]);
    let from = page.value("starts_at").to_owned();
    let year = &from[..4];
    let until = from.replacen(year, &(year.parse::<i32>().expect("a year") + 1).to_string(), 1);

    hand_over(&dana, "", &from, &until).await.expect(422).says(&["f-delegate_id-error"]);
    hand_over(&dana, &own, &from, &until).await.expect(422).says(&["You cannot hand your seat to yourself."]);
    hand_over(&dana, &to, &until, &from)
        .await
        .expect(422)
        .says(&["The end cannot be before the beginning.", &format!("value=\"{to}\" selected")]);
    hand_over(&dana, &to, &from, "soon").await.expect(422).says(&["f-ends_at-error", "value=\"soon\""]);
    assert_eq!(hand_over(&dana, &to, &from, &until).await.leads(), SEAT);
    let page = dana.get(SEAT).await.expect(200);
    page.says(&["Your decisions are handed over.", "Running"]);
    let end = format!("{SEAT}/{}/end", page.between(&format!("action=\"{SEAT}/"), "/end"));
    aru.get(SEAT).await.expect(200).says(&["Handed to me", "dana"]).hides(&["/end\""]);

    // the delegate decides, and cannot take the seat of another away
    let asked = site.world.work_order(&site.world.member(&company, "technician", "timur").await, "Belt", company.site).await;
    aru.submit(&end, &[]).await.expect(404);
    aru.submit(&format!("/north/work-orders/{}/transitions/approve", asked.number), &[("version", "1")]).await.expect(303);
    dana.complete(&end, &[]).await.says(&["You decide for yourself again.", "You decide for yourself."]);
    aru.get(SEAT).await.expect(200).hides(&["Handed to me"]);
}
