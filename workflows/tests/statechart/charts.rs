//! The charts, played; and the questions they cannot ask about themselves.

use workflows::scenario::{self, Setup};
use workflows::{Refusal, Step, Value, Workflow};

use crate::support::{CHART, VOCABULARY, fire, loaded, record, roles, with_facts};

const CHARTS: [(&str, &str); 5] = [
    ("selection.yml", include_str!("charts/selection.yml")),
    ("targetless.yml", include_str!("charts/targetless.yml")),
    ("final.yml", include_str!("charts/final.yml")),
    ("delayed.yml", include_str!("charts/delayed.yml")),
    ("data.yml", include_str!("charts/data.yml")),
];

fn chart(name: &str) -> Workflow {
    let (file, source) = CHARTS.iter().find(|(file, _)| *file == name).expect("a chart");
    loaded(file, source)
}

#[test]
fn every_chart_goes_where_it_says() {
    let roles = roles();
    let setup = Setup { subject: &CHART, vocabulary: &VOCABULARY, roles: &roles };
    for (file, source) in CHARTS {
        let report = scenario::run(&loaded(file, source), &setup).unwrap_or_else(|found| panic!("{}", workflows::render(&found)));
        assert!(report.outcomes.len() >= 3, "{file}");
        assert!(report.passed(), "{}", workflows::render(&report.failures()));
    }
}

#[test]
fn a_chart_that_says_otherwise_is_found_out() {
    let roles = roles();
    let setup = Setup { subject: &CHART, vocabulary: &VOCABULARY, roles: &roles };
    for (file, from, to) in [
        (
            "selection.yml",
            "{when: doc.b, state: b}, {when: doc.b && doc.i == 0, state: c}",
            "{when: doc.b && doc.i == 0, state: c}, {when: doc.b, state: b}",
        ),
        ("targetless.yml", "double: {from: [a, b], to: same", "double: {from: [a, b], to: b"),
        ("final.yml", "lose: {in: a, after: P1D", "lose: {in: a, after: PT30M"),
        ("delayed.yml", "late: {in: b, after: PT1H", "late: {in: b, after: PT3H"),
        ("data.yml", "{set: {n: '2'}, when: doc.x == 10}", "{set: {n: '2'}, when: doc.x == 11}"),
    ] {
        let (_, source) = CHARTS.iter().find(|(name, _)| *name == file).expect("a chart");
        assert!(source.contains(from), "{file}");
        let report =
            scenario::run(&loaded(file, &source.replace(from, to)), &setup).unwrap_or_else(|found| panic!("{}", workflows::render(&found)));
        assert!(!report.passed(), "{file}: nobody noticed");
    }
}

#[test]
fn what_is_explained_is_what_happens() {
    for (file, source) in CHARTS {
        let workflow = loaded(file, source);
        for state in workflow.states().map(|state| state.id.clone()) {
            let doc = record(&state);
            let explained = with_facts(&doc, |facts| {
                let all = workflow.explain(facts, None);
                all.into_iter()
                    .map(|one| (one.transition.to_owned(), one.allowed, one.to.map(str::to_owned), one.form.len()))
                    .collect::<Vec<_>>()
            });
            for (transition, allowed, to, asks) in explained {
                match fire(&workflow, &doc, &transition) {
                    Ok(Step::Moved(moved)) => {
                        assert_eq!((allowed, to.as_deref()), (true, Some(moved.to.as_str())), "{file} {state} {transition}");
                    }
                    Err(Refusal::Invalid(_)) => assert!(allowed && asks > 0, "{file} {state} {transition}"),
                    Err(_) => assert!(!allowed, "{file} {state} {transition}"),
                    Ok(Step::Decided(_)) => panic!("nothing is under approval"),
                }
            }
        }
    }
}

#[test]
fn nothing_is_allowed_where_everything_has_ended() {
    let workflow = chart("selection.yml");
    let doc = record("end");
    with_facts(&doc, |facts| {
        for explained in workflow.explain(facts, None) {
            assert!(!explained.allowed && !explained.in_state, "{}", explained.transition);
            assert!(
                explained.blockers.iter().any(|blocker| blocker.code == "wrong_state" && blocker.have == Value::Text("end".to_owned()))
            );
        }
    });
    assert_eq!(fire(&workflow, &doc, "nothing_of_the_kind"), Err(Refusal::UnknownTransition));
}

#[test]
fn a_state_has_its_timers_and_no_others() {
    let workflow = chart("delayed.yml");
    let timers = |state| workflow.timers_in(state).map(|timer| timer.id.as_str()).collect::<Vec<_>>();
    assert_eq!(timers("b"), ["later", "late", "told"]);
    assert_eq!(timers("c"), ["on"]);
    assert!(timers("end").is_empty());
}
