//! Which file a record follows. Definitions are content-addressed: a record keeps the hash of the text it was created under
//! and is governed by it until somebody migrates it, whatever is published meanwhile.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, RwLock};

use sqlx::{PgConnection, PgPool};
use workflows::{Diagnostic, SHIPPED, Subject, Vocabulary, Workflow};

use crate::identity::defaults::ROLE_KEYS;
use crate::kernel::error::{Error, Result};
use crate::kernel::permission::Permission;
use crate::maintenance::work_order;
use crate::notify::TEXTS;

/// Every kind of record that has a file.
const SUBJECTS: &[&Subject] = &[&work_order::SUBJECT];

/// Compiles a file against the names this program knows.
pub fn load(source: &str, file: &str) -> Result<Workflow, Vec<Diagnostic>> {
    let permissions: Vec<&str> = Permission::grantable().map(Permission::key).collect();
    let vocabulary = Vocabulary { permissions: &permissions, roles: ROLE_KEYS, texts: TEXTS };
    let subject = SUBJECTS.iter().find(|subject| names(source, subject.key)).unwrap_or(&SUBJECTS[0]);
    Workflow::load(source, file, subject, &vocabulary)
}

/// Which subject a file is about, before it is read properly.
fn names(source: &str, key: &str) -> bool {
    source.lines().any(|line| line.strip_prefix("entity:").is_some_and(|value| value.trim() == key))
}

/// The compiled definitions of this process.
#[derive(Clone)]
pub struct Definitions {
    current: Arc<HashMap<&'static str, Arc<Workflow>>>,
    by_hash: Arc<RwLock<HashMap<String, Arc<Workflow>>>>,
}

impl Definitions {
    /// Compiles the shipped files, or those of a folder in development, and publishes them. A file that changed without a
    /// higher version is refused: records follow what its version said.
    pub async fn ship(pool: &PgPool, folder: Option<&Path>) -> Result<Self> {
        let mut current = HashMap::new();
        for subject in SUBJECTS {
            let file = format!("{}.yml", subject.key);
            let source = read(folder, subject.key, &file)?;
            let workflow = load(&source, &file).map_err(|found| Error::Unavailable(workflows::render(&found)))?;
            publish(pool, &workflow, &source).await?;
            current.insert(subject.key, Arc::new(workflow));
        }
        let by_hash = current.values().map(|w| (w.hash().to_owned(), w.clone())).collect();
        Ok(Self { current: Arc::new(current), by_hash: Arc::new(RwLock::new(by_hash)) })
    }

    /// What a new record follows.
    pub fn current(&self, subject: &Subject) -> Result<Arc<Workflow>> {
        self.current.get(subject.key).cloned().ok_or_else(|| Error::Internal(format!("no definition of {}", subject.key)))
    }

    /// What a running record follows.
    pub async fn of(&self, conn: &mut PgConnection, hash: &str) -> Result<Arc<Workflow>> {
        if let Some(known) = self.by_hash.read().ok().and_then(|known| known.get(hash).cloned()) {
            return Ok(known);
        }
        let stored = sqlx::query!("SELECT workflow, version, source FROM platform.workflow_definitions WHERE hash = $1", hash)
            .fetch_one(conn)
            .await?;
        let file = format!("{}.yml (version {})", stored.workflow, stored.version);
        let workflow = load(&stored.source, &file).map_err(|found| Error::Internal(workflows::render(&found)))?;
        let workflow = Arc::new(workflow);
        if let Ok(mut known) = self.by_hash.write() {
            known.insert(hash.to_owned(), workflow.clone());
        }
        Ok(workflow)
    }
}

fn read(folder: Option<&Path>, entity: &str, file: &str) -> Result<String> {
    match folder {
        Some(folder) => {
            let path = folder.join(file);
            std::fs::read_to_string(&path).map_err(|error| Error::Unavailable(format!("{}: {error}", path.display())))
        }
        None => SHIPPED
            .iter()
            .find(|shipped| shipped.entity == entity)
            .map(|shipped| shipped.source.to_owned())
            .ok_or_else(|| Error::Internal(format!("{file} is not shipped"))),
    }
}

async fn publish(pool: &PgPool, workflow: &Workflow, source: &str) -> Result<()> {
    let version = i32::try_from(workflow.version()).unwrap_or(i32::MAX);
    sqlx::query!(
        "INSERT INTO platform.workflow_definitions (hash, workflow, version, source) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        workflow.hash(),
        workflow.key(),
        version,
        source,
    )
    .execute(pool)
    .await?;
    let published = sqlx::query_scalar!(
        "SELECT hash FROM platform.workflow_definitions WHERE workflow = $1 AND version = $2",
        workflow.key(),
        version,
    )
    .fetch_one(pool)
    .await?;
    if published == workflow.hash() {
        Ok(())
    } else {
        Err(Error::Unavailable(format!(
            "{}.yml: version {version} was published with another text; give the changed file a higher version",
            workflow.key()
        )))
    }
}
