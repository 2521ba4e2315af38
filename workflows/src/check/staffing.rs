//! Whether a company has the people its workflow asks for. Asked when a file is checked, and whenever its
//! page is shown: roles and members come and go.

use std::collections::BTreeSet;

use crate::definition::{Level, Who, Workflow};
use crate::diagnostic::Diagnostic;
use crate::yaml::At;

/// A role of a company, as far as it matters here.
#[derive(Clone, Debug)]
pub struct Staffed {
    /// Its key.
    pub role: String,
    /// Keys of its permissions.
    pub permissions: BTreeSet<String>,
    /// How many active members have it.
    pub members: u32,
}

impl Workflow {
    /// What this company cannot do with the file: transitions nobody can fire, levels nobody or too few can decide on. In file order, located.
    pub fn staffing(&self, roles: &[Staffed]) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let people = |fits: &dyn Fn(&Staffed) -> bool| roles.iter().filter(|role| fits(role)).map(|role| role.members).sum::<u32>();
        for transition in self.transitions.values() {
            let permission = &transition.permission;
            if !transition.system && people(&|role| role.permissions.contains(permission)) == 0 {
                let at = self.place(&format!("transition.{}", transition.id));
                found.push(Diagnostic::new("WF501", at).with("transition", &transition.id).with("permission", permission));
            }
            for level in transition.approvals.iter().flat_map(|approvals| &approvals.levels) {
                let have = match &level.who {
                    Who::Permission(permission) => people(&|role| role.permissions.contains(permission)),
                    Who::Role(key) => people(&|role| role.role == *key),
                };
                let at = self.place(&format!("level.{}.{}", transition.id, level.id));
                found.extend(short(level, have).map(|finding| Diagnostic { line: at.line, column: at.column, ..finding }));
            }
        }
        found.into_iter().map(|finding| self.located(finding)).collect()
    }
}

fn short(level: &Level, have: u32) -> Option<Diagnostic> {
    let finding = |code| Diagnostic::new(code, At::default()).with("level", &level.id);
    if have == 0 {
        let who = match &level.who {
            Who::Permission(permission) => format!("the permission `{permission}`"),
            Who::Role(role) => format!("the role `{role}`"),
        };
        return Some(finding("WF503").with("who", who));
    }
    (have < level.need).then(|| finding("WF502").with("need", level.need.to_string()).with("have", have.to_string()))
}
