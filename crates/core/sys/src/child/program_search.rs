//! Which file a name means on Windows, in a PATH that was given. Pure: who asks looks at the disk.
//!
//! It is apart because the system's own search looks beside the caller's executable, in the current
//! folder and in the system's folders, which nobody gave. What must stay true: only folders of the
//! given PATH that are absolute are looked into, and a batch file is never taken for a program. For
//! that one the system would start `cmd.exe`, which reads its command line by rules under which no
//! quoting is safe (CVE-2024-24576); who wants it names `cmd.exe` and writes its line.

/// The endings that are tried where no PATHEXT was given.
pub const ENDINGS: &str = ".COM;.EXE;.BAT;.CMD";

const BACKSLASH: u16 = b'\\' as u16;
const SLASH: u16 = b'/' as u16;
const COLON: u16 = b':' as u16;

/// Why a name means no program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFound {
    /// It is empty or has a zero in it.
    NoName,
    /// It has a folder in it that depends on the caller's own.
    Relative,
    /// It is a batch file.
    Batch {
        /// Its path.
        path: Vec<u16>,
    },
    /// No file of that name is there.
    Missing {
        /// Every path that was looked at, in order.
        looked: Vec<Vec<u16>>,
    },
}

impl std::fmt::Display for NotFound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotFound::NoName => f.write_str("there is no name"),
            NotFound::Relative => f.write_str("it is relative to a folder that nobody gave"),
            NotFound::Batch { path } => write!(
                f,
                "`{}` is a batch file, which only cmd.exe can run",
                String::from_utf16_lossy(path)
            ),
            NotFound::Missing { looked } => {
                write!(
                    f,
                    "it is at none of {} places in the given PATH",
                    looked.len()
                )
            }
        }
    }
}

impl std::error::Error for NotFound {}

/// Where to look.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// The given PATH.
    pub path: &'a [u16],
    /// The given PATHEXT; [`ENDINGS`] where there is none.
    pub endings: &'a [u16],
}

/// Finds the file that a name means.
///
/// A name with an ending is tried as it is, then with each ending of PATHEXT; one without an ending
/// only with those. A full path is not searched for, and must be one.
///
/// # Errors
///
/// [`NotFound`].
pub fn find(
    name: &[u16],
    places: Places<'_>,
    is_file: impl Fn(&[u16]) -> bool,
) -> Result<Vec<u16>, NotFound> {
    if name.is_empty() || name.contains(&0) {
        return Err(NotFound::NoName);
    }
    let mut looked = Vec::new();
    let is_path = name
        .iter()
        .any(|unit| [BACKSLASH, SLASH, COLON].contains(unit));
    let folders = match is_path {
        true if !is_absolute(name) => return Err(NotFound::Relative),
        true => vec![Vec::new()],
        false => folders(places.path),
    };
    for folder in folders {
        let file = join(&folder, name);
        let plain = (is_path || has_ending(name)).then(|| file.clone());
        let ended = endings(places.endings).map(|ending| [&file, ending].concat());
        for candidate in plain.into_iter().chain(ended) {
            if !is_file(&candidate) {
                looked.push(candidate);
            } else if is_batch(&candidate) {
                return Err(NotFound::Batch { path: candidate });
            } else {
                return Ok(candidate);
            }
        }
    }
    Err(NotFound::Missing { looked })
}

/// Whether a path says its drive or server, and goes from the root there.
#[must_use]
pub fn is_absolute(path: &[u16]) -> bool {
    let is_slash = |unit: &u16| [BACKSLASH, SLASH].contains(unit);
    match path {
        [drive, COLON, slash, ..] => {
            is_slash(slash) && u8::try_from(*drive).is_ok_and(|drive| drive.is_ascii_alphabetic())
        }
        [one, other, ..] => is_slash(one) && is_slash(other),
        _ => false,
    }
}

/// Whether the system would start `cmd.exe` for this file. It leaves dots and spaces at the end out.
#[must_use]
pub fn is_batch(path: &[u16]) -> bool {
    let ignored = |unit: &&u16| ![u16::from(b'.'), u16::from(b' ')].contains(unit);
    let end = path.iter().rposition(|unit| ignored(&unit));
    let path = end.map_or(&[][..], |end| &path[..=end]);
    let ending = path.len().checked_sub(4).map(|at| &path[at..]);
    [".bat", ".cmd"].iter().any(|batch| {
        let batch: Vec<u16> = batch.encode_utf16().collect();
        ending
            .is_some_and(|ending| super::environment_block::compare_plainly(ending, &batch).is_eq())
    })
}

/// Whether a name says its ending.
pub(crate) fn has_ending(name: &[u16]) -> bool {
    name.contains(&u16::from(b'.'))
}

fn join(folder: &[u16], name: &[u16]) -> Vec<u16> {
    match folder.last() {
        None => name.to_vec(),
        Some(&BACKSLASH | &SLASH) => [folder, name].concat(),
        Some(_) => [folder, &[BACKSLASH], name].concat(),
    }
}

/// The absolute folders of a PATH. A quote begins and ends a part in which a semicolon is itself.
fn folders(path: &[u16]) -> Vec<Vec<u16>> {
    let mut folders = vec![Vec::new()];
    let mut quoted = false;
    for &unit in path {
        if unit == u16::from(b'"') {
            quoted = !quoted;
        } else if unit == u16::from(b';') && !quoted {
            folders.push(Vec::new());
        } else if let Some(folder) = folders.last_mut() {
            folder.push(unit);
        }
    }
    folders.retain(|folder| is_absolute(folder));
    folders
}

/// Those that are endings, of a list in the form of PATHEXT.
pub(crate) fn endings(list: &[u16]) -> impl Iterator<Item = &[u16]> {
    let endings = list.split(|unit| *unit == u16::from(b';'));
    endings.filter(|ending| ending.first() == Some(&u16::from(b'.')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wide(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn found(name: &str, path: &str, files: &[&str]) -> Result<String, NotFound> {
        let (path, endings) = (wide(path), wide(ENDINGS));
        let places = Places {
            path: &path,
            endings: &endings,
        };
        let is_file = |path: &[u16]| {
            let path = String::from_utf16(path).unwrap();
            files.iter().any(|file| file.eq_ignore_ascii_case(&path))
        };
        find(&wide(name), places, is_file).map(|path| String::from_utf16(&path).unwrap())
    }

    #[test]
    fn the_first_folder_of_the_given_path_wins() {
        let files = [r"C:\b\git.exe", r"C:\a\git.exe"];
        assert_eq!(found("git", r"C:\a;C:\b", &files).unwrap(), r"C:\a\git.EXE");
        assert_eq!(found("git.exe", r"C:\b\", &files).unwrap(), r"C:\b\git.exe");
        assert_eq!(
            found("git", r#""C:\b";x"#, &files).unwrap(),
            r"C:\b\git.EXE"
        );
    }

    #[test]
    fn an_ending_is_tried_in_the_order_of_pathext() {
        let files = [r"C:\a\x.exe", r"C:\a\x.com", r"C:\a\y.1.exe", r"C:\a\y"];
        assert_eq!(found("x", r"C:\a", &files).unwrap(), r"C:\a\x.COM");
        assert_eq!(found("y.1", r"C:\a", &files).unwrap(), r"C:\a\y.1.EXE");
        // Without an ending it is no program.
        assert!(
            matches!(found("y", r"C:\a", &files), Err(NotFound::Missing { looked }) if looked.len() == 4)
        );
    }

    #[test]
    fn nothing_is_looked_for_where_nobody_said() {
        let files = ["x.exe", r".\x.exe", r"\x.exe", r"C:x.exe", r"a\x.exe"];
        assert!(
            matches!(found("x", r".;;a;\;C:", &files), Err(NotFound::Missing { looked }) if looked.is_empty())
        );
        for name in [r".\x.exe", r"a\x.exe", r"C:x.exe", r"\x.exe", "a/x.exe"] {
            assert_eq!(
                found(name, r"C:\a", &files),
                Err(NotFound::Relative),
                "{name}"
            );
        }
        assert_eq!(found("", r"C:\a", &files), Err(NotFound::NoName));
    }

    #[test]
    fn a_full_path_is_taken_as_it_is_or_with_an_ending() {
        let files = [r"C:\a b\x.exe", r"\\server\share\y.exe", r"C:\bare"];
        assert_eq!(found(r"C:\a b\x", "", &files).unwrap(), r"C:\a b\x.EXE");
        assert_eq!(
            found(r"\\server\share\y.exe", "", &files).unwrap(),
            r"\\server\share\y.exe"
        );
        assert_eq!(found(r"C:\bare", "", &files).unwrap(), r"C:\bare");
    }

    #[test]
    fn a_batch_file_is_no_program_and_hides_what_comes_later() {
        let files = [r"C:\a\npm.cmd", r"C:\b\npm.exe", r"C:\a\z.bat"];
        let path = wide(r"C:\a\npm.CMD");
        assert_eq!(
            found("npm", r"C:\a;C:\b", &files),
            Err(NotFound::Batch { path })
        );
        for name in [r"C:\a\z.bat", r"C:\a\z.BaT. .", r"C:\a\z.cmd "] {
            assert!(is_batch(&wide(name)), "{name}");
        }
        assert!(!is_batch(&wide(r"C:\a\bat")) && !is_batch(&wide("bat")) && !is_batch(&[]));
    }

    proptest! {
        #[test]
        fn whatever_is_found_lies_in_an_absolute_folder(name in "[a.\\\\/:C ]{0,8}", path in "[a;.\\\\/:C\" ]{0,16}") {
            let (path, endings) = (wide(&path), wide(ENDINGS));
            let places = Places { path: &path, endings: &endings };
            if let Ok(file) = find(&wide(&name), places, |_| true) {
                prop_assert!(is_absolute(&file));
                prop_assert!(!is_batch(&file));
            }
        }
    }
}
