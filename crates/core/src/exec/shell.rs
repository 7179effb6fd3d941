//! Which shell a command is given to, and with what arguments.
//!
//! It is apart because each family of shells has arguments of its own (unified-exec 1.1). The kind is
//! read from the file name and from nothing else: no file is looked at. What must stay true: a shell
//! that is not known is refused and not given the arguments of another.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// A family of shells with the same arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ShellKind {
    /// `bash`.
    Bash,
    /// `zsh`.
    Zsh,
    /// `sh`, and `dash`, `ash`, `ksh` and `mksh`, which take the same arguments.
    Sh,
    /// `powershell` and `pwsh`.
    PowerShell,
    /// `cmd`.
    Cmd,
}

impl ShellKind {
    /// The kind of the shell with this path or name. `.exe` and upper case do not matter, and both
    /// `/` and `\` separate directories.
    ///
    /// ```
    /// use handfast::exec::ShellKind;
    ///
    /// let kind = ShellKind::of(r"C:\Program Files\PowerShell\7\pwsh.exe".as_ref());
    /// assert_eq!(kind, Some(ShellKind::PowerShell));
    /// assert_eq!(ShellKind::of("/usr/bin/python3".as_ref()), None);
    /// ```
    #[must_use]
    pub fn of(shell: &Path) -> Option<Self> {
        let name = shell.to_str()?.rsplit(['/', '\\']).next()?;
        let name = name.to_ascii_lowercase();
        Some(match name.strip_suffix(".exe").unwrap_or(&name) {
            "bash" => Self::Bash,
            "zsh" => Self::Zsh,
            "sh" | "dash" | "ash" | "ksh" | "mksh" => Self::Sh,
            "powershell" | "pwsh" => Self::PowerShell,
            "cmd" => Self::Cmd,
            _ => return None,
        })
    }
}

impl fmt::Display for ShellKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Sh => "sh",
            Self::PowerShell => "powershell",
            Self::Cmd => "cmd",
        })
    }
}

/// A shell whose arguments are not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{}` is no shell that is known here; known are bash, zsh, sh, dash, ash, ksh, mksh, powershell, \
     pwsh and cmd",
    shell.display()
)]
pub struct UnknownShell {
    /// The shell as it was given.
    pub shell: PathBuf,
}

/// A shell and its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shell {
    path: PathBuf,
    kind: ShellKind,
}

impl Shell {
    /// The shell at this path, or of this name.
    ///
    /// # Errors
    ///
    /// [`UnknownShell`] if its file name tells no kind. The file is not looked at.
    pub fn new(path: impl Into<PathBuf>) -> Result<Self, UnknownShell> {
        let path = path.into();
        match ShellKind::of(&path) {
            Some(kind) => Ok(Self { path, kind }),
            None => Err(UnknownShell { shell: path }),
        }
    }

    /// A shell of this kind whatever its name is.
    #[must_use]
    pub fn of_kind(path: impl Into<PathBuf>, kind: ShellKind) -> Self {
        let path = path.into();
        Self { path, kind }
    }

    /// Its path or name as it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> ShellKind {
        self.kind
    }

    /// The arguments that run a script, the shell first.
    ///
    /// A login shell reads the profile of its user; `cmd` has none.
    ///
    /// ```
    /// use handfast::exec::Shell;
    ///
    /// let bash = Shell::new("/bin/bash").unwrap();
    /// assert_eq!(bash.argv("ls | wc", true), ["/bin/bash", "-lc", "ls | wc"]);
    /// let pwsh = Shell::new("pwsh").unwrap();
    /// assert_eq!(pwsh.argv("ls", false), ["pwsh", "-NoProfile", "-Command", "ls"]);
    /// ```
    #[must_use]
    pub fn argv(&self, script: &str, login: bool) -> Vec<OsString> {
        let arguments: &[&str] = match (self.kind, login) {
            (ShellKind::Bash | ShellKind::Zsh | ShellKind::Sh, true) => &["-lc"],
            (ShellKind::Bash | ShellKind::Zsh | ShellKind::Sh, false) => &["-c"],
            (ShellKind::PowerShell, true) => &["-Command"],
            (ShellKind::PowerShell, false) => &["-NoProfile", "-Command"],
            (ShellKind::Cmd, _) => &["/c"],
        };
        let mut argv = vec![self.path.clone().into_os_string()];
        argv.extend(arguments.iter().map(OsString::from));
        argv.push(script.into());
        argv
    }
}

/// A login shell was asked for where none is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("login shells are not allowed here; leave `login` out or set it to false")]
pub struct LoginRefused;

/// Whether the shell is a login shell: as asked, and where nothing is asked, if it is allowed.
///
/// # Errors
///
/// [`LoginRefused`] if one is asked for and not allowed.
pub fn login(asked: Option<bool>, allowed: bool) -> Result<bool, LoginRefused> {
    match (asked, allowed) {
        (Some(true), false) => Err(LoginRefused),
        (asked, allowed) => Ok(asked.unwrap_or(allowed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_read_from_the_file_name() {
        let cases = [
            ("bash", Some(ShellKind::Bash)),
            ("/bin/bash", Some(ShellKind::Bash)),
            (r"C:\msys64\usr\bin\BASH.EXE", Some(ShellKind::Bash)),
            ("/usr/bin/zsh", Some(ShellKind::Zsh)),
            ("/bin/sh", Some(ShellKind::Sh)),
            ("dash", Some(ShellKind::Sh)),
            ("pwsh", Some(ShellKind::PowerShell)),
            ("PowerShell.exe", Some(ShellKind::PowerShell)),
            (r"C:\Windows\System32\cmd.exe", Some(ShellKind::Cmd)),
            ("/usr/bin/fish", None),
            ("/bin/bash/", None),
            ("bash-like", None),
            ("", None),
        ];
        for (shell, want) in cases {
            assert_eq!(ShellKind::of(shell.as_ref()), want, "{shell}");
        }
    }

    #[test]
    fn each_kind_has_its_arguments() {
        let argv = |shell, login| {
            let argv = Shell::new(shell).unwrap().argv("x y", login);
            argv.join(" ".as_ref()).into_string().unwrap()
        };
        assert_eq!(argv("/bin/bash", true), "/bin/bash -lc x y");
        assert_eq!(argv("/bin/bash", false), "/bin/bash -c x y");
        assert_eq!(argv("zsh", true), "zsh -lc x y");
        assert_eq!(argv("sh", false), "sh -c x y");
        assert_eq!(argv("pwsh", true), "pwsh -Command x y");
        assert_eq!(argv("pwsh", false), "pwsh -NoProfile -Command x y");
        assert_eq!(argv("cmd.exe", true), "cmd.exe /c x y");
        assert_eq!(argv("cmd.exe", false), "cmd.exe /c x y");
    }

    #[test]
    fn an_unknown_shell_is_refused_unless_its_kind_is_told() {
        let error = Shell::new("/opt/my shell").unwrap_err();
        assert!(error.to_string().starts_with("`/opt/my shell` is no shell"));
        let told = Shell::of_kind("/opt/my shell", ShellKind::Sh);
        assert_eq!(told.argv("x", false), ["/opt/my shell", "-c", "x"]);
        assert_eq!(told.kind().to_string(), "sh");
    }

    #[test]
    fn login_is_the_default_where_it_is_allowed() {
        assert_eq!(login(None, true), Ok(true));
        assert_eq!(login(None, false), Ok(false));
        assert_eq!(login(Some(false), true), Ok(false));
        assert_eq!(login(Some(true), true), Ok(true));
        assert_eq!(login(Some(true), false), Err(LoginRefused));
    }
}
