//! A base with a part of every kind, and ways to patch it.

use workflows::Diagnostic;
use workflows::overlay::{Applied, File, Merged, apply, diff, merge3};

pub const BASE: &str = r#"# a comment nobody needs in the result
workflow: work_order
version: 3
entity: work_order
calendar: tenant.default
initial:
  - when: 'actor.can("work_order.approve")'
    to: open
  - to: on_hold
states:
  on_hold: {category: todo, tone: warn}
  open: {category: todo, tone: info, flags: [billable]}
  completed: {category: done, tone: success, terminal: true}
transitions:
  approve:
    from: on_hold
    to: open
    permission: work_order.view
    approvals:
      levels:
        - {id: first, perm: work_order.approve, need: 1}
        - {id: finance, role: finance, need: 2, when: 'doc.cost != null'}
    effects:
      - notify: {text: work_order.approved, to: [doc.created_by, doc.assignee]}
  complete:
    from: open
    to: completed
    permission: work_order.execute
    reason: optional
    require: [doc.assignee]
    form:
      resolution: {type: text, required: true, max: 4000}
      minutes: {type: int, min: 0}
slas:
  resolution:
    clock: business
    start: [open]
    stop: [completed]
    target: {by: doc.priority, high: PT8H, low: P5D}
locked: [transitions.approve.approvals, states.completed]
tests:
  - name: a dot. and a colon
    steps: []
  - name: another
    steps: []
"#;

pub fn file<'a>(name: &'a str, source: &'a str) -> File<'a> {
    File { name, source }
}

pub fn applied(overlay: &str) -> Applied {
    apply(file("base.yml", BASE), file("own.yml", overlay)).unwrap_or_else(|found| panic!("{}", workflows::render(&found)))
}

/// The findings of a patch as `code line:column`.
pub fn findings(overlay: &str) -> Vec<String> {
    apply(file("base.yml", BASE), file("own.yml", overlay)).err().unwrap_or_default().iter().map(short).collect()
}

pub fn short(finding: &Diagnostic) -> String {
    format!("{} {}:{}", finding.code, finding.line, finding.column)
}

pub fn merged(new: &str, overlay: &str) -> Result<Merged, Vec<Diagnostic>> {
    merge3(file("base.yml", BASE), file("new.yml", new), file("own.yml", overlay))
}

pub fn difference(base: &str, target: &str) -> String {
    diff(file("base.yml", base), file("own.yml", target)).unwrap_or_else(|found| panic!("{}", workflows::render(&found)))
}

/// Two files with the same content, wherever it stands: nothing is different between them, either way.
pub fn alike(a: &str, b: &str) -> bool {
    let nothing = |text: String| text.lines().count() == 1 && text.starts_with("extends: ");
    nothing(difference(a, b)) && nothing(difference(b, a))
}
