//! Files: reading and writing at a place, files for nobody else, and what marks a program.
//!
//! Rights differ most of all between systems. On Unix they are bits of the file; on Windows a new file
//! has those of its folder, and what may be executed is told by the ending of its name.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod os;

use std::ffi::OsStr;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Reading and writing at a place, whatever place the file is at itself.
pub trait AtPlace {
    /// Reads what is there, and answers how much; 0 is the end of the file.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Fills the buffer.
    ///
    /// # Errors
    ///
    /// `UnexpectedEof` where there is less; what the system says.
    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()>;

    /// Writes all of it.
    ///
    /// # Errors
    ///
    /// What the system says; a part may have been written then.
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
}

impl AtPlace for File {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        os::read_at(self, bytes, offset)
    }

    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        os::read_exact_at(self, bytes, offset)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        os::write_all_at(self, bytes, offset)
    }
}

/// Files that are made by these options are for their owner alone.
///
/// # Platforms
///
/// Unix: mode 0600. Windows: they have the rights of their folder, which [`make_private`] cannot narrow
/// either; below the profile of a user that is this user, the system and the administrators.
pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    os::private(options)
}

/// Makes a folder for its owner alone, with the difference of [`private`].
///
/// # Errors
///
/// What the system says.
pub fn make_private(folder: &Path) -> io::Result<()> {
    os::make_private(folder)
}

/// Makes a folder and all above it that are not there, each for its owner alone as [`make_private`] does;
/// one that is there already is left as it is.
///
/// # Errors
///
/// What the system says.
pub fn make_private_way(folder: &Path) -> io::Result<()> {
    os::make_private_way(folder)
}

/// Whether it is a device that takes bytes one after the other, as the null device is.
#[must_use]
pub fn is_device(file: &Metadata) -> bool {
    os::is_device(file)
}

/// Has a file that is made be readable by everybody and writable by its owner alone, as far as the umask lets it.
/// On Windows it has the rights of its folder.
pub fn public(options: &mut OpenOptions) -> &mut OpenOptions {
    os::public(options)
}

/// The folder above all, in which a process starts that was given none: `/`, or the root of the drive
/// on which the system is.
#[must_use]
pub fn root() -> PathBuf {
    os::root()
}

/// Who may do what with a file, as Unix knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bits {
    /// The mode.
    pub mode: u32,
    /// The user whose it is.
    pub user: u32,
    /// Its group.
    pub group: u32,
}

/// The bits of a file; `None` where files have none.
#[must_use]
pub fn bits(file: &Metadata) -> Option<Bits> {
    os::bits(file)
}

/// The folder that the system keeps for what programs have of this user and of this machine.
///
/// # Platforms
///
/// Windows: `LOCALAPPDATA`, or where that is not set, `AppData\Local` of the profile. Unix has none of its own; there, variables of the desktop decide.
#[must_use]
pub fn of_user() -> Option<PathBuf> {
    os::of_user()
}

/// Whether a name has a folder in it, so that it is no bare name.
#[must_use]
pub fn names_folder(name: &OsStr) -> bool {
    os::names_folder(name)
}

/// The names under which a program of this name may lie in a folder: itself, or on Windows with the
/// endings of the given PATHEXT.
///
/// `variable` gives a variable of those that the program will have.
#[must_use]
pub fn names_of_program<'a>(
    name: &OsStr,
    variables: impl Iterator<Item = (&'a OsStr, &'a OsStr)>,
) -> Vec<PathBuf> {
    os::names_of_program(name, variables)
}

/// The file that a full path of a program means: itself, or on Windows the first one that is there of
/// those of [`names_of_program`].
#[must_use]
pub fn program_at<'a>(
    path: &Path,
    variables: impl Iterator<Item = (&'a OsStr, &'a OsStr)>,
) -> PathBuf {
    let mut names = os::names_of_program(path.as_os_str(), variables);
    if names.len() > 1
        && let Some(place) = names.iter().position(|name| name.is_file())
    {
        return names.swap_remove(place);
    }
    path.to_owned()
}

/// The variable of this name, as the system looks for it.
pub fn variable<'a>(
    name: &str,
    mut variables: impl Iterator<Item = (&'a OsStr, &'a OsStr)>,
) -> Option<&'a OsStr> {
    variables.find_map(|(key, value)| os::is_same_name(key, name).then_some(value))
}

/// Whether the system runs such a file only by another program, which must then be named instead.
#[must_use]
pub fn is_batch(program: &Path) -> bool {
    os::is_batch(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_at_a_place_is_read_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut options = OpenOptions::new();
        let options = private(options.read(true).write(true).create_new(true));
        let file = options.open(&path).unwrap();
        file.write_all_at(b"three", 3).unwrap();
        file.write_all_at(b"one", 0).unwrap();
        let mut bytes = [0; 5];
        file.read_exact_at(&mut bytes, 3).unwrap();
        assert_eq!(&bytes, b"three");
        assert_eq!(file.read_at(&mut bytes, 6).unwrap(), 2);
        let short = file.read_exact_at(&mut bytes, 6).unwrap_err();
        assert_eq!(short.kind(), io::ErrorKind::UnexpectedEof);
        make_private(&folder.path().join("inner")).unwrap();
        assert!(make_private(&folder.path().join("inner")).is_err());
        let deep = folder.path().join("a").join("b");
        make_private_way(&deep).unwrap();
        make_private_way(&deep).unwrap();
        assert!(deep.is_dir());
    }

    #[test]
    fn the_root_is_a_full_path_and_there() {
        assert!(root().is_absolute() && root().is_dir());
        assert!(root().parent().is_none());
    }
}
