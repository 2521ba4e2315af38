//! What conditions mean, after the subjects CEL's own conformance tests go through: arithmetic, comparison, logic, text, lists, macros, time, parsing.
//! Where the language is stricter than CEL, the table says so.

use workflows::{Record, Value};

use crate::support::{holds, record, refused};

/// Asks each condition of the record: `i` 3, `x` −7, `q` 2.50, `s` “Насос №4”, `b` true, `c` high, `m` 900.50 KZT, `list` [1, 2, 3].
fn check(table: &[(&str, Result<bool, &'static str>)]) {
    for (condition, expected) in table {
        assert_eq!(holds(condition, &record("a")), *expected, "{condition}");
    }
}

const ERROR: Result<bool, &'static str> = Err("guard_error");

#[test]
fn whole_numbers() {
    check(&[
        ("doc.i + 4 == 7", Ok(true)),
        ("doc.i - 10 == doc.x", Ok(true)),
        ("doc.i * doc.x == -21", Ok(true)),
        ("doc.x / 2 == -3", Ok(true)), // towards zero
        ("doc.x / -2 == 3", Ok(true)),
        ("doc.x % 4 == -3", Ok(true)), // the sign of what is divided
        ("7 % -4 == doc.i", Ok(true)),
        ("-doc.x == 7", Ok(true)),
        ("--doc.i == doc.i + 0", Ok(true)),
        ("doc.i + 9223372036854775804 == 9223372036854775807", Ok(true)),
        ("doc.i + 9223372036854775805 > 0", ERROR),
        ("doc.x - 9223372036854775807 < 0", ERROR),
        ("doc.i * 9223372036854775807 > 0", ERROR),
        ("doc.i / (doc.i - 3) > 0", ERROR),
        ("doc.i % (doc.i - 3) > 0", ERROR),
        ("doc.i < 9223372036854775807", Ok(true)),
        ("doc.i > -9223372036854775808", Ok(true)),
        ("doc.i == 0x3", Ok(true)),
    ]);
    let least = record("a").with("i", Value::Int(i64::MIN));
    assert_eq!(holds("-doc.i > 0", &least), ERROR, "it has no opposite");
    assert_eq!(holds("doc.i / -1 > 0", &least), ERROR);
    assert_eq!(holds("doc.i == -9223372036854775808", &least), Ok(true));
    assert_eq!(refused("doc.i + 9223372036854775808 > 0"), ["WF300"]);
    assert!(refused("doc.i == 3u").contains(&"WF304"));
}

#[test]
fn decimals_are_exact() {
    check(&[
        ("doc.q == 2.5", Ok(true)),
        ("doc.q == 2.500", Ok(true)),
        ("doc.q + 0.1 + 0.2 == 2.8", Ok(true)), // not so in binary
        ("doc.q * 3 == 7.5", Ok(true)),
        ("doc.q - 2.5 == 0", Ok(true)),
        ("doc.q > 2", Ok(true)),
        ("doc.q < 1e1", Ok(true)),
        ("doc.q * 1e28 * 10.0 > 0", ERROR),
    ]);
    assert_eq!(refused("doc.q / 2 > 1"), ["WF301"], "a division would have to round");
    assert_eq!(refused("doc.i < 3.5"), ["WF301"], "a whole number is no decimal");
}

#[test]
fn comparison() {
    check(&[
        ("doc.i == 3", Ok(true)),
        ("doc.i != 3", Ok(false)),
        ("doc.i < 3", Ok(false)),
        ("doc.i <= 3", Ok(true)),
        ("doc.i > 3", Ok(false)),
        ("doc.i >= 3", Ok(true)),
        ("doc.b == true", Ok(true)),
        ("doc.b != true", Ok(false)),
        ("doc.s == 'Насос №4'", Ok(true)),
        ("doc.s == 'насос №4'", Ok(false)), // case matters
        ("doc.s != ''", Ok(true)),
        ("doc.c == 'high'", Ok(true)),
        ("doc.m != null && doc.m >= money('900.5 KZT')", Ok(true)),
        ("doc.m != null && doc.m == money('900.5 USD')", Ok(false)), // other money, though the same number
        ("doc.m != null && doc.m > money('1 USD')", ERROR),
        ("doc.who != null && doc.who == actor.id", Ok(true)),
        ("doc.who != null && doc.who == doc.created_by", Ok(true)),
    ]);
    for condition in ["doc.i == '3'", "doc.b == 1", "doc.s < 'a'", "doc.b < true", "doc.c > 'low'", "doc.list == [1]", "doc.s == doc.i"] {
        assert_eq!(refused(condition), ["WF301"], "{condition}");
    }
}

#[test]
fn nothing_is_asked_for_and_never_used() {
    check(&[
        ("doc.n == null", Ok(true)),
        ("doc.n != null", Ok(false)),
        ("null == doc.n", Ok(true)),
        ("doc.n != null && doc.n > 3", Ok(false)),
        ("doc.n == null || doc.n > 3", Ok(true)),
        ("!(doc.n == null) && doc.n > 3", Ok(false)),
        ("doc.n != null ? doc.n > 3 : doc.b", Ok(true)),
        ("(doc.n == null ? 5 : doc.n) == 5", Ok(true)),
        ("doc.items.exists(e, e.name == null)", Ok(true)),
        ("doc.items.exists(e, e.name != null && e.name.startsWith('a'))", Ok(true)),
    ]);
    for condition in
        ["doc.n > 3", "doc.n == 3", "doc.n != null || doc.n > 3", "doc.n > 3 && doc.n != null", "doc.items.all(e, e.name == 'a')"]
    {
        assert_eq!(refused(condition), ["WF310"], "{condition}");
    }
    assert_eq!(refused("doc.i == null"), ["WF320"], "it is never empty");
}

#[test]
fn logic() {
    check(&[
        ("doc.b && doc.i == 3", Ok(true)),
        ("doc.b && doc.i == 4", Ok(false)),
        ("doc.i == 4 || doc.b", Ok(true)),
        ("!doc.b", Ok(false)),
        ("!!doc.b", Ok(true)),
        ("doc.b ? doc.i == 3 : doc.i == 4", Ok(true)),
        ("!doc.b ? doc.i == 3 : doc.i == 4", Ok(false)),
        // what is not needed is not asked
        ("doc.b || doc.i / 0 == 1", Ok(true)),
        ("(!doc.b && doc.i / 0 == 1) || doc.b", Ok(true)),
        ("doc.b ? doc.i == 3 : doc.i / 0 == 1", Ok(true)),
        // CEL takes an alternative that holds even behind one without a value; here a condition is read from left to right, and refuses
        ("doc.i / 0 == 1 || doc.b", ERROR),
        // parts of a condition are each asked, so that every reason is known: one without a value refuses like any other
        ("doc.i / 0 == 1 && !doc.b", ERROR),
    ]);
    for condition in ["doc.i && doc.b", "doc.b || 'yes'", "!doc.i", "doc.b ? doc.i : doc.s", "doc.i ? doc.b : doc.b"] {
        assert!(!refused(condition).is_empty(), "{condition}");
    }
}

#[test]
fn text() {
    check(&[
        ("size(doc.s) == 8", Ok(true)), // characters, not bytes
        ("doc.s.size() == 8", Ok(true)),
        ("doc.s.startsWith('Нас')", Ok(true)),
        ("doc.s.endsWith('№4')", Ok(true)),
        ("doc.s.contains('ос №')", Ok(true)),
        ("doc.s.contains('')", Ok(true)),
        ("doc.s.startsWith('нас')", Ok(false)),
        ("doc.s == \"\\u041d\\u0430\\u0441\\u043e\\u0441 №4\"", Ok(true)),
        ("doc.s != 'it\\'s \"so\"'", Ok(true)),
        ("doc.s in ['a', 'Насос №4']", Ok(true)),
    ]);
    for condition in ["doc.s.matches('N.*')", "doc.s[0] == 'a'", "doc.s.lowerAscii() == 'a'", "doc.s * 2 == 'a'", "string(doc.i) == '3'"] {
        assert!(!refused(condition).is_empty(), "{condition}");
    }
}

#[test]
fn lists_and_macros() {
    check(&[
        ("2 in doc.list", Ok(true)),
        ("doc.i in [1, 2]", Ok(false)),
        ("doc.i in [1, 2, 3]", Ok(true)),
        ("!(doc.i in [])", Ok(true)),
        ("size(doc.list) == 3", Ok(true)),
        ("doc.list.all(e, e > 0)", Ok(true)),
        ("doc.list.all(e, e > 1)", Ok(false)),
        ("doc.list.exists(e, e > 2)", Ok(true)),
        ("doc.list.exists(e, e > doc.i)", Ok(false)),
        ("doc.list.exists_one(e, e > 2)", Ok(true)),
        ("doc.list.exists_one(e, e > 1)", Ok(false)),
        ("size(doc.list.filter(e, e % 2 == 1)) == 2", Ok(true)),
        ("6 in doc.list.map(e, e * 2)", Ok(true)),
        ("4 in doc.list.map(e, e > 1, e * 2)", Ok(true)), // only of those that pass
        ("2 in doc.list.map(e, e > 1, e * 2)", Ok(false)),
        ("doc.items.all(e, e.n in doc.list)", Ok(true)),
        // what has been decided is not asked further
        ("doc.list.all(e, e < 1 || 6 / (e - 3) > 0)", Ok(false)),
        ("doc.list.exists(e, e == 1 || 6 / (e - 2) > 0)", Ok(true)),
        ("doc.list.all(e, 6 / (e - 1) > 0)", ERROR),
    ]);
    let empty = record("a").with("list", Value::List(Vec::new()));
    for (condition, expected) in [
        ("doc.list.all(e, e > 5)", true),
        ("doc.list.exists(e, e > 0)", false),
        ("doc.list.exists_one(e, e > 0)", false),
        ("size(doc.list) == 0", true),
        ("3 in doc.list", false),
    ] {
        assert_eq!(holds(condition, &empty), Ok(expected), "{condition}");
    }
    for condition in ["'a' in doc.list", "[1, 'a'] == doc.list", "doc.list.all(e, e)", "doc.i.all(e, e > 0)", "doc.list.all(e, f > 0)"] {
        assert!(!refused(condition).is_empty(), "{condition}");
    }
}

#[test]
fn time() {
    check(&[
        ("doc.at < now", Ok(true)),
        ("now - doc.at == duration('PT30M')", Ok(true)),
        ("doc.at + duration('PT30M') == now", Ok(true)),
        ("now - duration('P1D') < doc.at", Ok(true)),
        ("now - doc.at > duration('PT29M59S')", Ok(true)),
        ("doc.at - now < duration('PT0S')", Ok(true)), // it may be negative
        ("date(now) == date(doc.at)", Ok(true)),
        ("doc.day != null && doc.day == date(now)", Ok(true)),
        ("doc.day != null && doc.day + duration('P1D') > date(now)", Ok(true)),
        ("doc.later == null || doc.later > now", Ok(true)),
    ]);
    let late: Record = record("a").with("at", Value::Time("2026-03-01T19:30:00Z".parse().expect("a moment")));
    assert_eq!(holds("date(doc.at) == date(now)", &late), Ok(true), "after midnight in Almaty, before it in Greenwich");
    for condition in
        ["doc.at > '2026-01-01'", "doc.at + doc.at == now", "doc.at * 2 == now", "duration('30m') < now - doc.at", "doc.day == now"]
    {
        assert!(!refused(condition).is_empty(), "{condition}");
    }
}

#[test]
fn what_binds_tighter_is_read_first() {
    check(&[
        ("doc.i + 2 * 3 == 9", Ok(true)),
        ("(doc.i + 2) * 3 == 15", Ok(true)),
        ("doc.i - 2 - 1 == 0", Ok(true)), // from the left
        ("12 / doc.i / 2 == 2", Ok(true)),
        ("doc.i + 1 > 3 && doc.b", Ok(true)),
        ("!doc.b || doc.i == 3 && doc.b", Ok(true)),
        ("(doc.b || doc.b) && doc.i == 4", Ok(false)),
        ("doc.b || doc.b && doc.i == 4", Ok(true)),
        ("!doc.b == doc.b", Ok(false)),
        ("-doc.i + 3 == 0", Ok(true)),
        ("doc.i == 1 ? doc.i == 1 : doc.i == 2 ? doc.b : !doc.b || doc.i == 3", Ok(true)),
        ("doc.i\n  ==\t3 // three", Ok(true)),
        ("doc.i==3&&doc.b", Ok(true)),
    ]);
    for condition in [
        "doc.i = 3",
        "doc.i == 3 doc.b",
        "doc.i & 1 == 1",
        "and(doc.b)",
        "doc.i == 3;",
        "doc..i == 3",
        "doc.i === 3",
        "1 + == doc.i",
        "(doc.b",
        "doc.b)",
    ] {
        assert!(!refused(condition).is_empty(), "{condition}");
    }
}

#[test]
fn what_is_not_of_the_language_is_refused_and_never_reached() {
    for condition in [
        "dyn(doc.i) == 3",
        "type(doc.i) == int",
        "int(doc.q) == 2",
        "has(doc.n)",
        "{'a': doc.i}.a == 3",
        "b'a' == doc.s",
        "doc.list[0] == 1",
        "now.getHours() == 9",
        "timestamp('2026-03-02T09:00:00Z') == now",
        "google.protobuf.Int64Value{value: 3} == doc.i",
        "optional.of(doc.i) == 3",
        "doc.unknown == 3",
        "unknown == 3",
        "doc == doc",
        "input.n == 3",
    ] {
        assert!(!refused(condition).is_empty(), "{condition}");
    }
}
