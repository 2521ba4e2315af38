//! What the fuzzer found, kept found.

use workflows::overlay::{apply, merge3};
use workflows::{Subject, Vocabulary, Workflow};

use crate::support::{BASE, alike, file, short};

#[test]
fn lines_that_end_with_a_carriage_return_alone_are_lines() {
    let subject = Subject { key: "work_order", fields: &[] };
    for end in ["\r", "\r\n", "\n"] {
        let source = BASE.replace("version: 3", "version: three").replace('\n', end);
        let found = Workflow::load(&source, "base.yml", &subject, &Vocabulary::default()).expect_err("findings");
        assert_eq!((short(&found[0]).as_str(), found[0].source.as_str()), ("WF003 3:10", "version: three"), "{end:?}");
        let own = "extends: work_order@3\nset:\n  states.opne.tone: info\n".replace('\n', end);
        let found = apply(file("base.yml", BASE), file("own.yml", &own)).expect_err("a finding");
        assert_eq!((short(&found[0]).as_str(), found[0].source.as_str()), ("WF702 3:3", "  states.opne.tone: info"), "{end:?}");
    }
    let own = "# extends: work_order@3\n\nextends: work_order@3 # ours\nset: {states.open.tone: warn}\n";
    for end in ["\r", "\r\n", "\n"] {
        let own = own.replace('\n', end);
        let new = BASE.replace("version: 3", "version: 4").replace('\n', end);
        let merged = merge3(file("base.yml", BASE), file("new.yml", &new), file("own.yml", &own)).expect("no conflict");
        assert_eq!(merged.overlay, own.replace("@3 #", "@4 #"), "only what it extends is rewritten");
        assert!(alike(&merged.applied.text, &new.replace("tone: info", "tone: warn")), "{}", merged.applied.text);
    }
}
