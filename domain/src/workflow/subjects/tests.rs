//! The shipped files, tried out: their tests pass, and no mistake made on purpose goes unnoticed. The files are read as they lie
//! in the folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use workflows::{SHIPPED, render};

use super::PLANNED;
use crate::workflow::{check, load_definition};

/// Path and text of every file in the folder, by name.
fn files() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../workflows/definitions");
    let entries = std::fs::read_dir(&folder).expect("there is a folder").map(|entry| entry.expect("is there").path());
    let mut files: Vec<_> = entries.map(|path| (path.clone(), std::fs::read_to_string(&path).expect("is text"))).collect();
    files.sort();
    files
}

#[test]
fn every_shipped_definition_passes_its_scenarios_and_kills_its_mutants() {
    let mut wrong = Vec::new();
    for (path, source) in files() {
        let file = path.file_name().expect("has a name").to_string_lossy();
        match check(&source, &file, true) {
            Ok(checked) => {
                assert!(checked.report.outcomes.len() > 4, "{file} has hardly a test");
                wrong.push(render(&checked.report.failures()));
                wrong.push(render(&checked.report.coverage.missing));
                let mutation = checked.mutation.unwrap_or_default();
                assert!(!checked.report.passed() || mutation.mutants > 50, "{file} has hardly a mutant");
                wrong.push(render(&mutation.survivors));
            }
            Err(found) => wrong.push(render(&found)),
        }
    }
    assert!(wrong.iter().all(String::is_empty), "{}", wrong.concat());
}

#[test]
fn every_file_of_the_folder_ships_and_every_planned_record_has_one() {
    let shipped: BTreeSet<String> = SHIPPED.iter().map(|shipped| format!("{}.yml", shipped.entity)).collect();
    let in_folder: BTreeSet<String> =
        files().iter().filter_map(|(path, _)| Some(path.file_name()?.to_string_lossy().into_owned())).collect();
    assert_eq!(shipped, in_folder);
    let planned: BTreeSet<String> = PLANNED.iter().map(|planned| format!("{}.yml", planned.subject.key)).collect();
    assert!(planned.is_subset(&shipped), "{planned:?}");
    assert_eq!(planned.len() + 1, shipped.len(), "work orders have their table");
}

#[test]
fn a_file_moves_real_records_only_once_its_records_have_a_table() {
    for shipped in SHIPPED {
        let live = load_definition(shipped.source, shipped.file);
        assert_eq!(live.is_ok(), shipped.entity == "work_order", "{}", shipped.file);
    }
}

#[test]
fn every_text_a_planned_file_names_is_its_own_and_named() {
    for planned in PLANNED {
        let source = SHIPPED.iter().find(|shipped| shipped.entity == planned.subject.key).expect("ships").source;
        for text in planned.texts {
            let own = text.strip_prefix(planned.subject.key).and_then(|rest| rest.strip_prefix('.'));
            let asks = own == Some("approval_requested") && source.contains("approvals:");
            assert!(own.is_some() && (asks || source.contains(&format!("text: {text}"))), "{text}");
        }
    }
}
