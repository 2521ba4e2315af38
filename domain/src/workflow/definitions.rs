//! Which file a record follows. Definitions are content-addressed: a record keeps the hash of the text it was created under
//! and is governed by it until somebody migrates it, whatever is published meanwhile. A company follows the shipped file until
//! it publishes its own; its texts are found by itself alone.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, RwLock};

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use workflows::{Creatable, Diagnostic, SHIPPED, Subject, Vocabulary, Workflow};

use super::versions::Turns;
use crate::identity::Tenant;
use crate::identity::defaults::ROLE_KEYS;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::maintenance::work_order;
use crate::notify::kinds;

/// Every kind of record that has a file.
pub(super) const SUBJECTS: &[&Subject] = &[&work_order::SUBJECT];

/// What effects fill in of a record they create.
const CREATABLE: &[Creatable] = &[work_order::CREATABLE];

/// Compiles a file against the names this program knows.
pub fn load(source: &str, file: &str) -> Result<Workflow, Vec<Diagnostic>> {
    let subject = SUBJECTS.iter().find(|subject| names(source, subject.key)).unwrap_or(&SUBJECTS[0]);
    known(|names| Workflow::load(source, file, subject, names))
}

/// Reads something against the names this program knows.
pub(super) fn known<T>(read: impl FnOnce(&Vocabulary<'_>) -> T) -> T {
    let permissions: Vec<&str> = Permission::grantable().map(Permission::key).collect();
    read(&Vocabulary {
        permissions: &permissions,
        roles: ROLE_KEYS,
        texts: kinds::texts(),
        subjects: SUBJECTS,
        creatable: CREATABLE,
        ..Vocabulary::default()
    })
}

/// Which subject a file is about, before it is read properly.
pub(super) fn names(source: &str, key: &str) -> bool {
    source.lines().any(|line| line.strip_prefix("entity:").is_some_and(|value| value.trim() == key))
}

/// Compiled texts of companies a process keeps; when there are more it begins anew.
const KEPT: usize = 2_000;

/// A file this program came with.
#[derive(Debug)]
pub(super) struct Base {
    pub workflow: Arc<Workflow>,
    pub source: String,
}

/// Companies' compiled texts, by company and hash.
type Own = HashMap<(Uuid, String), Arc<Workflow>>;

/// The compiled definitions of this process.
#[derive(Clone)]
pub struct Definitions {
    shipped: Arc<HashMap<&'static str, Base>>,
    /// Shipped texts of any version, by hash: they are everybody's.
    everybodys: Arc<RwLock<HashMap<String, Arc<Workflow>>>>,
    /// Companies' own, by company and hash: to know another's hash is not to reach its text.
    companies: Arc<RwLock<Own>>,
    turns: Turns,
}

impl Definitions {
    /// Compiles the shipped files, or those of a folder in development, and publishes them. A file that changed without a
    /// higher version is refused: records follow what its version said.
    pub async fn ship(pool: &PgPool, folder: Option<&Path>) -> Result<Self> {
        let mut shipped = HashMap::new();
        for subject in SUBJECTS {
            let file = format!("{}.yml", subject.key);
            let source = read(folder, subject.key, &file)?;
            let workflow = load(&source, &file).map_err(|found| Error::Unavailable(workflows::render(&found)))?;
            publish(pool, &workflow, &source).await?;
            shipped.insert(subject.key, Base { workflow: Arc::new(workflow), source });
        }
        let everybodys = shipped.values().map(|base| (base.workflow.hash().to_owned(), base.workflow.clone())).collect();
        Ok(Self {
            shipped: Arc::new(shipped),
            everybodys: Arc::new(RwLock::new(everybodys)),
            companies: Arc::default(),
            turns: Turns::default(),
        })
    }

    /// Whose turn it is to have a text looked at.
    pub(super) fn turns(&self) -> &Turns {
        &self.turns
    }

    /// The file this program came with.
    pub fn shipped(&self, subject: &Subject) -> Result<Arc<Workflow>> {
        Ok(self.base(subject)?.workflow.clone())
    }

    /// The same with its text.
    pub(super) fn base(&self, subject: &Subject) -> Result<&Base> {
        self.shipped.get(subject.key).ok_or_else(|| Error::Internal(format!("no definition of {}", subject.key)))
    }

    /// What a new record of the company follows. Asked inside the transaction, so that every process knows of a publication
    /// as soon as it is committed.
    pub async fn current(&self, conn: &mut PgConnection, tenant: Id<Tenant>, subject: &Subject) -> Result<Arc<Workflow>> {
        let own = sqlx::query_scalar!(
            "SELECT definition FROM workflow_takeovers WHERE tenant_id = $1 AND workflow = $2",
            tenant.uuid(),
            subject.key,
        )
        .fetch_optional(&mut *conn)
        .await?;
        match own {
            Some(hash) => self.of(conn, &hash).await,
            None => self.shipped(subject),
        }
    }

    /// What a running record of the transaction's company follows.
    pub async fn of(&self, conn: &mut PgConnection, hash: &str) -> Result<Arc<Workflow>> {
        if let Some(known) = self.everybodys.read().ok().and_then(|known| known.get(hash).cloned()) {
            return Ok(known);
        }
        // the same setting the policies go by
        let tenant = sqlx::query_scalar!(r#"SELECT app.tenant_id() AS "tenant?""#).fetch_one(&mut *conn).await?.ok_or(Error::NotFound)?;
        let key = (tenant, hash.to_owned());
        if let Some(known) = self.companies.read().ok().and_then(|known| known.get(&key).cloned()) {
            return Ok(known);
        }
        match own_text(conn, tenant, hash).await? {
            Some(stored) => {
                let workflow = stored.compile()?;
                if let Ok(mut known) = self.companies.write() {
                    if known.len() >= KEPT {
                        known.clear();
                    }
                    known.insert(key, workflow.clone());
                }
                Ok(workflow)
            }
            None => self.older(conn, hash).await,
        }
    }

    /// A shipped file of another version than this program's.
    async fn older(&self, conn: &mut PgConnection, hash: &str) -> Result<Arc<Workflow>> {
        let stored = sqlx::query_as!(Stored, "SELECT workflow, version, source FROM platform.workflow_definitions WHERE hash = $1", hash)
            .fetch_one(conn)
            .await?;
        let workflow = stored.compile()?;
        if let Ok(mut known) = self.everybodys.write() {
            known.insert(hash.to_owned(), workflow.clone());
        }
        Ok(workflow)
    }
}

/// A text as it is kept.
struct Stored {
    workflow: String,
    version: i32,
    source: String,
}

impl Stored {
    fn compile(&self) -> Result<Arc<Workflow>> {
        let file = format!("{}.yml (version {})", self.workflow, self.version);
        let workflow = load(&self.source, &file).map_err(|found| Error::Internal(workflows::render(&found)))?;
        Ok(Arc::new(workflow))
    }
}

async fn own_text(conn: &mut PgConnection, tenant: Uuid, hash: &str) -> Result<Option<Stored>> {
    Ok(sqlx::query_as!(
        Stored,
        "SELECT workflow, number AS version, merged AS source FROM workflow_versions WHERE tenant_id = $1 AND definition = $2",
        tenant,
        hash,
    )
    .fetch_optional(conn)
    .await?)
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
