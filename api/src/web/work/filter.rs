//! What a page of work orders is narrowed to, and how the domain is asked for it.

use chrono::{Days, NaiveDate};
use domain::kernel::years;
use poem::Request;
use templates::pages::work::WorkFilter;

use super::life::Life;
use crate::web::listed::{self, Pairs};

/// The selections of work orders, as tabs.
pub const TABS: [&str; 7] = ["all", "active", "mine", "unassigned", "overdue", "approval", "done"];

/// What the reader asked, in the page's own words.
pub struct Filter {
    /// As it stands in the address, without the cursor.
    pub pairs: Pairs,
    cursor: Option<String>,
}

const NAMES: [&str; 12] =
    ["tab", "q", "state", "priority", "sla", "assignee", "asset", "due_from", "due_to", "done_from", "done_to", "sort"];

impl Filter {
    /// Reads a request's query.
    pub fn of(request: &Request) -> Self {
        let all = listed::pairs(request);
        let cursor = Some(listed::value(&all, "cursor").to_owned()).filter(|cursor| !cursor.is_empty());
        Self { pairs: all.into_iter().filter(|(name, _)| NAMES.contains(&name.as_str())).collect(), cursor }
    }

    /// The value of a name.
    pub fn text(&self, name: &str) -> &str {
        listed::value(&self.pairs, name)
    }

    /// The tab.
    pub fn tab(&self) -> &str {
        let asked = self.text("tab");
        TABS.into_iter().find(|tab| *tab == asked).unwrap_or(TABS[0])
    }

    /// Whether anything but the tab and the order narrows the list.
    pub fn narrows(&self) -> bool {
        self.pairs.iter().any(|(name, _)| !matches!(name.as_str(), "tab" | "sort"))
    }

    /// What the domain is asked.
    pub fn asked(&self, life: &Life) -> Pairs {
        let mut asked = selection(self.tab(), life);
        for (name, value) in &self.pairs {
            match name.as_str() {
                "tab" => {}
                "due_from" => asked.push(("due.gte".to_owned(), value.clone())),
                "due_to" => asked.push(("due.lt".to_owned(), day_after(value))),
                "done_from" => asked.push(("completed.gte".to_owned(), value.clone())),
                "done_to" => asked.push(("completed.lt".to_owned(), day_after(value))),
                _ => asked.push((name.clone(), value.clone())),
            }
        }
        asked.extend(self.cursor.iter().map(|cursor| ("cursor".to_owned(), cursor.clone())));
        asked
    }

    /// What was typed, for the form.
    pub fn typed(&self) -> WorkFilter {
        let text = |name| self.text(name).to_owned();
        WorkFilter {
            tab: self.tab().to_owned(),
            q: text("q"),
            state: text("state"),
            priority: text("priority"),
            sla: text("sla"),
            assignee: text("assignee"),
            asset: text("asset"),
            due_from: text("due_from"),
            due_to: text("due_to"),
            done_from: text("done_from"),
            done_to: text("done_to"),
            sort: text("sort"),
        }
    }
}

/// What a tab stands for.
pub fn selection(tab: &str, life: &Life) -> Pairs {
    let pairs: &[(&str, &str)] = match tab {
        "active" => &[("active", "true")],
        "mine" => &[("assignee", "me"), ("active", "true")],
        "unassigned" => &[("assignee", "none"), ("active", "true")],
        "overdue" => &[("overdue", "true")],
        "done" => &[("category", "done")],
        "approval" => {
            let waiting = life.waiting();
            // a definition without approvals has no such state, and the list is empty
            let states = if waiting.is_empty() { "none".to_owned() } else { waiting.join(",") };
            return vec![("state".to_owned(), states)];
        }
        _ => &[],
    };
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// `due_to` means the whole of that day.
fn day_after(value: &str) -> String {
    let day = value.parse::<NaiveDate>().ok().and_then(|day| day.checked_add_days(Days::new(1))).filter(years::hold);
    day.map_or_else(|| value.to_owned(), |day| day.to_string())
}

#[cfg(test)]
mod tests {
    use super::day_after;

    #[test]
    fn the_last_day_is_included_and_nonsense_is_left_to_be_refused() {
        assert_eq!(day_after("2026-12-31"), "2027-01-01");
        assert_eq!(day_after("soon"), "soon");
        assert_eq!(day_after("-9999-01-01"), "-9999-01-01");
    }
}
