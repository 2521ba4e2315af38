//! From what a company wrote to what runs: the patched base, the number in the text, the compiled file, its findings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use workflows::scenario::{self, Report, Setup};
use workflows::{Diagnostic, Staffed, Subject, Vocabulary, Workflow, overlay};

use super::store;
use crate::kernel::action::Cx;
use crate::kernel::error::{Error, FieldError, Result};
use crate::workflow::definitions::{SUBJECTS, known};

/// The kind of record a workflow of this name moves.
pub(super) fn subject(workflow: &str) -> Result<&'static Subject> {
    SUBJECTS.iter().find(|subject| subject.key == workflow).copied().ok_or(Error::NotFound)
}

/// A text that compiles.
#[derive(Debug, Clone)]
pub(super) struct Compiled {
    pub workflow: Arc<Workflow>,
    /// The whole file.
    pub merged: String,
    /// What the company has nobody for, as its people stand now.
    pub unstaffed: Vec<Diagnostic>,
}

/// What a company's file may name, and in which language it must have words of its own.
pub(super) struct Words {
    language: String,
    labelled: Vec<String>,
}

impl Words {
    /// Of the company, for a kind of record.
    pub async fn load(cx: &mut Cx<'_>, subject: &Subject) -> Result<Self> {
        let company = cx.tenant().uuid();
        let language = sqlx::query_scalar!("SELECT locale FROM platform.tenants WHERE id = $1", company).fetch_one(cx.conn()).await?;
        let shipped = cx.app().definitions().shipped(subject)?;
        let named = |what: &'static str, id: &str| format!("wf.{}.{what}.{id}", subject.key);
        let forms = shipped.transitions().flat_map(|transition| &transition.form);
        let labelled = (shipped.states().map(|state| named("state", &state.id)))
            .chain(shipped.transitions().map(|transition| named("transition", &transition.id)))
            .chain(subject.fields.iter().map(|field| named("field", field.name)))
            .chain(forms.map(|field| named("field", &field.name)))
            .collect();
        Ok(Self { language, labelled })
    }
}

/// What a company's text is called in findings.
fn file(subject: &Subject) -> String {
    format!("{}.yml", subject.key)
}

/// Reads and checks a text against everything there is.
fn strict(words: &Words, read: impl FnOnce(&Vocabulary<'_>) -> Result<Workflow, Vec<Diagnostic>>) -> Result<Workflow, Vec<Diagnostic>> {
    let languages = [words.language.as_str()];
    let labelled: Vec<&str> = words.labelled.iter().map(String::as_str).collect();
    known(|names| read(&Vocabulary { languages: &languages, labelled: &labelled, ..*names }))
}

/// Compiles a text of a company, or says everything that is wrong with it.
pub(super) async fn read(cx: &mut Cx<'_>, subject: &'static Subject, source: &str) -> Result<Result<Compiled, Vec<Diagnostic>>> {
    let file = file(subject);
    if let Some(finding) = elsewhere(source, &file, subject.key) {
        return Ok(Err(vec![finding]));
    }
    let words = Words::load(cx, subject).await?;
    let base = match overlay::extends(source) {
        None => None,
        Some((_, version)) => Some(extended(cx, subject, version).await?),
    };
    let own = source.to_owned();
    let read = cx.app().definitions().turns().take(cx.tenant().uuid(), move |_| compile(&words, subject, own, base)).await?;
    let (workflow, merged) = match read {
        Some(Ok(read)) => read,
        Some(Err(found)) => return Ok(Err(found)),
        None => return Ok(Err(vec![late(subject, "WF012")])),
    };
    let found = between(cx, &workflow).await?;
    if !found.is_empty() {
        return Ok(Err(found));
    }
    let unstaffed = workflow.staffing(&staffed(cx).await?);
    Ok(Ok(Compiled { workflow: Arc::new(workflow), merged, unstaffed }))
}

/// A text as it is, or over the shipped version it patches; with the whole file.
fn compile(
    words: &Words,
    subject: &'static Subject,
    own: String,
    base: Option<(u32, String)>,
) -> Result<(Workflow, String), Vec<Diagnostic>> {
    let file = file(subject);
    let Some((version, base)) = base else {
        return strict(words, |names| Workflow::load(&own, &file, subject, names)).map(|workflow| (workflow, own));
    };
    let shipped = format!("{file} ({version})");
    let applied = overlay::apply(overlay::File { name: &shipped, source: &base }, overlay::File { name: &file, source: &own })?;
    strict(words, |names| applied.load(subject, names)).map(|workflow| (workflow, applied.text))
}

/// What is said of a text that was not done in time.
fn late(subject: &Subject, code: &'static str) -> Diagnostic {
    Diagnostic { code, file: file(subject), line: 1, column: 1, params: BTreeMap::new(), source: String::new() }
}

/// The shipped version a patch names; for one that never was the newest, which says so.
async fn extended(cx: &mut Cx<'_>, subject: &Subject, version: u32) -> Result<(u32, String)> {
    if let Some(text) = store::shipped_text(cx, subject.key, i32::try_from(version).unwrap_or(i32::MAX)).await? {
        return Ok((version, text));
    }
    let newest = cx.app().definitions().base(subject)?;
    Ok((newest.workflow.version(), newest.source.clone()))
}

/// The company's roles, and how many people hold each.
pub(super) async fn staffed(cx: &mut Cx<'_>) -> Result<Vec<Staffed>> {
    let rows = sqlx::query!(
        r#"SELECT r.key, r.permissions, count(m.id) AS "members!"
           FROM roles r LEFT JOIN members m ON m.tenant_id = r.tenant_id AND m.role_id = r.id AND m.active AND m.kind = 'person'
           WHERE r.tenant_id = $1 GROUP BY r.id, r.key, r.permissions"#,
        cx.tenant().uuid(),
    )
    .fetch_all(cx.conn())
    .await?;
    let staffed = |members: i64| u32::try_from(members).unwrap_or(u32::MAX);
    Ok(rows
        .into_iter()
        .map(|row| Staffed {
            role: row.key.unwrap_or_default(),
            permissions: row.permissions.into_iter().collect(),
            members: staffed(row.members),
        })
        .collect())
}

/// Plays the tests of a file with the company's roles.
///
/// # Errors
///
/// The inner ones: the tests cannot be read.
pub(super) async fn rehearse(cx: &mut Cx<'_>, subject: &'static Subject, workflow: &Workflow) -> Result<Result<Report, Vec<Diagnostic>>> {
    let roles: BTreeMap<String, BTreeSet<String>> =
        staffed(cx).await?.into_iter().filter(|role| !role.role.is_empty()).map(|role| (role.role, role.permissions)).collect();
    let workflow = workflow.clone();
    // a hundred scenarios take a while, and others wait for this thread
    let play = move |stop| known(|vocabulary| scenario::run_until(&workflow, &Setup { subject, vocabulary, roles: &roles }, stop));
    let played = cx.app().definitions().turns().take(cx.tenant().uuid(), play).await?;
    Ok(played.unwrap_or_else(|| Err(vec![late(subject, "WF910")])))
}

/// The language's own code for a file of another kind.
const ELSEWHERE: &str = "WF010";

/// A file of another workflow: everything else that is wrong with it would lead astray.
fn elsewhere(source: &str, file: &str, expected: &str) -> Option<Diagnostic> {
    let (found, line, column) = Workflow::named(source)?;
    (found != expected).then(|| Diagnostic {
        code: ELSEWHERE,
        file: file.to_owned(),
        line,
        column,
        params: BTreeMap::from([("found", found), ("expected", expected.to_owned())]),
        source: source.lines().nth(line.saturating_sub(1) as usize).unwrap_or_default().to_owned(),
    })
}

/// What is wrong between a file and those new records of other kinds follow, as soon as this one is published: each may move the
/// others' records, and either may name what the other does not have.
async fn between(cx: &mut Cx<'_>, own: &Workflow) -> Result<Vec<Diagnostic>> {
    let mut others = Vec::new();
    for subject in SUBJECTS.iter().filter(|subject| subject.key != own.entity()) {
        let (definitions, company) = (cx.app().definitions(), cx.tenant());
        others.push(definitions.current(cx.conn(), company, subject).await?);
    }
    Ok(brought(own, &others.iter().map(Arc::as_ref).collect::<Vec<_>>()))
}

/// What is wrong between `own` and `others` that is not wrong between the others alone.
fn brought(own: &Workflow, others: &[&Workflow]) -> Vec<Diagnostic> {
    let before = workflows::together(others);
    let all: Vec<&Workflow> = others.iter().copied().chain([own]).collect();
    workflows::together(&all).into_iter().filter(|finding| !before.contains(finding)).collect()
}

/// The text under another number: the value of its `version:` line replaced, all else as it was.
pub(super) fn numbered(text: &str, number: i32) -> Result<String> {
    let mut found = false;
    let mut out = String::with_capacity(text.len() + 4);
    for line in text.split_inclusive('\n') {
        let Some(rest) = line.strip_prefix("version:").filter(|_| !found) else {
            out.push_str(line);
            continue;
        };
        found = true;
        let after = rest.trim_start_matches(' ').trim_start_matches(|c: char| c.is_ascii_digit());
        out.extend(["version: ", &number.to_string(), after]);
    }
    if found { Ok(out) } else { Err(Error::field("source", "version_line")) }
}

/// Findings as wrong fields of the text, each with its place; one in another file names it.
pub(super) fn refused(subject: &Subject, found: Vec<Diagnostic>) -> Error {
    let own = file(subject);
    let field = |finding: Diagnostic| {
        let mut params = vec![("at_line".into(), finding.line.to_string()), ("at_column".into(), finding.column.to_string())];
        params.extend((finding.file != own).then(|| ("at_file".into(), finding.file)));
        params.extend(finding.params.into_iter().map(|(name, value)| (name.into(), value)));
        FieldError { field: "source".to_owned(), code: finding.code.into(), params }
    };
    Error::Invalid(found.into_iter().map(field).collect())
}

/// The text of a shipped version; versions are never removed, so one that was taken as a base is there.
pub(super) async fn base(cx: &mut Cx<'_>, workflow: &str, version: i32) -> Result<String> {
    store::shipped_text(cx, workflow, version).await?.ok_or(Error::NotFound)
}

#[cfg(test)]
mod tests {
    use workflows::{Field, Kind, Subject, Vocabulary, Workflow};

    use super::{brought, elsewhere, file, known, numbered};

    #[test]
    fn a_text_is_numbered_on_its_own_line_and_nowhere_else() {
        let text = "# version: 1\nworkflow: x\nversion: 12 # ours\nstates:\n  version: 3\n";
        assert_eq!(numbered(text, 7).expect("has a line"), "# version: 1\nworkflow: x\nversion: 7 # ours\nstates:\n  version: 3\n");
        assert!(numbered("{workflow: x, version: 1}", 7).is_err());
    }

    #[test]
    fn a_file_is_known_by_its_name_however_that_is_written() {
        for own in ["workflow: x\n", "workflow: \"x\" # ours\n", "'workflow': 'x'\n", "{version: 1, workflow: x}\n", "version: 1\n", "\t"] {
            assert_eq!(elsewhere(own, "x.yml", "x"), None, "{own}");
        }
        let found = elsewhere("version: 1\n\"workflow\": \"y\"\n", "x.yml", "x").expect("is another");
        assert_eq!((found.code, found.line, found.column, &*found.source), ("WF010", 2, 13, "\"workflow\": \"y\""));
    }

    const ORDER: Subject =
        Subject { key: "order", fields: &[Field { name: "asset", kind: Kind::Ref("asset"), nullable: false, writable: false }] };
    const ASSET: Subject =
        Subject { key: "asset", fields: &[Field { name: "order", kind: Kind::Ref("order"), nullable: false, writable: false }] };

    /// A file with one step, `id`.
    fn one_step(subject: &Subject, id: &str, more: &str) -> Workflow {
        let key = subject.key;
        let text = format!(
            "workflow: {key}\nversion: 1\nentity: {key}\ninitial: [{{to: a}}]\nstates:\n  a: {{category: todo}}\n  \
             b: {{category: done, terminal: true}}\ntransitions:\n  {id}: {{from: a, to: b, permission: work_order.view{more}}}\n"
        );
        // kinds of record that are none of this program's
        let read = known(|names| Workflow::load(&text, &file(subject), subject, &Vocabulary { subjects: &[], ..*names }));
        read.unwrap_or_else(|found| panic!("{}", workflows::render(&found)))
    }

    #[test]
    fn files_that_move_one_anothers_records_are_checked_against_one_another() {
        let order = one_step(&ORDER, "finish", ", effects: [{transition: {record: doc.asset, do: retire}}]");
        let places = |own: &Workflow, others: &[&Workflow]| {
            brought(own, others).iter().map(|found| (found.code, found.file.clone(), found.line)).collect::<Vec<_>>()
        };
        assert_eq!(places(&order, &[&one_step(&ASSET, "retire", "")]), []);
        let without = one_step(&ASSET, "scrap", "");
        let missing = [("WF207", "order.yml".to_owned(), 9)];
        assert_eq!(places(&order, &[&without]), missing, "the step another file does not have");
        assert_eq!(places(&without, &[&order]), missing, "nor may the step go that another file names");
        assert_eq!(places(&one_step(&Subject { key: "part", ..ASSET }, "use", ""), &[&order, &without]), [], "no fault of a third's");
        let circle = one_step(&ASSET, "retire", ", effects: [{transition: {record: doc.order, do: finish}}]");
        assert_eq!(places(&circle, &[&order]).len(), 2, "told in both files");
    }
}
