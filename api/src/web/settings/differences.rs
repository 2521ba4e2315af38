//! What differs between two texts of a workflow.

use domain::workflow::versions::{Compare, Compared, Line, LineKind, Show};
use poem::web::{Path, Query};
use poem::{Response, handler};
use serde::Deserialize;
use templates::pages::parts::{Choice, Text};
use templates::pages::settings::{ChangeRow, DiffLine, DifferencesPage};
use workflows::compare::Change;

use super::{Named, rows};
use crate::http::changes;
use crate::http::failure::Result;
use crate::web::respond::page;
use crate::web::visitor::Member;

/// Lines shown around a change.
const AROUND: usize = 3;

#[derive(Deserialize)]
struct Sides {
    #[serde(default = "shipped")]
    from: String,
    #[serde(default = "draft")]
    to: String,
}

fn shipped() -> String {
    "shipped".to_owned()
}

fn draft() -> String {
    "draft".to_owned()
}

#[handler]
pub async fn show(member: Member, Path(Named { workflow }): Path<Named>, Query(sides): Query<Sides>) -> Result<Response> {
    let detail = member.run(Show(workflow.clone())).await?;
    let compare = Compare { workflow: workflow.clone(), from: sides.from.parse()?, to: sides.to.parse()? };
    let Compared { changes, lines } = member.run(compare).await?;
    let number = |number: i32| Choice::new(number.to_string(), Text::key("settings.versions.name").with("number", number.to_string()));
    let mut choices = vec![
        Choice::new("draft", Text::key("settings.differences.draft")),
        Choice::new("shipped", Text::key("settings.differences.shipped")),
    ];
    choices.extend(detail.versions.iter().map(|version| number(version.number)));
    let shown = DifferencesPage {
        name: rows::name(member.locale, &workflow),
        workflow,
        from_side: sides.from,
        to_side: sides.to,
        sides: choices,
        changes: changes.map(|changes| changes.iter().map(|change| told(&member, change)).collect()),
        hunks: hunks(&lines),
    };
    page(&member, &shown).await
}

fn told(member: &Member, change: &Change) -> ChangeRow {
    ChangeRow {
        kind: changes::kind(change).to_owned(),
        text: changes::named(member.locale, change),
        options: changes::options(member.locale, change),
        line: change.new_line,
    }
}

/// Changed lines with some around them.
pub(super) fn hunks(lines: &[Line]) -> Vec<Vec<DiffLine>> {
    let mut hunks: Vec<Vec<DiffLine>> = Vec::new();
    let mut next = 0;
    for (at, _) in lines.iter().enumerate().filter(|(_, line)| line.kind != LineKind::Same) {
        let begin = at.saturating_sub(AROUND);
        if begin > next || hunks.is_empty() {
            hunks.push(Vec::new());
            next = begin.max(next);
        }
        let end = (at + AROUND + 1).min(lines.len());
        if let Some(hunk) = hunks.last_mut() {
            hunk.extend(lines.get(next..end).unwrap_or_default().iter().map(shown));
        }
        next = end.max(next);
    }
    hunks
}

fn shown(line: &Line) -> DiffLine {
    let kind = match line.kind {
        LineKind::Same => "same",
        LineKind::Added => "added",
        LineKind::Removed => "removed",
    };
    DiffLine { kind: kind.to_owned(), before: line.before, after: line.after, text: line.text.clone() }
}

#[cfg(test)]
mod tests {
    use domain::workflow::versions::{Line, LineKind};

    use super::hunks;

    #[test]
    fn changes_far_apart_are_told_apart_and_near_ones_together() {
        let lines: Vec<Line> = (0..40)
            .map(|number| Line {
                kind: if [0, 5, 30].contains(&number) { LineKind::Added } else { LineKind::Same },
                before: None,
                after: Some(number + 1),
                text: number.to_string(),
            })
            .collect();
        let shown: Vec<Vec<u32>> = hunks(&lines).iter().map(|hunk| hunk.iter().filter_map(|line| line.after).collect()).collect();
        assert_eq!(shown, [(1..=9).collect::<Vec<u32>>(), (28..=34).collect()]);
    }
}
