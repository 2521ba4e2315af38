//! Files: shape, names, graph, what is not built yet.

use crate::support::{SUBJECT, VOCABULARY, around, load, loaded};
use workflows::{Bound, FieldKind, Labelled, Reason, To, Value, Workflow};

fn codes(source: &str) -> Vec<&'static str> {
    load(source).err().unwrap_or_default().iter().map(|finding| finding.code).collect()
}

#[test]
fn a_small_file_loads() {
    let workflow =
        loaded(&around("reason: optional\nrequire: [doc.assignee]\nform: {note: {type: text, max: 20}, n: {type: int, min: doc.number}}"));
    let go = workflow.transition("go").expect("a transition");
    assert_eq!((go.reason, go.require.as_slice()), (Reason::Optional, &["assignee".to_owned()][..]));
    assert_eq!(go.form[0].kind, FieldKind::Text);
    assert_eq!(go.form[0].max, Some(Bound::Literal(Value::Int(20))));
    assert_eq!(go.form[1].min, Some(Bound::Field("number".to_owned())));
    assert!(matches!(&go.to, To::State(state) if state == "b"));
}

#[test]
fn mistakes_in_a_transition_are_found() {
    for (body, expected) in [
        ("whne: doc.urgent", &["WF004"][..]),
        ("timeout: 5", &["WF004"]),
        ("reason: maybe", &["WF006"]),
        ("reason: none", &["WF006"]),
        ("system: yes", &["WF003"]),
        ("require: doc.assignee", &["WF003"]),
        ("require: [assignee]", &["WF003"]),
        ("require: [doc.asignee]", &["WF204"]),
        ("require: [doc.number]", &["WF320"]),
        ("except: [b]", &["WF004"]),
        ("form: {n: {type: integer}}", &["WF006"]),
        ("form: {n: {}}", &["WF005"]),
        ("form: {n: {type: int, mni: 3}}", &["WF004"]),
        ("form: {n: {type: int, min: high}}", &["WF003"]),
        ("form: {n: {type: int, min: doc.title}}", &["WF309"]),
        ("form: {n: {type: int, min: doc.nothing}}", &["WF204"]),
        ("form: {n: {type: date, min: 3}}", &["WF003"]),
        ("form: {n: {type: bool, min: 3}}", &["WF004"]),
        ("form: {n: {type: choice}}", &["WF005"]),
        ("form: {n: {type: int, options: [a]}}", &["WF004"]),
        ("form: {N: {type: int}}", &["WF007"]),
        ("form: {n: {type: ref(Some Thing)}}", &["WF007"]),
        ("effects: [{set: {started_at: now, finished_at: now}}]", &["WF204"]),
        ("effects: [{set: {state: '\"b\"'}}]", &["WF208"]),
        ("effects: [{set: {started_at: doc.number}}]", &["WF309"]),
        ("effects: [{set: {priority: doc.title}}]", &["WF309"]),
        ("effects: [{set: {priority: '\"urgent\"'}}]", &["WF006"]),
        ("effects: [{set: {qty: null}}]", &["WF309"]),
        ("effects: [{set: {urgent: doc.due_at}}]", &["WF309"]),
        ("effects: [{assign: doc.asset}]", &["WF309"]),
        ("effects: [{shout: {}}]", &["WF203"]),
        ("effects: [{notfy: {}}]", &["WF203"]),
        ("effects: [{when: doc.urgent}]", &["WF003"]),
        ("effects: [{set: {urgent: true}, assign: null}]", &["WF003"]),
        ("effects: [{stock.reserve: {}}, {webhook: {}}, {purge: {}}]", &["WF200", "WF200", "WF200"]),
        ("form: {n: {type: files}}", &["WF200"]),
        ("effects: [{assign: {role: boss}}]", &["WF202"]),
        ("effects: [{start_sla: repair}]", &["WF217"]),
        ("effects: [{transition: {record: doc.number, do: x}}]", &["WF309"]),
        ("effects: [{transition: {record: doc.asset, do: retire}}]", &["WF310"]),
        ("effects: [{transition: {record: doc.created_by}}]", &["WF005"]),
        ("effects: [{notify: {text: work_order.aproved, to: [doc.created_by]}}]", &["WF206"]),
        ("effects: [{notify: {text: work_order.approved, to: [doc.asset]}}]", &["WF210"]),
        ("effects: [{notify: {text: work_order.approved, to: [everybody]}}]", &["WF210"]),
        ("effects: [{notify: {text: work_order.approved, to: []}}]", &["WF003"]),
        ("effects: [{notify: {text: work_order.approved, to: ['role:boss']}}]", &["WF202"]),
        ("effects: [{notify: {text: work_order.approved, to: ['perm:fly']}}]", &["WF201"]),
        ("effects: [{notify: {text: work_order.approved, to: [input.who]}}]", &["WF211"]),
        ("effects: [{notify: {text: work_order.approved, to: [actor], channels: [fax]}}]", &["WF006"]),
        ("approvals: {levels: []}", &["WF003"]),
        ("approvals: {levels: [{id: l, perm: work_order.approve, role: manager}]}", &["WF003"]),
        ("approvals: {levels: [{id: l}]}", &["WF005"]),
        ("approvals: {levels: [{id: l, role: boss}]}", &["WF202"]),
        ("approvals: {levels: [{id: l, role: manager, need: 0}]}", &["WF008"]),
        ("approvals: {levels: [{id: l, role: manager, escalate: {after: PT8H}}]}", &["WF005"]),
        ("approvals: {levels: [{id: l, role: manager, escalate: {after: 8h, to: 'role:admin'}}]}", &["WF311"]),
        ("approvals: {levels: [{id: l, role: manager, escalate: {after: PT8H, to: ['role:boss', actor]}}]}", &["WF202", "WF210"]),
        ("approvals: {void_on_change: [price], levels: [{id: l, role: manager}]}", &["WF204"]),
        ("approvals: {levels: [{id: l, role: manager}, {id: l, role: finance}]}", &["WF011"]),
        ("approvals: {levels: [{id: l, role: manager, scope: doc.asset}]}", &["WF309"]),
        ("approvals: {levels: [{id: l, role: manager, scope: site}]}", &["WF003"]),
        ("approvals: {on_reject: deny, levels: [{id: l, role: manager}]}", &["WF207"]),
        ("approvals: {text: no.such, levels: [{id: l, role: manager}]}", &["WF206"]),
        ("form: {n: {type: int}}\napprovals: {levels: [{id: l, role: manager}]}", &["WF214"]),
    ] {
        assert_eq!(
            codes(&around(body)),
            expected,
            "{body}\n{}",
            load(&around(body)).err().map(|found| workflows::render(&found)).unwrap_or_default()
        );
    }
}

#[test]
fn mistakes_in_the_rest_of_a_file_are_found() {
    let file = around("");
    for (from, to, expected) in [
        ("workflow: work_order", "workflow: Work Order", &["WF007"][..]),
        ("version: 1", "version: 0", &["WF008"]),
        ("version: 1", "version: one", &["WF003"]),
        ("version: 1\n", "", &["WF005"]),
        ("entity: work_order", "entity: dispatch", &["WF010"]),
        (
            "entity: work_order",
            "entity: work_order\ntimers: []\nreminders: []\ntests: {}\nmigrate: {}",
            &["WF003", "WF003", "WF003", "WF005"],
        ),
        ("entity: work_order", "entity: work_order\ncalendar: default\ninvariants: {}\nextends: base@3", &["WF003", "WF003", "WF222"]),
        ("entity: work_order", "entity: work_order\ncalendar: tenant.Night", &["WF007"]),
        ("entity: work_order", "entity: work_order\nlocked: [transitions.go.permission, transitions.run]", &["WF219"]),
        ("version: 1", "version: 3\nmigrate: {from: 3, states: {old: c}}", &["WF008", "WF205"]),
        ("entity: work_order", "entity: work_order\ncolour: red", &["WF004"]),
        ("initial: [{to: a}]", "initial: []", &["WF106"]),
        ("initial: [{to: a}]", "initial: [{to: c}]", &["WF205"]),
        ("initial: [{to: a}]", "initial: [{to: a, when: doc.urgent}]", &["WF106"]),
        ("initial: [{to: a}]", "initial: [{to: b}, {to: a}]", &["WF106"]),
        ("category: todo", "category: someday", &["WF006"]),
        ("category: todo", "tone: info", &["WF005"]),
        ("category: todo", "category: todo, tone: loud", &["WF006"]),
        ("category: todo", "category: todo, flags: [BILL]", &["WF007"]),
        ("{category: todo}", "todo", &["WF003"]),
        ("from: a", "from: x", &["WF205"]),
        ("to: b", "to: x", &["WF205"]),
        ("to: b\n    ", "", &["WF005"]),
        ("permission: work_order.view", "permission: work_order.veiw", &["WF201"]),
        // the graph
        (", terminal: true", "", &["WF102"]),
        ("  b: {", "  c: {category: todo}\n  b: {", &["WF101", "WF102"]),
        ("from: a", "from: [a, b]", &[][..]),
        ("to: b", "to: same", &["WF102", "WF101"]),
    ] {
        assert!(file.contains(from), "{from}");
        assert_eq!(codes(&file.replacen(from, to, 1)), expected, "{from} → {to}");
    }
}

const TWO: &str = "workflow: work_order
version: 1
entity: work_order
initial: [{to: a}]
states:
  a: {category: todo}
  b: {category: doing}
  c: {category: done, terminal: true}
transitions:
  ask: {from: a, to: c, permission: work_order.view, approvals: {on_reject: no, levels: [{id: l, role: manager}]}}
  no: {from: a, to: c, permission: work_order.view, reason: required}
  on: {from: '*', except: b, to: b, permission: work_order.view}
  off: {from: b, to: [{when: doc.urgent, state: a}, {state: c}], permission: work_order.view}
";

#[test]
fn stars_branches_and_rejections() {
    let workflow = loaded(TWO);
    assert_eq!(
        workflow.transition("on").map(|on| on.from.states().to_vec()),
        Some(vec!["a".to_owned()]),
        "without what ends, the target and the exception"
    );
    for (from, to, expected) in [
        ("reason: required", "reason: optional", &["WF213"][..]),
        ("no: {from: a", "no: {from: b", &["WF212"]),
        ("on: {from: '*', except: b, to: b", "on: {from: a, to: b, approvals: {levels: [{id: l, role: manager}]}", &["WF105"]),
        ("ask: {from: a, to: c", "ask: {from: a, to: same", &["WF215"]),
        ("on_reject: no", "on_reject: ask", &["WF213", "WF216"]),
        ("[{when: doc.urgent, state: a}, {state: c}]", "[{when: doc.urgent, state: a}]", &["WF106"]),
        ("[{when: doc.urgent, state: a}, {state: c}]", "[{state: a}, {state: c}]", &["WF106"]),
        ("[{when: doc.urgent, state: a}, {state: c}]", "[]", &["WF003"]),
        ("off: {from: b, to: [{when: doc.urgent, state: a}, {state: c}]", "off: {from: b, to: b", &["WF102"]),
        (
            "c: {category: done, terminal: true}",
            "c: {category: done}\n  d: {category: done, terminal: true}",
            &["WF103", "WF103", "WF103", "WF101"],
        ),
        ("off: {from: b", "off: {from: [b, c]", &["WF104"]),
    ] {
        assert!(TWO.contains(from), "{from}");
        let found = codes(&TWO.replacen(from, to, 1));
        assert_eq!(found, expected, "{from} → {to}");
    }
}

#[test]
fn a_companys_own_words_are_kept_and_checked() {
    let words = "labels:
  ru: {states: {a: Новый, b: Готов}, transitions: {go: Вперёд}}
  kk: {states: {a: Жаңа}}
texts:
  ru: {ready: 'Наряд %{number} готов'}
";
    let body = "effects: [{notify: {text: ready, to: [doc.created_by]}}]";
    let workflow = loaded(&(around(body) + words));
    assert_eq!(workflow.labels().states["ru"]["b"], "Готов");
    assert_eq!(workflow.labels().transitions["ru"]["go"], "Вперёд");
    assert_eq!(workflow.text("ru", "ready"), Some("Наряд %{number} готов"));
    assert_eq!(workflow.text("en", "ready"), None);
    let svg = workflow.svg(None, &|label| match label {
        Labelled::State(id) => workflow.labels().states["ru"][id].clone(),
        Labelled::Transition(id) => workflow.labels().transitions["ru"][id].clone(),
        other => panic!("nothing asks for {other:?}"),
    });
    assert!(svg.contains(">Новый<") && svg.contains(">Вперёд<"), "{svg}");
    for (from, to, expected) in [
        ("a: Новый", "z: Новый", "WF205"),
        ("go: Вперёд", "run: Вперёд", "WF207"),
        ("kk:", "fr:", "WF006"),
        ("{ready:", "{steady:", "WF206"),
        ("{states: {a: Жаңа}}", "{state: {a: Жаңа}}", "WF004"),
    ] {
        assert_eq!(codes(&(around(body) + words).replacen(from, to, 1)), [expected], "{from} → {to}");
    }
}

#[test]
fn many_mistakes_are_reported_in_file_order_as_text_and_json() {
    let source = around("when: doc.prority == 'high'\neffects: [{shout: {}}]\ncolour: red").replace("version: 1", "version: zero");
    let found = load(&source).expect_err("findings");
    let places: Vec<_> = found.iter().map(|finding| (finding.code, finding.line)).collect();
    assert_eq!(places, [("WF003", 2), ("WF303", 13), ("WF203", 14), ("WF004", 15)]);
    let json = workflows::to_json(&found);
    assert_eq!(json[1]["code"], "WF303");
    assert_eq!(json[1]["file"], "test.yml");
    assert_eq!(json[1]["params"]["name"], "prority");
    assert_eq!(json[1]["message"], "`work_order` has no field `prority`");
    for finding in &found {
        assert!(!finding.message().contains('{'), "{}", finding.message());
        assert!(!finding.help().contains('{'), "{}", finding.help());
    }
}

#[test]
fn the_hash_is_of_the_source() {
    let source = around("");
    let hash = |source: &str| Workflow::load(source, "x.yml", &SUBJECT, &VOCABULARY).map(|workflow| workflow.hash().to_owned());
    assert_eq!(hash(&source), hash(&source));
    assert_ne!(hash(&source), hash(&format!("{source}\n")));
}
