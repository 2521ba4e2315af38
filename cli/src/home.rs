//! The folder `.millwright/`: everything `up` keeps. One process at a time works in it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use rand::TryRngCore;
use rand::rngs::OsRng;

/// The folder, held by this process until the value is dropped.
pub struct Home {
    path: PathBuf,
    /// The lock goes with the open file, so even a killed process lets go of it.
    _lock: File,
}

impl Home {
    /// Opens the folder below `parent`, making it where it is missing.
    ///
    /// # Errors
    /// When another process works in it, naming that process; when the folder cannot be made.
    pub fn open(parent: &Path) -> anyhow::Result<Self> {
        let path = std::path::absolute(parent)?.join(".millwright");
        make_folder(&path, 0o755)?;
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path.join("lock"))
            .with_context(|| format!("{} cannot be written to", path.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                lock.read_to_string(&mut holder)?;
                bail!("millwright is already running in {} (process {})", path.display(), holder.trim());
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        lock.set_len(0)?;
        write!(lock, "{}", std::process::id())?;
        Ok(Self { path, _lock: lock })
    }

    /// The folder itself, absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A folder inside, for this user only.
    pub fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.path.join(name);
        make_folder(&path, 0o700)?;
        Ok(path)
    }

    /// The secret of this installation: 256 random bits as hexadecimal, made at the first call and the same ever
    /// after, so that sessions and links survive a restart.
    pub fn secret(&self) -> anyhow::Result<String> {
        let path = self.path.join("secret");
        if let Ok(secret) = std::fs::read_to_string(&path) {
            return Ok(secret.trim().to_owned());
        }
        let secret = random_hex::<32>()?;
        // renamed into place, so that a crash leaves no half of one
        let draft = self.path.join("secret.draft");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(secret.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&draft, &path)?;
        Ok(secret)
    }
}

/// `N` random bytes as hexadecimal.
pub fn random_hex<const N: usize>() -> anyhow::Result<String> {
    use std::fmt::Write;
    let mut bytes = [0_u8; N];
    OsRng.try_fill_bytes(&mut bytes).context("the system gives no random numbers")?;
    Ok(bytes.iter().fold(String::with_capacity(N * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// Makes a folder with these permissions; one that exists keeps its own.
pub fn make_folder(path: &Path, mode: u32) -> anyhow::Result<()> {
    DirBuilder::new().recursive(true).mode(mode).create(path).with_context(|| format!("{} cannot be made", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_second_process_is_told_who_holds_the_folder() {
        let parent = tempfile::tempdir().expect("a folder");
        let first = Home::open(parent.path()).expect("the folder is free");
        let refusal = Home::open(parent.path()).err().expect("the folder is held").to_string();
        assert!(refusal.contains(&format!("(process {})", std::process::id())), "{refusal}");
        drop(first);
        Home::open(parent.path()).expect("the folder is free again");
    }

    #[test]
    fn the_secret_stays_and_is_private() {
        let parent = tempfile::tempdir().expect("a folder");
        let home = Home::open(parent.path()).expect("the folder is free");
        let secret = home.secret().expect("a secret");
        assert_eq!(secret.len(), 64);
        assert_eq!(home.secret().expect("the same"), secret);
        let mode = std::fs::metadata(home.path().join("secret")).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let other = tempfile::tempdir().expect("a folder");
        assert_ne!(Home::open(other.path()).expect("free").secret().expect("a secret"), secret);
    }
}
