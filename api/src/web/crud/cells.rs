//! Values of a record, by the way a page shows them.

use domain::kernel::listing::{Cell, Column};
use domain::kernel::resource::{Resource, Widget};
use serde_json::{Map, Value};
use templates::pages::parts::Text;
use templates::pages::resource::{Cell as Shown, Fact, Row};
use templates::pages::work::Money;

use super::slug;
use crate::web::visitor::Member;
use domain::kernel::resource::Record;

/// A record in a list.
pub fn row<R: Resource>(base: &str, row: &R::Row, columns: &[&Column<R::Row>]) -> Row {
    let cells: Vec<Cell> = columns.iter().map(|column| (column.cell)(row)).collect();
    let depth = cells.iter().find_map(|cell| if let Cell::Tree(depth, _) = cell { u32::try_from(*depth).ok() } else { None });
    Row { href: format!("{base}/{}", row.id()), depth: depth.unwrap_or_default(), cells: cells.into_iter().map(shown).collect() }
}

/// The columns the reader may see.
pub fn columns<R: Resource>(member: &Member) -> impl Iterator<Item = &'static Column<R::Row>> {
    R::COLUMNS.iter().filter(|column| column.needs.is_none_or(|needed| member.scope.can(needed)))
}

fn shown(cell: Cell) -> Shown {
    match cell {
        Cell::Empty => Shown::None,
        Cell::Text(text) | Cell::Tree(_, text) => Shown::text(text),
        Cell::Key(key) => Shown::Text { value: Text::key(key) },
        Cell::Int(number) => Shown::Number { value: number.into() },
        Cell::Money(amount, currency) => Shown::Money { value: Money { amount, currency } },
        Cell::Date(value) => Shown::Date { value },
        Cell::Time(value) => Shown::DateTime { value },
        Cell::Truth(value) => Shown::Bool { value },
    }
}

/// Every value of a record but its note, with links where its form says what a value is.
pub fn facts<R: Resource>(member: &Member, row: &R::Row, input: &Map<String, Value>) -> Vec<Fact> {
    let fact = |column: &Column<R::Row>| {
        let value = shown((column.cell)(row));
        let widget = R::FORM.iter().find(|field| field.name == column.key).map(|field| field.widget);
        let href = widget.and_then(|widget| link(member, widget, input.get(column.key)?.as_str()?));
        let value = match (value, href) {
            (Shown::Text { value }, Some(href)) => Shown::link(value.text, href),
            (value, _) => value,
        };
        Fact { key: column.key.to_owned(), value }
    };
    columns::<R>(member).filter(|column| column.key != NOTE).map(fact).collect()
}

/// The field that is shown at length.
pub const NOTE: &str = "note";

fn link(member: &Member, widget: Widget, value: &str) -> Option<String> {
    match widget {
        Widget::Email => Some(format!("mailto:{value}")),
        Widget::Phone => Some(format!("tel:{}", value.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect::<String>())),
        // checked when it was stored: nothing but http and https
        Widget::Url => Some(value.to_owned()),
        Widget::Reference(list) => Some(member.path(&format!("{}/{value}", slug(list)))),
        _ => None,
    }
}
