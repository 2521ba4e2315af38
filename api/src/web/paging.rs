//! The foot of a list.

use domain::kernel::listing::{Count, Page};
use templates::pages::parts::Pager;

/// The foot of a list at `base` under `query`: how much there is, the pages before and after.
pub fn pager<R>(base: &str, query: &str, page: &Page<R>, count: Count) -> Pager {
    Pager {
        total: u32::try_from(count.0.min(Count::CAP)).unwrap_or_default(),
        capped: count.capped(),
        previous: page.previous_cursor.as_deref().map(|cursor| with(base, query, Some(cursor))),
        next: page.next_cursor.as_deref().map(|cursor| with(base, query, Some(cursor))),
    }
}

/// The foot of a list that is not counted: newest first, older ones behind the link.
pub fn older(base: &str, query: &[(&str, &str)], next: Option<String>) -> Pager {
    let query = encoded(query);
    Pager { next: next.map(|id| with(base, &query, Some(&id))), ..Pager::default() }
}

/// The parameters that say something.
pub fn encoded(query: &[(&str, &str)]) -> String {
    let said: Vec<_> = query.iter().filter(|(_, value)| !value.is_empty()).collect();
    serde_urlencoded::to_string(said).unwrap_or_default()
}

fn with(base: &str, query: &str, cursor: Option<&str>) -> String {
    let cursor = cursor.map(|cursor| format!("cursor={cursor}"));
    let parts: Vec<&str> = [Some(query), cursor.as_deref()].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { base.to_owned() } else { format!("{base}?{}", parts.join("&")) }
}
