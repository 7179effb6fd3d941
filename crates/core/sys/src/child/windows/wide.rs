//! Strings as Windows takes them: UTF-16 with a zero at the end.

use std::ffi::OsStr;
use std::io;
use std::os::windows::ffi::OsStrExt;

/// The string with a zero at its end; refused where it has one in it.
pub(crate) fn wide(text: &OsStr) -> io::Result<Vec<u16>> {
    let mut units: Vec<u16> = text.encode_wide().collect();
    if units.contains(&0) {
        let error = "a name has a zero in it";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, error));
    }
    units.push(0);
    Ok(units)
}
