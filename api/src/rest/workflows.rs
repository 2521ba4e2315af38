//! Workflow files: the company's versions, what check says of a draft, publishing, migration, replay.

use std::collections::BTreeMap;

use domain::workflow::versions::{
    Carried, Check, Compare, Diagram, Discard, Draft, DryRun, Flow, FlowDetail, Follow, Input, List, Migrate, Plan, Publish, Read,
    ReadDraft, Rebase, Rehearse, Replay, Replayed, RollBack, SaveDraft, Show, Version, VersionText,
};
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use templates::Locale;
use workflows::scenario::Report;
use workflows::{Diagnostic, Labelled};

use super::answer::{Done, Found, version};
use super::caller::Member;
use super::differences::Differences;
use crate::http::body::Body;
use crate::http::failure::{Failure, Result};
use crate::http::problem::locale_of;
use crate::http::{findings, words};

/// Workflow files.
pub struct Workflows;

/// Something check found.
#[derive(Debug, Object)]
#[oai(rename = "WorkflowFinding")]
pub struct Finding {
    /// The stable code, `WF301`.
    pub code: String,
    /// The file it is in: the company's text, or the shipped one a patch is made on.
    pub file: String,
    /// from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong, in the language of `Accept-Language`.
    pub message: String,
    /// What to do about it; empty where the message says it all.
    pub help: String,
    /// The names and values the message mentions.
    pub params: BTreeMap<String, String>,
    /// The line of the text.
    pub source: String,
}

/// What check says of a text.
#[derive(Debug, Object)]
#[oai(rename = "WorkflowChecked")]
pub struct Checked {
    /// Whether it could be published, as far as check is concerned.
    pub sound: bool,
    /// Everything wrong, in the order of the text.
    pub findings: Vec<Finding>,
    /// What the company has nobody for as its people stand now; this keeps nobody from publishing.
    pub warnings: Vec<Finding>,
}

/// How the tests of a text went.
#[derive(Debug, Object)]
#[oai(rename = "WorkflowRehearsal")]
pub struct Rehearsal {
    /// Whether every test passed.
    pub passed: bool,
    /// Each test, in the order of the text.
    pub tests: Vec<Test>,
    /// What the tests came by.
    pub coverage: Vec<Coverage>,
    /// Why the tests could not be played, or what they did not come by.
    pub findings: Vec<Finding>,
}

/// How one test went.
#[derive(Debug, Object)]
#[oai(rename = "WorkflowTest")]
pub struct Test {
    /// Its name.
    pub name: String,
    /// Its line, from 1.
    pub line: u32,
    /// What was found wrong; empty if it passed.
    pub failures: Vec<Finding>,
}

/// How many of a kind of part the tests came by.
#[derive(Debug, Object)]
#[oai(rename = "WorkflowCoverage")]
pub struct Coverage {
    /// `transitions`, `guard_branches`, `levels`, `slas`, `timers` or `reminders`.
    pub what: String,
    /// How many were seen.
    pub seen: u32,
    /// How many there are.
    pub all: u32,
}

/// A workflow as a picture.
#[derive(Debug, Object)]
#[oai(rename = "WorkflowDrawing")]
pub struct Drawing {
    /// SVG without styles: looks come from classes.
    pub svg: String,
    /// The states as a Mermaid state diagram.
    pub mermaid: String,
}

/// A merged draft, or what stands in its way.
#[derive(Debug, Object)]
#[oai(rename = "WorkflowMerged")]
pub struct Merged {
    /// The draft; absent where there are conflicts.
    pub draft: Option<Draft>,
    /// Every conflict; nothing was written where there is one.
    pub conflicts: Vec<Finding>,
}

/// A note on a version.
#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "WorkflowNote")]
pub struct Note {
    /// What others should know of it; at most 500 characters.
    #[serde(default)]
    #[oai(default)]
    pub note: String,
}

/// A migration, as its dry run showed it.
#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "WorkflowMove")]
pub struct Move {
    /// The version the dry run said records come to; if it is another by now, nothing moves.
    pub version: i32,
    /// Old state → new state; states of one name need no entry.
    #[serde(default)]
    #[oai(default)]
    pub states: BTreeMap<String, String>,
}

/// Where records go whose state the version does not have.
#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "WorkflowMapping")]
pub struct Mapping {
    /// Old state → new state; states of one name need no entry.
    #[serde(default)]
    #[oai(default)]
    pub states: BTreeMap<String, String>,
}

#[OpenApi(prefix_path = "/workflows", tag = "super::tag::Tag::Workflows")]
impl Workflows {
    /// Lists the workflows of the company.
    #[oai(path = "/", method = "get", operation_id = "workflows_list")]
    async fn list(&self, member: Member) -> Result<Json<Vec<Flow>>, Failure> {
        Ok(Json(member.edge.app.run(&member.scope, List).await?))
    }

    /// Reads a workflow: its states with the records in them, its versions.
    #[oai(path = "/:workflow", method = "get", operation_id = "workflows_show")]
    async fn show(&self, member: Member, workflow: Path<String>) -> Result<Json<FlowDetail>, Failure> {
        Ok(Json(member.edge.app.run(&member.scope, Show(workflow.0)).await?))
    }

    /// Draws what new records follow.
    #[oai(path = "/:workflow/diagram", method = "get", operation_id = "workflows_diagram")]
    async fn diagram(&self, member: Member, workflow: Path<String>, request: &poem::Request) -> Result<Json<Drawing>, Failure> {
        let locale = locale_of(request);
        let drawn = member.edge.app.run(&member.scope, Diagram(workflow.0)).await?;
        let label = |part: Labelled<'_>| words::drawn(locale, &drawn, part);
        Ok(Json(Drawing { svg: drawn.svg(None, &label), mermaid: drawn.mermaid() }))
    }

    /// Reads the text of a version: its number, or `shipped`.
    #[oai(path = "/:workflow/versions/:number", method = "get", operation_id = "workflows_text")]
    async fn text(&self, member: Member, workflow: Path<String>, number: Path<String>) -> Result<Json<VersionText>, Failure> {
        let number = match number.0.as_str() {
            "shipped" => None,
            number => Some(number.parse().map_err(|_| domain::Error::NotFound)?),
        };
        Ok(Json(member.edge.app.run(&member.scope, Read { workflow: workflow.0, number }).await?))
    }

    /// Compares two texts, part by part and line by line; each is a version's number, `shipped` or `draft`: unless said, the shipped file with the draft.
    #[oai(path = "/:workflow/differences", method = "get", operation_id = "workflows_differences")]
    async fn differences(
        &self,
        member: Member,
        workflow: Path<String>,
        request: &poem::Request,
        from: Query<Option<String>>,
        to: Query<Option<String>>,
    ) -> Result<Json<Differences>, Failure> {
        let (from, to) = (from.0.as_deref().unwrap_or("shipped"), to.0.as_deref().unwrap_or("draft"));
        let compare = Compare { workflow: workflow.0, from: from.parse()?, to: to.parse()? };
        let compared = member.edge.app.run(&member.scope, compare).await?;
        Ok(Json(Differences::told(locale_of(request), compared)))
    }

    /// Reads the draft; without one, what a new one begins with, at version 0.
    #[oai(path = "/:workflow/draft", method = "get", operation_id = "workflows_draft")]
    async fn draft(&self, member: Member, workflow: Path<String>) -> Result<Found<Draft>, Failure> {
        let draft = member.edge.app.run(&member.scope, ReadDraft(workflow.0)).await?;
        let version = draft.version;
        Ok(Found::new(draft, version))
    }

    /// Keeps a text as the draft, whatever check says of it. `If-Match: "0"` begins one.
    #[oai(path = "/:workflow/draft", method = "put", operation_id = "workflows_save")]
    async fn save(
        &self,
        member: Member,
        workflow: Path<String>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        body: Body<Input>,
    ) -> Result<Found<Draft>, Failure> {
        let version = version(if_match.0.as_deref())?;
        let save = SaveDraft { workflow: workflow.0, version, input: body.value };
        let draft = member.edge.app.run(&member.scope, save).await?;
        let version = draft.version;
        Ok(Found::new(draft, version))
    }

    /// Throws the draft away.
    #[oai(path = "/:workflow/draft", method = "delete", operation_id = "workflows_discard")]
    async fn discard(
        &self,
        member: Member,
        workflow: Path<String>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
    ) -> Result<Done, Failure> {
        let version = version(if_match.0.as_deref())?;
        member.edge.app.run(&member.scope, Discard { workflow: workflow.0, version }).await?;
        Ok(Done::Done)
    }

    /// Checks a text as publishing would, and keeps nothing.
    #[oai(path = "/:workflow/check", method = "post", operation_id = "workflows_check")]
    async fn check(
        &self,
        member: Member,
        workflow: Path<String>,
        request: &poem::Request,
        body: Body<Input>,
    ) -> Result<Json<Checked>, Failure> {
        let checked = member.edge.app.run(&member.scope, Check { workflow: workflow.0, input: body.value }).await?;
        let locale = locale_of(request);
        let (findings, warnings) = (told(locale, &checked.found), told(locale, &checked.warnings));
        Ok(Json(Checked { sound: findings.is_empty(), findings, warnings }))
    }

    /// Plays the tests of a text with the company's roles, and keeps nothing.
    #[oai(path = "/:workflow/rehearse", method = "post", operation_id = "workflows_rehearse")]
    async fn rehearse(
        &self,
        member: Member,
        workflow: Path<String>,
        request: &poem::Request,
        body: Body<Input>,
    ) -> Result<Json<Rehearsal>, Failure> {
        let played = member.edge.app.run(&member.scope, Rehearse { workflow: workflow.0, input: body.value }).await?;
        let locale = locale_of(request);
        Ok(Json(match played {
            Ok(report) => rehearsal(locale, &report),
            Err(found) => Rehearsal { passed: false, tests: Vec::new(), coverage: Vec::new(), findings: told(locale, &found) },
        }))
    }

    /// Decides the company's newest 2,000 steps once more by a text: those it would refuse, or lead elsewhere.
    #[oai(path = "/:workflow/replay", method = "post", operation_id = "workflows_replay")]
    async fn replay(&self, member: Member, workflow: Path<String>, body: Body<Input>) -> Result<Json<Replayed>, Failure> {
        Ok(Json(member.edge.app.run(&member.scope, Replay { workflow: workflow.0, input: body.value }).await?))
    }

    /// Publishes the draft: new records follow it, running ones stay. Refused with everything check and its tests find.
    #[oai(path = "/:workflow/publish", method = "post", operation_id = "workflows_publish")]
    async fn publish(
        &self,
        member: Member,
        workflow: Path<String>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        #[oai(name = "Idempotency-Key")] key: Header<Option<String>>,
        body: Body<Note>,
    ) -> Result<Json<Version>, Failure> {
        let version = version(if_match.0.as_deref())?;
        let key = body.key(key.0.as_deref(), &format!("workflows/{}/publish", workflow.0))?;
        let publish = Publish { workflow: workflow.0, version, note: body.value.note };
        Ok(Json(member.edge.app.run_once(&member.scope, key, publish).await?))
    }

    /// Publishes the text of an older version again, as a new version.
    #[oai(path = "/:workflow/versions/:number/restore", method = "post", operation_id = "workflows_restore")]
    async fn restore(
        &self,
        member: Member,
        workflow: Path<String>,
        number: Path<String>,
        #[oai(name = "Idempotency-Key")] key: Header<Option<String>>,
        body: Body<Note>,
    ) -> Result<Json<Version>, Failure> {
        let key = body.key(key.0.as_deref(), &format!("workflows/{}/{}/restore", workflow.0, number.0))?;
        // a word that is no number names no version
        let number = number.0.parse().map_err(|_| domain::Error::NotFound)?;
        let back = RollBack { workflow: workflow.0, number, note: body.value.note };
        Ok(Json(member.edge.app.run_once(&member.scope, key, back).await?))
    }

    /// Follows the shipped file again: new records begin on it. Versions and running records stay.
    #[oai(path = "/:workflow/follow", method = "post", operation_id = "workflows_follow")]
    async fn follow(&self, member: Member, workflow: Path<String>) -> Result<Done, Failure> {
        member.edge.app.run(&member.scope, Follow { workflow: workflow.0 }).await?;
        Ok(Done::Done)
    }

    /// Merges the newest shipped version into the draft, or says every conflict.
    #[oai(path = "/:workflow/merge", method = "post", operation_id = "workflows_merge")]
    async fn merge(
        &self,
        member: Member,
        workflow: Path<String>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        request: &poem::Request,
    ) -> Result<Json<Merged>, Failure> {
        let version = version(if_match.0.as_deref())?;
        let merged = member.edge.app.run(&member.scope, Rebase { workflow: workflow.0, version }).await?;
        Ok(Json(match merged {
            Ok(draft) => Merged { draft: Some(draft), conflicts: Vec::new() },
            Err(found) => Merged { draft: None, conflicts: told(locale_of(request), &found) },
        }))
    }

    /// Says what would become of running records if they came to the version new ones follow; changes nothing.
    #[oai(path = "/:workflow/migration/dry-run", method = "post", operation_id = "workflows_dry_run")]
    async fn dry_run(&self, member: Member, workflow: Path<String>, body: Body<Mapping>) -> Result<Json<Plan>, Failure> {
        let dry = DryRun { workflow: workflow.0, states: body.value.states };
        Ok(Json(member.edge.app.run(&member.scope, dry).await?))
    }

    /// Moves running records to the version new ones follow, which must be the one of the dry run; the worker goes on with what is more than 200.
    #[oai(path = "/:workflow/migration", method = "post", operation_id = "workflows_migrate")]
    async fn migrate(
        &self,
        member: Member,
        workflow: Path<String>,
        #[oai(name = "Idempotency-Key")] key: Header<Option<String>>,
        body: Body<Move>,
    ) -> Result<Json<Carried>, Failure> {
        let key = body.key(key.0.as_deref(), &format!("workflows/{}/migration", workflow.0))?;
        let migrate = Migrate { workflow: workflow.0, version: body.value.version, states: body.value.states };
        Ok(Json(member.edge.app.run_once(&member.scope, key, migrate).await?))
    }
}

fn told(locale: Locale, found: &[Diagnostic]) -> Vec<Finding> {
    let one = |finding: &Diagnostic| Finding {
        code: finding.code.to_owned(),
        file: finding.file.clone(),
        line: finding.line,
        column: finding.column,
        message: findings::sentence(locale, finding),
        help: findings::help(locale, finding),
        params: finding.params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        source: finding.source.clone(),
    };
    found.iter().map(one).collect()
}

fn rehearsal(locale: Locale, report: &Report) -> Rehearsal {
    let whole = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Rehearsal {
        passed: report.passed(),
        tests: report
            .outcomes
            .iter()
            .map(|test| Test { name: test.name.clone(), line: test.line, failures: told(locale, &test.failures) })
            .collect(),
        coverage: report
            .coverage
            .counts
            .iter()
            .map(|count| Coverage { what: count.what.to_owned(), seen: whole(count.seen), all: whole(count.all) })
            .collect(),
        findings: told(locale, &report.coverage.missing),
    }
}
