//! How people are told: what they prefer, what messages say, what became of them, what is reminded of.

use domain::kernel::platform::Caller;
use domain::notify::delivery::{Outcome, Record};
use domain::notify::log::Log;
use serde_json::json;
use uuid::Uuid;

use crate::browser::Site;

#[tokio::test]
async fn a_member_chooses_how_to_be_told() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let serik = site.member(&company, "technician", "serik").await;
    let path = "/north/notifications/preferences";
    serik.get("/north/notifications").await.expect(200).says(&[path]);
    serik.get(path).await.expect(200).says(&["Waits for my approval", "Always", "Telegram is not linked yet", "Asia/Almaty"]);
    let fields = [("work_order.completed:email", "daily"), ("work_order.assigned:telegram", "off"), ("from", "22:00"), ("until", "07:00")];
    serik.complete(path, &fields).await.says(&["Changes saved.", "value=\"22:00\"", "<option value=\"daily\" selected>"]);
    let wrong = [("work_order.completed:email", "hourly"), ("from", "22:00"), ("until", ""), ("zone", "Mars")];
    serik.submit(path, &wrong).await.expect(422).says(&[
        "Write an hour such as 22:00.",
        "value=\"Mars\"",
        "<option value=\"hourly\" selected>",
    ]);
    // what was wrong has changed nothing
    serik.get(path).await.expect(200).says(&["<option value=\"daily\" selected>", "value=\"07:00\""]);
    let forced = serik.submit(path, &[("work_order.approval_requested:email", "off")]).await.expect(422);
    forced.says(&["Always"]);
    let admin = site.admin(&company).await;
    admin.get(path).await.expect(200).hides(&["value=\"22:00\""]);
}

#[tokio::test]
async fn a_company_writes_its_own_texts_sees_them_first_and_goes_back() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    let list = "/north/settings/notifications";
    let path = "/north/settings/notifications/work_order.rejected/email/en";
    admin.get("/north/").await.expect(200).says(&[list]);
    admin.get(list).await.expect(200).says(&[path, "Our text", "value=\"90\""]);
    admin.get(path).await.expect(200).says(&[
        "{{number}} is rejected",
        "Our text",
        "WO-1042 is rejected",
        "Reason: No spare part in stock",
    ]);
    let text = ("body", "Dear {{name}},\r\n\r\n<b>{{title}}</b> was refused.");
    let preview = [("version", "0"), ("subject", "No to {{number}}"), text, ("preview", "true")];
    let seen = admin.submit(path, &preview).await.expect(200);
    seen.says(&["No to WO-1042", "Dear Serik,", "&lt;b&gt;Compressor C-3: oil leak&lt;/b&gt; was refused.", "Our text"]);
    let wrong = [("version", "0"), ("subject", "No to {{number}}"), ("body", "one\ntwo {{colour}}")];
    let refused = "Line 2: this message does not know {{colour}}.";
    admin.submit(path, &wrong).await.expect(422).says(&[refused, "two {{colour}}"]);
    let kept = [("version", "0"), ("subject", "No to {{number}}"), text];
    admin.complete(path, &kept).await.says(&["Changes saved.", "Own text"]);
    admin.get(path).await.expect(200).says(&["No to {{number}}", "Own text", "No to WO-1042"]);
    admin.submit(path, &kept).await.expect(412);
    admin.submit(path, &[("subject", "x")]).await.expect(428);
    admin.complete(&format!("{path}/reset"), &[("version", "1")]).await.says(&["Our text is used again."]).hides(&["Own text"]);
    for unknown in ["invitation/email/en", "work_order.rejected/fax/en", "work_order.rejected/email/de"] {
        admin.get(&format!("{list}/{unknown}")).await.expect(404);
    }
    let serik = site.member(&company, "technician", "serik").await;
    for closed in [list, path, "/north/settings/notifications/log", "/north/settings/reminders"] {
        serik.get(closed).await.expect(403);
    }
    serik.get("/north/").await.expect(200).hides(&[list]);
}

#[tokio::test]
async fn the_bell_says_the_companys_own_line() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let technician = site.world.member(&company, "technician", "serik").await;
    let admin = site.admin(&company).await;
    let path = "/north/settings/notifications/work_order.approval_requested/bell/en";
    admin.complete(path, &[("version", "0"), ("subject", "Boss! {{number}}: {{title}} <i>")]).await;
    let order = json!({ "title": "Насос <b>", "location_id": company.site });
    let order = site.world.order(&technician, order).await.expect("asks for work");
    let line = format!("Boss! {}: Насос &lt;b&gt; &lt;i&gt;", order.number);
    admin.get("/north/notifications").await.expect(200).says(&[&line]);
    admin.get("/north/notifications?kind=work_order.approval_requested").await.expect(200).says(&[&line]);
    admin.get("/north/notifications?kind=work_order.assigned").await.expect(200).says(&["Nothing of this kind"]).hides(&[&line]);
}

#[tokio::test]
async fn what_became_of_messages_is_listed_for_the_company_and_counted_for_operators() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    let log = "/north/settings/notifications/log";
    admin.get(log).await.expect(200).says(&["No messages yet"]);
    let technician = site.world.member(&company, "technician", "serik").await;
    let order = json!({ "title": "Құпия насос", "location_id": company.site });
    site.world.order(&technician, order).await.expect("asks for work");
    let app = &site.world.app;
    let listed = app.run(&company.admin, Log { limit: 10, ..Log::default() }).await.expect("lists");
    let letter = listed.iter().find(|row| row.channel == "email").expect("a letter").id;
    let refused = Outcome::Refused("550 no <such> user".to_owned());
    app.run(&company.admin, Record { delivery: letter, outcome: refused }).await.expect("records");
    let shown = admin.get(log).await.expect(200);
    shown.says(&["admin@north.example", "550 no &lt;such&gt; user", "No Telegram chat is linked.", "Waits for my approval", "Refused"]);
    admin.get(&format!("{log}?state=skipped")).await.expect(200).says(&["Not sent"]).hides(&["550"]);
    admin.get(&format!("{log}?state=sent")).await.expect(200).says(&["Nothing matches"]);
    admin.get(&format!("{log}?member={}", technician.actor().id)).await.expect(200).hides(&["550"]);
    admin.get("/platform/mail").await.expect(403);
    let operator = site.operator().await;
    let figures = operator.get("/platform/mail?days=90").await.expect(200);
    figures.says(&["Demo north", "550 no &lt;such&gt; user"]).hides(&["Құпия", "admin@north.example"]);
    operator.get("/platform/mail?days=x").await.expect(200);
    assert!(app.platform(&Caller::anyone(site.world.request()), domain::notify::log::Mail { days: 1 }).await.is_err());
}

#[tokio::test]
async fn messages_are_kept_as_long_as_the_company_says() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    let path = "/north/settings/notifications/keep";
    admin.submit(path, &[("version", "0"), ("keep_days", "3")]).await.expect(422).says(&["between 7 and 730"]);
    admin.submit(path, &[("version", "0"), ("keep_days", "көп")]).await.expect(422).says(&["value=\"көп\""]);
    admin.complete(path, &[("version", "0"), ("keep_days", "30")]).await.says(&["value=\"30\""]);
    admin.submit(path, &[("version", "0"), ("keep_days", "40")]).await.expect(412);
}

#[tokio::test]
async fn a_rule_for_reminders_is_added_changed_and_removed() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    let list = "/north/settings/reminders";
    admin.get(list).await.expect(200).says(&["No rules yet", "/north/settings/reminders/new"]);
    admin.get("/north/settings/reminders/new").await.expect(200).says(&["14, 7, 3, 1", "End of warranty"]);
    let role = company.role("manager").to_string();
    let mut fields = vec![
        ("name", "Кепілдік <b>"),
        ("field", "asset.warranty_until"),
        ("at", "09:30"),
        ("before_days", "30, x"),
        ("times", "1"),
        ("active", "true"),
    ];
    admin.submit("/north/settings/reminders/new", &fields).await.expect(422).says(&["Enter a whole number.", "30, x"]);
    fields[3] = ("before_days", "30; 7");
    admin.submit("/north/settings/reminders/new", &fields).await.expect(422).says(&["Choose at least one role"]);
    fields.push(("role", &role));
    let added = admin.complete("/north/settings/reminders/new", &fields).await;
    added.says(&["Changes saved.", "Кепілдік &lt;b&gt;", "30, 7 days before", "09:30", "manager"]);
    let mut links = added.text.split("/north/settings/reminders/").skip(1);
    let id = links.find_map(|rest| rest.get(..36)?.parse::<Uuid>().ok()).expect("a link to the rule");
    let path = format!("{list}/{id}");
    admin.get(&path).await.expect(200).says(&["value=\"30, 7\"", "checked"]);
    fields[3] = ("before_days", "");
    fields.extend([("after_days", "1"), ("every_days", "2"), ("version", "1")]);
    fields[4] = ("times", "5");
    let changed = admin.complete(&path, &fields).await;
    changed.says(&["1 days after", "again every 2 days, 5 times in all"]);
    admin.submit(&path, &fields).await.expect(412);
    admin.complete(&format!("{path}/delete"), &[("version", "2")]).await.says(&["Record deleted.", "No rules yet"]);
    admin.get(&path).await.expect(404);
}
