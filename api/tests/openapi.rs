//! The API's description is committed, so that a change of it is seen where changes are read.

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

#[test]
fn the_committed_description_is_the_served_one() {
    let committed = std::fs::read_to_string(COMMITTED).expect("api/openapi.json is there");
    let spec = api::rest::spec();
    let line = committed.lines().zip(spec.lines()).position(|(committed, served)| committed != served).map_or(0, |index| index + 1);
    assert!(
        committed == spec,
        "api/openapi.json differs from line {line} on (0: in length only); write it anew with `cargo run -- openapi > api/openapi.json`"
    );
}
