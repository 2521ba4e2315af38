//! Passwords: Argon2id with 19 MiB, two passes, one lane, hashed a few at a time, because each hash takes that memory.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};

use super::common_passwords::is_common;
use crate::kernel::app::App;
use crate::kernel::error::{Checks, Error, FieldError, Result};

/// Shortest and longest password, in characters.
pub const LENGTH: std::ops::RangeInclusive<usize> = 12..=128;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// Compared against when no account has the address, so that the answer takes as long as for one that exists.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Refuses a password that is too short, too long or one of those tried first.
pub fn check(checks: &mut Checks, field: &str, password: &str, email: &str) {
    let length = password.chars().count();
    if length < *LENGTH.start() {
        checks.push(FieldError::new(field, "too_short").with("min", LENGTH.start()));
    } else if length > *LENGTH.end() {
        checks.push(FieldError::new(field, "too_long").with("max", LENGTH.end()));
    } else if is_common(password, email) {
        checks.push(FieldError::new(field, "common_password"));
    }
}

impl App {
    /// Hashes a password for storage.
    pub async fn hash_password(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        self.hashers().run(move || argon2().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|error| Error::Internal(error.to_string()))
    }

    /// Whether the password is the one behind the hash. Without a hash the answer is no, after the same time.
    pub async fn verify_password(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let password: String = password.chars().take(*LENGTH.end() + 1).collect();
        let hash = hash.map(str::to_owned);
        self.hashers().run(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            PasswordHash::new(&hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok()) && known
        })
        .await
    }
}

type Work = Box<dyn FnOnce() + Send>;

/// The threads that hash, one a core. Threads of their own, because an allocator keeps what a thread freed for that thread: on a
/// pool of many threads every one of them would end up holding 19 MiB.
pub(crate) struct Hashers(mpsc::Sender<Work>);

impl Hashers {
    /// Starts the threads; they end with the last handle.
    pub(crate) fn start() -> Result<Self> {
        let (sender, receiver) = mpsc::channel::<Work>();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            let receiver = receiver.clone();
            thread::Builder::new().name("hasher".to_owned()).spawn(move || hash(&receiver)).map_err(failed)?;
        }
        Ok(Self(sender))
    }

    /// Runs `work` when a thread is free; not at all when the caller has gone by then.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let (answer, answered) = tokio::sync::oneshot::channel();
        let work = Box::new(move || {
            if !answer.is_closed() {
                // a caller who left meanwhile does not miss the answer
                let _ = answer.send(work());
            }
        });
        self.0.send(work).map_err(failed)?;
        answered.await.map_err(failed)
    }
}

fn hash(receiver: &Mutex<mpsc::Receiver<Work>>) {
    loop {
        let Ok(Ok(work)) = receiver.lock().map(|receiver| receiver.recv()) else { return };
        // the caller sees its answer missing; the thread is there for the next one
        let _ = catch_unwind(AssertUnwindSafe(work));
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Internal(error.to_string())
}

/// Whether a stored hash was made with other parameters than today's: it is made anew at the next login.
pub fn is_outdated(hash: &str) -> bool {
    !hash.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$"))
}
