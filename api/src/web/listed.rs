//! Lists as pages ask for them: what is wrong with a filter is told and left out, heads sort, the foot leads on.

use domain::Error;
use domain::kernel::listing::{Count, CountOf, List, Listing, Page, Query};
use poem::http::StatusCode;
use poem::{Request, Response};
use templates::pages::parts::{Pager, SortHead};

use super::paging::pager;
use super::respond;
use super::visitor::{Face, Member};
use crate::http::failure::Result;
use crate::http::words;

/// What a page was asked, name by name.
pub type Pairs = Vec<(String, String)>;

/// A page of a list.
pub struct Listed<L: Listing> {
    /// What was asked, without what was wrong.
    pub query: Query,
    /// What was wrong, in the reader's language.
    pub notices: Vec<String>,
    /// The rows.
    pub page: Page<L::Row>,
    /// How many there are.
    pub count: Count,
}

/// The query of a request, without what was left empty.
pub fn pairs(request: &Request) -> Pairs {
    let all: Pairs = serde_urlencoded::from_str(request.uri().query().unwrap_or_default()).unwrap_or_default();
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// The value of a name.
pub fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// An address with a query.
pub fn address(base: &str, pairs: &[(String, String)]) -> String {
    let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
    if query.is_empty() { base.to_owned() } else { format!("{base}?{query}") }
}

/// The same query without some names, and with another pair.
pub fn with(pairs: &[(String, String)], without: &[&str], more: Option<(&str, &str)>) -> Pairs {
    let kept = pairs.iter().filter(|(name, _)| !without.contains(&name.as_str())).cloned();
    kept.chain(more.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
}

/// Reads the page of a list.
pub async fn read<L: Listing>(member: &Member, pairs: &[(String, String)]) -> Result<Listed<L>> {
    let (query, notices) = asked::<L>(member, pairs)?;
    let page = member.run(List::<L>::new(query.clone())).await?;
    let whole = query.is_first() && page.next_cursor.is_none();
    let count = if whole {
        Count(i64::try_from(page.data.len()).unwrap_or(i64::MAX))
    } else {
        member.run(CountOf::<L>::new(query.clone())).await?
    };
    Ok(Listed { query, notices, page, count })
}

/// What is asked of a list; what it does not know is not for it, what it cannot read is told and left out.
fn asked<L: Listing>(member: &Member, pairs: &[(String, String)]) -> Result<(Query, Vec<String>)> {
    let known = |name: &str| matches!(name, "sort" | "limit" | "cursor") || L::FILTERS.iter().any(|filter| filter.name == name);
    let mut pairs: Pairs = pairs.iter().filter(|(name, _)| known(name)).cloned().collect();
    let mut notices = Vec::new();
    loop {
        let wrong = match Query::parse::<L>(&serde_urlencoded::to_string(&pairs).unwrap_or_default(), &member.scope) {
            Ok(query) => return Ok((query, notices)),
            Err(Error::Invalid(wrong)) => wrong,
            Err(error) => return Err(error.into()),
        };
        let before = pairs.len();
        pairs.retain(|(name, _)| wrong.iter().all(|error| error.field != *name));
        if pairs.len() == before {
            return Err(Error::Invalid(wrong).into());
        }
        notices.extend(wrong.iter().map(|error| words::field(member.locale, error)));
    }
}

/// The head of a column that may sort the list at `base`.
pub fn head(base: &str, pairs: &[(String, String)], query: &Query, key: &str, sort: Option<&str>) -> SortHead {
    let Some(sort) = sort else { return SortHead::new(key, None) };
    let (by, descending) = query.order();
    let sorted = by == sort;
    let turned = if sorted && !descending { format!("-{sort}") } else { sort.to_owned() };
    let href = address(base, &with(pairs, &["sort", "cursor"], Some(("sort", &turned))));
    let order = sorted.then(|| if descending { "descending" } else { "ascending" }.to_owned());
    SortHead { order, ..SortHead::new(key, Some(href)) }
}

/// The foot of the list at `base`.
pub fn foot<L: Listing>(base: &str, pairs: &[(String, String)], found: &Listed<L>) -> Pager {
    let query = serde_urlencoded::to_string(with(pairs, &["cursor"], None)).unwrap_or_default();
    pager(base, &query, &found.page, found.count)
}

/// Answers a list, or the part of it that changes while somebody types. What was wrong with the filter makes it a 422.
pub async fn answer<P: templates::Page>(member: &Member, page: &P, notices: &[String]) -> Result<Response> {
    if notices.is_empty() || member.reader().partial {
        respond::part(member, page, "results").await
    } else {
        respond::whole(member, StatusCode::UNPROCESSABLE_ENTITY, page).await
    }
}
