//! Work orders: list, board, one order with its buttons, form. What leads where, who may press and what is asked comes from the
//! definition the order follows; nothing of it is known here.

mod actions;
mod board;
mod filter;
mod fire;
mod form;
mod levels;
pub mod life;
mod list;
mod missing;
pub mod row;
mod show;

pub use filter::selection;

use super::pages::Pages;

/// The pages.
pub fn pages(pages: Pages) -> Pages {
    pages
        .get("/:company/work-orders", list::list)
        .get("/:company/work-orders/download", list::download)
        .get("/:company/work-orders/board", board::board)
        .get("/:company/work-orders/new", form::blank)
        .post("/:company/work-orders/new", form::create)
        .get("/:company/work-orders/:number", show::show)
        .get("/:company/work-orders/:number/edit", form::edit)
        .post("/:company/work-orders/:number/edit", form::update)
        .post("/:company/work-orders/:number/transitions/:name", fire::fire)
}
