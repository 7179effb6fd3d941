//! Where the daemon of a user is found.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The name of the folder below the one for what lives as long as the user's sessions.
const FOLDER: &str = "handfast";

/// A folder of the user's own, in which the daemon listens and is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(PathBuf);

/// The socket in it.
pub(crate) const SOCKET: &str = "socket";

/// The file with the token of the user in it.
pub(crate) const TOKEN: &str = "token";

impl Place {
    /// This folder. It need not be there; the one that it is in must be.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Place {
        Place(path.into())
    }

    /// The usual one for a user: below `runtime`, which is what `XDG_RUNTIME_DIR` says; else in `/run/user`,
    /// where that is there; else in `/tmp`, under a name with the number of the user.
    ///
    /// So who has the variable and who has it not find the same, but where it names another folder.
    #[must_use]
    pub fn usual(runtime: Option<&OsStr>, user: u32) -> Place {
        let named = runtime.map(PathBuf::from).filter(|path| path.is_absolute());
        let run = PathBuf::from(format!("/run/user/{user}"));
        let runtime = named.or_else(|| run.is_dir().then_some(run));
        match runtime {
            Some(runtime) => Place(runtime.join(FOLDER)),
            None => Place(PathBuf::from(format!("/tmp/{FOLDER}-{user}"))),
        }
    }

    /// The usual one for whoever asks.
    #[must_use]
    pub fn ours() -> Place {
        let runtime = std::env::var_os("XDG_RUNTIME_DIR");
        Place::usual(runtime.as_deref(), handfast_sys::local::user())
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_the_session_comes_first() {
        let nobody = u32::MAX - 7; // has no folder in /run/user
        let usual = |runtime: Option<&str>| Place::usual(runtime.map(OsStr::new), nobody).0;
        assert_eq!(usual(Some("/run/x")), Path::new("/run/x/handfast"));
        let fallback = PathBuf::from(format!("/tmp/handfast-{nobody}"));
        for runtime in [None, Some(""), Some("relative")] {
            assert_eq!(usual(runtime), fallback);
        }
    }
}
