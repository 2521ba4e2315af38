//! Two texts, line by line: what stayed, what came, what went. The shortest script of E. W. Myers' greedy search; texts too
//! different for it are shown as one gone and the other come.

use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};

/// The longest script looked for: what is kept of the search grows with its square.
const LONGEST: usize = 1_500;

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case", rename = "LineChange")]
pub enum LineKind {
    /// In both texts.
    Same,
    /// In the second only.
    Added,
    /// In the first only.
    Removed,
}

/// A line of two compared texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "ComparedLine")]
pub struct Line {
    /// What became of it.
    pub kind: LineKind,
    /// Its number in the first text, from 1.
    pub before: Option<u32>,
    /// Its number in the second text, from 1.
    pub after: Option<u32>,
    /// What it says.
    pub text: String,
}

/// Compares two texts.
pub(super) fn compare(before: &str, after: &str) -> Vec<Line> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let end = old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (old_end, new_end) = (old.len() - end, new.len() - end);
    let mut script = Script { old: &old, new: &new, lines: Vec::new() };
    script.same(0, 0, start);
    let (middle_old, middle_new) = (&old[start..old_end], &new[start..new_end]);
    if let Some(steps) = steps(middle_old, middle_new) {
        for step in steps {
            match step {
                Step::Same(x, y) => script.same(start + x, start + y, 1),
                Step::Added(y) => script.added(start + y),
                Step::Removed(x) => script.removed(start + x),
            }
        }
    } else {
        (start..old_end).for_each(|x| script.removed(x));
        (start..new_end).for_each(|y| script.added(y));
    }
    script.same(old_end, new_end, end);
    script.lines
}

struct Script<'a> {
    old: &'a [&'a str],
    new: &'a [&'a str],
    lines: Vec<Line>,
}

impl Script<'_> {
    fn same(&mut self, x: usize, y: usize, count: usize) {
        for step in 0..count {
            self.push(LineKind::Same, Some(x + step), Some(y + step));
        }
    }

    fn added(&mut self, y: usize) {
        self.push(LineKind::Added, None, Some(y));
    }

    fn removed(&mut self, x: usize) {
        self.push(LineKind::Removed, Some(x), None);
    }

    fn push(&mut self, kind: LineKind, x: Option<usize>, y: Option<usize>) {
        let text = y.map(|y| self.new[y]).or(x.map(|x| self.old[x])).unwrap_or_default().to_owned();
        let number = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
        self.lines.push(Line { kind, before: x.map(number), after: y.map(number), text });
    }
}

enum Step {
    Same(usize, usize),
    Added(usize),
    Removed(usize),
}

/// Furthest points reached by scripts of each length: diagonal `k` of a script of length `d` at index `k + d`.
type Reached = Vec<Vec<usize>>;

fn steps(old: &[&str], new: &[&str]) -> Option<Vec<Step>> {
    let mut reached: Reached = Vec::new();
    for length in 0..=(old.len() + new.len()).min(LONGEST) {
        let row: Vec<usize> =
            (0..=2 * length).map(|index| if index % 2 == 0 { furthest(old, new, reached.last(), length, index) } else { 0 }).collect();
        let done = (0..=2 * length).step_by(2).any(|index| row[index] >= old.len() && row[index] + length >= new.len() + index);
        reached.push(row);
        if done {
            return Some(walk(old, new, &reached));
        }
    }
    None
}

/// How far a script of `length` comes on the diagonal at `index`: `x - y = index - length`.
fn furthest(old: &[&str], new: &[&str], before: Option<&Vec<usize>>, length: usize, index: usize) -> usize {
    let mut x = before.map_or(0, |before| arrival(before, length, index).0);
    while let Some(y) = (x + length).checked_sub(index)
        && x < old.len()
        && y < new.len()
        && old[x] == new[y]
    {
        x += 1;
    }
    x
}

/// Where the diagonal at `index` is entered by a script one shorter, and whether a line was added: down from the diagonal
/// above, or right from the one below.
fn arrival(before: &[usize], length: usize, index: usize) -> (usize, bool) {
    // the same diagonal stands one further left in the row before
    let from_above = (index + 1).checked_sub(1).filter(|at| *at < before.len()).map(|at| before[at]);
    let from_below = index.checked_sub(2).map(|at| before[at] + 1);
    debug_assert!(length > 0);
    match (from_above, from_below) {
        (Some(above), Some(below)) if below > above => (below, false),
        (Some(above), _) => (above, true),
        (None, below) => (below.unwrap_or_default(), false),
    }
}

/// From the end back to the beginning.
fn walk(old: &[&str], new: &[&str], reached: &Reached) -> Vec<Step> {
    let mut steps = Vec::new();
    let (mut x, mut y) = (old.len(), new.len());
    for length in (0..reached.len()).rev() {
        let index = x + length - y;
        let (entered, added) = if length == 0 { (0, false) } else { arrival(&reached[length - 1], length, index) };
        while x > entered {
            (x, y) = (x - 1, y - 1);
            steps.push(Step::Same(x, y));
        }
        if length == 0 {
            break;
        }
        if added {
            y -= 1;
            steps.push(Step::Added(y));
        } else {
            x -= 1;
            steps.push(Step::Removed(x));
        }
    }
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LineKind, compare};

    fn text(lines: &[super::Line], without: LineKind) -> String {
        lines.iter().filter(|line| line.kind != without).flat_map(|line| [line.text.as_str(), "\n"]).collect()
    }

    #[test]
    fn a_changed_line_went_and_came() {
        let kinds: Vec<LineKind> = compare("a\nb\nc\n", "a\nx\nc\n").into_iter().map(|line| line.kind).collect();
        assert_eq!(kinds, [LineKind::Same, LineKind::Removed, LineKind::Added, LineKind::Same]);
    }

    #[test]
    fn texts_too_different_are_told_as_two() {
        let lines = |prefix: &str| (0..2_000).map(|n| format!("{prefix}{n}\n")).collect::<Vec<_>>().concat();
        let compared = compare(&lines("a"), &lines("b"));
        assert_eq!(compared.len(), 4_000);
        assert_eq!((compared[0].kind, compared[3_999].kind), (LineKind::Removed, LineKind::Added));
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_back(old in "([abc]\n){0,14}", new in "([abc]\n){0,14}") {
            let lines = compare(&old, &new);
            prop_assert_eq!(text(&lines, LineKind::Added), old);
            prop_assert_eq!(text(&lines, LineKind::Removed), new);
        }
    }
}
