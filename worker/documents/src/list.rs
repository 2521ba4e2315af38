//! A list as a document: a page head, what it is narrowed to, a table whose head is repeated on every page.

use serde::Serialize;

use super::Error;
use super::layout::{self, Layout};
use super::world;

const SOURCE: &str = include_str!("list.typ");

/// A list to be set; every text is in the reader's language already.
#[derive(Debug, Clone, Default, Serialize)]
pub struct List {
    /// Language of the document: `kk`, `ru`, `en`, `tr`.
    pub lang: String,
    /// Whose it is.
    pub company: String,
    /// What is listed.
    pub title: String,
    /// When and for whom it was made, at the foot of each page.
    pub made: String,
    /// What it is narrowed to, a line each.
    pub filter: Vec<String>,
    /// What the reader must know before they read on: that rows are left out.
    pub notice: Option<String>,
    /// What is said where there are no rows.
    pub empty: String,
    /// The page's number, with `{page}` and `{pages}` in it.
    pub page: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, a text a column.
    #[serde(skip)]
    pub rows: Vec<Vec<String>>,
}

/// A column.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Column {
    /// Its head.
    pub label: String,
    /// Whether it is set at the end of its line, as figures are.
    pub end: bool,
}

/// The list as the source reads it.
#[derive(Serialize)]
struct Set<'a> {
    #[serde(flatten)]
    list: &'a List,
    #[serde(flatten)]
    layout: Layout,
    rows: Vec<Vec<String>>,
}

/// Sets a list as PDF in the given fonts. Takes seconds for thousands of rows: not for an asynchronous thread.
///
/// # Errors
/// Faults of ours only; nothing in the data makes it fail.
pub fn list(list: &List, fonts: &[&[u8]]) -> Result<Vec<u8>, Error> {
    world::pdf(SOURCE, data(list)?, fonts)
}

fn data(list: &List) -> Result<Vec<u8>, Error> {
    let broken = |row: &Vec<String>| -> Vec<String> {
        row.iter().zip(&list.columns).map(|(text, column)| if column.end { text.clone() } else { layout::breakable(text) }).collect()
    };
    let rows: Vec<Vec<String>> = list.rows.iter().map(broken).collect();
    let layout = Layout::of(&list.columns, &rows);
    Ok(serde_json::to_vec(&Set { list, layout, rows })?)
}

#[cfg(test)]
mod tests {
    use typst::layout::{Frame, FrameItem};

    use super::*;

    /// The fonts the front end's build leaves.
    fn fonts() -> Vec<Vec<u8>> {
        let dist = concat!(env!("CARGO_MANIFEST_DIR"), "/../../templates/assets/dist/");
        let font = |name: &str| std::fs::read(format!("{dist}{name}")).expect("the front end is built");
        ["Inter_400Regular.ttf", "Inter_600SemiBold.ttf"].map(font).into()
    }

    /// The text of each page, and how many of its characters no font has.
    fn read(list: &List) -> Vec<(String, usize)> {
        let fonts = fonts();
        let fonts: Vec<&[u8]> = fonts.iter().map(Vec::as_slice).collect();
        let document = world::set(SOURCE, data(list).expect("is data"), &fonts).expect("is set");
        let page = |frame: &Frame| {
            let mut read = (String::new(), 0);
            walk(frame, &mut read);
            read
        };
        document.pages().iter().map(|each| page(&each.frame)).collect()
    }

    fn walk(frame: &Frame, read: &mut (String, usize)) {
        for (_, item) in frame.items() {
            match item {
                FrameItem::Group(group) => walk(&group.frame, read),
                FrameItem::Text(text) => {
                    read.0.push_str(&text.text);
                    read.0.push(' ');
                    read.1 += text.glyphs.iter().filter(|glyph| glyph.id == 0).count();
                }
                _ => {}
            }
        }
    }

    fn sample(rows: usize) -> List {
        let column = |label: &str, end| Column { label: label.to_owned(), end };
        let row = |at: usize| vec![format!("Жабдық-{at}"), "Әғқңөұүһі".to_owned(), "Çelik İş ığüş".to_owned(), "12 500,00 ₸".to_owned()];
        List {
            lang: "kk".into(),
            company: "Дала Фудс".into(),
            title: "Жабдық".into(),
            made: "Айгерім, 2026-11-20".into(),
            filter: vec!["Алаң: Алматы".into()],
            page: "{pages} беттің {page}-беті".into(),
            empty: "Ештеңе табылмады".into(),
            columns: vec![column("Атауы", false), column("Түрі", false), column("Жеткізуші", false), column("Құны", true)],
            rows: (0..rows).map(row).collect(),
            ..List::default()
        }
    }

    #[test]
    fn every_page_says_whose_it_is_which_it_is_and_what_its_columns_are() {
        let pages = read(&sample(120));
        assert!(pages.len() > 2, "{}", pages.len());
        for (at, (text, missing)) in pages.iter().enumerate() {
            for said in ["Дала Фудс", "Атауы", "Құны", &format!("{} беттің {}-беті", pages.len(), at + 1)] {
                assert!(text.contains(said), "page {} does not say {said:?}: {text}", at + 1);
            }
            assert_eq!(*missing, 0, "the fonts lack letters of page {}: {text}", at + 1);
        }
        assert!(pages[0].0.contains("Алаң: Алматы") && pages.last().is_some_and(|(text, _)| text.contains("Жабдық-119")));
    }

    #[test]
    fn what_a_company_wrote_is_set_and_never_read() {
        let hostile = "#panic() *b* $x$ #import \"/etc/passwd\" [a]";
        let list =
            List { company: hostile.into(), rows: vec![vec![hostile.into(), String::new(), String::new(), String::new()]], ..sample(0) };
        let text = read(&list)[0].0.replace('\u{200b}', "");
        assert!(text.contains("#panic() *b* $x$ #import"), "{text}");
    }

    #[test]
    fn a_list_without_rows_says_so_and_one_that_is_cut_says_that() {
        assert!(read(&sample(0))[0].0.contains("Ештеңе табылмады"));
        let cut = List { notice: Some("тек алғашқы 2 жол".into()), ..sample(2) };
        assert!(read(&cut)[0].0.contains("тек алғашқы 2 жол"));
    }

    #[test]
    fn without_fonts_there_is_no_document() {
        assert!(matches!(list(&sample(1), &[]), Err(Error::Fonts)));
    }
}
