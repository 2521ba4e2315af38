//! The scenario's stock: what lies where, what is promised, what has left. Quantities are exact.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::decision::{OnShort, Place, Stock, StockLine};
use crate::definition::StockOp;

/// One part in one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cell {
    on_hand: Decimal,
    reserved: Decimal,
}

/// What has become of a part over the whole scenario.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    opening: Decimal,
    consumed: Decimal,
    written_off: Decimal,
}

/// Stock of every part in every place. One record moves it, so what is reserved is reserved for that record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ledger {
    cells: BTreeMap<(Uuid, Place), Cell>,
    sums: BTreeMap<Uuid, Sums>,
    /// Part → the place named first: where it lies when nobody says.
    main: BTreeMap<Uuid, Place>,
}

/// Why stock cannot be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Short {
    /// Less is free than is asked for.
    Available { have: Decimal, need: Decimal },
    /// Less is reserved than is to be used or released.
    Reserved { have: Decimal, need: Decimal },
    /// Less lies there than is to leave.
    OnHand { have: Decimal, need: Decimal },
    /// A quantity below nothing, or beyond any number.
    Quantity,
    /// Nobody says where it is or goes.
    Nowhere,
}

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Available { have, need } => write!(f, "stock: {need} wanted, {have} available"),
            Self::Reserved { have, need } => write!(f, "stock: {need} wanted, {have} reserved"),
            Self::OnHand { have, need } => write!(f, "stock: {need} wanted, {have} on hand"),
            Self::Quantity => f.write_str("stock: not a quantity"),
            Self::Nowhere => f.write_str("stock: no place is named"),
        }
    }
}

/// A figure of one part, in one place or in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    OnHand,
    Reserved,
    Available,
    Opening,
    Consumed,
    WrittenOff,
}

impl Figure {
    /// Every word for one.
    pub const WORDS: [&'static str; 6] = ["on_hand", "reserved", "available", "opening", "consumed", "written_off"];

    /// The figure a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "on_hand" => Self::OnHand,
            "reserved" => Self::Reserved,
            "available" => Self::Available,
            "opening" => Self::Opening,
            "consumed" => Self::Consumed,
            "written_off" => Self::WrittenOff,
            _ => return None,
        })
    }

    /// Whether it is counted place by place.
    pub fn is_local(self) -> bool {
        matches!(self, Self::OnHand | Self::Reserved | Self::Available)
    }
}

impl Ledger {
    /// Puts what is there at the beginning.
    pub fn open(&mut self, part: Uuid, place: Place, quantity: Decimal) {
        self.main.entry(part).or_insert_with(|| place.clone());
        let cell = self.cells.entry((part, place)).or_default();
        cell.on_hand = cell.on_hand.saturating_add(quantity);
        let sums = self.sums.entry(part).or_default();
        sums.opening = sums.opening.saturating_add(quantity);
    }

    /// A figure of `part`, or of all parts, in `place` or, without one, everywhere.
    pub fn figure(&self, part: Option<Uuid>, place: Option<&Place>, figure: Figure) -> Decimal {
        let meant = |of: &Uuid| part.is_none_or(|part| part == *of);
        let cells = self.cells.iter().filter(|((of, at), _)| meant(of) && place.is_none_or(|place| place == at)).map(|(_, cell)| cell);
        let sums = self.sums.iter().filter(|(of, _)| meant(of)).map(|(_, sums)| sums);
        match figure {
            Figure::OnHand => sum(cells.map(|cell| cell.on_hand)),
            Figure::Reserved => sum(cells.map(|cell| cell.reserved)),
            Figure::Available => sum(cells.map(|cell| cell.on_hand.saturating_sub(cell.reserved))),
            Figure::Opening => sum(sums.map(|sums| sums.opening)),
            Figure::Consumed => sum(sums.map(|sums| sums.consumed)),
            Figure::WrittenOff => sum(sums.map(|sums| sums.written_off)),
        }
    }

    /// Carries out an effect, all of it or, where it fails, none.
    pub fn carry_out(&mut self, stock: &Stock) -> Result<(), Short> {
        let before = self.clone();
        let done = stock.lines.iter().try_for_each(|line| self.line(stock, line));
        if done.is_err() {
            *self = before;
        }
        done
    }

    fn line(&mut self, stock: &Stock, line: &StockLine) -> Result<(), Short> {
        let (part, quantity) = (line.part, line.qty);
        let place = line.place.clone().or_else(|| self.place_of(part)).ok_or(Short::Nowhere)?;
        match stock.op {
            StockOp::Reserve => self.reserve(part, place, quantity, stock.on_short),
            StockOp::Release => self.release(part, place, quantity),
            StockOp::Consume => self.consume(part, place, quantity),
            StockOp::Move => self.shift(part, place, stock.to.clone().ok_or(Short::Nowhere)?, quantity, stock.consume_reservation),
            StockOp::WriteOff => self.write_off(part, place, quantity),
        }
    }

    /// Where the record reserved the part, or its main place.
    fn place_of(&self, part: Uuid) -> Option<Place> {
        let reserved = self.cells.iter().find(|((of, _), cell)| *of == part && cell.reserved > Decimal::ZERO);
        reserved.map(|((_, place), _)| place).or_else(|| self.main.get(&part)).cloned()
    }

    /// Promises what is free.
    pub fn reserve(&mut self, part: Uuid, place: Place, quantity: Decimal, on_short: OnShort) -> Result<(), Short> {
        let cell = self.cell(part, place, quantity)?;
        let have = cell.on_hand.saturating_sub(cell.reserved).max(Decimal::ZERO);
        if have < quantity && on_short == OnShort::Fail {
            return Err(Short::Available { have, need: quantity });
        }
        cell.reserved = cell.reserved.checked_add(quantity.min(have)).ok_or(Short::Quantity)?;
        Ok(())
    }

    /// Takes a promise back; more than was promised is no harm, because a file may release on every way out.
    pub fn release(&mut self, part: Uuid, place: Place, quantity: Decimal) -> Result<(), Short> {
        let cell = self.cell(part, place, quantity)?;
        cell.reserved -= quantity.min(cell.reserved);
        Ok(())
    }

    /// Uses up what was promised.
    pub fn consume(&mut self, part: Uuid, place: Place, quantity: Decimal) -> Result<(), Short> {
        self.leave(part, place, quantity, true)?;
        let sums = self.sums.entry(part).or_default();
        sums.consumed = sums.consumed.saturating_add(quantity);
        Ok(())
    }

    /// Takes from one place to another. What was `promised` is taken out of the promise; else only what is free may go.
    pub fn shift(&mut self, part: Uuid, from: Place, to: Place, quantity: Decimal, promised: bool) -> Result<(), Short> {
        self.leave(part, from, quantity, promised)?;
        let cell = self.cell(part, to, quantity)?;
        cell.on_hand = cell.on_hand.checked_add(quantity).ok_or(Short::Quantity)?;
        Ok(())
    }

    /// Takes off the books what is not there any more.
    pub fn write_off(&mut self, part: Uuid, place: Place, quantity: Decimal) -> Result<(), Short> {
        self.leave(part, place, quantity, false)?;
        let sums = self.sums.entry(part).or_default();
        sums.written_off = sums.written_off.saturating_add(quantity);
        Ok(())
    }

    fn leave(&mut self, part: Uuid, place: Place, quantity: Decimal, promised: bool) -> Result<(), Short> {
        let cell = self.cell(part, place, quantity)?;
        if promised && cell.reserved < quantity {
            return Err(Short::Reserved { have: cell.reserved, need: quantity });
        }
        let free = if promised { cell.on_hand } else { cell.on_hand.saturating_sub(cell.reserved) };
        if free < quantity {
            return Err(Short::OnHand { have: free, need: quantity });
        }
        cell.on_hand -= quantity;
        if promised {
            cell.reserved -= quantity;
        }
        Ok(())
    }

    fn cell(&mut self, part: Uuid, place: Place, quantity: Decimal) -> Result<&mut Cell, Short> {
        if quantity < Decimal::ZERO {
            return Err(Short::Quantity);
        }
        Ok(self.cells.entry((part, place)).or_default())
    }
}

fn sum(of: impl Iterator<Item = Decimal>) -> Decimal {
    of.fold(Decimal::ZERO, Decimal::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::{Figure, Ledger, Short};
    use crate::decision::{OnShort, Place};
    use crate::scenario::names::id;

    fn place(name: &str) -> Place {
        Place::Location(id(name))
    }

    #[test]
    fn what_is_promised_is_not_free_and_what_is_used_is_gone() {
        let (filter, mut ledger) = (id("filter"), Ledger::default());
        ledger.open(filter, place("main"), 10.into());
        ledger.reserve(filter, place("main"), 4.into(), OnShort::Fail).expect("there are ten");
        let figure = |ledger: &Ledger, figure| ledger.figure(Some(filter), Some(&place("main")), figure);
        assert_eq!(figure(&ledger, Figure::Available), 6.into());
        assert_eq!(figure(&ledger, Figure::OnHand), 10.into());
        assert_eq!(
            ledger.reserve(filter, place("main"), 7.into(), OnShort::Fail),
            Err(Short::Available { have: 6.into(), need: 7.into() })
        );
        assert_eq!(ledger.consume(filter, place("main"), 5.into()), Err(Short::Reserved { have: 4.into(), need: 5.into() }));
        ledger.consume(filter, place("main"), 3.into()).expect("four were promised");
        ledger.release(filter, place("main"), 9.into()).expect("the rest");
        assert_eq!(figure(&ledger, Figure::Reserved), 0.into());
        assert_eq!(ledger.figure(Some(filter), None, Figure::Consumed), 3.into());
        assert_eq!(figure(&ledger, Figure::OnHand), 7.into());
    }

    #[test]
    fn what_moves_is_in_one_place_at_a_time() {
        let (filter, mut ledger) = (id("filter"), Ledger::default());
        let transit = || Place::Virtual("transit".to_owned());
        ledger.open(filter, place("main"), 5.into());
        ledger.reserve(filter, place("main"), 5.into(), OnShort::Fail).expect("five");
        assert_eq!(
            ledger.shift(filter, place("main"), transit(), 1.into(), false),
            Err(Short::OnHand { have: 0.into(), need: 1.into() }),
            "all of it is promised"
        );
        ledger.shift(filter, place("main"), transit(), 5.into(), true).expect("as promised");
        ledger.shift(filter, transit(), place("site"), 3.into(), false).expect("three arrived");
        ledger.write_off(filter, transit(), 2.into()).expect("two did not");
        assert_eq!(ledger.figure(Some(filter), None, Figure::OnHand), 3.into());
        assert_eq!(ledger.figure(Some(filter), None, Figure::WrittenOff), 2.into());
        assert_eq!(ledger.figure(Some(filter), None, Figure::Opening), 5.into());
        assert_eq!(ledger.write_off(filter, transit(), (-1).into()), Err(Short::Quantity));
    }
}
