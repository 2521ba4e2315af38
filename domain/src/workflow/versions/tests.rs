//! How a company's own files behave.

mod migrating;

use std::collections::BTreeMap;

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::kernel::error::{Error, Refused};
use crate::kernel::jobs::Job;
use crate::kernel::scope::{Request, Scope};
use crate::kernel::testing::{Company, World, named, press};
use crate::maintenance::work_order::{Show as ShowOrder, WorkOrder};
use crate::workflow::Explain;

const KEY: &str = "work_order";

struct Office {
    world: World,
    company: Company,
    technician: Scope,
}

impl Office {
    async fn new() -> Self {
        let world = World::new().await;
        let company = world.company("north").await;
        let technician = world.member(&company, "technician", "timur").await;
        world.member(&company, "manager", "marat").await;
        Self { world, company, technician }
    }

    fn admin(&self) -> &Scope {
        &self.company.admin
    }

    async fn shipped(&self) -> String {
        self.world.app.run(self.admin(), Read { workflow: KEY.into(), number: None }).await.expect("reads").source
    }

    /// Writes and publishes the shipped file, changed.
    async fn publish(&self, change: impl FnOnce(&str) -> String) -> Version {
        let shipped = self.shipped().await;
        let changed = change(&shipped);
        assert_ne!(changed, shipped, "the text to change is not in the file any more");
        self.publish_text(changed).await.expect("publishes")
    }

    async fn publish_text(&self, source: String) -> crate::Result<Version> {
        let version = self.world.app.run(self.admin(), ReadDraft(KEY.into())).await.expect("reads").version;
        let save = SaveDraft { workflow: KEY.into(), version, input: Input { source } };
        let draft = self.world.app.run(self.admin(), save).await.expect("saves");
        let publish = Publish { workflow: KEY.into(), version: draft.version, note: "as agreed".into() };
        self.world.app.run(self.admin(), publish).await
    }

    async fn order(&self) -> WorkOrder {
        self.world.work_order(&self.technician, "Bearing hums", self.company.site).await
    }

    /// The version an order follows, and its state.
    async fn stand(&self, order: &WorkOrder) -> (u32, String) {
        let explained = self.world.app.run(self.admin(), Explain::<WorkOrder>(order.id.into())).await.expect("explains");
        (explained.definition_version, explained.state)
    }

    async fn migrate(&self, states: &[(&str, &str)]) -> crate::Result<Carried> {
        let version = self.world.app.run(self.admin(), Diagram(KEY.into())).await.expect("reads").version();
        self.migrate_to(i32::try_from(version).expect("fits"), states).await
    }

    async fn migrate_to(&self, version: i32, states: &[(&str, &str)]) -> crate::Result<Carried> {
        self.world.app.run(self.admin(), Migrate { workflow: KEY.into(), version, states: mapping(states) }).await
    }
}

fn mapping(states: &[(&str, &str)]) -> BTreeMap<String, String> {
    states.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect()
}

/// The waiting state under another name: what it is called changes, what it does not.
fn renamed(source: &str) -> String {
    let labels = ["kk", "ru", "en", "tr"].map(|language| format!("  {language}: {{states: {{asked: Asked}}}}\n")).concat();
    source.replace("on_hold", "asked") + "\nlabels:\n" + &labels
}

fn two_must_agree(source: &str) -> String {
    without_tests(&source.replacen("need: 1", "need: 2", 1))
}

/// The shipped tests are about the shipped rules.
fn without_tests(source: &str) -> String {
    source.split("\ntests:").next().unwrap_or_default().to_owned() + "\n"
}

#[tokio::test]
async fn given_a_published_version_when_records_are_created_then_new_ones_follow_it_and_running_ones_and_other_companies_do_not() {
    let office = Office::new().await;
    let south = office.world.company("south").await;
    let running = office.order().await;
    let shipped = office.stand(&running).await.0;
    let version = office.publish(two_must_agree).await;
    assert_eq!(version.number, i32::try_from(shipped).expect("fits") + 1);
    let fresh = office.order().await;
    assert_eq!((office.stand(&running).await.0, office.stand(&fresh).await.0), (shipped, shipped + 1));
    let theirs = office.world.work_order(&south.admin, "Belt", south.site).await;
    let explained = office.world.app.run(&south.admin, Explain::<WorkOrder>(theirs.id.into())).await.expect("explains");
    assert_eq!(explained.definition_version, shipped);
    let vote = office.world.app.run(office.admin(), press(fresh.id, "approve", json!({}))).await.expect("votes");
    assert_eq!(vote.votes_needed, Some(2));
    let listed = office.world.app.run(office.admin(), List).await.expect("lists");
    assert_eq!((listed[0].follows_shipped, listed[0].records, listed[0].on_other_versions, listed[0].draft), (false, 2, 1, false));
}

#[tokio::test]
async fn given_another_process_when_a_version_is_published_then_it_follows_at_once() {
    let office = Office::new().await;
    let other = crate::App::connect(office.world.app.settings().clone(), office.world.clock.clone()).await.expect("connects");
    let version = office.publish(two_must_agree).await;
    let current = other.run(office.admin(), Diagram(KEY.into())).await.expect("reads");
    assert_eq!(i32::try_from(current.version()).ok(), Some(version.number));
}

#[tokio::test]
async fn given_the_hash_of_another_company_when_its_text_is_asked_for_then_it_is_not_found() {
    let office = Office::new().await;
    let south = office.world.company("south").await;
    office.publish(two_must_agree).await;
    let own = office.world.app.run(office.admin(), Diagram(KEY.into())).await.expect("reads");
    let definitions = office.world.app.definitions();
    // as the company itself it is in the cache of the process by now
    let mut tx = crate::kernel::tenant::TenantTx::begin(office.world.app.pool(), &south.admin, crate::kernel::tenant::Access::Read)
        .await
        .expect("begins");
    let stolen = definitions.of(tx.conn(), own.hash()).await.map(drop);
    assert!(matches!(stolen, Err(Error::NotFound)), "{stolen:?}");
    // nor by naming the other company: the policies do not let the rows be seen, and the cache is asked by who is asking
    let own = i32::try_from(own.version()).expect("fits");
    for number in [Some(own), Some(own + 1)] {
        let read = Read { workflow: KEY.into(), number };
        assert!(matches!(office.world.app.run(&south.admin, read).await.map(drop), Err(Error::NotFound)));
    }
}

#[tokio::test]
async fn given_a_draft_with_mistakes_when_it_is_published_then_each_is_named_with_its_place_and_nothing_changes() {
    let office = Office::new().await;
    let shipped = office.shipped().await;
    let broken = shipped
        .replace("doc.assignee == actor.id", "doc.asignee == actor.id")
        .replace("permission: work_order.cancel", "permission: no.such");
    let check = Check { workflow: KEY.into(), input: Input { source: broken.clone() } };
    let found = office.world.app.run(office.admin(), check).await.expect("checks").found;
    assert!(found.iter().any(|finding| finding.code == "WF303") && found.iter().any(|finding| finding.code == "WF201"), "{found:?}");
    let before = office.world.snapshot(office.admin()).await["workflow_versions"].clone();
    match office.publish_text(broken).await {
        Err(Error::Invalid(fields)) => {
            assert_eq!(fields.len(), found.len());
            assert!(fields.iter().all(|field| field.field == "source" && field.params.iter().any(|(name, _)| name == "at_line")));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(office.world.snapshot(office.admin()).await["workflow_versions"], before);
    assert!(office.world.app.run(office.admin(), List).await.expect("lists")[0].follows_shipped);
}

#[tokio::test]
async fn given_a_file_of_another_workflow_when_it_is_checked_then_it_is_refused() {
    let office = Office::new().await;
    let source = office.shipped().await.replacen("workflow: work_order", "workflow: other", 1);
    let found = office.world.app.run(office.admin(), Check { workflow: KEY.into(), input: Input { source } }).await.expect("checks").found;
    assert_eq!(found.iter().map(|finding| (finding.code, finding.line)).collect::<Vec<_>>(), [("WF010", 2)]);
}

#[tokio::test]
async fn given_a_failing_test_in_the_file_when_it_is_published_then_it_is_refused() {
    let office = Office::new().await;
    let tests = "\ntests:\n  - name: nobody may ask\n    given: {actors: {tim: {role: technician}}}\n    steps:\n      - {as: tim, create: true, expect: {state: closed}}\n";
    let source = without_tests(&office.shipped().await) + tests;
    let played = Rehearse { workflow: KEY.into(), input: Input { source: source.clone() } };
    let played = office.world.app.run(office.admin(), played).await.expect("plays").expect("can be read");
    assert!(!played.passed());
    assert!(matches!(office.publish_text(source).await, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn given_a_patch_of_the_shipped_file_when_it_is_published_then_it_runs_as_a_whole_file() {
    let office = Office::new().await;
    let shipped = office.world.app.run(office.admin(), List).await.expect("lists")[0].shipped_version;
    let patch = format!("extends: work_order@{shipped}\nset:\n  states.waiting_parts.tone: danger\n");
    let version = office.publish_text(patch.clone()).await.expect("publishes");
    assert_eq!((version.kind, version.base), (TextKind::Overlay, shipped));
    let text = office.world.app.run(office.admin(), Read { workflow: KEY.into(), number: Some(version.number) }).await.expect("reads");
    assert_eq!(text.source, patch);
    assert!(text.merged.contains(&format!("version: {}", version.number)), "{}", text.merged);
    let wrong = format!("extends: work_order@{}\nset: {{}}\n", shipped + 7);
    let found =
        office.world.app.run(office.admin(), Check { workflow: KEY.into(), input: Input { source: wrong } }).await.expect("checks").found;
    assert_eq!(found.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["WF701"]);
}

#[tokio::test]
async fn given_two_who_write_when_the_second_saves_over_the_first_then_the_second_is_told() {
    let office = Office::new().await;
    let source = office.shipped().await;
    let save = |version, source: &str| SaveDraft { workflow: KEY.into(), version, input: Input { source: source.to_owned() } };
    let first = office.world.app.run(office.admin(), save(0, &source)).await.expect("saves");
    office.world.app.run(office.admin(), save(first.version, "a: b")).await.expect("keeps what check would refuse");
    for late in [0, first.version] {
        let refused = office.world.app.run(office.admin(), save(late, &source)).await.map(drop);
        assert!(matches!(refused, Err(Error::Stale { current: 2, .. })), "{refused:?}");
    }
    let publish = Publish { workflow: KEY.into(), version: first.version, note: String::new() };
    assert!(matches!(office.world.app.run(office.admin(), publish).await, Err(Error::Stale { .. })));
    office.world.app.run(office.admin(), Discard { workflow: KEY.into(), version: 2 }).await.expect("throws away");
    assert_eq!(office.world.app.run(office.admin(), ReadDraft(KEY.into())).await.expect("reads").version, 0);
}

#[tokio::test]
async fn given_versions_when_one_goes_back_then_the_older_text_is_a_new_version_and_following_again_keeps_them() {
    let office = Office::new().await;
    let first = office.publish(two_must_agree).await;
    let second = office.publish(|source| two_must_agree(source).replace("# The life of", "# Our life of")).await;
    assert_eq!(second.number, first.number + 1);
    let back = RollBack { workflow: KEY.into(), number: first.number, note: "too early".into() };
    let third = office.world.app.run(office.admin(), back).await.expect("rolls back");
    assert_eq!(third.number, second.number + 1);
    let lines = Compare { workflow: KEY.into(), from: Side::Version(first.number), to: Side::Version(third.number) };
    let Compared { lines, changes } = office.world.app.run(office.admin(), lines).await.expect("compares");
    assert_eq!(changes.expect("both are read").len(), 1, "their numbers");
    let changed: Vec<&str> = lines.iter().filter(|line| line.kind != LineKind::Same).map(|line| line.text.as_str()).collect();
    assert_eq!(changed, [format!("version: {}", first.number), format!("version: {}", third.number)]);
    let detail = office.world.app.run(office.admin(), Show(KEY.into())).await.expect("shows");
    let current: Vec<(i32, bool)> = detail.versions.iter().map(|version| (version.number, version.current)).collect();
    assert_eq!(current, [(third.number, true), (second.number, false), (first.number, false)]);
    office.world.app.run(office.admin(), Follow { workflow: KEY.into() }).await.expect("follows");
    let detail = office.world.app.run(office.admin(), Show(KEY.into())).await.expect("shows");
    assert!(detail.flow.follows_shipped && detail.versions.iter().all(|version| !version.current) && detail.versions.len() == 3);
}

#[tokio::test]
async fn given_records_under_an_older_version_when_they_are_migrated_then_each_has_its_row_and_what_ended_stays() {
    let office = Office::new().await;
    let (waiting, ended) = (office.order().await, office.order().await);
    office.world.app.run(office.admin(), press(ended.id, "cancel", json!({ "reason": "twice" }))).await.expect("cancels");
    let version = office.publish(|source| renamed(&without_tests(source))).await;
    let before = office.stand(&waiting).await;
    let dry = DryRun { workflow: KEY.into(), states: BTreeMap::new() };
    let plan = office.world.app.run(office.admin(), dry).await.expect("counts");
    assert_eq!((plan.unmapped, plan.leaps.len(), plan.leaps[0].open_requests), (1, 1, 1), "{plan:?}");
    assert_eq!(named(office.migrate(&[]).await), [("states/on_hold".to_owned(), "unmapped_state".to_owned())]);
    assert_eq!(named(office.migrate(&[("on_hold", "nowhere")]).await), [("states/on_hold".to_owned(), "no_state".to_owned())]);
    assert_eq!(office.stand(&waiting).await, before);
    let done = office.migrate(&[("on_hold", "asked")]).await.expect("migrates");
    assert_eq!(done, Carried { version: version.number, moved: 1, more: false });
    assert_eq!(office.stand(&waiting).await, (u32::try_from(version.number).expect("fits"), "asked".to_owned()));
    assert_eq!(office.stand(&ended).await, (before.0, "cancelled".to_owned()));
    let rows: Vec<(i32, Option<String>, String)> =
        sqlx::query_as("SELECT seq, from_state, to_state FROM workflow_history WHERE record_id = $1 ORDER BY seq")
            .bind(waiting.id)
            .fetch_all(&mut office.world.superuser().await)
            .await
            .expect("reads");
    assert_eq!(rows, [(1, None, "on_hold".to_owned()), (2, Some("on_hold".to_owned()), "asked".to_owned())]);
    // the request it waited with is the one the new state asks for
    let moved = office.world.app.run(office.admin(), press(waiting.id, "approve", json!({}))).await.expect("approves");
    assert_eq!(moved.state, "open");
}

#[tokio::test]
async fn given_a_clock_that_stands_still_when_the_new_version_lets_it_run_or_does_not_have_it_then_it_goes_on_or_stops() {
    let office = Office::new().await;
    let order = office.world.work_order(office.admin(), "Bearing hums", office.company.site).await;
    office.world.app.run(office.admin(), press(order.id, "await_parts", json!({}))).await.expect("waits");
    let phase = async || -> String {
        sqlx::query_scalar("SELECT phase FROM sla_runs WHERE record_id = $1")
            .bind(order.id)
            .fetch_one(&mut office.world.superuser().await)
            .await
            .expect("has one run")
    };
    assert_eq!(phase().await, "paused");
    office.publish(|source| without_tests(source).replace("    pause: [waiting_parts]\n", "")).await;
    office.migrate(&[]).await.expect("migrates");
    assert_eq!(phase().await, "running");
    office.publish(|source| without_tests(source).replace("  resolution:\n    clock", "  repair:\n    clock")).await;
    office.migrate(&[]).await.expect("migrates");
    assert_eq!(phase().await, "stopped");
}

#[tokio::test]
async fn given_a_draft_somebody_published_meanwhile_when_another_is_saved_over_it_then_it_is_stale_and_may_begin_anew() {
    let office = Office::new().await;
    office.publish(two_must_agree).await;
    let input = Input { source: office.shipped().await };
    let save = |version| SaveDraft { workflow: KEY.into(), version, input: input.clone() };
    let late = office.world.app.run(office.admin(), save(3)).await;
    assert!(matches!(late, Err(Error::Stale { current: 0, .. })), "{late:?}");
    office.world.app.run(office.admin(), save(0)).await.expect("begins anew");
}

#[tokio::test]
async fn given_more_records_than_a_batch_when_they_are_migrated_then_the_worker_carries_the_others_over() {
    let office = Office::new().await;
    let order = office.order().await;
    let mut conn = office.world.superuser().await;
    sqlx::query(
        "INSERT INTO work_orders (tenant_id, id, number, title, state, category, definition, location_id, site_id, created_by)
         SELECT o.tenant_id, gen_random_uuid(), o.number + n, o.title, 'open', 'todo', o.definition, o.location_id, o.site_id, o.created_by
         FROM work_orders o, generate_series(1, 230) n WHERE o.id = $1",
    )
    .bind(order.id)
    .execute(&mut conn)
    .await
    .expect("adds many");
    office.publish(two_must_agree).await;
    let mut done = office.migrate(&[]).await.expect("migrates");
    assert_eq!((done.moved, done.more), (200, true));
    let payload: serde_json::Value = sqlx::query_scalar("SELECT payload FROM queue.jobs WHERE kind = $1")
        .bind(CarryOver::KIND)
        .fetch_one(&mut conn)
        .await
        .expect("left a job");
    let job: CarryOver = serde_json::from_value(payload).expect("is one");
    let refused = office.world.app.run(office.admin(), job.clone()).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "nobody carries over by hand: {refused:?}");
    // the system does, for the one who began, whatever has become of their right
    sqlx::query("UPDATE members SET role_id = (SELECT id FROM roles r WHERE r.tenant_id = members.tenant_id AND r.key = 'technician') WHERE id = $1")
        .bind(office.admin().actor().id.uuid())
        .execute(&mut conn)
        .await
        .expect("takes the right away");
    let tenant = office.admin().tenant().uuid();
    let system = office.world.app.scope_of(tenant, None, Request::internal("worker")).await.expect("is there");
    done = office.world.app.run(&system, job.clone()).await.expect("goes on");
    assert_eq!((done.moved, done.more), (31, false));
    let by: Vec<(bool, i64)> = sqlx::query_as(
        "SELECT on_behalf_of IS NOT NULL, count(*) FROM workflow_history WHERE from_state IS NOT NULL GROUP BY 1 ORDER BY 1",
    )
    .fetch_all(&mut conn)
    .await
    .expect("reads");
    assert_eq!(by, [(false, 200), (true, 31)], "the history says for whom");
    // delivered twice it finds nothing to do
    assert_eq!(office.world.app.run(&system, job).await.expect("goes on").moved, 0);
    let detail = office.world.app.run(office.admin(), Show(KEY.into())).await.expect("shows");
    assert_eq!((detail.flow.on_other_versions, detail.versions[0].records), (0, 231));
}

#[tokio::test]
async fn given_a_history_when_a_draft_is_replayed_then_every_decision_that_would_differ_is_listed() {
    let office = Office::new().await;
    let order = office.order().await;
    office.world.app.run(office.admin(), press(order.id, "approve", json!({}))).await.expect("approves");
    let assign = json!({ "assignee": office.technician.actor().id });
    office.world.app.run(office.admin(), press(order.id, "assign", assign)).await.expect("assigns");
    office.world.app.run(&office.technician, press(order.id, "start", json!({}))).await.expect("starts");
    let same = Replay { workflow: KEY.into(), input: Input { source: office.shipped().await } };
    let replayed = office.world.app.run(office.admin(), same).await.expect("replays");
    assert_eq!((replayed.steps, replayed.differing.len()), (3, 0), "{replayed:?}");
    let stricter = without_tests(&office.shipped().await)
        .replace("doc.assignee == actor.id || actor.can(\"work_order.manage\")", "actor.can(\"work_order.manage\")");
    let replay = Replay { workflow: KEY.into(), input: Input { source: stricter } };
    let replayed = office.world.app.run(office.admin(), replay).await.expect("replays");
    let told: Vec<(&str, Option<&str>)> = replayed.differing.iter().map(|step| (step.transition.as_str(), step.would.as_deref())).collect();
    assert_eq!(told, [("start", None)], "{replayed:?}");
    assert!(!replayed.differing[0].because.is_empty());
}

#[tokio::test]
async fn given_nobody_in_charge_of_workflows_when_they_try_then_they_are_refused_and_one_limited_to_sites_changes_nothing() {
    let office = Office::new().await;
    let refused = office.world.app.run(&office.technician, List).await.map(drop);
    assert!(matches!(refused, Err(Error::Forbidden(Refused::Permission(_)))), "{refused:?}");
    let limited = office.world.member_at(&office.company, "admin", "askar", Some(vec![office.company.site])).await.1;
    let follow = office.world.app.run(&limited, Follow { workflow: KEY.into() }).await;
    assert!(matches!(follow, Err(Error::Forbidden(Refused::Sites))), "{follow:?}");
    let unknown = office.world.app.run(office.admin(), Show("nothing".into())).await.map(drop);
    assert!(matches!(unknown, Err(Error::NotFound)), "{unknown:?}");
}

#[tokio::test]
async fn what_is_done_to_files_is_in_the_audit_without_their_texts() {
    let office = Office::new().await;
    office.publish(two_must_agree).await;
    office.world.app.run(office.admin(), Follow { workflow: KEY.into() }).await.expect("follows");
    let rows: Vec<(String, String, serde_json::Value)> =
        sqlx::query_as("SELECT tbl, op, diff FROM audit_log WHERE tenant_id = $1 AND tbl LIKE 'workflow%' AND actor = $2 ORDER BY at, tbl")
            .bind(office.admin().tenant().uuid())
            .bind(office.admin().actor().id.uuid())
            .fetch_all(&mut office.world.superuser().await)
            .await
            .expect("reads");
    let mut done: Vec<(&str, &str)> = rows.iter().map(|(table, op, _)| (table.as_str(), op.as_str())).collect();
    done.sort_unstable();
    let expected = [
        ("workflow_drafts", "delete"),
        ("workflow_drafts", "insert"),
        ("workflow_takeovers", "delete"),
        ("workflow_takeovers", "insert"),
        ("workflow_versions", "insert"),
    ];
    assert_eq!(done, expected);
    assert!(rows.iter().all(|(.., diff)| diff.get("source").is_none() && diff.get("merged").is_none()));
    let happened: Vec<String> =
        sqlx::query_scalar("SELECT kind FROM events WHERE tenant_id = $1 AND subject = 'workflow_file' ORDER BY id")
            .bind(office.admin().tenant().uuid())
            .fetch_all(&mut office.world.superuser().await)
            .await
            .expect("reads");
    assert_eq!(happened, ["workflow_file.published", "workflow_file.followed"]);
}

#[tokio::test]
async fn a_migrated_order_reads_as_any_other() {
    let office = Office::new().await;
    let order = office.order().await;
    office.publish(two_must_agree).await;
    office.migrate(&[]).await.expect("migrates");
    let shown = office.world.app.run(office.admin(), ShowOrder(order.id.into())).await.expect("shows");
    assert_eq!((shown.state.as_str(), shown.version), ("on_hold", order.version + 1));
    let _: Uuid = shown.id;
}
