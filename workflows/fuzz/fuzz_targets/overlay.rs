//! Three texts, an old base, a new one and a patch, with lines of `%%%` between them: patched, merged, compared; and what goes together comes apart.
#![no_main]

use libfuzzer_sys::fuzz_target;
use workflows::compare::compare;
use workflows::overlay::{File, apply, diff, extends, merge3};

fn file<'a>(name: &'a str, source: &'a str) -> File<'a> {
    File { name, source }
}

fuzz_target!(|text: &str| {
    let mut parts = text.splitn(3, "\n%%%\n");
    let (old, new, patch) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let _ = extends(patch);
    let _ = compare(file("old.yml", old), file("new.yml", new));
    if let Ok(applied) = apply(file("old.yml", old), file("own.yml", patch)) {
        // what is written is read as it was meant: patched with nothing it stays, word by word
        let again = format!("extends: {}\n", extends(patch).map(|(key, version)| format!("{key}@{version}")).unwrap_or_default());
        if let Ok(twice) = apply(file("whole.yml", &applied.text), file("none.yml", &again)) {
            assert_eq!(twice.text, applied.text);
        }
        assert_eq!(compare(file("a.yml", &applied.text), file("b.yml", &applied.text)), Ok(Vec::new()));
    }
    if let Ok(merged) = merge3(file("old.yml", old), file("new.yml", new), file("own.yml", patch)) {
        let applied = apply(file("new.yml", new), file("own.yml", &merged.overlay)).expect("a merged patch applies");
        assert_eq!(applied.text, merged.applied.text);
    }
    if let Ok(found) = diff(file("old.yml", old), file("new.yml", new)) {
        let _ = apply(file("old.yml", old), file("own.yml", &found));
    }
});
