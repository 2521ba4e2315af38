//! Input meant to harm: it is refused, quickly, and nothing falls over.

use std::time::{Duration, Instant};

use serde_json::json;
use workflows::{MAX_FILE_BYTES, Refusal, Value};

use crate::support::{Press, around, guarded, load, loaded, record, technician};

fn codes(source: &str) -> Vec<&'static str> {
    load(source).err().unwrap_or_default().iter().map(|finding| finding.code).collect()
}

#[test]
fn long_deep_and_nested_expressions_are_refused() {
    let sum = |terms: usize| format!("{} > 0", vec!["1"; terms].join("+"));
    assert_eq!(codes(&guarded(&sum(3_000))), ["WF305"]);
    assert_eq!(codes(&guarded(&sum(500))), ["WF306"], "short enough to be read, too deep to be run");
    assert_eq!(codes(&guarded(&format!("{}doc.urgent{}", "(".repeat(400), ")".repeat(400)))), ["WF300"]);
    assert_eq!(codes(&guarded(&format!("{}doc.urgent", "!".repeat(900)))), [""; 0], "the parser folds them");
    assert_eq!(codes(&guarded(&format!("{}doc.number > 0", "-".repeat(901)))), [""; 0], "these too");
    assert_eq!(codes(&guarded(&format!("{}doc.number > 0", "-(".repeat(300)))), ["WF300"]);
    assert!(!codes(&guarded(&"[".repeat(900))).is_empty());
    assert_eq!(codes(&guarded(&vec!["doc.urgent"; 80].join("||"))), [""; 0], "a long alternative is no harm");
    assert_eq!(codes(&guarded("doc.tags.map(a, doc.tags.map(b, doc.tags.map(c, a + b + c))) == doc.tags")).first(), Some(&"WF307"));
    assert_eq!(codes(&guarded("doc.tags.map(a, a).map(b, b).exists(c, c == 'x')")), [""; 0], "one after another is no nesting");
    assert_eq!(codes(&guarded(&format!("doc.title == '{}'", "я".repeat(600)))), ["WF305"]);
}

#[test]
fn the_deepest_expression_allowed_runs_on_a_small_stack() {
    let mut terms = 2;
    while load(&guarded(&format!("{} > 0", vec!["doc.number"; terms].join("+")))).is_ok() {
        terms += 1;
    }
    assert!(terms > 20, "{terms}");
    let workflow = loaded(&guarded(&format!("{} > 0", vec!["doc.number"; terms - 1].join("+"))));
    std::thread::Builder::new()
        .stack_size(1024 * 1024)
        .spawn(move || {
            let press = Press { workflow: &workflow, doc: record("a"), actor: technician(), approval: None };
            assert_eq!(press.moved("go", &json!({}), None).to, "b");
        })
        .expect("a thread")
        .join()
        .expect("it ran");
}

#[test]
fn hostile_yaml_is_refused() {
    let start = Instant::now();
    let file = around("");
    for (what, source, expected) in [
        ("too large", format!("{file}#{}", "x".repeat(MAX_FILE_BYTES)), "WF002"),
        ("an anchor", file.replace("a: {category: todo}", "a: &a {category: todo}"), "WF001"),
        ("an alias", file.replace("b: {category: done, terminal: true}", "b: *a"), "WF001"),
        ("a merge", file.replace("a: {category: todo}", "a: {<<: {category: todo}}"), "WF001"),
        ("a tab", file.replace("  a:", "\ta:"), "WF001"),
        ("a key twice", file.replace("version: 1", "version: 1\nversion: 2"), "WF001"),
        ("a state twice", file.replace("  b: {", "  a: {category: todo}\n  b: {"), "WF001"),
        ("two documents", format!("{file}---\nx: 1\n"), "WF001"),
        ("a tag", file.replace("version: 1", "version: !!python/object 1"), "WF001"),
        ("deep nesting", format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)), "WF001"),
        ("many nodes", format!("x: [{}]", "1,".repeat(100_000)), "WF001"),
        ("nothing", String::new(), "WF003"),
        ("a list", "- 1\n- 2\n".to_owned(), "WF003"),
        ("a NUL", file.replace("work_order", "work\0order"), "WF001"),
        ("a huge number", file.replace("version: 1", "version: 99999999999999999999999"), "WF003"),
    ] {
        assert!(codes(&source).contains(&expected), "{what}: {:?}", load(&source).err().map(|found| workflows::render(&found)));
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn yes_no_and_on_are_words() {
    let file = around("").replace("  go:", "  on:").replace("  a:", "  no:").replace("to: a", "to: no").replace("from: a", "from: no");
    let workflow = loaded(&file);
    assert!(workflow.transition("on").is_some() && workflow.state("no").is_some());
}

#[test]
fn hostile_forms_are_refused() {
    let form = "form:\n  t: {type: text, max: 10}\n  n: {type: int}\n  d: {type: decimal, max: 5}\n  m: {type: money, min: 0}\n  c: {type: choice, options: [x, y]}\n  \
                w: {type: time}\n  day: {type: date}\n  r: {type: ref(asset)}\n  b: {type: bool}";
    let workflow = loaded(&around(form));
    let press = Press { workflow: &workflow, doc: record("a"), actor: technician(), approval: None };
    for (given, field, code) in [
        (json!({"t": "x".repeat(11)}), "t", "too_long"),
        (json!({"t": "a\u{0}b"}), "t", "wrong_type"),
        (json!({"t": {"a": 1}}), "t", "wrong_type"),
        (json!({"n": 1.5}), "n", "not_a_number"),
        (json!({"n": "9223372036854775808"}), "n", "not_a_number"),
        (json!({"n": [1]}), "n", "wrong_type"),
        (json!({"d": "NaN"}), "d", "not_a_number"),
        (json!({"d": "5.000000001"}), "d", "out_of_range"),
        (json!({"d": "1e400"}), "d", "not_a_number"),
        (json!({"m": "12 tenge"}), "m", "bad_money"),
        (json!({"m": {"amount": "1", "currency": "kzt"}}), "m", "bad_money"),
        (json!({"m": {"amount": "1", "currency": "KZT", "x": 1}}), "m", "bad_money"),
        (json!({"m": -1}), "m", "out_of_range"),
        (json!({"c": "z"}), "c", "not_one_of"),
        (json!({"w": "yesterday"}), "w", "not_a_time"),
        (json!({"day": "2026-02-30"}), "day", "not_a_date"),
        (json!({"r": "1"}), "r", "not_a_uuid"),
        (json!({"b": "maybe"}), "b", "wrong_type"),
        (json!({"__proto__": 1}), "__proto__", "unknown_field"),
    ] {
        let Err(Refusal::Invalid(problems)) = press.fire("go", &given, None) else { panic!("{given} was taken") };
        assert_eq!((problems[0].field.as_str(), problems[0].code, problems.len()), (field, code, 1), "{given}");
    }
    let given =
        json!({"t": " жөндеу ", "n": "7", "d": 2.5, "m": "1200.50", "c": "y", "w": "2026-03-02T14:00", "day": "2026-03-02", "b": "on"});
    let input = press.moved("go", &given, None).input;
    assert_eq!(input["t"], Value::Text("жөндеу".to_owned()));
    assert_eq!(
        (input["n"].to_string(), input["d"].to_string(), input["m"].to_string()),
        ("7".to_owned(), "2.5".to_owned(), "1200.50 KZT".to_owned())
    );
    assert_eq!(input["w"].to_string(), "2026-03-02T09:00:00Z", "a page's local time is the company's");
    assert_eq!(input["b"], Value::Bool(true));
    assert!(!input.contains_key("r"));
}

#[test]
fn an_expression_that_costs_too_much_has_no_value_and_says_so_soon() {
    let texts = |count: usize, text: &str| Value::List(vec![Value::Text(text.to_owned()); count]);
    let start = Instant::now();
    for (condition, doc) in [
        ("each element against each", guarded("doc.tags.all(t, t in doc.tags)"), record("a").with("tags", texts(1_000, "x"))),
        ("a list too long", guarded("doc.tags.all(t, t == 'x')"), record("a").with("tags", texts(1_001, "x"))),
        ("lists joined into one too long", guarded("size(doc.tags + doc.tags) > 3"), record("a").with("tags", texts(600, "x"))),
        ("a huge text", guarded("doc.title.contains('z')"), record("a").with("title", Value::Text("x".repeat(64 << 20)))),
        (
            "many large texts",
            guarded("doc.tags.exists(t, t.contains(doc.title))"),
            record("a").with("tags", texts(900, "y")).with("title", Value::Text("x".repeat(9_000))),
        ),
    ]
    .map(|(what, source, doc)| ((what, source), doc))
    {
        let workflow = loaded(&condition.1);
        let press = Press { workflow: &workflow, doc, actor: technician(), approval: None };
        let blockers = press.refused("go").blockers();
        assert_eq!(blockers.iter().map(|blocker| blocker.code).collect::<Vec<_>>(), ["guard_error"], "{}", condition.0);
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn what_an_honest_condition_costs_is_allowed() {
    let workflow =
        loaded(&guarded("doc.tags.all(t, t.startsWith('part ') && size(t) < 40) && size(doc.tags.filter(t, t.contains('7'))) > 0"));
    let tags = (0..1_000).map(|i| Value::Text(format!("part {i}"))).collect();
    let press = Press { workflow: &workflow, doc: record("a").with("tags", Value::List(tags)), actor: technician(), approval: None };
    assert_eq!(press.moved("go", &json!({}), None).to, "b");
}

#[test]
fn lines_and_files_are_held_to_their_limits() {
    let workflow = crate::support::rehearsed(&around(
        "form:\n  line: {type: string, max: 20}\n  photos: {type: files, max: 2}\n  proof: {type: files, required: true}",
    ));
    let press = Press { workflow: &workflow, doc: record("a"), actor: technician(), approval: None };
    let file = "00000000-0000-0000-0000-000000000001";
    for (given, field, code) in [
        (json!({"line": "two\nlines", "proof": file}), "line", "wrong_type"),
        (json!({"line": "x".repeat(21), "proof": file}), "line", "too_long"),
        (json!({"photos": [file, file, file], "proof": file}), "photos", "out_of_range"),
        (json!({"photos": ["../etc/passwd"], "proof": file}), "photos", "not_a_uuid"),
        (json!({"proof": []}), "proof", "out_of_range"),
        (json!({}), "proof", "required"),
    ] {
        let Err(Refusal::Invalid(problems)) = press.fire("go", &given, None) else { panic!("{given} was taken") };
        assert_eq!((problems[0].field.as_str(), problems[0].code, problems.len()), (field, code, 1), "{given}");
    }
    let input = press.moved("go", &json!({"line": "DHL", "proof": [file]}), None).input;
    assert_eq!((&input["photos"], input["proof"].to_string()), (&Value::List(Vec::new()), format!("[\"{file}\"]")));
}

#[test]
fn effects_that_move_one_another_are_followed_once_each() {
    let start = Instant::now();
    let step = |id: &str, next: &str| {
        let effects = format!("      - transition: {{record: input.o, do: {next}}}\n").repeat(30);
        let effects = if next.is_empty() { String::new() } else { format!("    effects:\n{effects}") };
        format!(
            "  {id}:\n    from: a\n    to: b\n    permission: work_order.view\n    form: {{o: {{type: ref(work_order), required: true}}}}\n{effects}"
        )
    };
    let head = around("");
    let head = head.split_once("transitions:").expect("has some").0;
    let first: String = (0..10).map(|i| step(&format!("f{i}"), "g2")).collect();
    let chain = |last: &str| {
        (2..=6).map(|i| step(&format!("g{i}"), &if i == 6 { last.to_owned() } else { format!("g{}", i + 1) })).collect::<String>()
    };
    for (last, expected) in [("", None), ("g7", Some("WF110")), ("g4", Some("WF109"))] {
        let tail = if last == "g7" { step("g7", "") } else { String::new() };
        let found = codes(&format!("{head}transitions:\n{first}{}{tail}", chain(last)));
        assert_eq!(found.first().copied(), expected, "{last}: {found:?}");
        assert!(found.len() <= 20, "one finding for what thirty effects do: {}", found.len());
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn names_of_any_length_are_compared_soon() {
    let start = Instant::now();
    let key = |i: usize| format!("  k{i}{}:\n    from: a\n    to: b\n    permission: work_order.view\n", "x".repeat(1_000));
    let keys: String = (0..100).map(key).collect();
    let long = format!("timers:\n  t: {{in: a, after: PT1H, do: {}}}\n", "x".repeat(120_000));
    let found = load(&format!("{}{keys}{long}", around(""))).expect_err("it is wrong");
    assert_eq!((found[0].code, found.len()), ("WF007", 101), "the keys come first");
    let near = "  archive:\n    from: a\n    to: b\n    permission: work_order.view\n";
    let found = load(&format!("{}{near}timers:\n  t: {{in: a, after: PT1H, do: archve}}\n", around(""))).expect_err("it is wrong");
    assert_eq!(found[0].help(), "did you mean `archive`?");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn what_an_expression_copies_costs_as_much_as_it_holds() {
    let task = |i: usize| {
        let fields = [("done", Value::Bool(false)), ("mandatory", Value::Bool(true)), ("name", Value::Text(format!("Step {i}")))];
        Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let doc = || record("a").with("tasks", Value::List((0..1_000).map(task).collect()));
    let start = Instant::now();
    let copies = vec!["doc.tasks.map(x, doc.tasks)"; 28].join(", ");
    for condition in [
        format!("size([{copies}]) > 0"),
        "size(doc.tasks.map(x, doc.tasks)) > 0".to_owned(),
        "doc.tasks.all(x, size([doc.tasks, doc.tasks]) > 0)".to_owned(),
        "doc.tasks.all(x, x in doc.tasks)".to_owned(),
    ] {
        let workflow = loaded(&guarded(&condition));
        let press = Press { workflow: &workflow, doc: doc(), actor: technician(), approval: None };
        let blockers = press.refused("go").blockers();
        assert_eq!(blockers.iter().map(|blocker| blocker.code).collect::<Vec<_>>(), ["guard_error"], "{condition}");
    }
    let honest = loaded(&guarded("size(doc.tasks.filter(x, !x.done)) == 1000 && size(doc.tasks.map(x, x.name)) == 1000"));
    let press = Press { workflow: &honest, doc: doc(), actor: technician(), approval: None };
    assert_eq!(press.moved("go", &json!({}), None).to, "b");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}
