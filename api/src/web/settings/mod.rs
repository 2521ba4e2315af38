//! The company's settings: its workflow files. Everything here asks for `workflow.manage`.

mod differences;
mod edit;
mod flow;
mod migrate;
mod rows;

use serde::Deserialize;

use super::pages::Pages;

/// The pages of this folder.
pub fn pages(pages: Pages) -> Pages {
    pages
        .get("/:company/settings/workflows", flow::list)
        .get("/:company/settings/workflows/:workflow", flow::show)
        .post("/:company/settings/workflows/:workflow/restore", flow::restore)
        .post("/:company/settings/workflows/:workflow/follow", flow::follow)
        .post("/:company/settings/workflows/:workflow/merge", flow::merge)
        .get("/:company/settings/workflows/:workflow/edit", edit::show)
        .post("/:company/settings/workflows/:workflow/edit", edit::send)
        .post("/:company/settings/workflows/:workflow/check", edit::check)
        .get("/:company/settings/workflows/:workflow/differences", differences::show)
        .get("/:company/settings/workflows/:workflow/migrate", migrate::show)
        .post("/:company/settings/workflows/:workflow/migrate", migrate::send)
}

/// The workflow a page is about.
#[derive(Deserialize)]
struct Named {
    workflow: String,
}

/// Its pages' address.
fn at(member: &super::visitor::Member, workflow: &str, rest: &str) -> String {
    member.path(&format!("settings/workflows/{workflow}{rest}"))
}
