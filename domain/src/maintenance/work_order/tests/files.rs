//! A new version of `work_order.yml` changes new orders, with no line of Rust; those under way keep what they began with.

use std::path::PathBuf;

use serde_json::json;

use super::{Yard, states};
use crate::kernel::app::App;
use crate::kernel::error::{Error, Result};
use crate::kernel::testing::{World, press};
use crate::maintenance::work_order::WorkOrder;
use crate::workflow::Explain;

const SHIPPED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../workflows/definitions/work_order.yml"));

/// A folder of workflow files, as a developer works in.
pub(super) struct Folder(tempfile::TempDir);

impl Folder {
    pub(super) fn new() -> Self {
        let folder = Self(tempfile::tempdir().expect("makes a folder"));
        folder.write(0, str::to_owned);
        folder
    }

    pub(super) fn path(&self) -> PathBuf {
        self.0.path().to_owned()
    }

    /// Writes the shipped file, changed, under a version so many above its own.
    pub(super) fn write(&self, above: u32, change: impl FnOnce(&str) -> String) {
        let changed = change(SHIPPED);
        assert!(above == 0 || changed != SHIPPED, "the text to change is not in the file any more");
        let version = |version: u32| format!("\nversion: {version}\n");
        let source = changed.replacen(&version(shipped()), &version(shipped() + above), 1);
        std::fs::write(self.0.path().join("work_order.yml"), source).expect("writes the file");
    }

    /// The application, started again over the same database.
    async fn restart(&self, world: &World) -> Result<App> {
        App::connect(world.app.settings().clone(), world.clock.clone()).await
    }
}

/// The version of the shipped file.
fn shipped() -> u32 {
    let version = SHIPPED.lines().find_map(|line| line.strip_prefix("version: ")).expect("a version");
    version.parse().expect("a number")
}

fn two_must_agree(source: &str) -> String {
    source.replace("need: 1", "need: 2")
}

#[tokio::test]
async fn given_a_new_version_when_the_program_starts_again_then_new_orders_follow_it_and_running_ones_do_not() {
    let folder = Folder::new();
    let yard = Yard::of(World::with(Some(folder.path()), 8).await).await;
    let running = yard.asked().await;
    folder.write(1, two_must_agree);
    let app = folder.restart(&yard.world).await.expect("starts");
    let input = json!({ "title": "Belt", "location_id": yard.company.site });
    let fresh = app.run(&yard.technician, crate::maintenance::work_order::Create(crate::kernel::testing::read(input))).await.expect("asks");
    for (order, version) in [(&running, shipped()), (&fresh, shipped() + 1)] {
        let explained = app.run(&yard.manager, Explain::<WorkOrder>(order.id.into())).await.expect("explains");
        assert_eq!(explained.definition_version, version);
    }
    let old = app.run(&yard.manager, press(running.id, "approve", json!({}))).await.expect("approves");
    assert_eq!(old.state, "open", "one vote was enough when it began");
    let vote = app.run(&yard.manager, press(fresh.id, "approve", json!({}))).await.expect("votes");
    assert_eq!((vote.state.as_str(), vote.votes, vote.votes_needed), ("on_hold", Some(1), Some(2)));
    let again = app.run(&yard.manager, press(fresh.id, "approve", json!({}))).await.expect_err("has voted");
    assert!(matches!(again, Error::Conflict("already_decided")), "{again:?}");
    let last = app.run(yard.admin(), press(fresh.id, "approve", json!({}))).await.expect("votes");
    assert_eq!((last.state.as_str(), last.votes), ("open", None));
    assert_eq!(states(&mut yard.world.superuser().await, fresh.id).await, ["on_hold", "open"]);
}

#[tokio::test]
async fn given_a_file_of_an_older_program_when_it_starts_after_a_newer_one_then_records_of_both_live_on() {
    let folder = Folder::new();
    folder.write(1, two_must_agree);
    let yard = Yard::of(World::with(Some(folder.path()), 8).await).await;
    let newer = yard.asked().await;
    folder.write(0, str::to_owned);
    let app = folder.restart(&yard.world).await.expect("starts");
    let vote = app.run(&yard.manager, press(newer.id, "approve", json!({}))).await.expect("votes");
    assert_eq!(vote.votes_needed, Some(2));
}

#[tokio::test]
async fn given_a_changed_file_without_a_higher_version_when_the_program_starts_then_it_refuses() {
    let folder = Folder::new();
    let world = World::with(Some(folder.path()), 2).await;
    folder.write(0, two_must_agree);
    match folder.restart(&world).await.map(drop) {
        Err(Error::Unavailable(why)) => assert!(why.contains("work_order.yml") && why.contains("higher version"), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn given_a_file_with_a_mistake_when_the_program_starts_then_it_names_the_line() {
    let folder = Folder::new();
    let world = World::with(Some(folder.path()), 2).await;
    folder.write(1, |source| source.replace("doc.assignee == actor.id", "doc.asignee == actor.id"));
    match folder.restart(&world).await.map(drop) {
        Err(Error::Unavailable(why)) => assert!(why.contains("work_order.yml:") && why.contains("asignee"), "{why}"),
        other => panic!("{other:?}"),
    }
}
