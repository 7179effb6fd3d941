//! Units for service managers: written, and removed again.
//!
//! Only a file is written; what makes it count is said and left to people. What must stay true: a file
//! that is not ours is left as it is, unless somebody insists.

mod launchd;
mod systemd;

use super::say;
use crate::app::{DaemonInstall, DaemonUninstall, ServiceManager};
use crate::explain::Failure;
use handfast_sys::files;
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// In a file that is ours.
const MARK: &str = "Made by `handfast daemon install`";

/// The variables of who installs it that the daemon gets.
const KEPT: [&str; 3] = ["HANDFAST_HOME", "HANDFAST_REAPER", "HANDFAST_LOG"];

/// What a unit is made of.
struct Unit {
    program: PathBuf,
    variables: Vec<(&'static str, OsString)>,
}

impl Unit {
    fn ours() -> io::Result<Unit> {
        let get = |name| std::env::var_os(name).map(|value| (name, value));
        Ok(Unit {
            program: std::env::current_exe()?,
            variables: KEPT.into_iter().filter_map(get).collect(),
        })
    }

    fn text(&self, manager: ServiceManager) -> io::Result<String> {
        match manager {
            ServiceManager::Systemd => systemd::text(self),
            ServiceManager::Launchd => launchd::text(self),
        }
    }
}

fn of_this_system(asked: Option<ServiceManager>) -> Result<ServiceManager, Failure> {
    match (asked, std::env::consts::OS) {
        (Some(asked), _) => Ok(asked),
        (None, "windows") => {
            let none = io::Error::other("Windows has no service manager for a user's own programs");
            let what = "find the service manager of this system";
            Err(Failure::new("cli.no-service-manager", what, &none))
        }
        (None, "macos") => Ok(ServiceManager::Launchd),
        (None, _) => Ok(ServiceManager::Systemd),
    }
}

/// Where the unit of a user is.
fn path(manager: ServiceManager) -> io::Result<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from);
    let absolute = |name| set(name).filter(|path| path.is_absolute());
    let home = || absolute("HOME").ok_or_else(|| io::Error::other("HOME is not set"));
    Ok(match manager {
        ServiceManager::Systemd => {
            let config = match absolute("XDG_CONFIG_HOME") {
                Some(config) => config,
                None => home()?.join(".config"),
            };
            config.join("systemd/user/handfast.service")
        }
        ServiceManager::Launchd => home()?.join("Library/LaunchAgents/org.handfast.daemon.plist"),
    })
}

pub(super) fn install(options: &DaemonInstall) -> Result<ExitCode, Failure> {
    let manager = of_this_system(options.manager)?;
    let failed = |error| Failure::new("cli.unit", "write the unit", &error);
    let text = Unit::ours().and_then(|unit| unit.text(manager));
    let text = text.map_err(failed)?;
    if options.print {
        return say(text.trim_end());
    }
    let path = path(manager).map_err(failed)?;
    check(&path, options.force).map_err(foreign)?;
    put(&path, &text).map_err(failed)?;
    let then = match manager {
        ServiceManager::Systemd => systemd::THEN,
        ServiceManager::Launchd => launchd::THEN,
    };
    say(&format!("wrote {}\n{}", path.display(), then.trim_end()))
}

pub(super) fn uninstall(options: &DaemonUninstall) -> Result<ExitCode, Failure> {
    let manager = of_this_system(options.manager)?;
    let failed = |error| Failure::new("cli.unit", "remove the unit", &error);
    let path = path(manager).map_err(failed)?;
    check(&path, options.force).map_err(foreign)?;
    match fs::remove_file(&path) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return say(&format!("there is no {}", path.display()));
        }
        Err(error) => return Err(failed(error)),
    }
    let then = match manager {
        ServiceManager::Systemd => systemd::REMOVED,
        ServiceManager::Launchd => launchd::REMOVED,
    };
    say(&format!("removed {}\n{}", path.display(), then.trim_end()))
}

fn foreign(error: io::Error) -> Failure {
    Failure::new("cli.unit-foreign", "touch the unit", &error)
}

/// Whether what is there is ours.
fn check(path: &Path, force: bool) -> io::Result<()> {
    match fs::read_to_string(path) {
        Ok(text) if force || text.contains(MARK) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(_) if force => Ok(()),
        Ok(_) | Err(_) => {
            let why = format!("{} was not made by this program", path.display());
            Err(io::Error::other(why))
        }
    }
}

/// Written beside and renamed, so that nobody reads half of it.
fn put(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    let new = path.with_extension("new");
    let _ = fs::remove_file(&new);
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    let mut file = files::public(&mut options).open(&new)?;
    file.write_all(text.as_bytes())?;
    fs::rename(&new, path)
}

/// A word as text: what is no UTF-8 cannot be written into a unit.
fn utf8(word: &std::ffi::OsStr) -> io::Result<&str> {
    let text = word.to_str();
    text.filter(|text| !text.contains(char::is_control))
        .ok_or_else(|| io::Error::other(format!("{} cannot be written in it", word.display())))
}
