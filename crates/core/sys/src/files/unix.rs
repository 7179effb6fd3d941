//! Unix: bits, and calls that take a place.

use super::Bits;
use std::ffi::OsStr;
use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, FileExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

pub(super) fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    FileExt::read_at(file, bytes, offset)
}

pub(super) fn read_exact_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    FileExt::read_exact_at(file, bytes, offset)
}

pub(super) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    FileExt::write_all_at(file, bytes, offset)
}

pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

pub(super) fn public(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o644)
}

pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(folder)
}

pub(super) fn make_private_way(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)
}

pub(super) fn is_device(file: &Metadata) -> bool {
    file.file_type().is_char_device()
}

pub(super) fn root() -> PathBuf {
    PathBuf::from("/")
}

pub(super) fn of_user() -> Option<PathBuf> {
    None
}

pub(super) fn bits(file: &Metadata) -> Option<Bits> {
    Some(Bits {
        mode: file.mode(),
        user: file.uid(),
        group: file.gid(),
    })
}

pub(super) fn names_folder(name: &OsStr) -> bool {
    name.as_bytes().contains(&b'/')
}

pub(super) fn names_of_program<'a>(
    name: &OsStr,
    _: impl Iterator<Item = (&'a OsStr, &'a OsStr)>,
) -> Vec<PathBuf> {
    vec![name.into()]
}

pub(super) fn is_same_name(one: &OsStr, other: &str) -> bool {
    one == other
}

/// There are none: a script names its own interpreter.
pub(super) fn is_batch(_: &Path) -> bool {
    false
}
