//! A company's own workflow file by the API: written, checked, published, taken back, and records carried over.

use poem::http::Method;
use serde_json::{Value, json};

use crate::client::{Client, Edge};

const AT: &str = "/workflows/work_order";

async fn shipped(admin: &Client<'_>) -> String {
    admin.get(&format!("{AT}/versions/shipped")).await.expect(200).json()["merged"].as_str().expect("a text").to_owned()
}

/// The shipped file with another rule and without its tests, which are about the shipped one.
fn changed(source: &str) -> String {
    source.split("\ntests:").next().expect("a text").replacen("need: 1", "need: 2", 1) + "\n"
}

fn codes(answer: &Value, list: &str) -> Vec<String> {
    let found = answer[list].as_array().expect("a list");
    found.iter().map(|finding| finding["code"].as_str().expect("a code").to_owned()).collect()
}

#[tokio::test]
async fn a_file_is_written_checked_published_and_taken_back() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    let asset = admin.asset("T-1").await;
    let (technician, _) = edge.member(&company, "technician", "timur").await;
    edge.member(&company, "manager", "marat").await;
    let running = technician.order(&asset, "Belt").await;
    let flow = admin.get("/workflows").await.expect(200).json()[0].clone();
    assert_eq!((&flow["workflow"], &flow["follows_shipped"], &flow["records"]), (&json!("work_order"), &json!(true), &json!(1)));
    let source = changed(&shipped(&admin).await);

    let broken = json!({ "source": source.replace("doc.assignee == actor.id", "doc.asignee == actor.id") });
    let headers = [("accept-language", "ru")];
    let checked = admin.send(Method::POST, &format!("{AT}/check"), &headers, Some(broken.clone())).await.expect(200).json();
    assert_eq!((checked["sound"].clone(), codes(&checked, "findings")[0].as_str()), (json!(false), "WF303"));
    let finding = &checked["findings"][0];
    assert!(finding["message"].as_str().is_some_and(|text| text.contains("нет поля")), "{finding}");
    assert!(finding["help"].as_str().is_some_and(|text| text.contains("assignee")), "{finding}");
    assert!(finding["source"].as_str().is_some_and(|line| line.contains("asignee")), "{finding}");

    admin.send(Method::PUT, &format!("{AT}/draft"), &[], Some(broken.clone())).await.expect(428);
    let saved = admin.put(&format!("{AT}/draft"), "\"0\"", broken).await.expect(200);
    assert_eq!(saved.header("etag"), "\"1\"");
    let publish = |version: &'static str, key: &'static str| {
        let headers = [("if-match", version), ("idempotency-key", key)];
        let admin = &admin;
        async move { admin.send(Method::POST, &format!("{AT}/publish"), &headers, Some(json!({ "note": "two must agree" }))).await }
    };
    let refused = publish("\"1\"", "a").await.expect(422).json();
    assert_eq!((codes(&refused, "errors")[0].as_str(), &refused["errors"][0]["pointer"]), ("WF303", &json!("/source")));
    admin.put(&format!("{AT}/draft"), "\"1\"", json!({ "source": source })).await.expect(200);
    publish("\"1\"", "b").await.expect(412);
    let published = publish("\"2\"", "c").await.expect(200).json();
    assert_eq!((&published["current"], &published["note"]), (&json!(true), &json!("two must agree")));
    assert_eq!(publish("\"2\"", "c").await.expect(200).json(), published, "the same answer, and no second version");

    let number = published["number"].as_i64().expect("a number");
    let fresh = technician.order(&asset, "Bearing").await;
    let version = async |order: &Value| {
        let id = order["id"].as_str().expect("an id").to_owned();
        admin.get(&format!("/work-orders/{id}/transitions")).await.expect(200).json()["definition_version"].as_i64()
    };
    assert_eq!((version(&running).await, version(&fresh).await), (Some(number - 1), Some(number)));
    let headers = [("accept-language", "tr")];
    let differs = admin.send(Method::GET, &format!("{AT}/differences?from=shipped&to={number}"), &headers, None).await.expect(200).json();
    let level = differs["changes"].as_array().expect("parts").iter().find(|change| change["part"] == "level").expect("differs");
    assert_eq!((&level["owner"], &level["id"], &level["kind"]), (&json!("approve"), &json!("first"), &json!("changed")));
    assert_eq!(level["options"], json!([{ "option": "need", "old": "1", "new": "2" }]));
    assert_eq!(level["message"], "Değişti: “approve” geçişinin “first” onay düzeyi. need: 1 → 2");
    assert!(
        differs["lines"]
            .as_array()
            .expect("lines")
            .iter()
            .any(|line| line["kind"] == "added" && line["text"].as_str().is_some_and(|text| text.contains("need: 2")))
    );
    admin.get(&format!("{AT}/differences?from=shipped&to=nonsense")).await.expect(404);
    let drawing = admin.get(&format!("{AT}/diagram")).await.expect(200).json();
    assert!(drawing["svg"].as_str().is_some_and(|svg| svg.starts_with("<svg")) && drawing["mermaid"].is_string());

    let plan = admin.post(&format!("{AT}/migration/dry-run"), json!({})).await.expect(200).json();
    assert_eq!((&plan["version"], &plan["unmapped"], &plan["leaps"][0]["records"]), (&json!(number), &json!(0), &json!(1)));
    admin.post(&format!("{AT}/migration"), json!({})).await.expect(422);
    let late = admin.post(&format!("{AT}/migration"), json!({ "version": number - 1 })).await.expect(412).json();
    assert_eq!(late["code"], "stale");
    let moved = admin.post(&format!("{AT}/migration"), json!({ "version": number })).await.expect(200).json();
    assert_eq!((&moved["moved"], &moved["more"], version(&running).await), (&json!(1), &json!(false), Some(number)));
    let wrong =
        admin.post(&format!("{AT}/migration"), json!({ "version": number, "states": { "open": "nowhere" } })).await.expect(422).json();
    assert_eq!(wrong["errors"][0]["pointer"], "/states/open");

    let restored = admin.post(&format!("{AT}/versions/{number}/restore"), json!({ "note": "" })).await.expect(200).json();
    assert_eq!(restored["number"], number + 1);
    admin.send(Method::POST, &format!("{AT}/follow"), &[], None).await.expect(204);
    let detail = admin.get(AT).await.expect(200).json();
    assert_eq!((&detail["flow"]["follows_shipped"], detail["versions"].as_array().map(Vec::len)), (&json!(true), Some(2)));
    let newest = admin.send(Method::POST, &format!("{AT}/merge"), &[("if-match", "\"0\"")], None).await.expect(409).json();
    assert_eq!(newest["code"], "newest_base");
}

#[tokio::test]
async fn tests_are_played_and_history_is_replayed() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    let asset = admin.asset("T-1").await;
    let order = admin.order(&asset, "Belt").await;
    admin.fire(&order, "cancel", json!({ "reason": "twice" })).await.expect(200);
    let source = changed(&shipped(&admin).await);
    let test = "\ntests:\n  - name: a technician waits\n    steps:\n      - {as: technician1, create: true, expect: {state: open}}\n";
    let played = admin.post(&format!("{AT}/rehearse"), json!({ "source": format!("{source}{test}") })).await.expect(200).json();
    assert_eq!((&played["passed"], &played["tests"][0]["name"]), (&json!(false), &json!("a technician waits")));
    assert_eq!(codes(&played["tests"][0], "failures"), ["WF950"]);
    let without = source
        .replace("permission: work_order.cancel\n    reason: required", "permission: work_order.cancel\n    when: doc.vendor != null");
    assert_ne!(without, source, "the text to change is not in the file any more");
    let replayed = admin.post(&format!("{AT}/replay"), json!({ "source": without })).await.expect(200).json();
    assert_eq!((&replayed["steps"], &replayed["differing"][0]["transition"]), (&json!(1), &json!("cancel")), "{replayed}");
    assert_eq!(replayed["differing"][0]["would"], Value::Null);
    let unsound = admin.post(&format!("{AT}/replay"), json!({ "source": "a: b" })).await.expect(422).json();
    assert!(codes(&unsound, "errors").contains(&"WF005".to_owned()), "{unsound}");
}

#[tokio::test]
async fn no_text_hangs_or_kills_the_process() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    let deep = "[".repeat(5_000);
    let long = format!("workflow: work_order\nversion: 1\n# {}\n", "x".repeat(255 * 1024));
    for source in [
        "",
        "\t",
        "a: *b",
        "&a [*a, *a]",
        "workflow: work_order\nversion: 99999999999999999999",
        &deep,
        &long,
        "extends: work_order@1",
        "extends: work_order@0\nset: 1",
    ] {
        let checked = admin.post(&format!("{AT}/check"), json!({ "source": source })).await.expect(200).json();
        assert!(checked["sound"] == false || source.starts_with("extends: work_order@1"), "{source:.40}: {checked}");
    }
    let larger = admin.post(&format!("{AT}/check"), json!({ "source": "x".repeat(300 * 1024) })).await.expect(422).json();
    assert_eq!(codes(&larger, "errors"), ["text_too_large"]);
}

#[tokio::test]
async fn what_stands_in_the_way_is_told_in_the_words_of_the_file_the_record_follows() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    let asset = admin.asset("T-1").await;
    let labels = |language: &str, state: &str, step: &str, field: &str| {
        format!(
            "  {language}: {{states: {{looked_at: {state}}}, transitions: {{inspect: {step}, leave: {state} +}}, fields: {{depth: {field}}}}}\n"
        )
    };
    let labels = [
        labels("kk", "Қарау", "Қарап шығу", "Тереңдік"),
        labels("ru", "Осмотр", "Осмотреть", "Глубина"),
        labels("en", "Looked at", "Look at", "Depth"),
        labels("tr", "İnceleme", "İncele", "Derinlik"),
    ]
    .concat();
    let step = "  inspect:\n    from: open\n    to: looked_at\n    permission: work_order.view\n    form: {depth: {type: int, required: true}}\n    when: input.depth > 3\n  leave:\n    from: looked_at\n    to: open\n    permission: work_order.view\n\n  start:\n";
    let source = changed(&shipped(&admin).await);
    let source = source.replacen("  in_progress: {", "  looked_at: {category: waiting, tone: warn}\n  in_progress: {", 1).replacen(
        "  start:\n",
        step,
        1,
    ) + "\nlabels:\n"
        + &labels;
    admin.put(&format!("{AT}/draft"), "\"0\"", json!({ "source": source })).await.expect(200);
    let headers = [("if-match", "\"1\""), ("idempotency-key", "a")];
    let published = admin.send(Method::POST, &format!("{AT}/publish"), &headers, Some(json!({ "note": "" }))).await;
    let published = if published.status.as_u16() == 422 { panic!("{}", published.json()) } else { published.expect(200) };
    drop(published);
    let order = admin.order(&asset, "Belt").await;
    let at = format!("/work-orders/{}/transitions", order["id"].as_str().expect("an id"));
    let russian = [("accept-language", "ru")];
    let explained = admin.send(Method::GET, &at, &russian, None).await.expect(200).json();
    let step = |name: &str| {
        explained["transitions"].as_array().expect("steps").iter().find(|step| step["name"] == name).expect("is there").clone()
    };
    assert_eq!((&step("inspect")["label"], &step("leave")["label"]), (&json!("Осмотреть"), &json!("Осмотр +")));
    let leave = step("leave")["blockers"][0]["message"].as_str().expect("a sentence").to_owned();
    assert!(leave.contains("Осмотр"), "{leave}");
    let headers = [("accept-language", "ru"), ("if-match", "\"1\""), ("idempotency-key", "b")];
    let body = json!({ "input": { "depth": 2 } });
    let refused = admin.send(Method::POST, &format!("{at}/inspect"), &headers, Some(body)).await.expect(422).json();
    assert!(refused["blockers"][0].as_str().is_some_and(|told| told.contains("«Глубина»")), "{refused}");
    let away = admin
        .send(
            Method::POST,
            &format!("{at}/leave"),
            &headers.map(|(name, value)| (name, if name == "idempotency-key" { "c" } else { value })),
            Some(json!({})),
        )
        .await;
    assert_eq!(away.expect(409).json()["state"], "open");
}
