//! What effects come to, as data the domain carries out.

use serde_json::json;
use workflows::{DbOp, EFFECTS, OnShort, Place, Protocol, Recipient, SlaChange, SlaChangeKind, Stock, StockLine, StockOp, Value};

use crate::support::{Press, around, id, manager, record, rehearsed};

fn line(part: u128, qty: &str, place: Option<u128>) -> StockLine {
    StockLine { part: id(part), qty: qty.parse().expect("a decimal"), place: place.map(|place| Place::Location(id(place))) }
}

fn parts() -> Value {
    let part = |part: u128, qty: &str, location: Value| {
        let fields = [("part", Value::Ref(id(part))), ("qty", Value::Decimal(qty.parse().expect("a decimal"))), ("location", location)];
        Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    Value::List(vec![part(71, "2", Value::Null), part(72, "1.5", Value::Ref(id(100)))])
}

fn ops(body: &str, doc: workflows::Record, form: &serde_json::Value) -> Vec<(usize, DbOp)> {
    let workflow = rehearsed(&around(body));
    let press = Press { workflow: &workflow, doc, actor: manager(), approval: None };
    press.moved("go", form, None).db.into_iter().map(|effect| (effect.index, effect.op)).collect()
}

#[test]
fn stock_is_told_part_quantity_and_place() {
    let doc = || record("a").with("parts", parts()).with("location", Value::Ref(id(99)));
    let stock = |op, lines| Stock { op, lines, to: None, on_short: OnShort::Fail, consume_reservation: false };
    let done = ops(
        "effects: [{stock.reserve: {lines: doc.parts, at: doc.location, on_short: partial}}, {stock.consume: {lines: doc.parts}}]",
        doc(),
        &json!({}),
    );
    let reserved =
        Stock { on_short: OnShort::Partial, ..stock(StockOp::Reserve, vec![line(71, "2", Some(99)), line(72, "1.5", Some(100))]) };
    let consumed = stock(StockOp::Consume, vec![line(71, "2", None), line(72, "1.5", Some(100))]);
    assert_eq!(done, [(0, DbOp::Stock(reserved)), (1, DbOp::Stock(consumed))]);

    let body = "form: {part: {type: ref(part), required: true}, n: {type: int, required: true}}\n\
                effects: [{stock.move: {part: input.part, qty: input.n, from: doc.location, to: virtual.transit, consume_reservation: true}}, {stock.write_off: {part: input.part, qty: doc.qty - 0.5, at: virtual.transit}}]";
    let done = ops(body, doc(), &json!({ "part": id(73), "n": 4 }));
    let transit = Place::Virtual("transit".to_owned());
    let moved = Stock { to: Some(transit.clone()), consume_reservation: true, ..stock(StockOp::Move, vec![line(73, "4", Some(99))]) };
    let off = stock(StockOp::WriteOff, vec![StockLine { place: Some(transit), ..line(73, "2.0", None) }]);
    assert_eq!(done, [(0, DbOp::Stock(moved)), (1, DbOp::Stock(off))]);
    assert_eq!(ops("effects: [{stock.release: {lines: doc.parts}}]", record("a"), &json!({})), [], "nothing to release is nothing to do");
}

#[test]
fn records_are_created_moved_purged_and_assigned() {
    let body = "require: [doc.asset]\neffects:\n  - create: {subject: purchase_order, set: {title: doc.title, amount: doc.qty}}\n  \
                - transition: {record: doc.asset, do: retire, input: {meter: doc.number}, reason: Worn out}\n  - assign: {role: technician}\n  - purge: {}\n  \
                - webhook: {endpoint: erp, fields: {number: doc.number}}";
    let workflow = rehearsed(&around(body));
    let press = Press { workflow: &workflow, doc: record("a").with("asset", Value::Ref(id(9))), actor: manager(), approval: None };
    let moved = press.moved("go", &json!({}), None);
    let fields = vec![
        ("title".to_owned(), Value::Text("Hydraulic leak".to_owned())),
        ("amount".to_owned(), Value::Decimal("2.5".parse().expect("a decimal"))),
    ];
    let input = [("meter".to_owned(), Value::Int(1042))].into_iter().collect();
    let expected = [
        DbOp::Create { subject: "purchase_order".to_owned(), fields },
        DbOp::Transition {
            subject: "asset".to_owned(),
            record: id(9),
            transition: "retire".to_owned(),
            input,
            reason: Some("Worn out".to_owned()),
        },
        DbOp::AssignTo(Recipient::Role("technician".to_owned())),
        DbOp::Purge,
    ];
    assert_eq!(moved.db.into_iter().map(|effect| effect.op).collect::<Vec<_>>(), expected);
    assert_eq!(
        (moved.webhooks[0].index, moved.webhooks[0].endpoint.as_str(), &moved.webhooks[0].fields["number"]),
        (4, "erp", &Value::Int(1042))
    );
    assert_eq!(workflow.effect_permissions().into_iter().collect::<Vec<_>>(), ["webhook.manage", "workflow.manage"]);
}

#[test]
fn a_condition_leaves_an_effect_out_and_its_place_stays() {
    let body = "effects:\n  - {start_sla: visit, when: doc.urgent}\n  - {purge: true, when: '!doc.urgent'}\n  - {assign: {perm: work_order.execute}}\n  - {stop_sla: visit}";
    let source = around(body).replace("transitions:", "slas: {visit: {clock: wall, target: PT1H}}\ntransitions:");
    let workflow = rehearsed(&source);
    let press = Press { workflow: &workflow, doc: record("a"), actor: manager(), approval: None };
    let moved = press.moved("go", &json!({}), None);
    assert_eq!(moved.db.iter().map(|effect| effect.index).collect::<Vec<_>>(), [2]);
    let target = workflows::duration::Span { days: 0, seconds: 3_600 };
    let change = |kind| SlaChange { sla: "visit".to_owned(), kind };
    assert_eq!(moved.slas, [change(SlaChangeKind::Start { target }), change(SlaChangeKind::Stop)]);
}

#[test]
fn the_registry_is_what_the_design_says() {
    let names: Vec<_> = EFFECTS.iter().map(|row| row.name).collect();
    let expected = "set assign create notify webhook transition purge start_sla stop_sla stock.reserve stock.release stock.consume stock.move stock.write_off";
    assert_eq!(names, expected.split(' ').collect::<Vec<_>>());
    let live: Vec<_> = EFFECTS.iter().filter(|row| row.built).map(|row| row.name).collect();
    assert_eq!(live, ["set", "assign", "create", "notify", "transition", "start_sla", "stop_sla"]);
    let protocol = |wanted| EFFECTS.iter().filter(|row| row.protocol == Some(wanted)).map(|row| row.name).collect::<Vec<_>>();
    assert_eq!(
        (protocol(Protocol::Reserve), protocol(Protocol::Release), protocol(Protocol::Consume)),
        (vec!["stock.reserve"], vec!["stock.release"], vec!["stock.consume"])
    );
}
