//! Any bytes as a file: it loads, and then answers, or is refused with findings that can be printed.
#![no_main]

mod common;

use libfuzzer_sys::fuzz_target;
use workflows::{MAX_FILE_BYTES, Workflow};

fuzz_target!(|data: &[u8]| {
    let Ok(source) = std::str::from_utf8(data) else { return };
    assert!(source.len() <= MAX_FILE_BYTES);
    match Workflow::load(source, "fuzz.yml", &common::SUBJECT, &common::VOCABULARY) {
        Ok(workflow) => common::press(&workflow),
        Err(found) => {
            assert!(!found.is_empty(), "a refusal has a reason");
            let lines = u32::try_from(source.split(['\n', '\r']).count()).unwrap_or(u32::MAX);
            assert!(found.iter().all(|finding| (1..=lines + 1).contains(&finding.line) && finding.column > 0), "{found:?}");
            assert!(!workflows::render(&found).is_empty() && workflows::to_json(&found).is_array());
        }
    }
});
