//! Pictures show whose votes a way takes, what fires by itself, where clocks start and stop.

use workflows::Labelled;

use crate::support::loaded;

const FILE: &str = "workflow: work_order
version: 1
entity: work_order
initial: [{to: asked}]
states:
  asked: {category: todo}
  open: {category: doing}
  held: {category: waiting}
  done: {category: done, terminal: true}
transitions:
  approve: {from: asked, to: open, permission: work_order.view, approvals: {levels: [{id: boss, role: manager}, {id: money, role: finance, need: 2}]}}
  hold: {from: open, to: held, permission: work_order.view}
  resume: {from: held, to: open, permission: work_order.view}
  close: {from: open, to: done, permission: work_order.view, system: true}
  drop: {from: held, to: done, permission: work_order.view}
slas:
  repair: {clock: wall, start: open, pause: held, stop: done, target: PT4H}
timers:
  auto: {in: open, after: P7D, do: close}
  nag: {in: held, after: P2D, notify: {text: work_order.approved, to: [doc.created_by]}}
";

#[test]
fn mermaid_draws_levels_timers_and_service_levels() {
    let mermaid = loaded(FILE).mermaid();
    for line in [
        "    asked --> open: approve (boss → money ×2)\n",
        "    open --> done: close (after P7D)\n",
        "    note right of open: starts repair\n",
        "    note right of held: pauses repair · after P2D\n",
        "    note right of done: stops repair\n",
    ] {
        assert!(mermaid.contains(line), "{line}{mermaid}");
    }
}

#[test]
fn svg_draws_them_in_the_readers_words() {
    let svg = loaded(FILE).svg(None, &|label| match label {
        Labelled::State(id) | Labelled::Transition(id) => format!("{id}!"),
        Labelled::Level(id) => format!("level <{id}>"),
        Labelled::Starts(id) => format!("start of {id}"),
        Labelled::Pauses(id) => format!("pause of {id}"),
        Labelled::Stops(id) => format!("end of {id}"),
        Labelled::After(span) => format!("{} d", span.days),
        Labelled::Stays(steps) => format!("stays: {steps}"),
    });
    for text in
        [">approve! (level &lt;boss&gt; → level &lt;money&gt; ×2)<", ">close! (7 d)<", ">start of repair<", ">pause of repair · 2 d<"]
    {
        assert!(svg.contains(text), "{text}\n{svg}");
    }
    assert_eq!(svg.matches("wf-mark").count(), 3);
}
