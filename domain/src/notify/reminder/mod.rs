//! A company's rules for reminders (113–116): whom to tell of which date of which records, so many days before it, after it, and
//! again. A rule turns the dates of the near future into rows of `timers`; the date is looked at again when a row's moment comes,
//! so that one which has changed reminds nobody. Dates are declared in `field.rs`: a new one is a row there and its words.

mod arrange;
mod come;
mod daily;
mod field;
mod rule;

pub use arrange::{Arrange, ArrangeRule, changed};
pub(crate) use come::come;
pub use daily::{DailyChecks, RunDailyChecks};
pub use field::{FIELDS, Field};
pub use rule::{ChangeRule, CreateRule, DeleteRule, ListRules, ReminderRule, RoleNames, Rule, RuleInput, ShowRule};
