//! A workflow as a picture: Mermaid for documents, SVG for pages. In the SVG the states stand below one another in file order; ways down run on
//! the right, ways back up on the left, each in a lane of its own where it would cross another.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::check::targets;
use crate::definition::{Level, State, Timer, TimerAction, To, Workflow};
use crate::duration::Span;

const WIDTH: usize = 200;
const HEIGHT: usize = 48;
const ROW: usize = 84;
const MARGIN: usize = 16;
/// Distance between a state and the first lane, and what a lane takes besides its longest label.
const GAP: usize = 28;
/// A little more than the mean width of a character of a label.
const CHARACTER: usize = 7;
const CORNER: usize = 8;

/// What a label is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labelled<'a> {
    /// A state's.
    State(&'a str),
    /// A transition's.
    Transition(&'a str),
    /// An approval level's.
    Level(&'a str),
    /// That a service level starts.
    Starts(&'a str),
    /// That it stands still.
    Pauses(&'a str),
    /// That it stops.
    Stops(&'a str),
    /// That something happens by itself after a length of time.
    After(Span),
    /// That these steps, worded, leave the record where it is.
    Stays(&'a str),
}

impl Labelled<'_> {
    /// The label in a document, where there are no words: the id, or the time as the file writes it.
    pub fn plain(self) -> String {
        match self {
            Self::State(id) | Self::Transition(id) | Self::Level(id) => id.to_owned(),
            Self::Starts(id) => format!("starts {id}"),
            Self::Pauses(id) => format!("pauses {id}"),
            Self::Stops(id) => format!("stops {id}"),
            Self::After(span) => format!("after {span}"),
            Self::Stays(steps) => format!("here {steps}"),
        }
    }
}

type Wording<'a> = &'a dyn Fn(Labelled<'_>) -> String;

/// A way between two rows.
struct Edge<'w> {
    from: usize,
    to: usize,
    transitions: Vec<&'w str>,
}

impl Workflow {
    /// The states as a Mermaid state diagram, with ids for labels.
    pub fn mermaid(&self) -> String {
        let mut out = String::from("stateDiagram-v2\n");
        for entry in &self.initial {
            line(&mut out, format_args!("    [*] --> {}", entry.to));
        }
        for edge in self.edges() {
            let name = |row| self.states.get_index(row).map_or("", |(id, _)| id.as_str());
            let steps = self.steps_worded(&edge.transitions, name(edge.from), &|part: Labelled<'_>| part.plain());
            line(&mut out, format_args!("    {} --> {}: {steps}", name(edge.from), name(edge.to)));
        }
        for state in self.states.values() {
            let marks = self.marks(&state.id, &|part: Labelled<'_>| part.plain());
            if !marks.is_empty() {
                line(&mut out, format_args!("    note right of {}: {marks}", state.id));
            }
        }
        for state in self.states.values().filter(|state| state.terminal) {
            line(&mut out, format_args!("    {} --> [*]", state.id));
        }
        out
    }

    /// The states as a standalone SVG without scripts or styles: looks come from the classes `wf-state`, `wf-<tone>`, `wf-terminal`, `wf-edge`,
    /// `wf-label`, `wf-same`, `wf-mark` and `wf-current` (on the state `current`). `label` words a state or a transition; its text is escaped here.
    pub fn svg(&self, current: Option<&str>, label: Wording<'_>) -> String {
        let id = |row: usize| self.states.get_index(row).map_or("", |(id, _)| id.as_str());
        let words = |edge: &Edge<'_>| self.steps_worded(&edge.transitions, id(edge.from), label);
        let (same, ways): (Vec<_>, Vec<_>) = self.edges().into_iter().partition(|edge| edge.from == edge.to);
        let (down, up): (Vec<_>, Vec<_>) = ways.into_iter().partition(|edge| edge.from < edge.to);
        let (right, left) = (Side::new(down, &words), Side::new(up, &words));
        let x = MARGIN + left.width();
        let (width, height) = (x + WIDTH + right.width() + MARGIN, self.states.len() * ROW + MARGIN);
        let mut out = String::new();
        line(
            &mut out,
            format_args!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" class="wf-diagram" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">"#
            ),
        );
        out.push_str(concat!(
            r#"<defs><marker id="wf-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">"#,
            r#"<path class="wf-arrow" d="M0 0 8 4 0 8z"/></marker></defs>"#,
            "\n"
        ));
        right.draw(&mut out, |distance| x + WIDTH + distance, "start");
        left.draw(&mut out, |distance| x - distance, "end");
        for (row, state) in self.states.values().enumerate() {
            let stays = same.iter().find(|edge| edge.from == row).map(&words).map(|steps| label(Labelled::Stays(&steps)));
            mark(&mut out, &self.marks(&state.id, label), (x, top(row)));
            node(&mut out, state, (x, top(row)), current == Some(&state.id), &label(Labelled::State(&state.id)), stays.as_deref());
        }
        out.push_str("</svg>\n");
        out
    }

    /// The transitions of an edge in words: what each is called, whose votes it takes (`(manager → finance ×2)`), when it fires by itself
    /// (`(after P7D)`). Signs a plain font may lack are left to none of them.
    fn steps_worded(&self, transitions: &[&str], from: &str, label: Wording<'_>) -> String {
        let word = |id: &&str| {
            let mut text = label(Labelled::Transition(id));
            if let Some(approvals) = self.transition(id).and_then(|transition| transition.approvals.as_ref()) {
                let level = |level: &Level| match level.need {
                    1 => label(Labelled::Level(&level.id)),
                    need => format!("{} ×{need}", label(Labelled::Level(&level.id))),
                };
                let _ = write!(text, " ({})", approvals.levels.iter().map(level).collect::<Vec<_>>().join(" → "));
            }
            let fires = |timer: &&Timer| matches!(&timer.action, TimerAction::Do(transition) if transition == id);
            for timer in self.timers_in(from).filter(fires) {
                let _ = write!(text, " ({})", label(Labelled::After(timer.after)));
            }
            text
        };
        transitions.iter().map(word).collect::<Vec<_>>().join(", ")
    }

    /// What time does in a state: service levels that start, pause and stop, timers that leave the record where it is.
    fn marks(&self, state: &str, label: Wording<'_>) -> String {
        let has = |states: &[String]| states.iter().any(|id| id == state);
        let slas = self.slas.values().filter_map(|sla| {
            let parts =
                [(&sla.start, Labelled::Starts(&sla.id)), (&sla.pause, Labelled::Pauses(&sla.id)), (&sla.stop, Labelled::Stops(&sla.id))];
            parts.into_iter().find(|(states, _)| has(states)).map(|(_, part)| label(part))
        });
        let timers = self.timers_in(state).filter(|timer| matches!(timer.action, TimerAction::Effects(_)));
        let timers = timers.map(|timer| label(Labelled::After(timer.after)));
        slas.chain(timers).collect::<Vec<_>>().join(" · ")
    }

    /// Row to row, with the transitions between them, in row order.
    fn edges(&self) -> Vec<Edge<'_>> {
        let row = |state: &str| self.states.get_index_of(state).unwrap_or_default();
        let mut edges: BTreeMap<(usize, usize), Vec<&str>> = BTreeMap::new();
        for transition in self.transitions.values() {
            for from in transition.from.states() {
                let stays = matches!(transition.to, To::Same).then_some(from.as_str());
                for to in targets(transition).chain(stays) {
                    let names = edges.entry((row(from), row(to))).or_default();
                    if !names.contains(&transition.id.as_str()) {
                        names.push(&transition.id);
                    }
                }
            }
        }
        edges.into_iter().map(|((from, to), transitions)| Edge { from, to, transitions }).collect()
    }
}

/// The ways on one side of the states.
struct Side {
    ways: Vec<Way>,
    /// The width of each lane, from the states outwards.
    lanes: Vec<usize>,
}

struct Way {
    from: usize,
    to: usize,
    lane: usize,
    label: String,
    /// Where it leaves and enters its states, below their tops.
    ports: (usize, usize),
}

impl Side {
    /// Gives every way the innermost lane that is free along it, the short ways first.
    fn new(mut edges: Vec<Edge<'_>>, words: &dyn Fn(&Edge<'_>) -> String) -> Self {
        edges.sort_by_key(|edge| (edge.from.abs_diff(edge.to), edge.from));
        let mut ends: BTreeMap<usize, usize> = BTreeMap::new();
        for edge in &edges {
            *ends.entry(edge.from).or_default() += 1;
            *ends.entry(edge.to).or_default() += 1;
        }
        let mut used: BTreeMap<usize, usize> = BTreeMap::new();
        let mut port = |row: usize| {
            let number = used.entry(row).or_default();
            *number += 1;
            HEIGHT * *number / (ends.get(&row).copied().unwrap_or_default() + 1)
        };
        let (mut ways, mut lanes): (Vec<Way>, Vec<usize>) = (Vec::new(), Vec::new());
        for edge in edges {
            let span = |from: usize, to: usize| (from.min(to), from.max(to));
            let (first, last) = span(edge.from, edge.to);
            let taken = |lane: usize| {
                ways.iter().any(|way| way.lane == lane && span(way.from, way.to).0 < last && first < span(way.from, way.to).1)
            };
            let lane = (0..lanes.len()).find(|&lane| !taken(lane)).unwrap_or(lanes.len());
            let label = words(&edge);
            let width = label.chars().count() * CHARACTER + GAP;
            match lanes.get_mut(lane) {
                Some(widest) => *widest = width.max(*widest),
                None => lanes.push(width),
            }
            ways.push(Way { from: edge.from, to: edge.to, lane, label, ports: (port(edge.from), port(edge.to)) });
        }
        Self { ways, lanes }
    }

    fn width(&self) -> usize {
        if self.lanes.is_empty() { 0 } else { GAP + self.lanes.iter().sum::<usize>() }
    }

    /// `place` turns a distance from the states into an x.
    fn draw(&self, out: &mut String, place: impl Fn(usize) -> usize, anchor: &str) {
        for way in &self.ways {
            let distance = GAP + self.lanes.iter().take(way.lane).sum::<usize>();
            let (edge, bend, lane) = (place(0), place(distance - CORNER), place(distance));
            let (start, end) = (top(way.from) + way.ports.0, top(way.to) + way.ports.1);
            let (after, before) = if start < end { (start + CORNER, end - CORNER) } else { (start - CORNER, end + CORNER) };
            line(
                out,
                format_args!(
                    r#"<path class="wf-edge" fill="none" marker-end="url(#wf-arrow)" d="M{edge} {start}H{bend}Q{lane} {start} {lane} {after}V{before}Q{lane} {end} {bend} {end}H{edge}"/>"#
                ),
            );
            // between two rows no way runs across
            let y = if start < end { top(way.from) + HEIGHT + (ROW - HEIGHT) / 2 } else { top(way.from) - (ROW - HEIGHT) / 2 };
            let text = escape(&way.label);
            line(
                out,
                format_args!(
                    r#"<text class="wf-label" x="{}" y="{y}" text-anchor="{anchor}" dominant-baseline="central">{text}</text>"#,
                    place(distance + CORNER)
                ),
            );
        }
    }
}

fn top(row: usize) -> usize {
    MARGIN + row * ROW
}

fn node(out: &mut String, state: &State, (x, y): (usize, usize), current: bool, label: &str, stays: Option<&str>) {
    let terminal = if state.terminal { " wf-terminal" } else { "" };
    let current = if current { " wf-current" } else { "" };
    let (middle, line_height) = (x + WIDTH / 2, HEIGHT / 3);
    let label_y = if stays.is_some() { y + line_height } else { y + HEIGHT / 2 };
    let text = |class: &str, y: usize, text: &str| {
        format!(r#"<text{class} x="{middle}" y="{y}" text-anchor="middle" dominant-baseline="central">{}</text>"#, escape(text))
    };
    let stays = stays.map(|stays| text(r#" class="wf-same""#, y + 2 * line_height + 2, stays)).unwrap_or_default();
    line(
        out,
        format_args!(
            r#"<g class="wf-state wf-{}{terminal}{current}"><rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8"/>{}{stays}</g>"#,
            state.tone.as_str(),
            text("", label_y, label),
        ),
    );
}

/// The marks of a state, below it, where no way runs.
fn mark(out: &mut String, marks: &str, (x, y): (usize, usize)) {
    if !marks.is_empty() {
        let text = escape(marks);
        line(
            out,
            format_args!(r#"<text class="wf-mark" x="{}" y="{}" text-anchor="middle">{text}</text>"#, x + WIDTH / 2, y + HEIGHT + MARGIN),
        );
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // writing to a String cannot fail
    let _ = writeln!(out, "{text}");
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
