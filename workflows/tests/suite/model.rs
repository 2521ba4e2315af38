//! Random workflows with branches, approval levels and service levels against an interpreter that reads the definition naively.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::json;
use workflows::{Actor, Approval, Refusal, SlaChange, SlaChangeKind, Step, Value, Vote, Workflow};

use crate::support::{Press, id, loaded, person, record};

/// Who presses: number and role. The first asks for everything.
const PEOPLE: [(u128, &str); 5] = [(1, "technician"), (2, "manager"), (3, "finance"), (4, "manager"), (5, "finance")];

#[derive(Clone, Debug)]
struct Model {
    /// Of each state: what it does to the service level.
    states: Vec<Clock>,
    ways: Vec<Way>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Clock {
    Nothing,
    Start,
    Pause,
    Stop,
}

/// A transition out of the state of its own number.
#[derive(Clone, Debug)]
struct Way {
    /// Where it leads when the record is urgent, and otherwise.
    to: (usize, usize),
    urgent_only: bool,
    levels: Vec<Asked>,
}

#[derive(Clone, Debug)]
struct Asked {
    finance: bool,
    need: u32,
    above: Option<i64>,
}

/// A record and all that happened to it.
#[derive(Clone, Debug, PartialEq)]
struct World {
    state: usize,
    votes: Vec<(u128, usize)>,
    /// The open run, if any: whether it is paused.
    run: Option<bool>,
    runs: u32,
}

#[derive(Clone, Copy, Debug)]
struct Attempt {
    who: usize,
    urgent: bool,
    number: i64,
}

impl Model {
    fn write(&self) -> String {
        let mut out = String::from("workflow: work_order\nversion: 1\nentity: work_order\ninitial: [{to: s0}]\nstates:\n");
        for i in 0..self.states.len() {
            let _ = writeln!(out, "  s{i}: {{category: doing}}");
        }
        out.push_str("  over: {category: done, terminal: true}\ntransitions:\n  end: {from: '*', to: over, permission: work_order.view}\n");
        for (i, way) in self.ways.iter().enumerate() {
            let _ =
                writeln!(out, "  t{i}:\n    from: s{i}\n    to: [{{when: doc.urgent, state: s{}}}, {{state: s{}}}]", way.to.0, way.to.1);
            out.push_str("    permission: work_order.view\n");
            if way.urgent_only {
                out.push_str("    when: doc.urgent\n");
            }
            if !way.levels.is_empty() {
                out.push_str("    approvals:\n      levels:\n");
            }
            for (l, level) in way.levels.iter().enumerate() {
                let role = if level.finance { "finance" } else { "manager" };
                let when = level.above.map(|above| format!(", when: doc.number > {above}")).unwrap_or_default();
                let _ = writeln!(out, "        - {{id: l{l}, role: {role}, need: {}{when}}}", level.need);
            }
        }
        let of =
            |clock| (0..self.states.len()).filter(|&i| self.states[i] == clock).map(|i| format!("s{i}")).collect::<Vec<_>>().join(", ");
        let stop = of(Clock::Stop);
        let stop = if stop.is_empty() { "over".to_owned() } else { format!("{stop}, over") };
        if self.states.contains(&Clock::Start) {
            let _ = writeln!(out, "slas:\n  sla: {{clock: wall, start: [{}], target: PT1H, stop: [{stop}]", of(Clock::Start));
            if self.states.contains(&Clock::Pause) {
                out.truncate(out.trim_end().len());
                let _ = write!(out, ", pause: [{}]", of(Clock::Pause));
            }
            out.truncate(out.trim_end().len());
            out.push_str("}\n");
        }
        out
    }

    fn clock(&self, state: usize) -> Clock {
        if self.states.contains(&Clock::Start) { self.states[state] } else { Clock::Nothing }
    }

    /// Enters a state, and does to the clock what it says.
    fn enter(&self, world: &mut World, to: usize) {
        if to == world.state {
            world.votes.clear();
            return;
        }
        let left_pause = self.clock(world.state) == Clock::Pause;
        match self.clock(to) {
            Clock::Start => {
                world.runs += u32::from(world.run.is_none());
                world.run = Some(false);
            }
            Clock::Pause => world.run = world.run.map(|_| true),
            Clock::Stop => world.run = None,
            Clock::Nothing if left_pause => world.run = world.run.map(|_| false),
            Clock::Nothing => {}
        }
        world.state = to;
        world.votes.clear();
    }

    /// One press of the transition that leaves the record's state.
    fn press(&self, world: &mut World, press: Attempt) -> &'static str {
        let way = &self.ways[world.state];
        let (member, role) = PEOPLE[press.who];
        let counts = |world: &World, level: usize| world.votes.iter().filter(|(_, of)| *of == level).count();
        let open = |world: &World| {
            let waits = |l: &usize| {
                way.levels[*l].above.is_none_or(|above| press.number > above) && counts(world, *l) < way.levels[*l].need as usize
            };
            (0..way.levels.len()).find(waits)
        };
        let waiting = open(world);
        if let Some(level) = waiting {
            let wanted = if way.levels[level].finance { "finance" } else { "manager" };
            if role != wanted {
                return "not eligible";
            }
            if member == 1 {
                return "own";
            }
            if world.votes.iter().any(|(voter, _)| *voter == member) {
                return "already";
            }
        }
        if way.urgent_only && !press.urgent {
            return "guard";
        }
        if let Some(level) = waiting {
            world.votes.push((member, level));
            if open(world).is_some() {
                return "voted";
            }
        }
        self.enter(world, if press.urgent { way.to.0 } else { way.to.1 });
        "moved"
    }
}

fn engine(workflow: &Workflow, world: &mut World, press: Attempt) -> &'static str {
    let transition = format!("t{}", world.state);
    let doc = record(&format!("s{}", world.state)).with("urgent", Value::Bool(press.urgent)).with("number", Value::Int(press.number));
    let votes =
        world.votes.iter().map(|&(member, level)| Vote { member: id(member), level: format!("l{level}"), on_behalf_of: None }).collect();
    let asked = Approval { transition: transition.clone(), requested_by: id(1), votes, escalated: Vec::new() };
    let (number, role) = PEOPLE[press.who];
    let actor: Actor = person(number, role, &["work_order.view"]);
    match (Press { workflow, doc, actor, approval: Some(asked) }).fire(&transition, &json!({}), None) {
        Ok(Step::Decided(decided)) => {
            let level = decided.progress.level.trim_start_matches('l').parse().expect("a level of ours");
            assert_eq!(decided.opens.is_some(), decided.progress.have == decided.progress.need);
            world.votes.push((number, level));
            "voted"
        }
        Ok(Step::Moved(moved)) => {
            world.votes.clear();
            world.state = moved.to.trim_start_matches('s').parse().expect("a state of ours");
            moved.slas.iter().for_each(|change| apply(world, change));
            "moved"
        }
        Err(Refusal::NotEligible { .. }) => "not eligible",
        Err(Refusal::OwnRequest) => "own",
        Err(Refusal::AlreadyDecided) => "already",
        Err(Refusal::GuardFailed(_)) => "guard",
        Err(other) => panic!("{other:?}"),
    }
}

fn apply(world: &mut World, change: &SlaChange) {
    match (change.kind, world.run) {
        (SlaChangeKind::Start { .. }, None) => {
            world.runs += 1;
            world.run = Some(false);
        }
        (SlaChangeKind::Start { .. } | SlaChangeKind::Resume, Some(_)) => world.run = Some(false),
        (SlaChangeKind::Pause, Some(_)) => world.run = Some(true),
        (SlaChangeKind::Stop, _) => world.run = None,
        (SlaChangeKind::Pause | SlaChangeKind::Resume, None) => {}
    }
}

fn model() -> impl Strategy<Value = Model> {
    (2..6_usize).prop_flat_map(|count| {
        let clock = prop::sample::select(vec![Clock::Nothing, Clock::Start, Clock::Pause, Clock::Stop]);
        let level =
            (any::<bool>(), 1..3_u32, prop::option::of(-2..3_i64)).prop_map(|(finance, need, above)| Asked { finance, need, above });
        let way = ((0..count, 0..count), any::<bool>(), prop::collection::vec(level, 0..3)).prop_map(|(to, urgent_only, levels)| Way {
            to,
            urgent_only,
            levels,
        });
        (prop::collection::vec(clock, count), prop::collection::vec(way, count)).prop_map(|(states, ways)| Model { states, ways })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_workflows_go_where_a_naive_reading_leads(model in model(), presses in prop::collection::vec((0..5_usize, any::<bool>(), -3..4_i64), 1..40)) {
        let source = model.write();
        let reachable = crate::support::load(&source);
        // a state nobody reaches is a fault of the file, not of the engine
        prop_assume!(reachable.as_ref().err().is_none_or(|found| found.iter().any(|finding| finding.code != "WF101")));
        let workflow = loaded(&source);
        let mut naive = World { state: 0, votes: Vec::new(), run: None, runs: 0 };
        let started = model.clock(0) == Clock::Start;
        (naive.run, naive.runs) = (started.then_some(false), u32::from(started));
        let mut real = naive.clone();
        for (who, urgent, number) in presses {
            let press = Attempt { who, urgent, number };
            let expected = model.press(&mut naive, press);
            prop_assert_eq!(engine(&workflow, &mut real, press), expected, "{}", source);
            prop_assert_eq!(&real, &naive, "{}", source);
        }
    }
}
