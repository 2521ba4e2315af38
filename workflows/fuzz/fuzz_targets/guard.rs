//! Any text as a condition: it is checked and then answers, within its bounds, or is refused.
#![no_main]

mod common;

use libfuzzer_sys::fuzz_target;
use workflows::Workflow;

fuzz_target!(|condition: &str| {
    let Ok(quoted) = serde_json::to_string(condition) else { return };
    let source = format!(
        "workflow: work_order\nversion: 1\nentity: work_order\ninitial: [{{to: a}}]\nstates:\n  a: {{category: todo}}\n  b: {{category: done, terminal: true}}\n\
         transitions:\n  go:\n    from: a\n    to: b\n    permission: p.view\n    when: {quoted}\n    form: {{x: {{type: int}}}}\n"
    );
    match Workflow::load(&source, "fuzz.yml", &common::SUBJECT, &common::VOCABULARY) {
        Ok(workflow) => common::press(&workflow),
        Err(found) => assert!(!workflows::render(&found).is_empty()),
    }
});
