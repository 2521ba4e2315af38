//! Walking through a list page by page, both ways, under every sort key.

use uuid::Uuid;

use crate::kernel::app::App;
use crate::kernel::error::Error;
use crate::kernel::listing::{Batch, Count, CountOf, List, Listing, Page, Query};
use crate::kernel::scope::Scope;
use crate::kernel::testing::named;

async fn page<L: Listing>(app: &App, scope: &Scope, query: &str, limit: usize, cursor: &str) -> Page<L::Row> {
    let asked = Query::parse::<L>(&format!("{query}&limit={limit}&cursor={cursor}"), scope).expect("is a query");
    app.run(scope, List::<L>::new(asked)).await.expect("lists")
}

/// The rows of a list under a query, collected page by page.
pub(crate) async fn pages<L: Listing>(app: &App, scope: &Scope, query: &str, limit: usize) -> Vec<L::Row> {
    let mut rows: Vec<L::Row> = Vec::new();
    let mut cursor = String::new();
    loop {
        let Page { data, next_cursor, .. } = page::<L>(app, scope, query, limit, &cursor).await;
        assert!(data.len() == limit || next_cursor.is_none(), "a page that is not full is the last");
        rows.extend(data);
        match next_cursor {
            Some(next) => cursor = next,
            None => return rows,
        }
    }
}

/// From the last page back to the first, over the same pages.
async fn back<L: Listing>(app: &App, scope: &Scope, query: &str, id: fn(&L::Row) -> Uuid, ids: &[Uuid]) {
    const LIMIT: usize = 3;
    let mut cursor = String::new();
    let mut at = 0;
    let mut here = page::<L>(app, scope, query, LIMIT, &cursor).await;
    assert_eq!(here.previous_cursor, None, "nothing is before the first page");
    while let Some(next) = here.next_cursor {
        cursor = next;
        at += LIMIT;
        here = page::<L>(app, scope, query, LIMIT, &cursor).await;
    }
    while let Some(previous) = here.previous_cursor {
        at -= LIMIT;
        here = page::<L>(app, scope, query, LIMIT, &previous).await;
        assert_eq!(here.data.iter().map(id).collect::<Vec<_>>(), ids[at..at + LIMIT], "{}?{query} goes back another way", L::NAME);
        assert!(here.next_cursor.is_some(), "where one came from is the next page");
    }
    assert_eq!(at, 0, "{}?{query} does not get back to the beginning", L::NAME);
}

/// Every sort key, ascending and descending: all rows, each once, the one way the exact reverse of the other, in batches as in
/// pages, and in the order `key` gives (by which rows are compared where it knows the sort key).
pub(crate) async fn every_sort<L: Listing>(
    app: &App,
    scope: &Scope,
    id: fn(&L::Row) -> Uuid,
    key: fn(&L::Row, &str) -> Option<Option<String>>,
) {
    let mut all: Option<Vec<Uuid>> = None;
    for sort in L::SORTS {
        let name = sort.name;
        let ascending = pages::<L>(app, scope, &format!("sort={name}"), 3).await;
        let descending = pages::<L>(app, scope, &format!("sort=-{name}"), 4).await;
        let ids: Vec<Uuid> = ascending.iter().map(id).collect();
        let reversed: Vec<Uuid> = descending.iter().rev().map(id).collect();
        assert_eq!(ids, reversed, "{}: {name} is not the reverse of -{name}", L::NAME);
        let mut sorted = ids.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), ids.len(), "{}: {name} repeats a row", L::NAME);
        assert_eq!(*all.get_or_insert_with(|| sorted.clone()), sorted, "{}: {name} loses a row", L::NAME);
        in_order::<L>(&ascending, name, id, key);
        back::<L>(app, scope, &format!("sort={name}"), id, &ids).await;
        back::<L>(app, scope, &format!("sort=-{name}"), id, &ids.iter().rev().copied().collect::<Vec<_>>()).await;
        let query = Query::parse::<L>(&format!("sort={name}"), scope).expect("is a query");
        let batch = app.run(scope, Batch::<L>::after(&query, None).expect("begins")).await.expect("reads");
        assert_eq!(batch.data.iter().map(id).collect::<Vec<_>>(), ids, "{}: a download is ordered as the list", L::NAME);
        tampering::<L>(app, scope, name).await;
    }
    let count = app.run(scope, CountOf::<L>::new(Query::all::<L>())).await.expect("counts");
    assert_eq!(count, Count(i64::try_from(all.unwrap_or_default().len()).expect("few")));
}

fn in_order<L: Listing>(rows: &[L::Row], name: &str, id: fn(&L::Row) -> Uuid, key: fn(&L::Row, &str) -> Option<Option<String>>) {
    for pair in rows.windows(2) {
        let (Some(a), Some(b)) = (key(&pair[0], name), key(&pair[1], name)) else { return };
        // those without a value come last
        let fits = match (&a, &b) {
            (Some(x), Some(y)) => (x, id(&pair[0])) < (y, id(&pair[1])),
            (None, None) => id(&pair[0]) < id(&pair[1]),
            (value, _) => value.is_some(),
        };
        assert!(fits, "{}: {a:?} before {b:?} by {name}", L::NAME);
    }
}

/// A cursor somebody made up is refused, whatever it holds; none is a fault of ours.
async fn tampering<L: Listing>(app: &App, scope: &Scope, sort: &str) {
    use base64::Engine;
    let encode = |json: serde_json::Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json.to_string());
    let (id, some) = (Uuid::now_v7(), "2026-01-01");
    let cursor = |value: serde_json::Value, by: &str, descending: bool| {
        encode(serde_json::json!({ "sort": by, "descending": descending, "value": value, "id": id }))
    };
    let other = cursor(some.into(), "no_such_sort", false);
    let way = cursor(some.into(), sort, true);
    for made_up in ["x", "e30", &other, &way] {
        let refused = named(Query::parse::<L>(&format!("sort={sort}&cursor={made_up}"), scope));
        assert_eq!(refused, [("cursor".to_owned(), "bad_cursor".to_owned())], "{}: {made_up}", L::NAME);
    }
    for value in ["'; DROP TABLE vendors; --", "a\u{0}", "999999999999999999999", "{", "9999-99-99"] {
        let Ok(query) = Query::parse::<L>(&format!("sort={sort}&cursor={}", cursor(value.into(), sort, false)), scope) else { continue };
        match app.run(scope, List::<L>::new(query)).await {
            // text is compared with text, whatever it says
            Ok(_) => {}
            Err(Error::Invalid(errors)) => assert_eq!((errors[0].field.as_str(), &*errors[0].code), ("cursor", "bad_cursor")),
            Err(fault) => panic!("{} by {sort} with {value:?}: {fault}", L::NAME),
        }
    }
}
