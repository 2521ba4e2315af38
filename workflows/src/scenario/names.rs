//! Names of people, records, parts and places, and the ids they stand for.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// The names a scenario has used, by id: what is found is told by name again.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(BTreeMap<Uuid, String>);

impl Names {
    /// The id of `name`: the same in every run.
    pub fn id(&mut self, name: &str) -> Uuid {
        let id = id(name);
        self.0.entry(id).or_insert_with(|| name.to_owned());
        id
    }

    /// The name of `id`; the id itself where no name was used for it.
    pub fn name(&self, id: Uuid) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }
}

/// The id of `name`.
pub(super) fn id(name: &str) -> Uuid {
    let digest = Sha256::digest(name.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}
