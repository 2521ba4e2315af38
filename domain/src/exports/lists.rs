//! Every list that can be exported, by its name. The one place that joins the areas for exports.

use std::marker::PhantomData;

use futures::future::BoxFuture;

use crate::assets::{Asset, AssetType, Category, Location};
use crate::identity::Member;
use crate::inventory::Vendor;
use crate::kernel::app::App;
use crate::kernel::error::Result;
use crate::kernel::export::{Table, columns, table};
use crate::kernel::listing::{CountOf, Filter, Listing, Query};
use crate::kernel::permission::Permission;
use crate::kernel::scope::Scope;
use crate::maintenance::work_order::WorkOrder;

/// The lists.
pub const LISTS: &[&dyn AnyList] =
    &[&of::<WorkOrder>(), &of::<Asset>(), &of::<AssetType>(), &of::<Category>(), &of::<Location>(), &of::<Vendor>(), &of::<Member>()];

/// The list of this name.
pub fn find(name: &str) -> Option<&'static dyn AnyList> {
    LISTS.iter().copied().find(|list| list.name() == name)
}

/// A column that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnOf {
    /// Its key.
    pub key: &'static str,
    /// The key of its words.
    pub label: String,
    /// Whether the page of the list shows it.
    pub shown: bool,
    /// The right without which it is left out.
    pub needs: Option<Permission>,
}

/// A [`Listing`] with its types erased.
pub trait AnyList: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// The right to see it.
    fn reads(&self) -> Permission;
    /// What it can be filtered by.
    fn filters(&self) -> &'static [Filter];
    /// The columns the reader may see.
    fn columns(&self, reader: &Scope) -> Vec<ColumnOf>;
    /// Reads filters and order; every wrong one is named.
    fn query(&self, query: &str, reader: &Scope) -> Result<Query>;
    /// How many rows there are, counted no further than one more than `cap`.
    fn count<'a>(&self, app: &'a App, reader: &'a Scope, query: Query, cap: u32) -> BoxFuture<'a, Result<i64>>;
    /// The rows.
    fn table(&self, app: &App, reader: &Scope, query: Query, columns: &[String]) -> Result<Table>;
}

struct Of<L>(PhantomData<fn() -> L>);

const fn of<L>() -> Of<L> {
    Of(PhantomData)
}

impl<L: Listing> AnyList for Of<L> {
    fn name(&self) -> &'static str {
        L::NAME
    }

    fn reads(&self) -> Permission {
        L::READ
    }

    fn filters(&self) -> &'static [Filter] {
        L::FILTERS
    }

    fn columns(&self, reader: &Scope) -> Vec<ColumnOf> {
        let column = |column: &'static crate::kernel::listing::Column<L::Row>| ColumnOf {
            key: column.key,
            label: L::label(column.key),
            shown: column.shown,
            needs: column.needs,
        };
        columns::<L>(reader).map(column).collect()
    }

    fn query(&self, query: &str, reader: &Scope) -> Result<Query> {
        Query::parse::<L>(query, reader)
    }

    fn count<'a>(&self, app: &'a App, reader: &'a Scope, query: Query, cap: u32) -> BoxFuture<'a, Result<i64>> {
        Box::pin(async move { Ok(app.run(reader, CountOf::<L>::up_to(query, cap.into())).await?.0) })
    }

    fn table(&self, app: &App, reader: &Scope, query: Query, columns: &[String]) -> Result<Table> {
        table::<L>(app, reader, query, columns)
    }
}
