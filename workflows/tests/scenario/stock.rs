//! Stock: reserve, consume, release, move, write off; invariants.

use crate::support::{around, fails, passes};

const TRANSFER: &str = "form: {qty: {type: decimal, required: true, min: 0}}
effects:
  - stock.reserve: {part: doc.part, qty: doc.qty, at: doc.from_location, on_short: fail}
  - stock.move: {part: doc.part, qty: doc.qty, from: doc.from_location, to: virtual.transit, consume_reservation: true}
  - stock.move: {part: doc.part, qty: input.qty, from: virtual.transit, to: doc.to_location}
  - stock.write_off: {part: doc.part, qty: doc.qty - input.qty, at: virtual.transit}
    when: doc.qty > input.qty";

const INVARIANTS: &str =
    "invariants:\n  - 'stock.total(doc.part) + stock.written_off(doc.part) + stock.consumed(doc.part) == stock.opening(doc.part)'\n";

const GIVEN: &str =
    "given: {as: technician1, stock: {main: 10, site: 0}, doc: {part: filter, qty: 4, from_location: main, to_location: site}}";

fn transfer() -> String {
    around(&format!("require: [doc.from_location, doc.to_location]\n{TRANSFER}"), INVARIANTS)
}

fn test(steps: &str) -> String {
    let steps = crate::support::steps(steps.lines());
    format!("  - name: a test\n    {GIVEN}\n    steps:\n{steps}")
}

#[test]
fn what_leaves_one_place_is_under_way_and_then_in_the_other() {
    passes(
        &transfer(),
        &test(
            "{create: true, expect: {stock.main.on_hand: 10, stock.main.available: 10, stock.opening: 10}}
{do: go, input: {qty: 3}, expect: {stock.main.on_hand: 6, stock.main.reserved: 0, stock.transit.on_hand: 0, stock.site.on_hand: 3, stock.written_off: 1, stock.filter.written_off: 1}}",
        ),
    );
}

#[test]
fn what_is_not_there_is_refused_with_the_effect_and_nothing_stays_done() {
    let steps = "{create: true}\n{edit: {qty: 11}}\n{do: go, input: {qty: 3}, deny: effect, because: 10 available}\n{edit: {qty: 4}, expect: {state: a, stock.main.reserved: 0, stock.main.on_hand: 10}}";
    passes(&transfer(), &test(steps));
    let found = fails(&transfer(), &test("{create: true}\n{edit: {qty: 11}}\n{do: go, input: {qty: 3}}"));
    assert!(found[0].contains("WF952 `go` was refused as `effect`: effect 1: stock: 11 wanted, 10 available"), "{found:?}");
}

#[test]
fn lines_are_reserved_where_they_lie_and_used_up_or_given_back() {
    let file = around("effects: [{stock.reserve: {lines: doc.parts, on_short: fail}}]", INVARIANTS)
        .replace("end: {from: b, to: c, permission: job.view}", "end: {from: b, to: c, permission: job.view, effects: [{stock.consume: {lines: doc.parts}}]}\n  back: {from: b, to: a, permission: job.view, effects: [{stock.release: {lines: doc.parts}}]}")
        .replace("stock.total(doc.part)", "stock.total()").replace("stock.written_off(doc.part)", "stock.written_off()")
        .replace("stock.consumed(doc.part)", "stock.consumed()").replace("stock.opening(doc.part)", "stock.opening()");
    let given = "given: {as: technician1, stock: {main: {filter: 5, oil: 2.5}, site: {oil: 9}}, doc: {parts: [{part: filter, qty: 2}, {part: oil, qty: 1.5, location: site}]}}";
    passes(
        &file,
        &format!(
            "  - name: a\n    {given}\n    steps:\n      - {{create: true}}\n      \
             - {{do: go, expect: {{stock.main.filter.available: 3, stock.site.oil.reserved: 1.5, stock.main.oil.reserved: 0}}}}\n      \
             - {{do: back, expect: {{stock.main.filter.available: 5, stock.site.oil.reserved: 0}}}}\n      \
             - {{do: [go, end], expect: {{stock.main.filter.on_hand: 3, stock.site.oil.on_hand: 7.5, stock.oil.consumed: 1.5}}}}\n"
        ),
    );
}

#[test]
fn an_invariant_is_looked_at_after_each_step() {
    let file = transfer().replace("stock.total(doc.part) +", "stock.on_hand(doc.part, \"main\") +");
    let found = fails(&file, &test("{create: true}\n{do: go, input: {qty: 4}}"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("WF956 the invariant `stock.on_hand(doc.part, \"main\") + "), "{found:?}");
    let file = transfer().replace("stock.opening(doc.part)'", "stock.opening(doc.from_location)'");
    let found = fails(&file, &test("{create: true}\n{edit: {from_location: null}}"));
    assert!(found[0].contains("WF956"), "a place is no part: {found:?}");
}

#[test]
fn an_invariant_that_cannot_be_is_told_with_its_place() {
    for (invariant, code) in [
        ("stock.total(doc.part)", "WF309"),
        ("stock.totl(doc.part) == 1", "WF323"),
        ("stock.total(doc.prt) == 1", "WF204"),
        ("stock.total(doc.note) == 1", "WF304"),
        ("actor.id == doc.part", "WF304"),
        ("doc.urgent && 1", "WF309"),
        ("doc.qty ==", "WF300"),
        ("stock.on_hand(doc.part, doc.from_location, doc.part) == 1", "WF323"),
    ] {
        let file = around("", &format!("invariants:\n  - '{invariant}'\n"));
        let found = crate::support::unreadable(&file, &test("{create: true}"));
        assert!(found.len() == 1 && found[0].starts_with("17:5") && found[0].contains(code), "{invariant}: {found:?}");
    }
}
