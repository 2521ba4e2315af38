//! How wide columns are and how large the letters: no word reaches over the next column, and most texts stand on few lines.

use serde::Serialize;

use super::list::Column;

/// A run of characters longer than this may be broken: there is no hyphen in an address.
const LONGEST_RUN: usize = 14;
/// More characters than this do not make a column wider.
const WIDEST: usize = 34;
/// Sizes of letters in points, the most readable first.
const SIZES: [f64; 6] = [8.0, 7.5, 7.0, 6.5, 6.0, 5.5];
/// Width of a letter and of one of a head, in sizes; most are narrower.
const LETTER: f64 = 0.6;
const BOLD: f64 = 0.66;
/// What stands empty beside a text, in points.
const PADDING: f64 = 8.0;
/// Width between the margins of a page of A4, in points: upright, lying.
const PAGE: [f64; 2] = [527.0, 773.0];
/// With more columns than this a page lies.
const UPRIGHT: usize = 5;

/// A page's shape.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Layout {
    /// Whether pages lie.
    pub flipped: bool,
    /// Size of the letters, in points.
    pub size: f64,
    /// Widths of the columns, in points.
    pub widths: Vec<f64>,
}

impl Layout {
    /// For columns with these rows, whose long runs are broken already.
    pub fn of(columns: &[Column], rows: &[Vec<String>]) -> Self {
        let needs: Vec<Need> =
            columns.iter().enumerate().map(|(at, column)| Need::of(column, rows.iter().filter_map(|row| row.get(at)))).collect();
        let upright = (columns.len() <= UPRIGHT).then_some(false);
        let tries = upright.into_iter().chain([true]).flat_map(|flipped| SIZES.map(|size| (flipped, size)));
        // upright only in the most readable size
        let mut tries = tries.filter(|(flipped, size)| *flipped || *size >= SIZES[0]);
        let fits = |(flipped, size): &(bool, f64)| needs.iter().map(|need| need.least(*size)).sum::<f64>() <= PAGE[usize::from(*flipped)];
        let (flipped, size) = tries.find(fits).unwrap_or((true, SIZES[SIZES.len() - 1]));
        Self { flipped, size, widths: shared(&needs, size, PAGE[usize::from(flipped)]) }
    }
}

/// What a column needs, in letters.
struct Need {
    /// The longest word, of its head in bold letters.
    word: f64,
    /// As most of its texts.
    text: f64,
}

impl Need {
    fn of<'a>(column: &Column, texts: impl Iterator<Item = &'a String>) -> Self {
        let mut word = 0;
        let mut lengths: Vec<usize> = texts
            .map(|text| {
                word = word.max(longest(text));
                text.chars().count()
            })
            .collect();
        lengths.sort_unstable();
        // one long title does not squeeze the rest
        let most = lengths.get(lengths.len() * 9 / 10).copied().unwrap_or_default().min(WIDEST);
        let head = letters(longest(&column.label)) * BOLD / LETTER;
        let word = letters(word).max(head);
        Self { word, text: letters(most).max(word) }
    }

    fn least(&self, size: f64) -> f64 {
        self.word * size * LETTER + PADDING
    }

    fn best(&self, size: f64) -> f64 {
        self.text * size * LETTER + PADDING
    }
}

/// The width of a page, shared: to each its longest word, and of what is left by what more it would like.
fn shared(needs: &[Need], size: f64, page: f64) -> Vec<f64> {
    let least: f64 = needs.iter().map(|need| need.least(size)).sum();
    let wish = |need: &Need| need.best(size) - need.least(size) + 1.0;
    let wishes: f64 = needs.iter().map(wish).sum();
    let left = page - least;
    if left < 0.0 {
        return needs.iter().map(|need| need.least(size) * page / least).collect();
    }
    needs.iter().map(|need| need.least(size) + left * wish(need) / wishes).collect()
}

fn letters(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Whether a line may end here. The spaces inside amounts hold them together.
fn breaks(character: char) -> bool {
    character == '\u{200b}' || character.is_whitespace() && !matches!(character, '\u{a0}' | '\u{202f}')
}

fn longest(text: &str) -> usize {
    text.split(breaks).map(|word| word.chars().count()).max().unwrap_or_default()
}

/// The text, with places to break runs that would reach over the next column.
pub fn breakable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = 0;
    for character in text.chars() {
        if run >= LONGEST_RUN && !breaks(character) {
            out.push('\u{200b}');
            run = 0;
        }
        run = if breaks(character) { 0 } else { run + 1 };
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(label: &str) -> Column {
        Column { label: label.to_owned(), end: false }
    }

    #[test]
    fn only_long_runs_are_broken() {
        assert_eq!(breakable("Дизель генераторы, 2-цех"), "Дизель генераторы, 2-цех");
        assert_eq!(breakable("someone.unknown@example.org"), "someone.unknow\u{200b}n@example.org");
        assert_eq!(breakable("fourteen.chars"), "fourteen.chars");
    }

    #[test]
    fn every_word_fits_into_its_column_and_the_columns_into_the_page() {
        let row = ["WO-1036".to_owned(), "Насос теряет давление на рассвете".to_owned(), "154\u{a0}200,00\u{a0}₸".to_owned()];
        for count in [1, 3, 5, 6, 13] {
            let columns: Vec<Column> = (0..count).map(|at| column(["Нөмірі", "Атауы", "Құны"][at % 3])).collect();
            let rows = vec![(0..count).map(|at| row[at % 3].clone()).collect::<Vec<_>>(); 20];
            let layout = Layout::of(&columns, &rows);
            let page = PAGE[usize::from(layout.flipped)];
            assert!((layout.widths.iter().sum::<f64>() - page).abs() < 0.01, "{layout:?}");
            for (width, text) in layout.widths.iter().zip(&rows[0]) {
                assert!(*width + 0.01 >= letters(longest(text)) * layout.size * LETTER + PADDING, "{count} columns, {text}: {layout:?}");
            }
            assert_eq!(layout.flipped, count > UPRIGHT, "{count}");
        }
    }

    #[test]
    fn too_many_columns_share_what_there_is() {
        let columns: Vec<Column> = (0..40).map(|_| column("Орындаушы")).collect();
        let layout = Layout::of(&columns, &[]);
        assert!(layout.flipped && layout.widths.iter().sum::<f64>() <= PAGE[1] + 0.01, "{layout:?}");
    }
}
