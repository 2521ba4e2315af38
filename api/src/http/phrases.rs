//! Phrases the checks put into a sentence, in the reader's language. What stands between backticks in one is a name of the file,
//! and stays.

use templates::Locale;
use templates::i18n::t;

/// Phrases, with `{}` for a name, by the key of their words.
const PHRASES: &[(&str, &str)] = &[
    ("a mapping", "mapping"),
    ("a list", "list"),
    ("text", "text"),
    ("a number", "number"),
    ("a whole number", "whole_number"),
    ("nothing", "nothing"),
    ("true or false", "bool"),
    ("characters", "characters"),
    ("entries", "entries"),
    ("bytes of a name", "name_bytes"),
    ("states", "states"),
    ("transitions", "transitions"),
    ("fields", "fields"),
    ("actors", "actors"),
    ("levels", "levels"),
    ("a name", "name"),
    ("a length of time, such as {} or {}", "span"),
    ("an amount, such as {}", "amount"),
    ("a time of day, such as {}", "time_of_day"),
    ("did you mean {}?", "nearest"),
    ("a mapping of paths", "path_mapping"),
    ("a list of paths", "path_list"),
    ("a path", "path"),
    ("an expression", "expression"),
    ("a step", "step"),
    ("an effect", "effect"),
    ("a level", "level"),
    ("none", "none"),
    ("both", "both"),
    ("nobody", "nobody"),
    ("empty", "empty"),
    ("not created", "not_created"),
    ("a state or a list of states", "state_or_states"),
    ("a state, {} or a list of branches", "state_or_branches"),
    ("a time for some value", "time_for_value"),
    ("a time to do anything in", "time_at_all"),
    ("a share such as {}, below the whole", "share"),
    ("{} alone", "alone"),
    ("{} and {}", "and"),
    ("{} or {}", "or"),
    ("{} only with {}", "only_with"),
    ("whole days, such as {}", "whole_days"),
    ("a list of objects with {} and {}", "object_list"),
    ("a number or {}", "number_or"),
    ("fields to write", "fields_to_write"),
    ("one effect an entry", "one_effect"),
    ("somebody to tell", "somebody"),
    ("a reference", "reference"),
    ("a value that can be compared", "comparable"),
    ("a value: this field is never empty", "never_empty"),
    ("a quantity", "quantity"),
    ("time or date", "time_or_date"),
    ("ref(location) or ref(site)", "place_reference"),
    ("{} arguments", "arguments"),
    ("people", "people"),
    ("steps", "steps"),
    ("shifts", "shifts"),
    ("holidays", "holidays"),
    ("permissions", "permissions"),
    ("sites", "sites"),
    ("bookings", "bookings"),
    ("branches", "branches"),
    ("offsets", "offsets"),
    ("effects", "effects"),
    ("channels", "channels"),
    ("recipients", "recipients"),
    ("tests", "tests"),
    ("invariants", "invariants"),
    ("options", "options"),
    ("flags", "flags"),
    ("parts", "parts"),
    ("state", "state"),
    ("transition", "transition"),
    ("field", "field"),
    ("approval level", "approval_level"),
    ("SLA", "sla"),
    ("this", "this"),
    ("this field", "this_field"),
    ("this operator", "this_operator"),
    ("a field of this type", "field_of_type"),
    ("this form of a macro", "macro_form"),
    ("{} for each element of a list", "per_element"),
    ("a literal object", "literal_object"),
    ("an exact decimal", "exact_decimal"),
    ("a literal of bytes", "literal_bytes"),
    ("an unsigned number", "unsigned"),
    ("{} by itself", "by_itself"),
    ("{}: test against {}, that", "test_null"),
    ("{} as the name of an element", "element_name"),
    ("the form", "the_form"),
    ("the base", "the_base"),
    ("what is new comes under {}", "new_under"),
    ("the permission {}", "the_permission"),
    ("the role {}", "the_role"),
    ("it cannot be read", "unreadable"),
    ("there is no memory to read it", "no_memory_read"),
    ("it is empty", "it_is_empty"),
    ("something in them cannot be followed", "unfollowable"),
    ("there is no memory to run them", "no_memory_run"),
    ("unknown time zone {}", "time_zone"),
    ("unknown day {}: mon, tue, wed, thu, fri, sat, sun, or a range such as mon-fri", "weekday"),
    ("{} is no stretch of a day such as 09:00-13:00", "stretch"),
    ("{} is no day such as 2026-03-08", "day"),
    ("{} and {} of {} overlap", "overlap"),
    ("more than {} {}", "more_than"),
];

/// What names in a phrase are called in its words, in order.
const NAMES: [&str; 3] = ["a", "b", "c"];

/// A phrase of ours in a language; none for what is no phrase of ours.
pub fn word(locale: Locale, value: &str) -> Option<String> {
    let (phrase, names) = parted(value);
    let (_, key) = PHRASES.iter().find(|(known, _)| *known == phrase)?;
    let names: Vec<(&str, &str)> = NAMES.into_iter().zip(names).collect();
    Some(t(locale, &format!("finding.word.{key}"), &names))
}

/// A phrase with its names taken out of it.
fn parted(value: &str) -> (String, Vec<&str>) {
    let mut phrase = String::with_capacity(value.len());
    let mut names = Vec::new();
    for (index, part) in value.split('`').enumerate() {
        if index % 2 == 0 {
            phrase.push_str(part);
        } else {
            phrase.push_str("{}");
            names.push(part);
        }
    }
    (phrase, names)
}

#[cfg(test)]
mod tests;
