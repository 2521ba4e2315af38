//! Every operation of the API against another company, every role and nobody: generated from the API's own description, so
//! that a new route is covered the moment it exists.

use domain::kernel::testing::Company;
use poem::http::Method;
use serde_json::{Value, json};

use crate::client::Edge;

/// Operations without a token: they check a secret of their own.
const PUBLIC: &[&str] = &["/auth/login", "/signup", "/signup/key", "/invitations/accept"];

/// What only operators may call.
const PLATFORM: &str = "/platform/";

fn operations() -> Vec<(Method, String)> {
    let spec: Value = serde_json::from_str(&api::rest::spec()).expect("the description is JSON");
    let paths = spec["paths"].as_object().expect("has paths");
    let mut found = Vec::new();
    for (path, operations) in paths {
        for method in operations.as_object().expect("has operations").keys() {
            let path = path.strip_prefix("/api/v1").expect("is of this version");
            found.push((method.to_uppercase().parse().expect("is a method"), path.to_owned()));
        }
    }
    assert!(found.len() > 40, "{}", found.len());
    found
}

/// A path with ids of another company's records in it. A new kind of record needs one of its own here.
fn filled(path: &str, records: &Records) -> String {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let id = match parts[..] {
        _ if !path.contains("{id}") => "",
        ["vendors", ..] => &records.vendor,
        ["assets", ..] => &records.asset,
        ["locations", ..] => &records.location,
        ["asset-types", ..] => &records.kind,
        ["categories", ..] => &records.category,
        ["members", ..] => &records.member,
        ["roles", ..] => &records.role,
        ["work-orders", ..] => &records.order,
        ["invitations", ..] => &records.invitation,
        ["notifications", ..] => &records.notification,
        ["reminder-rules", ..] => &records.rule,
        ["exports", ..] => &records.export,
        ["export-schedules", ..] => &records.schedule,
        ["me", "delegations", ..] => &records.delegation,
        ["platform", "companies", ..] => &records.company,
        ["platform", "jobs", ..] => &records.job,
        _ => panic!("{path}: another company's record of this kind must be tried"),
    };
    let mut filled = path.replace("{id}", id);
    // what is not an id names something of the caller's own company, or nothing
    let names = [("{name}", "cancel"), ("{company}", &*records.company), ("{number}", "1"), ("{channel}", "email"), ("{locale}", "en")];
    for (part, value) in names.into_iter().chain([("{workflow}", "none"), ("{sla}", "none"), ("{kind}", "none")]) {
        filled = filled.replace(part, value);
    }
    assert!(!filled.contains('{'), "{filled}: a part of the address nothing is known for");
    filled
}

struct Records {
    order: String,
    vendor: String,
    asset: String,
    location: String,
    kind: String,
    category: String,
    member: String,
    role: String,
    export: String,
    schedule: String,
    invitation: String,
    notification: String,
    rule: String,
    delegation: String,
    company: String,
    job: String,
}

const CANARY: &str = "canary-4f1d";

async fn records(edge: &Edge, company: &Company) -> Records {
    let admin = &edge.admin(company).await;
    let (technician, asker) = edge.member(company, "technician", "asker").await;
    let asset = admin.asset(CANARY).await;
    let order = admin.order(&asset, CANARY).await;
    let vendor = admin.post("/vendors", json!({ "name": CANARY })).await.expect(201).id();
    let member = admin.first("/members").await;
    // a request waits, and whoever may decide is told of it
    technician.order(&asset, CANARY).await;
    let invited =
        json!({ "email": "guest@north.example", "name": CANARY, "role_id": company.role("viewer"), "all_sites": true, "locale": "en" });
    let rule = json!({ "name": CANARY, "field": "asset.warranty_until", "before_days": [7], "role_ids": [company.role("manager")] });
    let handover = json!({ "delegate_id": asker.actor().id, "starts_at": "2026-03-02T00:00:00Z", "ends_at": "2026-03-09T00:00:00Z" });
    Records {
        schedule: admin.post("/export-schedules", schedule(&member)).await.expect(201).id(),
        export: admin.post("/exports", json!({ "list": "vendors", "format": "csv" })).await.expect(202).id(),
        invitation: admin.post("/invitations", invited).await.expect(201).id(),
        notification: admin.first("/notifications").await,
        rule: admin.post("/reminder-rules", rule).await.expect(201).id(),
        delegation: text(&admin.post("/me/delegations", handover).await.expect(200).json()[0]["id"]),
        company: company.admin.tenant().to_string(),
        job: job(edge).await,
        order: order["id"].as_str().expect("an id").to_owned(),
        vendor,
        asset,
        location: admin.first("/locations").await,
        kind: admin.first("/asset-types").await,
        category: admin.first("/categories").await,
        member,
        role: admin.get("/roles").await.json()[3]["id"].as_str().expect("an id").to_owned(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

async fn job(edge: &Edge) -> String {
    let id: uuid::Uuid =
        sqlx::query_scalar("SELECT id FROM queue.jobs LIMIT 1").fetch_one(&mut edge.world.superuser().await).await.expect("a job waits");
    id.to_string()
}

fn schedule(member: &str) -> Value {
    json!({ "name": CANARY, "list": "vendors", "format": "csv", "every": "day", "at": "08:00", "recipients": [member] })
}

/// A body that would be accepted for the owner's records, with the owner's ids in it.
fn body(method: &Method, path: &str, records: &Records) -> Option<Value> {
    if *method == Method::GET || *method == Method::DELETE {
        return None;
    }
    Some(match path {
        "/vendors" | "/vendors/{id}" | "/categories" | "/categories/{id}" => json!({ "name": "intruder" }),
        "/asset-types" | "/asset-types/{id}" => json!({ "name": "intruder", "category_id": records.category }),
        "/locations" | "/locations/{id}" => json!({ "name": "intruder", "parent_id": records.location }),
        "/assets" | "/assets/{id}" => {
            json!({ "name": "intruder", "tag": "X", "type_id": records.kind, "location_id": records.location })
        }
        "/work-orders" | "/work-orders/{id}" => json!({ "title": "intruder", "asset_id": records.asset }),
        "/work-orders/import" => json!({
            "external_ref": "x", "title": "intruder", "asset_id": records.asset,
            "created_at": "2020-01-01T00:00:00Z", "completed_at": "2020-01-02T00:00:00Z"
        }),
        "/members/{id}" => json!({ "role_id": records.role, "active": false }),
        "/roles" | "/roles/{id}" => json!({ "name": "intruder", "level": 5, "permissions": [] }),
        "/invitations" => json!({ "email": "x@y.example", "name": "x", "role_id": records.role, "locale": "en" }),
        "/platform/companies" => json!({ "name": "x", "contact_email": "x@y.example", "seats": 3 }),
        "/platform/companies/{id}" => json!({ "name": "x", "seats": 3, "suspended": true }),
        "/exports" => json!({ "list": "vendors", "format": "csv" }),
        "/export-schedules" | "/export-schedules/{id}" => schedule(&records.member),
        "/calendar" => json!({ "zone": "Asia/Almaty", "hours": { "mon": ["09:00-10:00"] } }),
        "/work-orders/service-levels/{sla}" => json!({}),
        "/me/delegations" => {
            json!({ "delegate_id": records.member, "starts_at": "2026-03-02T00:00:00Z", "ends_at": "2026-03-09T00:00:00Z" })
        }
        _ => json!({ "reason": "intruder" }),
    })
}

/// The company's rows, whatever they are, as one text.
async fn picture(edge: &Edge, company: &Company) -> String {
    let mut conn = edge.world.superuser().await;
    let mut picture = String::new();
    for table in [
        "work_orders",
        "vendors",
        "assets",
        "locations",
        "asset_types",
        "categories",
        "members",
        "roles",
        "invitations",
        "notifications",
        "reminder_rules",
        "delegations",
        "exports",
        "export_schedules",
    ] {
        let sql = format!("SELECT coalesce(string_agg(x::text, E'\\n' ORDER BY x.id), '') FROM {table} x WHERE tenant_id = $1");
        let rows: String =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(company.admin.tenant().uuid()).fetch_one(&mut conn).await.expect("reads");
        picture.push_str(&rows);
    }
    picture
}

#[tokio::test]
async fn another_company_gets_nowhere_and_changes_nothing() {
    let edge = Edge::new().await;
    let (north, south) = (edge.world.company("north").await, edge.world.company("south").await);
    let records = records(&edge, &north).await;
    let intruder = edge.admin(&south).await;
    let before = picture(&edge, &north).await;
    for (method, path) in operations() {
        if PUBLIC.contains(&path.as_str()) || path == "/auth/logout" {
            continue;
        }
        let target = filled(&path, &records);
        let target = if path.ends_with("/download") { format!("{target}?format=csv") } else { target };
        let answer = intruder.send(method.clone(), &target, &[("if-match", "\"1\"")], body(&method, &path, &records)).await;
        let status = answer.status.as_u16();
        assert!(status < 500, "{method} {path}: {status} {}", answer.text());
        assert!(path.contains('{') || status != 404, "{method} {path} is nowhere: the test reached nothing");
        if path.contains('{') && !path.starts_with(PLATFORM) {
            assert!(matches!(status, 403 | 404 | 422), "{method} {path}: {status} {}", answer.text());
        }
        assert!(!answer.text().contains(CANARY), "{method} {path} shows another company's record: {}", answer.text());
    }
    assert_eq!(picture(&edge, &north).await, before);
}

#[tokio::test]
async fn nobody_gets_in() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let records = records(&edge, &north).await;
    for (method, path) in operations() {
        if PUBLIC.contains(&path.as_str()) {
            continue;
        }
        let target = format!("/api/v1{}?format=csv", filled(&path, &records));
        for token in [None, Some("Bearer nonsense"), Some("Basic YTpi")] {
            let headers: Vec<(&str, &str)> = token.map(|token| ("authorization", token)).into_iter().collect();
            let answer = edge.send(method.clone(), &target, &headers, body(&method, &path, &records).as_ref()).await;
            assert_eq!(answer.status, 401, "{method} {path}: {}", answer.text());
        }
    }
}

/// What each default role is refused: a change of a role's rights shows in the snapshot.
#[tokio::test]
async fn every_role_meets_its_limits() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let records = records(&edge, &north).await;
    let mut refused = String::new();
    for role in domain::identity::defaults::ROLE_KEYS.iter().filter(|role| **role != "admin") {
        let (client, _) = edge.member(&north, role, &format!("a-{}", role.replace('_', "-"))).await;
        let mut denied: Vec<String> = Vec::new();
        for (method, path) in operations() {
            if PUBLIC.contains(&path.as_str()) || path == "/auth/logout" {
                continue;
            }
            // a version nobody is at: changes that are let through change nothing
            let target = if path.ends_with("/download") { format!("{path}?format=csv") } else { filled(&path, &records) };
            let answer = client.send(method.clone(), &target, &[("if-match", "\"999\"")], body(&method, &path, &records)).await;
            assert!(answer.status.as_u16() < 500, "{role} {method} {path}: {}", answer.text());
            if answer.status == 403 && !path.starts_with(PLATFORM) {
                denied.push(format!("{method} {path}"));
            }
        }
        refused.extend([role, "\n  ", &denied.join("\n  "), "\n"]);
    }
    insta::assert_snapshot!(refused);
}
