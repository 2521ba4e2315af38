//! The sentences of `WF7xx`: patches, their merging, and the migration of records.

/// The sentence and the help of a code.
pub(crate) fn wording(code: &str) -> (&'static str, &'static str) {
    match code {
        "WF700" => ("`extends` names a workflow and its version", "such as `extends: work_order@3`"),
        "WF701" => {
            ("the patch is for `{wanted}`, the base is `{found}`", "merge the patch into the new version, or give it the base it names")
        }
        "WF702" => ("{owner} has nothing called `{name}`", "{hint}"),
        "WF703" => ("`{path}` is there already", "what is there is changed under `set`"),
        "WF704" => ("`{path}` and `{other}` of line {line} touch one another", "make one entry of them"),
        "WF705" => ("`{path}` is locked in the base, and this makes it weaker", "locked parts can be made stricter only"),
        "WF706" => ("`{path}` cannot be patched", "what the file is for is the base's; `version` stands at the top of the patch"),
        "WF707" => ("`{path}` is no path", "a path names parts and options, with dots between them: `transitions.approve.reason`"),
        "WF708" => ("`{path}` is an option, not a part", "options are written under `set`, new or not"),
        "WF709" => ("the `{key}` of `{path}` is another", "leave it out: the path says it"),
        "WF710" => ("`{path}` was changed here and in the new base, line {line}", "take one of the two"),
        "WF711" => ("`{path}` is changed here and gone from the new base", "drop the change, or add the part again"),
        "WF712" => {
            ("`{path}` is removed here and was changed in the new base, line {line}", "look at the change; remove it again, or keep it")
        }
        "WF713" => ("`{path}` is new here and in the new base, line {line}, and not the same", "give one of the two another id"),
        _ => ("{problem}", ""),
    }
}
