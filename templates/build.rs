//! Prepares what the embedding macros expect: the folder of built assets exists (empty until the front end is built), and a
//! change of words, pages or assets rebuilds the crate, so that a new file is never missing from the binary.

use std::path::Path;

fn main() {
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| ".".into());
    let dist = Path::new(&root).join("assets/dist");
    if let Err(error) = std::fs::create_dir_all(&dist) {
        println!("cargo::error=cannot create {}: {error}", dist.display());
    }
    for path in [
        "../locales",
        "assets/dist",
        "assets/src/icons.txt",
        "account",
        "components",
        "dev",
        "emails",
        "exports",
        "home",
        "hours",
        "layouts",
        "messages",
        "notifications",
        "people",
        "platform",
        "public",
        "reference",
        "reminders",
        "resource",
        "settings",
        "work",
    ] {
        println!("cargo::rerun-if-changed={path}");
    }
}
