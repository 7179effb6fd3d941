//! Where the daemon of a user is found, and where it keeps what outlasts it.

use handfast_sys::local::{User, usual_folder};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The name of the folder below the one for what lives as long as the user's sessions.
const FOLDER: &str = "handfast";

/// The two folders of a user's daemon: where it listens and is found, and where it keeps its log and
/// what else outlasts it. Both are the user's own, with nobody else in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    run: PathBuf,
    state: PathBuf,
}

/// The socket in it.
pub(crate) const SOCKET: &str = "socket";

/// The file with the token of the user in it.
pub(crate) const TOKEN: &str = "token";

/// The variables that decide which place is the usual one; nothing else of an environment does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables {
    /// `HANDFAST_HOME`: a folder for everything; the daemon listens in `run` below it and keeps what
    /// outlasts it in `state`.
    pub home: Option<OsString>,
    /// `XDG_RUNTIME_DIR`; on Windows [`Variables::ours`] takes the user's `LOCALAPPDATA` where that is not set.
    pub runtime: Option<OsString>,
    /// `XDG_STATE_HOME`.
    pub state: Option<OsString>,
    /// `HOME`; on Windows [`Variables::ours`] has none, since only some shells set it there.
    pub user_home: Option<OsString>,
}

impl Variables {
    /// Their names, in the order of the fields.
    pub const NAMES: [&'static str; 4] =
        ["HANDFAST_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "HOME"];

    /// Those of whoever asks.
    #[must_use]
    pub fn ours() -> Variables {
        let [home, runtime, state, user_home] = Variables::NAMES.map(std::env::var_os);
        let of_user = handfast_sys::files::of_user().map(OsString::from);
        let user_home = user_home.filter(|_| of_user.is_none());
        let runtime = runtime.or(of_user);
        Variables {
            home,
            runtime,
            state,
            user_home,
        }
    }
}

impl Place {
    /// This folder, with what outlasts the daemon in `state` below it. It need not be there; the one that
    /// it is in must be.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Place {
        let run = path.into();
        let state = run.join("state");
        Place { run, state }
    }

    /// The same, with another folder for what outlasts the daemon.
    #[must_use]
    pub fn keeping(self, state: impl Into<PathBuf>) -> Place {
        let state = state.into();
        Place { state, ..self }
    }

    /// The usual one for a user. `HANDFAST_HOME` decides where it is set. Else the daemon listens below
    /// `XDG_RUNTIME_DIR`; without that where the system has a place for it ([`usual_folder`]). It keeps what outlasts it below `XDG_STATE_HOME`, else in
    /// `.local/state` below `HOME`, else where it listens. A variable with a relative path counts as none.
    ///
    /// So who has `XDG_RUNTIME_DIR` and who has it not find the same, but where it names another folder.
    #[must_use]
    pub fn usual(variables: &Variables, user: &User) -> Place {
        if let Some(home) = absolute(variables.home.as_deref()) {
            let state = home.join("state");
            return Place::at(home.join("run")).keeping(state);
        }
        let place = Place::at(match absolute(variables.runtime.as_deref()) {
            Some(runtime) => runtime.join(FOLDER),
            None => usual_folder(FOLDER, user),
        });
        let below_home = |home: PathBuf| home.join(".local/state");
        let state = absolute(variables.state.as_deref())
            .or_else(|| absolute(variables.user_home.as_deref()).map(below_home));
        match state {
            Some(state) => place.keeping(state.join(FOLDER)),
            None => place,
        }
    }

    /// The usual one for whoever asks.
    #[must_use]
    pub fn ours() -> Place {
        Place::usual(&Variables::ours(), &handfast_sys::local::user())
    }

    /// Makes the folders above the two, for nobody else, where they are not there. Whether they can be
    /// trusted is looked at by who opens what is in them.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn make_way(&self) -> std::io::Result<()> {
        let above = [&self.run, &self.state].map(|path| path.parent());
        let mut above = above.into_iter().flatten();
        above.try_for_each(handfast_sys::files::make_private_way)
    }

    /// The folder where the daemon listens.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.run
    }

    /// The daemon's log; the one before it, where it was full, has `.1` behind its name.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.state.join("daemon.log")
    }

    /// The folder for what outlasts the daemon. It is made, private, by who first needs it.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }
}

fn absolute(text: Option<&OsStr>) -> Option<PathBuf> {
    text.map(PathBuf::from).filter(|path| path.is_absolute())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    const NOBODY: u32 = u32::MAX - 7; // has no folder in /run/user

    fn usual(of: &[(&str, &str)]) -> (String, String) {
        let get = |name: &str| {
            let found = of.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let [home, runtime, state, user_home] = Variables::NAMES.map(get);
        let variables = Variables {
            home,
            runtime,
            state,
            user_home,
        };
        let place = Place::usual(&variables, &NOBODY);
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        (text(place.path()), text(place.state()))
    }

    fn are(run: &str, state: &str) -> (String, String) {
        (run.to_owned(), state.to_owned())
    }

    #[test]
    fn the_folder_of_the_session_comes_first() {
        let runtime = |path| usual(&[("XDG_RUNTIME_DIR", path)]).0;
        assert_eq!(runtime("/run/x"), "/run/x/handfast");
        let fallback = format!("/tmp/handfast-{NOBODY}");
        for odd in ["", "relative"] {
            assert_eq!(runtime(odd), fallback);
        }
        assert_eq!(usual(&[]), are(&fallback, &format!("{fallback}/state")));
    }

    #[test]
    fn one_folder_for_everything_comes_before_all() {
        let all = [
            ("HANDFAST_HOME", "/h"),
            ("XDG_RUNTIME_DIR", "/r"),
            ("XDG_STATE_HOME", "/s"),
            ("HOME", "/home/me"),
        ];
        assert_eq!(usual(&all), are("/h/run", "/h/state"));
        assert_eq!(usual(&all[1..]), are("/r/handfast", "/s/handfast"));
        let kept = are("/r/handfast", "/home/me/.local/state/handfast");
        assert_eq!(usual(&[all[1], all[3]]), kept);
    }
}

#[cfg(test)]
#[cfg(windows)]
mod windows_tests {
    use super::*;
    use handfast_sys::local::user;

    fn usual(home: Option<&str>, runtime: Option<&str>, state: Option<&str>) -> Place {
        let variables = Variables {
            home: home.map(OsString::from),
            runtime: runtime.map(OsString::from),
            state: state.map(OsString::from),
            user_home: None,
        };
        Place::usual(&variables, &user())
    }

    #[test]
    fn one_folder_for_everything_comes_before_all() {
        let place = usual(Some("C:\\h"), Some("C:\\r"), Some("C:\\s"));
        assert_eq!(place, Place::at("C:\\h\\run").keeping("C:\\h\\state"));
        let place = usual(None, Some("C:\\r"), Some("C:\\s"));
        assert_eq!(
            place,
            Place::at("C:\\r\\handfast").keeping("C:\\s\\handfast")
        );
    }

    #[test]
    fn without_any_it_is_the_folder_of_the_user_and_no_shared_one() {
        let folder = handfast_sys::files::of_user().unwrap();
        for odd in [None, Some("relative"), Some("/r"), Some("")] {
            assert_eq!(usual(None, odd, None), Place::at(folder.join(FOLDER)));
        }
        assert_eq!(Variables::ours().user_home, None);
    }
}
