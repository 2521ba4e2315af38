//! Mutants of what happens because time passes: service levels, timers, reminders.

use super::Mutant;
use crate::definition::{Reminder, ReminderRule, Sla, Timer, Workflow};
use crate::duration::Span;

pub(super) fn mutants(workflow: &Workflow) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for sla in workflow.slas.values() {
        of_sla(workflow, sla, &mut mutants);
    }
    for timer in workflow.timers.values() {
        of_timer(workflow, timer, &mut mutants);
    }
    for reminder in workflow.reminders.values() {
        of_reminder(workflow, reminder, &mut mutants);
    }
    mutants
}

/// A list of states of a service level, by its key.
type List = (&'static str, fn(&mut Sla) -> &mut Vec<String>);

const LISTS: [List; 3] = [("start", |sla| &mut sla.start), ("pause", |sla| &mut sla.pause), ("stop", |sla| &mut sla.stop)];

fn of_sla(workflow: &Workflow, sla: &Sla, mutants: &mut Vec<Mutant>) {
    let (at, id) = (workflow.place(&format!("sla.{}", sla.id)), sla.id.clone());
    let mut push = |code, params: &[(&'static str, &str)], change: Box<dyn Fn(&mut Sla)>| {
        let mut all = vec![("sla", id.as_str())];
        all.extend(params);
        let on = id.clone();
        mutants.push(Mutant::new(at, code, &all, move |workflow| {
            if let Some(sla) = workflow.slas.get_mut(&on) {
                change(sla);
            }
        }));
    };
    let mut scratch = sla.clone();
    for (key, list) in LISTS {
        for (i, state) in list(&mut scratch).iter().enumerate() {
            push("WF971", &[("key", key), ("state", state)], Box::new(move |sla| drop(list(sla).remove(i))));
        }
    }
    if sla.warn.is_some() {
        push("WF972", &[], Box::new(|sla| sla.warn = None));
    }
    for (i, step) in sla.breach.iter().enumerate() {
        let number = (i + 1).to_string();
        push("WF973", &[("number", &number)], Box::new(move |sla| drop(sla.breach.remove(i))));
        if !step.after.is_zero() {
            push("WF974", &[("number", &number)], Box::new(move |sla| sla.breach[i].after = Span::default()));
        }
    }
}

fn of_timer(workflow: &Workflow, timer: &Timer, mutants: &mut Vec<Mutant>) {
    let (at, id) = (workflow.place(&format!("timer.{}", timer.id)), timer.id.clone());
    let on = id.clone();
    mutants.push(Mutant::new(at, "WF975", &[("timer", &id)], move |workflow| drop(workflow.timers.shift_remove(&on))));
    for (i, state) in timer.states.iter().enumerate().filter(|_| timer.states.len() > 1) {
        let on = id.clone();
        mutants.push(Mutant::new(at, "WF976", &[("timer", &id), ("state", state)], move |workflow| {
            if let Some(timer) = workflow.timers.get_mut(&on) {
                timer.states.remove(i);
            }
        }));
    }
}

fn of_reminder(workflow: &Workflow, reminder: &Reminder, mutants: &mut Vec<Mutant>) {
    let (at, id) = (workflow.place(&format!("reminder.{}", reminder.id)), reminder.id.clone());
    let on = id.clone();
    mutants.push(Mutant::new(at, "WF977", &[("reminder", &id)], move |workflow| drop(workflow.reminders.shift_remove(&on))));
    let mut push = |code, params: &[(&'static str, &str)], change: Box<dyn Fn(&mut Reminder)>| {
        let mut all = vec![("reminder", id.as_str())];
        all.extend(params);
        let on = id.clone();
        mutants.push(Mutant::new(at, code, &all, move |workflow| {
            if let Some(reminder) = workflow.reminders.get_mut(&on) {
                change(reminder);
            }
        }));
    };
    for (i, state) in reminder.states.iter().enumerate().filter(|_| reminder.states.len() > 1) {
        push("WF978", &[("state", state)], Box::new(move |reminder| drop(reminder.states.remove(i))));
    }
    if let ReminderRule::Date { every: Some(_), .. } = &reminder.rule {
        push(
            "WF979",
            &[],
            Box::new(|reminder| {
                if let ReminderRule::Date { every, .. } = &mut reminder.rule {
                    *every = None;
                }
            }),
        );
    }
}
