//! What time does: service levels over states, timers, reminders.

use chrono::{DateTime, Utc};
use serde_json::json;
use workflows::calendar::Calendar;
use workflows::sla::{Clock, Event};
use workflows::{Fires, Outcome, Recipient, SlaChangeKind, Value, Workflow};

use crate::support::{Press, at, id, loaded, manager, record};

const FILE: &str = "workflow: work_order
version: 1
entity: work_order
initial: [{to: draft}]
states:
  draft: {category: todo}
  open: {category: doing}
  work: {category: doing}
  held: {category: waiting}
  done: {category: done}
  closed: {category: done, terminal: true}
transitions:
  submit: {from: draft, to: open, permission: work_order.view}
  begin: {from: open, to: work, permission: work_order.view}
  note: {from: [open, work], to: same, permission: work_order.view}
  hold: {from: [open, work], to: held, permission: work_order.view}
  resume: {from: held, to: [{when: doc.urgent, state: work}, {state: open}], permission: work_order.view}
  finish: {from: work, to: done, permission: work_order.view, effects: [{set: {priority: '\"low\"'}}]}
  reopen: {from: done, to: open, permission: work_order.view}
  close: {from: done, to: closed, permission: work_order.view, system: true}
slas:
  repair:
    clock: business
    start: open
    pause: held
    stop: done
    target: {by: doc.priority, critical: PT4H, high: PT8H, default: P5D}
    warn: {at: 80%, notify: {text: work_order.assigned, to: [doc.assignee]}}
    breach:
      - notify: {text: work_order.approved, to: ['role:manager'], channels: [email]}
      - {after: PT2H, effects: [{assign: {role: manager}}, {set: {urgent: true}, when: '!doc.urgent'}]}
timers:
  auto_close: {in: done, after: P7D, do: close}
  late: {in: [open, work], at: doc.due_at, after: PT1H, when: doc.due_at != null, notify: {text: work_order.cancelled, to: [doc.created_by]}}
  idle: {in: open, after: P1D, clock: business, when: doc.urgent, set: {started_at: now}}
reminders:
  due: {in: [open, work], field: doc.due_at, before: [P14D, P1D], after: P1D, every: P2D, max: 3, at: '08:00', when: doc.due_at != null, notify: {text: work_order.approved, to: [doc.assignee]}}
  mileage: {in: open, meter: doc.number >= 1000, notify: {text: work_order.approved, to: ['perm:work_order.manage']}}
";

fn press<'w>(workflow: &'w Workflow, state: &str) -> Press<'w> {
    Press { workflow, doc: record(state), actor: manager(), approval: None }
}

fn changes(workflow: &Workflow, state: &str, transition: &str) -> Vec<SlaChangeKind> {
    press(workflow, state).moved(transition, &json!({}), None).slas.into_iter().map(|change| change.kind).collect()
}

fn span(text: &str) -> workflows::duration::Span {
    text.parse().expect("a length of time")
}

#[test]
fn states_start_pause_and_stop_a_service_level() {
    let workflow = loaded(FILE);
    let start = SlaChangeKind::Start { target: span("PT8H") };
    for (state, transition, expected) in [
        ("draft", "submit", vec![start]),
        ("open", "begin", vec![]),
        ("open", "note", vec![]),
        ("work", "hold", vec![SlaChangeKind::Pause]),
        ("held", "resume", vec![SlaChangeKind::Resume]),
        ("work", "finish", vec![SlaChangeKind::Stop]),
        ("done", "reopen", vec![start]),
        ("done", "close", vec![]),
    ] {
        assert_eq!(changes(&workflow, state, transition), expected, "{state} {transition}");
    }
    let calm = Press { doc: record("held").with("urgent", Value::Bool(false)), ..press(&workflow, "held") };
    assert_eq!(calm.moved("resume", &json!({}), None).slas[0].kind, start, "a run that is paused goes on, as the domain knows");
    let plain = Press { doc: record("draft").with("priority", Value::Text("low".to_owned())), ..press(&workflow, "draft") };
    assert_eq!(plain.moved("submit", &json!({}), None).slas[0].kind, SlaChangeKind::Start { target: span("P5D") });
}

#[test]
fn a_run_is_stored_with_the_terms_it_started_under() {
    let workflow = loaded(FILE);
    let calendar = Calendar::office(chrono_tz::Asia::Almaty);
    let terms = workflow.sla_terms("repair", span("PT8H"), &calendar).expect("a service level");
    assert_eq!((terms.clock, terms.warn, terms.breach.len(), terms.definition.as_str()), (Clock::Business, Some(80), 2, workflow.hash()));
    assert_eq!((terms.breach[1], terms.calendar.as_ref()), (span("PT2H"), Some(&calendar)));
    assert!(workflow.sla_terms("none", span("PT8H"), &calendar).is_none());
}

#[test]
fn warnings_and_breaches_have_effects() {
    let workflow = loaded(FILE);
    let told = |event| {
        let press = Press {
            doc: record("open").with("assignee", Value::Ref(id(7))).with("urgent", Value::Bool(false)),
            ..press(&workflow, "open")
        };
        press.with_facts(|facts| workflow.sla_event(facts, "repair", event)).expect("an outcome")
    };
    assert_eq!(told(Event::Warn).outbox[0].notify.to, [Recipient::Member(id(7))]);
    assert_eq!(told(Event::Breach(0)).outbox[0].notify.to, [Recipient::Role("manager".to_owned())]);
    let late = told(Event::Breach(1));
    assert_eq!((late.db.len(), late.set.as_slice()), (1, &[("urgent".to_owned(), Value::Bool(true))][..]));
    assert_eq!(told(Event::Breach(2)), Outcome::default());
}

#[test]
fn timers_are_due_after_a_state_or_a_field_by_either_clock() {
    let workflow = loaded(FILE);
    let calendar = Calendar::office(chrono_tz::Asia::Almaty);
    let entered = at("2026-03-06T05:00:00Z");
    let due = |timer: &str, doc: &workflows::Record| workflow.timer(timer).expect("a timer").due(entered, doc, &calendar);
    let moment = |text: &str| -> Option<DateTime<Utc>> { Some(at(text)) };
    assert_eq!(due("auto_close", &record("done")), moment("2026-03-13T05:00:00Z"));
    assert_eq!(due("late", &record("open")), None, "the field is empty");
    let dated = record("open").with("due_at", Value::Time(at("2026-03-10T00:00:00Z")));
    assert_eq!(due("late", &dated), moment("2026-03-10T01:00:00Z"));
    assert_eq!(due("idle", &dated), calendar.add(entered, calendar.longest_day()), "a working day");
    let ids = |state: &str| workflow.timers_in(state).map(|timer| timer.id.clone()).collect::<Vec<_>>();
    assert_eq!(
        (ids("open"), ids("done"), ids("closed")),
        (vec!["late".to_owned(), "idle".to_owned()], vec!["auto_close".to_owned()], vec![])
    );
}

#[test]
fn a_timer_fires_a_step_or_effects_while_its_state_and_condition_hold() {
    let workflow = loaded(FILE);
    let fires = |state: &str, urgent: bool, timer: &str| {
        let press = Press { doc: record(state).with("urgent", Value::Bool(urgent)), ..press(&workflow, state) };
        press.with_facts(|facts| workflow.timer_fires(facts, timer)).expect("an answer")
    };
    assert_eq!(fires("done", true, "auto_close"), Fires::Transition("close".to_owned()));
    assert_eq!(fires("open", true, "auto_close"), Fires::Nothing, "the record has gone on");
    assert_eq!(fires("open", false, "idle"), Fires::Nothing);
    let Fires::Effects(done) = fires("open", true, "idle") else { panic!("effects") };
    assert_eq!(done.set[0].0, "started_at");
    assert_eq!(fires("open", true, "never"), Fires::Nothing);
}

#[test]
fn reminders_are_sent_around_a_date_at_the_companys_time_of_day() {
    let workflow = loaded(FILE);
    let due = workflow.reminder("due").expect("a reminder");
    // half past one in the night of the tenth in Almaty
    let offsets = due.offsets(&Value::Time(at("2026-03-09T20:30:00Z")), chrono_tz::Asia::Almaty);
    let told: Vec<_> = offsets.iter().map(|offset| (offset.offset.as_str(), offset.at.to_rfc3339())).collect();
    let expected = [
        ("-P14D", "2026-02-24T03:00:00+00:00"),
        ("-P1D", "2026-03-09T03:00:00+00:00"),
        ("P1D", "2026-03-11T03:00:00+00:00"),
        ("P3D", "2026-03-13T03:00:00+00:00"),
        ("P5D", "2026-03-15T03:00:00+00:00"),
    ];
    assert_eq!(told, expected.map(|(offset, at)| (offset, at.to_owned())));
    assert_eq!(due.offsets(&Value::Null, chrono_tz::Asia::Almaty), []);
    let night = due.offsets(&Value::Date("2026-03-30".parse().expect("a day")), chrono_tz::Europe::Berlin);
    assert_eq!(
        night.iter().map(|offset| offset.at.to_rfc3339()).collect::<Vec<_>>()[..2],
        ["2026-03-16T07:00:00+00:00", "2026-03-29T06:00:00+00:00"]
    );
}

#[test]
fn a_reminder_is_tested_when_its_time_has_come() {
    let workflow = loaded(FILE);
    let reminds = |doc: workflows::Record, reminder: &str| {
        let press = Press { doc, ..press(&workflow, "open") };
        press.with_facts(|facts| workflow.reminds(facts, reminder)).expect("an answer").map(|done| done.outbox.len())
    };
    let dated = |state: &str| record(state).with("due_at", Value::Time(at("2026-03-10T00:00:00Z"))).with("assignee", Value::Ref(id(7)));
    assert_eq!(reminds(dated("work"), "due"), Some(1));
    assert_eq!(reminds(dated("done"), "due"), None);
    assert_eq!(reminds(record("open"), "due"), None, "the date was cleared");
    assert_eq!(reminds(record("open"), "mileage"), Some(1));
    assert_eq!(reminds(record("open").with("number", Value::Int(999)), "mileage"), None);
    assert_eq!(workflow.reminders_in("work").count(), 1);
}
