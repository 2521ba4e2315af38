//! How two versions of a workflow file differ, in the reader's language.

use templates::Locale;
use templates::i18n::t;
use workflows::compare::{Change, ChangeKind, OptionChange, Part};

/// What happened to the part: `added`, `removed` or `changed`.
pub fn kind(change: &Change) -> &'static str {
    match change.kind {
        ChangeKind::Added => "added",
        ChangeKind::Removed => "removed",
        ChangeKind::Changed => "changed",
    }
}

/// The kind of part, as its key.
pub fn part(change: &Change) -> &'static str {
    match change.part {
        Part::Workflow => "workflow",
        Part::State => "state",
        Part::Transition => "transition",
        Part::Field => "field",
        Part::Level => "level",
        Part::Effect => "effect",
        Part::Sla => "sla",
        Part::Timer => "timer",
        Part::Reminder => "reminder",
        Part::Label => "label",
        Part::Text => "text",
        Part::Test => "test",
    }
}

/// The part by name: “transition ‘approve’”.
pub fn named(locale: Locale, change: &Change) -> String {
    let owner = change.owner.as_deref().unwrap_or_default();
    let key = format!("change.part.{}", part(change));
    let params: &[(&str, &str)] = match change.part {
        Part::Workflow => &[],
        Part::Field | Part::Level | Part::Effect | Part::Label | Part::Text => &[("id", &change.id), ("owner", owner)],
        _ => &[("id", &change.id)],
    };
    t(locale, &key, params)
}

/// What changed in it, one line an option.
pub fn options(locale: Locale, change: &Change) -> Vec<String> {
    change.options.iter().map(|option| one(locale, option)).collect()
}

fn one(locale: Locale, change: &OptionChange) -> String {
    let OptionChange { option, old, new } = change;
    let name = if option.is_empty() { String::new() } else { format!("{option}: ") };
    match (old, new) {
        (Some(old), Some(new)) => format!("{name}{old} → {new}"),
        // of a part that is one value its kind says it already
        (Some(value), None) | (None, Some(value)) if option.is_empty() => value.clone(),
        (None, Some(value)) => t(locale, "change.option.new", &[("option", option), ("value", value)]),
        (Some(value), None) => t(locale, "change.option.gone", &[("option", option), ("value", value)]),
        (None, None) => option.clone(),
    }
}

/// The whole of it in one sentence.
pub fn sentence(locale: Locale, change: &Change) -> String {
    let kind = t(locale, &format!("change.kind.{}", kind(change)), &[]);
    let options = options(locale, change);
    let told = format!("{kind}: {}", named(locale, change));
    if options.is_empty() { told } else { format!("{told}. {}", options.join("; ")) }
}

#[cfg(test)]
mod tests {
    use templates::Locale;
    use workflows::compare::compare;
    use workflows::overlay::File;

    use super::sentence;

    const OLD: &str = "version: 3\nstates: {open: {category: todo}, held: {category: waiting}}\n\
                       transitions:\n  go:\n    from: open\n    permission: a.b\n    form: {minutes: {type: int}}\n    effects: [{set: {x: 1}}]\n";
    const NEW: &str = "version: 3\nstates: {open: {category: todo}}\n\
                       transitions:\n  go:\n    from: open\n    permission: a.c\n    reason: required\n    form: {hours: {type: int}}\n";

    #[test]
    fn every_difference_is_a_sentence_in_every_language() {
        let changes = compare(File { name: "a", source: OLD }, File { name: "b", source: NEW }).expect("both are read");
        let told = |locale| changes.iter().map(|change| sentence(locale, change)).collect::<Vec<_>>();
        assert_eq!(
            told(Locale::En),
            [
                "Removed: state “held”",
                "Changed: transition “go”. permission: a.b → a.c; reason: required (new)",
                "Added: form field “hours” of “go”",
                "Removed: form field “minutes” of “go”",
                "Removed: effect “set” of “go”. {set: {x: 1}}",
            ]
        );
        let english = told(Locale::En);
        for locale in [Locale::Kk, Locale::Ru, Locale::Tr] {
            assert!(told(locale).iter().zip(&english).all(|(own, english)| own != english), "{locale:?}");
        }
    }
}
