//! What an export is narrowed to, for people: filters with their values, records by their names.

use uuid::Uuid;

use super::lists;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, Result};
use crate::kernel::listing::By;
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;

/// A filter, as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// The filter's name.
    pub filter: &'static str,
    values: Vec<Given>,
}

/// A value of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Given {
    /// A word of a closed list, `yes`, `no`, `none` (records without) or `me` (the reader).
    Word(String),
    /// Text, a day, a name.
    Text(String),
}

impl Described {
    /// What the filter must be; words of a closed list as `say` says them.
    pub fn values(&self, say: impl Fn(&str) -> String) -> Vec<String> {
        let said = |value: &Given| match value {
            Given::Word(word) => say(word),
            Given::Text(text) => text.clone(),
        };
        self.values.iter().map(said).collect()
    }
}

/// The filters of queries, each on a list of this name. Of a query that no longer fits its list nothing is said.
#[derive(Debug, Clone)]
pub struct Describe(
    /// Lists and queries.
    pub Vec<(String, String)>,
);

impl Action for Describe {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: Access = Access::Read;
    type Out = Vec<Vec<Described>>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Vec<Described>>> {
        let mut all = Vec::new();
        for (list, query) in &self.0 {
            all.push(describe(cx, list, query).await?);
        }
        Ok(all)
    }
}

async fn describe(cx: &mut Cx<'_>, list: &str, query: &str) -> Result<Vec<Described>> {
    let Some(list) = lists::find(list) else { return Ok(Vec::new()) };
    let query = match list.query(query, cx.scope()) {
        Err(Error::Invalid(_)) => return Ok(Vec::new()),
        read => read?,
    };
    let mut described = Vec::new();
    for filter in list.filters() {
        let Some(given) = query.given(filter.name) else { continue };
        let words = given.split(',');
        let values = match &filter.by {
            By::Choice(..) | By::Word(_) => words.map(|word| Given::Word(word.to_owned())).collect(),
            By::Reference(_, of) => references(cx, of, words).await?,
            By::Truth(_) | By::Flag(_) => vec![Given::Word(if given == "true" { "yes" } else { "no" }.to_owned())],
            By::Before(_) | By::From(_) | By::Contains(_) | By::Search(_) | By::Called(_) => vec![Given::Text(given.to_owned())],
        };
        described.push(Described { filter: filter.name, values });
    }
    Ok(described)
}

async fn references(cx: &mut Cx<'_>, list: &str, words: impl Iterator<Item = &str>) -> Result<Vec<Given>> {
    let (mut given, mut ids) = (Vec::new(), Vec::new());
    for word in words {
        match word {
            "none" | "me" => given.push(Given::Word(word.to_owned())),
            id => ids.extend(id.parse::<Uuid>().ok()),
        }
    }
    given.extend(names(cx, list, &ids).await?.into_iter().map(Given::Text));
    Ok(given)
}

/// Names of records; one the reader cannot see has none.
async fn names(cx: &mut Cx<'_>, list: &str, ids: &[Uuid]) -> Result<Vec<String>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let tenant = cx.tenant().uuid();
    let conn = cx.conn();
    Ok(match list {
        "assets" => {
            sqlx::query_scalar!("SELECT name FROM assets WHERE tenant_id = $1 AND id = ANY ($2) ORDER BY name", tenant, ids)
                .fetch_all(conn)
                .await?
        }
        "asset_types" => {
            sqlx::query_scalar!("SELECT name FROM asset_types WHERE tenant_id = $1 AND id = ANY ($2) ORDER BY name", tenant, ids)
                .fetch_all(conn)
                .await?
        }
        "categories" => {
            sqlx::query_scalar!("SELECT name FROM categories WHERE tenant_id = $1 AND id = ANY ($2) ORDER BY name", tenant, ids)
                .fetch_all(conn)
                .await?
        }
        "locations" => {
            sqlx::query_scalar!("SELECT name FROM locations WHERE tenant_id = $1 AND id = ANY ($2) ORDER BY name", tenant, ids)
                .fetch_all(conn)
                .await?
        }
        "vendors" => {
            sqlx::query_scalar!("SELECT name FROM vendors WHERE tenant_id = $1 AND id = ANY ($2) ORDER BY name", tenant, ids)
                .fetch_all(conn)
                .await?
        }
        "members" => {
            sqlx::query_scalar!("SELECT name FROM members WHERE tenant_id = $1 AND id = ANY ($2) ORDER BY name", tenant, ids)
                .fetch_all(conn)
                .await?
        }
        "roles" => {
            sqlx::query_scalar!("SELECT name FROM roles WHERE tenant_id = $1 AND id = ANY ($2) ORDER BY name", tenant, ids)
                .fetch_all(conn)
                .await?
        }
        _ => Vec::new(),
    })
}
