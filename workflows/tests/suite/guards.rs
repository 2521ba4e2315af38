//! Conditions: what the checker accepts and refuses, and what they come to.

use serde_json::json;
use workflows::{Record, Refusal, Value};

use crate::support::{Press, at, guarded, id, load, loaded, manager, money, record, technician};

/// The codes found in a condition, in order.
fn codes(condition: &str) -> Vec<&'static str> {
    load(&guarded(condition)).err().unwrap_or_default().iter().map(|finding| finding.code).collect()
}

#[test]
fn sound_conditions_pass() {
    for condition in [
        // the three of the sketches
        r#"actor.can("work_order.approve") && (doc.estimated_cost == null || doc.estimated_cost <= money("500000 KZT"))"#,
        r#"doc.assignee != null && doc.assignee == actor.id || actor.can("work_order.manage")"#,
        "doc.tasks.all(t, t.done || !t.mandatory)",
        "doc.priority == 'high'",
        r#"doc.priority in ["high", "critical"]"#,
        "doc.due_at != null && doc.due_at < now",
        "doc.due_at == null || doc.due_at < now",
        "!(doc.due_at == null) && doc.due_at < now",
        "!(doc.due_at == null || doc.due_at > now)",
        "doc.due_at == null ? true : doc.due_at < now",
        r#"doc.due_at != null && doc.due_at - now > duration("PT4H")"#,
        r#"doc.created_at + duration("P2D") < now"#,
        "doc.qty > 0",
        "doc.qty * 2 >= 1.5",
        "doc.number % 2 == 0",
        "doc.number > -5",
        "doc.urgent",
        "size(doc.title) > 3 && doc.title.startsWith('H')",
        "doc.title.contains(actor.role)",
        "doc.tasks.exists(t, t.minutes != null && t.minutes > 60)",
        "doc.tasks.exists_one(t, t.name == 'Hose')",
        "size(doc.tasks.filter(t, t.done)) > 2",
        "size(doc.tasks.map(t, t.name)) == 0",
        "'urgent' in doc.tags",
        "doc.tags.all(tag, size(tag) < 20)",
        "doc.site != null && doc.site.open",
        "doc.site != null && doc.site.capacity != null && doc.site.capacity > 3",
        "tenant.currency == 'KZT' && tenant.zone == 'Asia/Almaty'",
        "doc.cost != null && doc.cost + money('1 KZT') < money('10 KZT')",
    ] {
        assert_eq!(codes(condition), [""; 0], "{condition}");
    }
}

#[test]
fn unsound_conditions_are_refused_with_a_code() {
    for (condition, expected) in [
        ("doc.cost > 5", &["WF310", "WF301"][..]),
        ("doc.cost != null && doc.cost > 5", &["WF301"]),
        ("doc.due_at < now", &["WF310"]),
        ("doc.due_at < now && doc.due_at != null", &["WF310"]),
        ("doc.due_at != null || doc.due_at < now", &["WF310"]),
        ("doc.assignee == actor.id", &["WF310"]),
        ("doc.prority == 'high'", &["WF303"]),
        ("dok.priority == 'high'", &["WF302"]),
        ("doc.priority == 'urgent'", &["WF321"]),
        ("'urgent' != doc.priority", &["WF321"]),
        ("doc.priority in ['high', 'urgent']", &["WF321"]),
        ("doc.number != null", &["WF320"]),
        ("doc.due_at != null && doc.due_at != null", &["WF320"]),
        ("doc.number + 'a' == 3", &["WF301"]),
        ("doc.number == '3'", &["WF301"]),
        ("doc.number < 1.5", &["WF301"]),
        ("doc.qty / 2 > 1", &["WF301"]),
        ("doc.title < 'a'", &["WF301"]),
        ("doc.asset != null && doc.asset == actor.id", &["WF301"]),
        ("doc.number", &["WF309"]),
        ("doc.urgent && doc.number", &["WF309"]),
        ("!doc.number", &["WF309"]),
        ("true", &["WF322"]),
        ("doc.urgent || true", &["WF322"]),
        ("1 < 2 && doc.urgent", &["WF322"]),
        ("doc.number == doc.number", &["WF322"]),
        ("doc.tasks.all(t, true)", &["WF322"]),
        ("money('5 KZT') < money('6 KZT')", &["WF322"]),
        (r#"actor.can("work_order.aprove")"#, &["WF201"]),
        ("actor.can(doc.title)", &["WF313"]),
        ("actor.name == 'x'", &["WF303"]),
        ("doc", &["WF304"]),
        ("has(doc.due_at)", &["WF304"]),
        ("{'a': 1} == doc.title", &["WF304"]),
        ("doc.tags[0] == 'a'", &["WF323"]),
        ("doc.title.matches('a+')", &["WF323"]),
        ("uint(doc.number) == 1u", &["WF323", "WF304"]),
        ("timestamp('2026-01-01T00:00:00Z') < now", &["WF323"]),
        ("doc.cost != null && doc.cost > money('five')", &["WF311"]),
        ("now - doc.created_at > duration('4h')", &["WF311"]),
        ("input.qty > 3", &["WF303"]),
        ("doc.tasks.all(t, doc.tasks.all(u, u.done == t.done))", &["WF307"]),
        ("doc.tasks.all(t, t.minutes > 3)", &["WF310"]),
        ("doc.tasks.all(doc, doc.done)", &["WF304"]),
        ("doc.site.open", &["WF310"]),
        ("doc.title.length > 3", &["WF303"]),
        ("[1, 'a'] == doc.tags", &["WF309", "WF301"]),
        ("doc.urgent &&", &["WF300"]),
        ("", &["WF300"]),
    ] {
        assert_eq!(codes(condition), expected, "{condition}");
    }
}

#[test]
fn findings_point_into_the_expression() {
    let source = guarded("doc.urgent && doc.prority == 'high'").replace("\"doc.", "doc.").replace("'high'\"", "'high'");
    let found = load(&source).expect_err("a finding");
    assert_eq!(found[0].line, 13);
    assert_eq!(found[0].column, 25, "{}", workflows::render(&found));
    let shown = workflows::render(&found);
    assert!(shown.starts_with("test.yml:13:25: error[WF303]: `work_order` has no field `prority`\n"), "{shown}");
    assert!(shown.contains("13 |     when: doc.urgent && doc.prority == 'high'\n"), "{shown}");
    assert!(shown.contains("did you mean `priority`?"), "{shown}");
}

/// What a condition comes to on a record, as the press of `go` shows it.
fn holds(condition: &str, doc: Record) -> Result<bool, Vec<&'static str>> {
    let workflow = loaded(&guarded(condition));
    let press = Press { workflow: &workflow, doc, actor: technician(), approval: None };
    match press.fire("go", &json!({}), None) {
        Ok(_) => Ok(true),
        Err(Refusal::GuardFailed(blockers)) if blockers.iter().any(|blocker| blocker.code == "guard_error") => {
            Err(blockers.iter().map(|blocker| blocker.code).collect())
        }
        Err(Refusal::GuardFailed(_)) => Ok(false),
        Err(other) => panic!("{condition}: {other:?}"),
    }
}

#[test]
fn conditions_come_to_what_they_say() {
    let task = |done: bool, minutes: Value| {
        let fields =
            [("done", Value::Bool(done)), ("mandatory", Value::Bool(true)), ("minutes", minutes), ("name", Value::Text("Hose".to_owned()))];
        Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let doc = || {
        record("a")
            .with("cost", money("900.50 KZT"))
            .with("due_at", Value::Time(at("2026-03-02T08:00:00Z")))
            .with("assignee", Value::Ref(id(1)))
            .with("tags", Value::List(vec![Value::Text("жедел".to_owned())]))
            .with("tasks", Value::List(vec![task(true, Value::Null), task(false, Value::Int(90))]))
    };
    for (condition, expected) in [
        ("doc.cost != null && doc.cost > money('900.49 KZT')", true),
        ("doc.cost != null && doc.cost >= money('900.500 KZT')", true),
        ("doc.cost != null && doc.cost == money('900.500 KZT')", true),
        ("doc.cost != null && doc.cost + money('0.5 KZT') == money('901 KZT')", true),
        ("doc.due_at != null && now - doc.due_at == duration('PT1H')", true),
        ("doc.due_at != null && doc.due_at + duration('PT2H') < now", false),
        ("doc.assignee != null && doc.assignee == actor.id", true),
        ("doc.assignee != null && doc.assignee != actor.id", false),
        ("doc.qty == 2.5 && doc.qty < 3 && doc.qty > 2", true),
        ("doc.qty - 0.5 == 2", true),
        ("doc.qty * 2 == 5", true),
        ("doc.priority in ['low', 'high']", true),
        ("doc.priority != 'high'", false),
        ("'жедел' in doc.tags", true),
        ("doc.tags.exists(tag, tag.startsWith('жед'))", true),
        ("doc.tasks.all(t, t.done)", false),
        ("doc.tasks.exists(t, t.minutes != null && t.minutes > 60)", true),
        ("doc.tasks.exists_one(t, t.done)", true),
        ("size(doc.tasks.filter(t, t.name == 'Hose')) == 2", true),
        ("'Hose' in doc.tasks.map(t, t.name)", true),
        ("doc.urgent ? doc.number == 1042 : doc.number == 0", true),
        ("actor.can('work_order.manage') || actor.role == 'technician'", true),
        ("actor.can('work_order.manage')", false),
        ("tenant.currency == 'KZT'", true),
        ("doc.estimated_cost == null", true),
        ("doc.number % 5 == 2 && doc.number / 2 == 521", true),
    ] {
        assert_eq!(holds(condition, doc()), Ok(expected), "{condition}");
    }
}

#[test]
fn a_condition_without_a_value_is_a_reason_of_its_own() {
    for (condition, doc) in [
        ("doc.cost != null && doc.cost > money('5 USD')", record("a").with("cost", money("5 KZT"))),
        ("doc.number + 1 > 0", record("a").with("number", Value::Int(i64::MAX))),
        ("1 / (doc.number - doc.number * 1) > 0", record("a")),
        ("'x' in doc.tags", record("a").with("tags", Value::List(vec![Value::Text("y".to_owned()); 1_001]))),
    ] {
        assert_eq!(holds(condition, doc), Err(vec!["guard_error"]), "{condition}");
    }
}

#[test]
fn every_conjunct_that_fails_is_told_with_what_it_read() {
    let condition =
        "doc.priority == 'critical' && doc.cost != null && doc.cost <= money('100 KZT') && (doc.urgent || actor.can('work_order.manage'))";
    let workflow = loaded(&guarded(condition));
    let doc = record("a").with("urgent", Value::Bool(false)).with("cost", money("250 KZT"));
    let press = Press { workflow: &workflow, doc, actor: technician(), approval: None };
    let Refusal::GuardFailed(blockers) = press.refused("go") else { panic!("three reasons") };
    let told: Vec<_> = blockers
        .iter()
        .map(|blocker| (blocker.code, blocker.field.as_deref(), blocker.need.to_string(), blocker.have.to_string()))
        .collect();
    assert_eq!(
        told,
        [
            ("must_be", Some("priority"), "critical".to_owned(), "high".to_owned()),
            ("must_be_at_most", Some("cost"), "100 KZT".to_owned(), "250 KZT".to_owned()),
            ("any_of", None, "null".to_owned(), "null".to_owned()),
        ]
    );
    assert_eq!(blockers[1].read.get("doc.cost"), Some(&money("250 KZT")));
    let empty = Press { doc: record("a").with("priority", Value::Text("critical".to_owned())), actor: manager(), ..press };
    let Refusal::GuardFailed(blockers) = empty.refused("go") else { panic!("one reason") };
    assert_eq!(blockers.len(), 1, "what only makes sense once the cost is there stays quiet: {blockers:?}");
    assert_eq!((blockers[0].code, blockers[0].field.as_deref()), ("required", Some("cost")));
}

#[test]
fn a_condition_that_fits_no_shape_is_told_as_written() {
    let workflow = loaded(&guarded("doc.urgent && doc.tasks.exists(t, t.done)"));
    let press = Press { workflow: &workflow, doc: record("a"), actor: technician(), approval: None };
    let Refusal::GuardFailed(blockers) = press.refused("go") else { panic!("a reason") };
    assert_eq!((blockers[0].code, blockers[0].need.to_string()), ("guard", "doc.tasks.exists(t, t.done)".to_owned()));
}
