//! Where files are kept: a folder, or an S3 bucket. What a file is called, what it holds and who may see it stands in the
//! database; here are bytes under random keys. A [`Files`] hands out [`TenantFiles`], whose keys all begin with the company's
//! own: what another company keeps cannot be named.

#[cfg(any(test, feature = "testing"))]
mod full;

use std::fmt;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt;
use futures::stream::BoxStream;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, MultipartUpload, ObjectStore, ObjectStoreExt, RetryConfig};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt};
use uuid::Uuid;

use super::error::{Error, FieldError, Result};
use super::scope::Scope;

/// Written when the store is opened and looked for when somebody asks whether it answers.
const MARK: &str = "ready";

/// What is held of a file in memory at a time; no part of an upload to S3 but the last may be smaller.
const PART: u64 = 5 * 1024 * 1024;

/// How long a question whether the store answers may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where the store is.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder of this machine.
    Folder(PathBuf),
    /// An S3 bucket.
    Bucket {
        /// Its name.
        name: String,
        /// What every key begins with; may be empty.
        prefix: String,
        /// Credentials, region, endpoint: the usual `AWS_…` variables that are set. Others are left alone.
        options: Vec<(String, String)>,
    },
}

impl fmt::Debug for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => out.debug_tuple("Folder").field(folder).finish(),
            // the options hold credentials
            Self::Bucket { name, prefix, .. } => out.debug_struct("Bucket").field("name", name).field("prefix", prefix).finish(),
        }
    }
}

/// The store of this installation. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    root: Path,
    /// The folder, where it is one.
    disk: Option<PathBuf>,
}

impl Files {
    /// Opens the store and makes sure that it can be written to; a folder that is missing is made.
    ///
    /// # Errors
    /// [`Error::Unavailable`], saying why.
    pub async fn open(place: &Place) -> Result<Self> {
        let files = match place {
            Place::Folder(folder) => {
                let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
                made.map_err(|error| Error::Unavailable(format!("{}: {error}", folder.display())))?;
                let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
                Self { store: Arc::new(store), root: Path::default(), disk: Some(folder.clone()) }
            }
            Place::Bucket { name, prefix, options } => {
                let mut builder = AmazonS3Builder::new().with_bucket_name(name).with_client_options(client()).with_retry(retries());
                for (variable, value) in options {
                    if let Ok(key) = variable.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
                        builder = builder.with_config(key, value);
                    }
                }
                let root = Path::parse(prefix).map_err(|error| Error::Unavailable(error.to_string()))?;
                Self { store: Arc::new(builder.build()?), root, disk: None }
            }
        };
        files.store.put(&files.root.clone().join(MARK), Vec::new().into()).await?;
        Ok(files)
    }

    /// A store in the memory of this process.
    #[cfg(any(test, feature = "testing"))]
    pub async fn in_memory() -> Self {
        let files = Self { store: Arc::new(object_store::memory::InMemory::new()), root: Path::default(), disk: None };
        files.store.put(&files.root.clone().join(MARK), Vec::new().into()).await.expect("memory is there");
        files
    }

    /// A store that opens and then keeps nothing: its disk is full.
    #[cfg(any(test, feature = "testing"))]
    pub async fn full(folder: &std::path::Path) -> Self {
        let files = Self::open(&Place::Folder(folder.to_owned())).await.expect("opens");
        Self { store: Arc::new(full::Full(files.store)), ..files }
    }

    /// Whether the store answers.
    pub async fn ready(&self) -> Result<()> {
        let mark = self.root.clone().join(MARK);
        match tokio::time::timeout(PATIENCE, self.store.head(&mark)).await {
            Ok(found) => Ok(found.map(drop)?),
            Err(_) => Err(Error::Unavailable(format!("the file store does not answer within {} s", PATIENCE.as_secs()))),
        }
    }

    /// What the scope's company keeps.
    pub fn of(&self, scope: &Scope) -> TenantFiles {
        let folder = self.root.clone().join("tenants").join(scope.tenant().to_string());
        let disk = self.disk.as_ref().map(|disk| disk.join(folder.as_ref()));
        TenantFiles { store: self.store.clone(), folder, disk }
    }
}

fn client() -> ClientOptions {
    // a server of one's own may speak plain http; its address then says so
    ClientOptions::new().with_allow_http(true).with_connect_timeout(Duration::from_secs(5)).with_timeout(Duration::from_mins(1))
}

fn retries() -> RetryConfig {
    RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(20), ..RetryConfig::default() }
}

/// The name of a file in the store: 122 random bits. It is worth something only inside its company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileKey(Uuid);

impl From<Uuid> for FileKey {
    /// As it was stored.
    fn from(stored: Uuid) -> Self {
        Self(stored)
    }
}

impl FileKey {
    /// A key nobody has.
    #[expect(clippy::new_without_default, reason = "each is another")]
    pub fn new() -> Self {
        Self(Uuid::new_v4())
    }

    /// To be stored.
    pub fn uuid(self) -> Uuid {
        self.0
    }
}

/// A file that was put away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Where it lies.
    pub key: FileKey,
    /// Its size in bytes.
    pub size: u64,
}

/// A file, to be read.
pub struct Content {
    /// Its size in bytes.
    pub size: u64,
    /// Its bytes, in order.
    pub bytes: BoxStream<'static, Result<Vec<u8>>>,
}

/// The files of one company.
#[derive(Debug, Clone)]
pub struct TenantFiles {
    store: Arc<dyn ObjectStore>,
    folder: Path,
    disk: Option<PathBuf>,
}

impl TenantFiles {
    /// Puts a file away under a key of its own, reading as it comes. One that breaks off, is refused or cancelled leaves nothing.
    ///
    /// # Errors
    /// `file_too_large` at the field `file` past `limit` bytes; [`Error::Unavailable`] when the store or the reader fails,
    /// `storage_full` when there is no room.
    pub async fn put<R: AsyncRead + Send + Unpin>(&self, content: R, limit: u64) -> Result<Stored> {
        self.write(FileKey::new(), content, limit).await
    }

    /// Puts a file away under a key that was made before, in the place of what is there: work that is done again leaves one file.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub async fn replace<R: AsyncRead + Send + Unpin>(&self, key: FileKey, content: R, limit: u64) -> Result<Stored> {
        self.clear(key).await;
        self.write(key, content, limit).await
    }

    async fn write<R: AsyncRead + Send + Unpin>(&self, key: FileKey, content: R, limit: u64) -> Result<Stored> {
        let mut content = content.take(limit.saturating_add(1));
        let first = part(&mut content).await?;
        let size = if size_of(&first) < PART {
            refuse_larger(size_of(&first), limit)?;
            let size = size_of(&first);
            self.store.put(&self.path(key), first.into()).await?;
            size
        } else {
            let mut upload = Upload(Some(self.store.put_multipart(&self.path(key)).await?));
            let sent = upload.send(first, &mut content, limit).await;
            upload.finish(sent).await?
        };
        Ok(Stored { key, size })
    }

    /// A file's bytes.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the company has no such file.
    pub async fn get(&self, key: FileKey) -> Result<Content> {
        let found = self.store.get(&self.path(key)).await?;
        Ok(Content { size: found.meta.size, bytes: Box::pin(found.into_stream().map_ok(Vec::from).map_err(Error::from)) })
    }

    /// Removes a file; one that is gone already is no error.
    pub async fn delete(&self, key: FileKey) -> Result<()> {
        self.clear(key).await;
        match self.store.delete(&self.path(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes what a process that was killed left of this file: a folder keeps beginnings beside it, under its name and a number.
    async fn clear(&self, key: FileKey) {
        let Some(disk) = &self.disk else { return };
        let beginning = format!("{}#", key.0);
        let Ok(mut entries) = tokio::fs::read_dir(disk).await else { return };
        while let Ok(Some(entry)) = entries.next_entry().await {
            if entry.file_name().to_string_lossy().starts_with(&beginning)
                && let Err(error) = tokio::fs::remove_file(entry.path()).await
            {
                tracing::warn!(%error, file = %entry.path().display(), "is left in the file store");
            }
        }
    }

    fn path(&self, key: FileKey) -> Path {
        self.folder.clone().join(key.0.to_string())
    }
}

/// As much as is held at a time; less only at the end.
async fn part<R: AsyncRead + Send + Unpin>(content: &mut R) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    content.take(PART).read_to_end(&mut bytes).await.map_err(|error| Error::of_storage(&error))?;
    Ok(bytes)
}

fn size_of(bytes: &[u8]) -> u64 {
    bytes.len() as u64
}

fn refuse_larger(size: u64, limit: u64) -> Result<()> {
    if size <= limit {
        return Ok(());
    }
    Err(Error::Invalid(vec![FieldError::new("file", "file_too_large").with("max", limit.div_ceil(1024 * 1024))]))
}

/// An upload in parts. Dropped unfinished, it is aborted: a bucket would keep its parts, and charge for them.
struct Upload(Option<Box<dyn MultipartUpload>>);

impl Upload {
    async fn send<R: AsyncRead + Send + Unpin>(&mut self, first: Vec<u8>, content: &mut R, limit: u64) -> Result<u64> {
        let (mut size, mut next) = (0, first);
        while !next.is_empty() {
            size += size_of(&next);
            refuse_larger(size, limit)?;
            self.upload()?.put_part(next.into()).await?;
            next = part(content).await?;
        }
        Ok(size)
    }

    /// Makes what was sent a file, or nothing of it.
    async fn finish(mut self, sent: Result<u64>) -> Result<u64> {
        let done = match sent {
            Ok(size) => self.upload()?.complete().await.map(|_| size).map_err(Error::from),
            Err(error) => Err(error),
        };
        if let Some(mut upload) = self.0.take()
            && done.is_err()
        {
            abort(&mut upload).await;
        }
        done
    }

    fn upload(&mut self) -> Result<&mut Box<dyn MultipartUpload>> {
        self.0.as_mut().ok_or_else(|| Error::Internal("the upload is over".to_owned()))
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let (Some(mut upload), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move { abort(&mut upload).await });
        }
    }
}

async fn abort(upload: &mut Box<dyn MultipartUpload>) {
    if let Err(error) = upload.abort().await {
        tracing::warn!(%error, "parts of an upload that failed may be left in the file store");
    }
}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::NotFound,
            error => Self::of_storage(&error),
        }
    }
}
