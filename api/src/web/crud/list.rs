//! The list of a table, and its download.

use domain::kernel::listing::{By, Filter, Query};
use domain::kernel::permission::Permission;
use domain::kernel::resource::Resource;
use poem::{Request, Response, handler};
use templates::pages::parts::{Choice, Field, Text, Widget};
use templates::pages::resource::ResourceList;

use super::{At, cells, home};
use crate::http::failure::Result;
use crate::rest::download::{self as file, File};
use crate::web::exports;
use crate::web::listed::{self, Listed, value};
use crate::web::options;
use crate::web::visitor::Member;

/// `GET /{company}/{table}`.
#[handler]
pub async fn list<R: Resource>(At(member, _): At<R>, request: &Request) -> Result<Response> {
    let pairs = listed::pairs(request);
    let found = listed::read::<R>(&member, &pairs).await?;
    let page = view(&member, &pairs, found).await?;
    let notices = page.notices.clone();
    listed::answer(&member, &page, &notices).await
}

async fn view<R: Resource>(member: &Member, pairs: &[(String, String)], found: Listed<R>) -> Result<ResourceList> {
    let base = home::<R>(member);
    let columns: Vec<_> = cells::columns::<R>(member).filter(|column| column.shown).collect();
    let export = |format: &str| {
        let href = || format!("{base}/download?format={format}&{}", found.query.to_query());
        member.scope.can(Permission::ExportRun).then(href)
    };
    Ok(ResourceList {
        resource: R::NAME.to_owned(),
        glyph: glyph(R::NAME).to_owned(),
        new_href: member.scope.can(R::WRITE).then(|| format!("{base}/new")),
        q: value(pairs, "q").to_owned(),
        sort: value(pairs, "sort").to_owned(),
        filters: filters::<R>(member, &found.query).await?,
        filtered: found.query.filtered(),
        columns: columns.iter().map(|column| listed::head(&base, pairs, &found.query, column.key, column.sort)).collect(),
        rows: found.page.data.iter().map(|row| cells::row::<R>(&base, row, &columns)).collect(),
        pager: listed::foot(&base, pairs, &found),
        export_href: exports::href(member, R::NAME, &found.query),
        csv_href: export("csv"),
        xlsx_href: export("xlsx"),
        notices: found.notices,
        path: base,
    })
}

/// The sign of a table, where its list is empty.
fn glyph(table: &str) -> &'static str {
    match table {
        "assets" => "box",
        "asset_types" => "boxes",
        "categories" => "tags",
        "locations" => "map-pin",
        "vendors" => "store",
        _ => "list",
    }
}

/// The filter bar; a partial update shows none.
async fn filters<R: Resource>(member: &Member, query: &Query) -> Result<Vec<Field>> {
    let mut fields = Vec::new();
    if member.partial {
        return Ok(fields);
    }
    for filter in R::FILTERS {
        let given = query.given(filter.name).unwrap_or_default();
        if let Some((label, choices)) = choices::<R>(member, filter, given).await? {
            fields.push(Field::new(filter.name, Text::key(label), Widget::Select, given).options(choices));
        }
    }
    Ok(fields)
}

/// What a filter of the bar is called and offers; a text to search for has its own place.
async fn choices<R: Resource>(member: &Member, filter: &Filter, given: &str) -> Result<Option<(String, Vec<Choice>)>> {
    let name = filter.name;
    let label = format!("resource.filter.{name}");
    Ok(match &filter.by {
        By::Choice(_, offered) => {
            let word = |option: &&str| Choice::new(*option, Text::key(format!("resource.{}.{name}.{option}", R::NAME)));
            Some((label, offered.iter().map(word).collect()))
        }
        By::Truth(_) => {
            let word = |value: &str, key: &str| Choice::new(value, Text::key(format!("{label}.{key}")));
            Some((format!("{label}.any"), vec![word("true", "in_use"), word("false", "out_of_use")]))
        }
        By::Reference(_, list) => {
            let list = if name == "site" { "sites" } else { list };
            Some((label, options::find(member, list, "", given).await?.choices))
        }
        _ => None,
    })
}

/// `GET /{company}/{table}/download?format=csv`.
#[handler]
pub fn download<R: Resource>(At(member, _): At<R>, request: &Request) -> Result<File> {
    let asked = listed::pairs(request);
    file::list::<R>(&member.edge, &member.scope, value(&asked, "format"), request)
}
