//! The bell.

use serde_json::json;

use crate::browser::Site;

#[tokio::test]
async fn what_one_was_told_is_read_and_opened() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let technician = site.world.member(&company, "technician", "serik").await;
    let admin = site.admin(&company).await;
    admin.get("/north/notifications").await.expect(200).says(&["No notifications yet"]);
    let location = site.world.location(&company.admin, "Алматы", None).await;
    let first = site.world.order(&technician, json!({ "title": "Насос <b>", "location_id": location.id })).await.expect("asks for work");
    site.world.order(&technician, json!({ "title": "Кран", "location_id": location.id })).await.expect("asks for work");

    let list = admin.get("/north/notifications?filter=unread").await.expect(200);
    list.says(&["Насос &lt;b&gt;", "Кран", "2 unread"]).hides(&["Насос <b>"]);
    let first_form = list.text.split("<form").find(|form| form.contains(&first.number) && form.contains("name=\"next\"")).expect("a form");
    let action = first_form.split("action=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an address");
    let record = format!("/north/work-orders/{}", first.number);
    // another person's notification is not there
    let stranger = site.logged_in("serik@north.example").await;
    stranger.submit(action, &[]).await.expect(404);
    let opened = admin.submit(action, &[("next", &record)]).await.expect(303);
    assert_eq!(opened.header("location"), record);
    admin.get("/north/notifications?filter=unread").await.expect(200).says(&["Кран", "1 unread"]).hides(&["Насос"]);
    admin.get("/north/notifications").await.expect(200).says(&[&format!("href=\"{record}\"")]);
    let elsewhere = admin.submit(action, &[("next", "https://evil.example/")]).await.expect(303);
    assert_eq!(elsewhere.header("location"), "/north/notifications");

    admin.complete("/north/notifications/read-all", &[]).await.says(&["All notifications marked as read."]).hides(&["1 unread"]);
    admin.get("/north/notifications?filter=unread").await.expect(200).says(&["Nothing unread"]);
}
