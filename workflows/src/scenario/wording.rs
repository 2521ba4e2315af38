//! The sentences of what scenarios find.

/// The sentence and the help of a code; a code nobody knows says only its problem.
pub(crate) fn wording(code: &str) -> (&'static str, &'static str) {
    match code {
        "WF900" => ("two tests are called `{name}`", ""),
        "WF901" => {
            ("nobody is called `{name}`", "declare them under `given: actors:`, or call them after a role, such as `technician1` {hint}")
        }
        "WF902" => ("`{value}` will not do: expected {expected}", ""),
        "WF903" => ("this is no calendar: {problem}", ""),
        "WF904" => ("a step says both `{first}` and `{second}`", "make two steps of it"),
        "WF905" => ("nobody acts in this step", "name somebody with `as:`, here or under `given:`"),
        "WF906" => ("a test creates its record in its first step, and only there", ""),
        "WF907" => ("the system creates no records", ""),
        "WF908" => ("`{key}` goes with one transition", "write the steps one by one"),
        "WF910" => {
            ("the tests of this file take too long", "fewer of them, shorter spans of `advance`, or fewer timers and service levels")
        }
        "WF909" => ("unknown {what} `{name}`", "{hint}"),
        _ => failed(code),
    }
}

/// What a test finds.
fn failed(code: &str) -> (&'static str, &'static str) {
    match code {
        "WF950" => ("`{name}` should be {expected}, but is {found}", ""),
        "WF951" => ("`{name}` should have been told; told: {found}", ""),
        "WF952" => ("`{action}` was refused as `{code}`: {why}", ""),
        "WF953" => ("`{action}` should have been refused as `{expected}`, but was done", ""),
        "WF954" => ("`{action}` should have been refused as `{expected}`, but was as `{code}`: {why}", ""),
        "WF955" => ("no reason speaks of `{because}`: {why}", ""),
        "WF956" => ("the invariant `{condition}` does not hold", ""),
        "WF957" => ("the invariant `{condition}` has no value", "a field it reads is empty"),
        "WF958" => ("more than {limit} things happen while time goes by", ""),
        "WF959" => ("the tests cannot be run: {problem}", ""),
        _ => missing(code),
    }
}

/// What no test covers.
fn missing(code: &str) -> (&'static str, &'static str) {
    match code {
        "WF960" => ("no test fires `{name}`", ""),
        "WF961" => ("no test has `{condition}` true", ""),
        "WF962" => ("no test has `{condition}` false", ""),
        "WF963" => ("no test decides on the level `{name}`", ""),
        "WF964" => ("no test starts the SLA `{name}`", ""),
        "WF965" => ("no test waits for the timer `{name}`", ""),
        "WF966" => ("no test waits for the reminder `{name}`", ""),
        "WF967" => ("no test begins by entry {number} of `initial`, in `{name}`", ""),
        _ => survived(code),
    }
}

/// What no test notices.
fn survived(code: &str) -> (&'static str, &'static str) {
    match code {
        "WF970" => ("no test notices when the level `{level}` of `{transition}` does not escalate", ""),
        "WF971" => ("no test notices when `{state}` is missing from `{key}` of the SLA `{sla}`", ""),
        "WF972" => ("no test notices when the SLA `{sla}` does not warn", ""),
        "WF973" => ("no test notices when step {number} of the breach of `{sla}` is missing", ""),
        "WF974" => ("no test notices when step {number} of the breach of `{sla}` comes at once", ""),
        "WF975" => ("no test notices when the timer `{timer}` is missing", ""),
        "WF976" => ("no test notices when the timer `{timer}` does not run in `{state}`", ""),
        "WF977" => ("no test notices when the reminder `{reminder}` is missing", ""),
        "WF978" => ("no test notices when the reminder `{reminder}` is not sent in `{state}`", ""),
        "WF979" => ("no test notices when the reminder `{reminder}` is sent only once", ""),
        "WF980" => ("no test notices when `{condition}` is turned round ({where})", ""),
        "WF981" => ("no test notices when `{condition}` is left out ({where})", ""),
        "WF982" => ("no test notices when side {side} of `{condition}` is left out ({where})", ""),
        "WF983" => ("no test notices when `{effect}` is left out ({where})", ""),
        "WF984" => ("no test notices when recipient {number} of `{effect}` is not told ({where})", ""),
        "WF985" => ("no test notices when field {number} of `{effect}` is not written ({where})", ""),
        "WF986" => ("no test notices when a record begins in `{other}` instead of `{state}`", ""),
        "WF987" => ("no test notices when `{transition}` leads to `{other}` instead of `{state}`", ""),
        "WF988" => ("no test notices when `{transition}` does not leave `{state}`", ""),
        "WF989" => ("no test notices when anybody may `{transition}`", "let somebody without `{permission}` try: `deny: permission`"),
        "WF990" => ("no test notices when the system may not `{transition}`", ""),
        "WF991" => ("no test notices when `{transition}` asks for no reason", "try it without one: `deny: form, because: reason`"),
        "WF992" => ("no test notices when `{transition}` does not require `{field}`", ""),
        "WF993" => ("no test notices when `{field}` of the form of `{transition}` may be left empty", ""),
        "WF994" => ("no test notices when `{transition}` needs no approval", ""),
        "WF995" => ("no test notices when people approve their own request (`{transition}`)", "let the requester try: `deny: own_request`"),
        "WF996" => ("no test notices when an edit of `{field}` leaves the decisions of `{transition}` standing", ""),
        "WF997" => ("no test notices when the level `{level}` of `{transition}` is missing", ""),
        "WF998" => ("no test notices when the level `{level}` of `{transition}` needs one less", ""),
        "WF999" => ("no test notices when the level `{level}` of `{transition}` is decided by people of other sites", ""),
        _ => ("{problem}", ""),
    }
}
