//! The years the dates people fill in lie in. Others are slips of the finger, and the database cannot keep all that can be written.

use chrono::Datelike;

/// Whether a day or a moment lies in them.
pub fn hold(date: &impl Datelike) -> bool {
    workflows::YEARS.contains(&date.year())
}
