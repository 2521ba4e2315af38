//! The reference page shows everything the description holds.

use poem::http::Method;
use serde_json::Value;

use crate::client::Edge;

fn all<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    html.split(&format!(" {attribute}=\"")).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn everything_described_is_on_the_page() {
    let api = Edge::new().await;
    let spec: Value = serde_json::from_str(&api::rest::spec()).expect("it is JSON");
    for (language, heading) in [("kk", "API анықтамасы"), ("ru", "Справочник API"), ("en", "API reference"), ("tr", "API başvurusu")]
    {
        let page = api.send(Method::GET, "/api/docs", &[("accept-language", language)], None).await.expect(200);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        let html = page.text();
        assert!(html.contains(heading) && !html.contains(">reference."), "{language}");
        let ids = all(&html, "id");
        for (path, methods) in spec["paths"].as_object().expect("paths") {
            let shown = path.strip_prefix("/api/v1").expect("under the API's address");
            assert!(html.contains(&format!(">{shown}</code>")), "{path}");
            for operation in methods.as_object().expect("methods").values() {
                assert!(ids.contains(&operation["operationId"].as_str().expect("a name")), "{path}");
            }
        }
        for name in spec["components"]["schemas"].as_object().expect("schemas").keys() {
            assert!(html.contains(&format!(">{name}</h3>")), "{name}");
        }
        let unique: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "two things have one anchor");
        let dangling: Vec<_> =
            all(&html, "href").into_iter().filter_map(|href| href.strip_prefix('#')).filter(|to| !ids.contains(to)).collect();
        assert!(dangling.is_empty(), "{dangling:?}");
    }
}

#[tokio::test]
async fn an_example_holds_what_must_be_sent() {
    let api = Edge::new().await;
    let html = api.send(Method::GET, "/api/docs", &[], None).await.expect(200).text();
    let text = html.replace("&quot;", "\"").replace("&#x27;", "'").replace("&amp;", "&");
    let login = "curl -X POST \"$URL/auth/login\" \\\n  -H 'Content-Type: application/json' \\\n  -d '{\"email\":\"name@example.com\",\"password\":\"…\"}'";
    assert!(text.contains(login), "a body's required fields, and no token where none is asked");
    let update = "curl -X PUT \"$URL/vendors/$ID\" \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  -H 'If-Match: \"1\"' \\\n";
    assert!(text.contains(update), "the version and the token");
    assert!(text.contains("URL=http") && text.contains("/api/v1\n"), "the page says where the API is");
    assert!(!text.contains("\"$URL/vendors//"), "parts of a path are variables");
}

#[tokio::test]
async fn the_api_leads_to_its_reference() {
    let api = Edge::new().await;
    for path in ["/api", "/api/"] {
        let answer = api.send(Method::GET, path, &[], None).await.expect(303);
        assert_eq!(answer.header("location"), "/api/docs");
        assert!(answer.header("link").contains("</api/openapi.json>; rel=\"service-desc\""));
    }
}
