//! Levels, votes, delegates, edits that void, escalation.

use crate::support::{around, fails, passes};

const GO: &str = "approvals:
  void_on_change: [cost]
  levels:
    - {id: first, perm: job.approve, need: 1, escalate: {after: PT4H, to: ['role:storekeeper']}}
    - {id: money, role: finance, need: 2, when: 'doc.cost != null && doc.cost > money(\"1000 KZT\")'}
effects:
  - notify: {text: job.told, to: [doc.created_by]}";

fn test(steps: &str) -> String {
    let steps = crate::support::steps(steps.lines());
    let given = "given: {actors: {tech: {role: technician}, lead: {role: manager}, boss: {role: manager}, fin1: {role: finance, can: [job.work]}, fin2: {role: finance, can: [job.work]}, store: {role: storekeeper}}, doc: {cost: 5000 KZT}}";
    format!("  - name: a test\n    {given}\n    steps:\n{steps}")
}

#[test]
fn levels_are_asked_one_after_the_other() {
    passes(
        &around(GO, ""),
        &test(
            "{as: tech, create: true, expect: {state: a, waiting: first, votes: 0, notified: {job.approval_requested: [lead, boss]}}}
{as: tech, do: go, deny: not_eligible, because: job.approve}
{as: fin1, do: go, deny: not_eligible}
{as: lead, do: go, expect: {state: a, waiting: money, votes: 0, notified: [fin1, fin2]}}
{as: lead, do: go, deny: not_eligible, because: finance}
{as: fin1, do: go, expect: {state: a, votes: 1, notified: []}}
{as: fin1, do: go, deny: already_decided}
{as: fin2, do: go, expect: {state: b, waiting: null, notified: [tech]}}",
        ),
    );
}

#[test]
fn nobody_decides_what_they_asked_for_and_small_things_need_one() {
    let small = test(
        "{as: lead, create: true, expect: {waiting: first, notified: [boss]}}
{as: lead, do: go, deny: own_request}
{as: boss, do: go, expect: {state: b}}",
    );
    passes(&around(GO, ""), &small.replace("5000 KZT", "100 KZT"));
}

#[test]
fn an_edit_of_the_cost_asks_again() {
    passes(
        &around(GO, ""),
        &test(
            "{as: tech, create: true}
{as: lead, do: go, expect: {waiting: money}}
{as: tech, edit: {note: x}, expect: {waiting: money}}
{as: tech, edit: {cost: 9000 KZT}, expect: {waiting: first, votes: 0, notified: [lead, boss]}}
{as: lead, do: go, expect: {waiting: money}}",
        ),
    );
}

#[test]
fn a_delegate_decides_for_one_principal() {
    passes(
        &around(GO, ""),
        &test(
            "{as: tech, create: true}
{as: store, do: go, deny: not_eligible}
{as: lead, delegate: store}
{as: store, do: go, expect: {waiting: money}}
{as: fin1, delegate: store}
{as: store, do: go, deny: already_decided}",
        ),
    );
}

#[test]
fn a_request_nobody_decides_is_shown_to_more_people_and_never_approves_itself() {
    passes(
        &around(GO, ""),
        &test(
            "{as: tech, create: true}
{as: store, do: go, deny: not_eligible}
{advance: PT2H, expect: {notified: [], waiting: first}}
{advance: PT2H, expect: {notified: [store], waiting: first, state: a}}
{advance: P10D, expect: {notified: [], waiting: first, state: a}}
{as: store, do: go, expect: {waiting: money}}",
        ),
    );
}

#[test]
fn a_level_of_a_site_is_decided_there() {
    let go = "approvals: {levels: [{id: store, role: storekeeper, scope: doc.from_location}]}";
    let given = "given: {actors: {tech: {role: technician}, here: {role: storekeeper, sites: [main]}, there: {role: storekeeper, sites: [site]}}, doc: {from_location: main}}";
    passes(
        &around(go, ""),
        &format!(
            "  - name: a test\n    {given}\n    steps:\n      - {{as: tech, create: true, expect: {{notified: {{job.approval_requested: [here]}}}}}}\n      \
             - {{as: there, do: go, deny: not_eligible}}\n      - {{as: here, do: go, expect: {{state: b}}}}\n"
        ),
    );
}

#[test]
fn a_wrong_level_is_told_with_the_right_one() {
    let found =
        fails(&around(GO, ""), &test("{as: tech, create: true, expect: {waiting: money}}\n{as: lead, do: go, expect: {waiting: null}}"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].ends_with("WF950 `waiting` should be money, but is first"), "{found:?}");
}

const DEAR: &str = "approvals:
  levels:
    - {id: money, role: finance, when: 'doc.cost != null && doc.cost > money(\"1000 KZT\")'}
    - {id: urgent, perm: job.approve, when: doc.priority == \"high\"}";

#[test]
fn an_edit_opens_what_every_level_was_skipped_of_and_moves_on_what_is_no_longer_asked() {
    let small = test(
        "{as: tech, create: true, expect: {waiting: null, notified: []}}
{as: tech, edit: {note: x}, expect: {waiting: null, notified: []}}
{as: tech, edit: {cost: 9000 KZT}, expect: {waiting: money, notified: [fin1, fin2]}}
{as: tech, edit: {priority: high}, expect: {waiting: money, notified: []}}
{as: tech, edit: {cost: 10 KZT}, expect: {waiting: urgent, notified: [lead, boss]}}
{as: tech, edit: {priority: low}, expect: {waiting: null, notified: []}}
{as: tech, edit: {cost: 9000 KZT}, expect: {waiting: money, votes: 0, notified: [fin1, fin2]}}
{as: fin1, do: go, expect: {state: b}}",
    );
    passes(&around(DEAR, ""), &small.replace("5000 KZT", "100 KZT"));
}
