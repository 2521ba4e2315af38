//! The sentences of findings, in English.

/// The sentence and the help of a code.
pub(super) fn wording(code: &str) -> (&'static str, &'static str) {
    match code {
        "WF001" => ("this is not YAML: {problem}", ""),
        "WF002" => ("the file is larger than {limit} KiB", ""),
        "WF003" | "WF309" => ("expected {expected}, found {found}", ""),
        "WF004" => ("unknown key `{key}`", "here the language knows {known}"),
        "WF005" => ("`{key}` is missing", ""),
        "WF006" => ("`{value}` is not one of {options}", ""),
        "WF007" => ("`{value}` cannot be an id", "an id is 1 to 40 small Latin letters, digits and underscores, and begins with a letter"),
        "WF008" => ("{value} is not from {min} to {max}", ""),
        "WF009" => ("more than {limit} {what}", ""),
        "WF010" => ("the file is for `{found}`, not for `{expected}`", ""),
        "WF011" => ("`{value}` is there twice", ""),
        "WF012" => ("this file takes too long to read", "make it smaller, or try again in a minute: others may be at work"),
        "WF101" => ("nothing leads to the state `{state}`", "let a transition or `initial` lead to it, or remove it"),
        "WF102" => ("nothing leads out of the state `{state}`", "let a transition leave it, or mark it `terminal: true`"),
        "WF103" => ("no way leads from the state `{state}` to an end", "let some path reach a state with `terminal: true`"),
        "WF104" => ("`{state}` is terminal, but `{transition}` leaves it", ""),
        "WF105" => {
            ("two transitions under approval leave `{state}`: `{first}` and `{second}`", "entering a state can ask for one thing only")
        }
        "WF106" => {
            ("only the last entry goes without a condition, and it must", "entries are tried in order; the last one catches the rest")
        }
        "WF107" => ("timers lead round and round: {path}", "let somebody's step break the circle, or remove a timer"),
        "WF108" => ("`{first}` and `{second}` leave `{state}` at the same moment", "two timers of one state must not be due together"),
        "WF109" => {
            ("transitions fire one another in a circle: {path}", "a step must come to an end: remove one of the `transition` effects")
        }
        "WF110" => ("`{path}` nests transitions more than {limit} deep", ""),
        "WF111" => ("`{transition}` is not `system: true`, so `{timer}` cannot fire it", "mark the transition `system: true`"),
        "WF112" => ("`{transition}` does not leave `{state}`, where `{timer}` fires it", ""),
        "WF113" => {
            ("`{transition}` asks for what `{timer}` cannot give", "a timer has no form, reason or vote: let it fire another transition")
        }
        "WF200" => ("`{key}` is not built yet", "scenarios may use it; live files may once what it acts on is kept here"),
        "WF201" => ("unknown permission `{name}`", "{hint}"),
        "WF202" => ("unknown role `{name}`", "{hint}"),
        "WF203" => ("unknown effect `{name}`", "{hint}"),
        "WF204" => ("`{entity}` has no field `{name}`", "{hint}"),
        "WF205" => ("unknown state `{name}`", "{hint}"),
        "WF206" => ("unknown text `{name}`", "{hint}"),
        "WF207" => ("unknown transition `{name}`", "{hint}"),
        "WF208" => ("`{name}` is not written by workflows", ""),
        "WF210" => ("`{name}` does not name people", "give `role:…`, `perm:…`, `actor`, or a field that holds a member"),
        "WF211" => ("the form has no field `{name}`", "{hint}"),
        "WF212" => ("`{name}` does not leave `{state}`, where the request is decided", ""),
        "WF213" => ("`{name}` must ask for a reason", "a rejection is explained: `reason: required`"),
        "WF214" => ("a transition under approval asks nothing", "its votes carry no form: ask before, on the way into the state"),
        "WF215" => ("`{name}` is under approval and stays in its state", "let it lead to another state, or the request would never close"),
        "WF216" => ("`{name}` is under approval, so it cannot be a rejection", ""),
        "WF217" => ("unknown service level `{name}`", "{hint}"),
        "WF218" => ("unknown kind of record `{name}`", "{hint}"),
        "WF219" => ("the file has no part `{name}`", "a part is named by its keys and ids: `transitions.approve.approvals`"),
        "WF220" => ("unknown approval level `{name}`", "{hint}"),
        "WF221" => ("messages cannot mention `{name}`", "{hint}"),
        "WF222" => ("`{key}` belongs to an overlay", "an overlay is merged with its base before it is read"),
        "WF300" => ("the expression cannot be read: {problem}", ""),
        "WF301" => ("no `{operator}` for {types}", ""),
        "WF302" => ("unknown name `{name}`", "an expression knows {known}"),
        "WF303" => ("{owner} has no field `{name}`", "{hint}"),
        "WF304" => ("{what} cannot stand in an expression", ""),
        "WF305" => ("the expression is longer than {limit} bytes", ""),
        "WF306" => ("the expression has more than {limit} {what}", ""),
        "WF307" => ("a list is gone through inside another", "one `all`, `exists`, `exists_one`, `filter` or `map` may not hold another"),
        "WF310" => ("`{name}` may be empty", "test it first: `{name} != null && …`, or name it under `require`"),
        "WF311" => ("`{value}` is not {what}", ""),
        "WF313" => ("`{name}` wants a text between quotes", ""),
        "WF320" => ("`{name}` is never empty here: the test is constant", ""),
        "WF321" => ("`{name}` is never \"{value}\"", "it is one of {options}"),
        "WF322" => ("this condition is constant", "it reads nothing that changes: remove it, or test something"),
        "WF323" => ("unknown function `{name}`", "an expression knows {known}"),
        "WF324" => ("amounts in {a} and {b} cannot be mixed", ""),
        "WF401" => ("no label for {what} `{name}` in `{language}`", "write it under `labels: {{language}: …}`"),
        "WF402" => ("the text `{name}` is missing in `{language}`", "write it under `texts: {{language}: …}`"),
        "WF501" => ("nobody in this company can fire `{transition}`", "give a role with members the permission `{permission}`"),
        "WF502" => ("the level `{level}` needs {need}, and {have} can decide", "fewer votes, or more people"),
        "WF503" => ("nobody in this company can decide on the level `{level}`", "it needs somebody with {who}"),
        "WF601" => ("`{sla}` never stops for a record that ends in `{state}`", "put the state under `stop`, or stop it with `stop_sla`"),
        "WF602" => ("`doc.{field}` may be empty", "add `when: doc.{field} != null`, or require it on every way into these states"),
        "WF603" => ("nothing starts `{sla}`", "name states under `start`, or start it with `start_sla`"),
        "WF605" => ("`{state}` stands in two lists of `{sla}`", "a state starts, pauses or stops a service level"),
        "WF801" => (
            "what `{transition}` reserves is neither used nor given back on the way {path}",
            "consume or release it before the record ends",
        ),
        other if other.starts_with("WF7") => crate::overlay::wording(other),
        other => crate::scenario::wording(other),
    }
}
