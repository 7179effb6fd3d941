//! Who may open a pipe: a security descriptor that names our own user alone.

use super::peer::User;
use crate::child::calls::check;
use crate::child::wide;
use std::io;
use windows_sys::Win32::Foundation::{FALSE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::{PSECURITY_DESCRIPTOR, SECURITY_ATTRIBUTES};

/// A descriptor of the system, which is freed with it.
#[derive(Debug)]
pub(crate) struct OwnerOnly(PSECURITY_DESCRIPTOR);

impl OwnerOnly {
    /// Everything for our own user, nothing for anybody else, and nothing inherited. The owner is
    /// named too: for an administrator it would be the group of all of them.
    pub(crate) fn new() -> io::Result<OwnerOnly> {
        let user = User::own()?;
        OwnerOnly::of(&format!("O:{user}D:P(A;;GA;;;{user})"))
    }

    /// The same for a folder: what is made in it gets it too.
    pub(crate) fn for_folder() -> io::Result<OwnerOnly> {
        let user = User::own()?;
        OwnerOnly::of(&format!("O:{user}D:P(A;OICI;FA;;;{user})"))
    }

    fn of(text: &str) -> io::Result<OwnerOnly> {
        let text = wide(text.as_ref())?;
        let mut descriptor: PSECURITY_DESCRIPTOR = std::ptr::null_mut();
        // SAFETY: the text ends with a zero; the system allocates the descriptor and writes where
        // it is; nobody asks for its size.
        check(unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                text.as_ptr(),
                SDDL_REVISION_1,
                &raw mut descriptor,
                std::ptr::null_mut(),
            )
        })?;
        Ok(OwnerOnly(descriptor))
    }

    /// The structure that calls take; it is good for as long as the descriptor lives.
    pub(crate) fn attributes(&self) -> io::Result<SECURITY_ATTRIBUTES> {
        Ok(SECURITY_ATTRIBUTES {
            nLength: u32::try_from(size_of::<SECURITY_ATTRIBUTES>()).map_err(io::Error::other)?,
            lpSecurityDescriptor: self.0,
            bInheritHandle: FALSE,
        })
    }
}

impl Drop for OwnerOnly {
    fn drop(&mut self) {
        // SAFETY: the system has allocated it in this way for us, and nobody uses it after this.
        unsafe { LocalFree(self.0) };
    }
}

// SAFETY: it is memory of the process that is only read until it is freed, once.
unsafe impl Send for OwnerOnly {}
