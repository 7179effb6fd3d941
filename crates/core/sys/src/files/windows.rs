//! Windows: rights come from the folder, and the ending of a name says what may be executed.

use super::Bits;
use crate::child::compare_names;
use crate::child::program_search::{self, ENDINGS};
use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::os::windows::fs::FileExt;
use std::path::{Component, Path, PathBuf};

/// It moves the file's own place too, which nobody here relies on.
pub(super) fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    file.seek_read(bytes, offset)
}

pub(super) fn read_exact_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    let (mut rest, mut offset) = (bytes, offset);
    while !rest.is_empty() {
        match file.seek_read(rest, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                rest = rest.get_mut(count..).unwrap_or_default();
                offset += count as u64;
            }
        }
    }
    Ok(())
}

pub(super) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    let (mut rest, mut offset) = (bytes, offset);
    while !rest.is_empty() {
        match file.seek_write(rest, offset)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            count => {
                rest = rest.get(count..).unwrap_or_default();
                offset += count as u64;
            }
        }
    }
    Ok(())
}

pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

pub(super) fn public(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    std::fs::create_dir(folder)
}

pub(super) fn make_private_way(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}

/// The null device and consoles have no metadata here.
pub(super) fn is_device(_: &Metadata) -> bool {
    false
}

pub(super) fn root() -> PathBuf {
    let system = crate::child::system_root().unwrap_or_else(|_| PathBuf::from("C:\\Windows"));
    let root = |part: &Component<'_>| matches!(part, Component::Prefix(_) | Component::RootDir);
    system.components().take_while(root).collect()
}

pub(super) fn of_user() -> Option<PathBuf> {
    let named = std::env::var_os("LOCALAPPDATA").map(PathBuf::from);
    // A program may have been started without that variable; the profile is asked of the system then.
    named
        .filter(|folder| folder.is_absolute())
        .or_else(|| Some(std::env::home_dir()?.join("AppData").join("Local")))
}

pub(super) fn bits(_: &Metadata) -> Option<Bits> {
    None
}

pub(super) fn names_folder(name: &OsStr) -> bool {
    let folder = |unit: u16| [b'\\', b'/', b':'].map(u16::from).contains(&unit);
    name.encode_wide().any(folder)
}

pub(super) fn names_of_program<'a>(
    name: &OsStr,
    variables: impl Iterator<Item = (&'a OsStr, &'a OsStr)>,
) -> Vec<PathBuf> {
    let name: Vec<u16> = name.encode_wide().collect();
    let endings = super::variable("PATHEXT", variables).unwrap_or(OsStr::new(ENDINGS));
    let endings: Vec<u16> = endings.encode_wide().collect();
    let last = name.rsplit(|unit| [b'\\', b'/'].map(u16::from).contains(unit));
    let last = last.into_iter().next().unwrap_or_default();
    let plain = program_search::has_ending(last).then(|| name.clone());
    let ended = program_search::endings(&endings).map(|ending| [&name, ending].concat());
    let all = plain.into_iter().chain(ended);
    all.map(|name| OsString::from_wide(&name).into()).collect()
}

pub(super) fn is_same_name(one: &OsStr, other: &str) -> bool {
    let one: Vec<u16> = one.encode_wide().collect();
    let other: Vec<u16> = other.encode_utf16().collect();
    compare_names(&one, &other).is_eq()
}

pub(super) fn is_batch(program: &Path) -> bool {
    let program: Vec<u16> = program.as_os_str().encode_wide().collect();
    program_search::is_batch(&program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_is_looked_for_with_the_given_endings() {
        let names = |name: &str, variables: &[(&str, &str)]| {
            let variables = variables.iter();
            let variables = variables.map(|(key, value)| (OsStr::new(*key), OsStr::new(*value)));
            super::super::names_of_program(OsStr::new(name), variables)
        };
        let given = [("PathExt", ".EXE;.X")];
        assert_eq!(names("a", &given), ["a.EXE", "a.X"].map(PathBuf::from));
        assert_eq!(names("a.b", &[("PATHEXT", "")]), [PathBuf::from("a.b")]);
        assert_eq!(names("C:\\x.y\\a", &given).len(), 2);
        assert!(names("a", &[]).contains(&PathBuf::from("a.EXE")));
    }

    #[test]
    fn what_has_a_folder_or_drive_in_it_is_no_bare_name() {
        for name in ["a\\b", "a/b", "C:a"] {
            assert!(names_folder(OsStr::new(name)), "{name}");
        }
        assert!(!names_folder(OsStr::new("a.b")));
    }
}
