//! Passwords: Argon2id with 19 MiB, two passes, one lane, hashed a few at a time, because each hash takes that memory.

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
        self.hashing(move || argon2().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|error| Error::Internal(error.to_string()))
    }

    /// Whether the password is the one behind the hash. Without a hash the answer is no, after the same time.
    pub async fn verify_password(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let password: String = password.chars().take(*LENGTH.end() + 1).collect();
        let hash = hash.map(str::to_owned);
        self.hashing(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            PasswordHash::new(&hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok()) && known
        })
        .await
    }

    /// Runs a hash on a blocking thread, when one of the few places is free.
    async fn hashing<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _place = self.hashing_places().acquire().await.map_err(|error| Error::Internal(error.to_string()))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(error.to_string()))
    }
}

/// Whether a stored hash was made with other parameters than today's: it is made anew at the next login.
pub fn is_outdated(hash: &str) -> bool {
    !hash.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$"))
}
