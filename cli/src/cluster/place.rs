//! Where the cluster's files lie and who owns them.
//!
//! PostgreSQL refuses to run as root, so under root it runs as the system user `postgres`, who must be able to walk
//! to the data. A clone below `/root` is closed to that user: then the data lies elsewhere, and a symbolic link in
//! `.millwright/` holds the place.

use std::fs::Permissions;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::home::{make_folder, random_hex};

/// The longest path of a socket folder: the name of a socket with its file takes 107 bytes at most.
const SOCKET_PATH_MAX: usize = 80;

/// A system user, other than the one who runs us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemUser {
    /// Its number.
    pub uid: u32,
    /// The number of its group.
    pub gid: u32,
}

impl SystemUser {
    /// Whom PostgreSQL has to run as: nobody else, unless we are root.
    pub fn for_postgres() -> anyhow::Result<Option<Self>> {
        if id(&["-u"])? != 0 {
            return Ok(None);
        }
        let of = |option| id(&[option, "postgres"]).context("PostgreSQL's system user `postgres` is missing");
        Ok(Some(Self { uid: of("-u")?, gid: of("-g")? }))
    }

    /// Makes a command run as this user. Rust drops root's further groups with it.
    pub fn apply(user: Option<Self>, command: &mut Command) {
        if let Some(user) = user {
            command.uid(user.uid).gid(user.gid);
        }
    }

    fn can_enter(self, folder: &Path) -> anyhow::Result<bool> {
        let mut command = Command::new("test");
        command.arg("-x").arg(folder).current_dir("/");
        Self::apply(Some(self), &mut command);
        Ok(command.status()?.success())
    }
}

fn id(arguments: &[&str]) -> anyhow::Result<u32> {
    let output = Command::new("id").args(arguments).output().context("the program `id` is missing")?;
    let text = String::from_utf8(output.stdout)?;
    text.trim().parse().with_context(|| format!("`id {}` says nothing", arguments.join(" ")))
}

/// The folder of the cluster, made and owned as it must be.
pub fn settle(home: &Path, elsewhere: &Path, user: Option<SystemUser>) -> anyhow::Result<PathBuf> {
    let place = home.join("postgres");
    if let Ok(target) = std::fs::read_link(&place) {
        if target.is_dir() {
            return Ok(target);
        }
        bail!("{} leads to {}, which is gone", place.display(), target.display());
    }
    let Some(user) = user else {
        make_folder(&place, 0o700)?;
        return Ok(place);
    };
    if user.can_enter(home)? {
        return owned(place, user);
    }
    make_folder(elsewhere, 0o755)?;
    if !user.can_enter(elsewhere)? {
        bail!("the user `postgres` can enter neither {} nor {}", home.display(), elsewhere.display());
    }
    let target = owned(elsewhere.join(random_hex::<8>()?), user)?;
    symlink(&target, &place)?;
    Ok(target)
}

/// A folder that is the user's own.
fn owned(folder: PathBuf, user: SystemUser) -> anyhow::Result<PathBuf> {
    make_folder(&folder, 0o700)?;
    chown(&folder, Some(user.uid), Some(user.gid))?;
    Ok(folder)
}

/// The folder of the socket. Closed to everybody else, which is what guards the database: whoever gets at the socket
/// is trusted.
pub struct SocketFolder {
    path: PathBuf,
    /// Gone with the value, where the folder is a temporary one.
    _temporary: Option<tempfile::TempDir>,
}

impl SocketFolder {
    /// A folder in the cluster's, or a temporary one where that path is too long for a socket or not plain enough
    /// for PostgreSQL's list of folders.
    pub fn make(cluster: &Path, user: Option<SystemUser>) -> anyhow::Result<Self> {
        let path = cluster.join("socket");
        let (path, temporary) = if fits(&path) {
            if !path.is_dir() {
                std::fs::DirBuilder::new().mode(0o700).create(&path)?;
            }
            (path, None)
        } else {
            let private = Permissions::from_mode(0o700);
            let folder = tempfile::Builder::new().prefix("millwright-").permissions(private).tempdir_in("/tmp")?;
            (folder.path().to_owned(), Some(folder))
        };
        if let Some(user) = user {
            chown(&path, Some(user.uid), Some(user.gid))?;
        }
        Ok(Self { path, _temporary: temporary })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn fits(path: &Path) -> bool {
    path.to_str().is_some_and(|path| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-');
        path.len() <= SOCKET_PATH_MAX && path.bytes().all(plain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_strange_paths_do_not_fit_a_socket() {
        assert!(fits(Path::new("/home/aigerim/millwright/.millwright/postgres/socket")));
        assert!(!fits(Path::new("/home/aigerim/my projects/millwright")));
        assert!(!fits(Path::new("/home/әсел/millwright")));
        assert!(!fits(Path::new("/home/a,b/millwright")));
        assert!(!fits(&Path::new("/").join("a".repeat(90))));
    }

    #[test]
    fn a_path_that_does_not_fit_gets_a_temporary_folder_that_goes_again() {
        let parent = tempfile::Builder::new().prefix("a b").tempdir().expect("a folder");
        let socket = SocketFolder::make(parent.path(), None).expect("a socket folder");
        let path = socket.path().to_owned();
        assert!(path.is_dir() && !path.starts_with(parent.path()));
        let mode = std::fs::metadata(&path).expect("the folder").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        drop(socket);
        assert!(!path.exists());
    }
}
