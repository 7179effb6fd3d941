//! Who may do what with a folder, by its list (`Access control lists` in Microsoft's documentation).
//!
//! What must stay true: an entry that is not understood counts as one that lets somebody in.

use super::{FolderError, User, user};
use crate::child::calls::check;
use crate::local_pipe::OwnerOnly;
use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle};
use std::path::Path;
use windows_sys::Win32::Foundation::{ERROR_SUCCESS, FALSE, GENERIC_ALL, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    GetSecurityInfo, SE_FILE_OBJECT, SetSecurityInfo,
};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACL, DACL_SECURITY_INFORMATION, GetAce, GetSecurityDescriptorDacl,
    INHERIT_ONLY_ACE, OWNER_SECURITY_INFORMATION, PROTECTED_DACL_SECURITY_INFORMATION,
    PSECURITY_DESCRIPTOR, PSID, SetKernelObjectSecurity,
};
use windows_sys::Win32::Storage::FileSystem::{DELETE, FILE_DELETE_CHILD, WRITE_DAC, WRITE_OWNER};
use windows_sys::Win32::System::SystemServices::{
    ACCESS_ALLOWED_ACE_TYPE, ACCESS_ALLOWED_CALLBACK_ACE_TYPE, ACCESS_DENIED_ACE_TYPE,
    ACCESS_DENIED_CALLBACK_ACE_TYPE,
};

/// Who may change everything on this machine anyway: the system, its administrators, who installs it; and
/// whoever owns the folder, or made what is in it, which is looked at by itself.
const TRUSTED: [&str; 5] = [
    "S-1-5-18",
    "S-1-5-32-544",
    "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
    "S-1-3-4",
    "S-1-3-0",
];

/// By these somebody could put another folder into the place of one.
const REPLACE: u32 = DELETE | FILE_DELETE_CHILD | WRITE_DAC | WRITE_OWNER | GENERIC_ALL;

/// What is told of those whose entry is not understood.
const UNKNOWN: &str = "somebody (by an entry of a kind that is not known)";

/// What a list lets somebody do.
#[derive(Debug)]
struct Entry {
    who: String,
    rights: u32,
    /// Only with what is in the folder.
    below_only: bool,
}

/// Whose a folder is, and who may do what with it.
#[derive(Debug)]
pub(super) struct Rights {
    owner: User,
    /// `None`: everybody may do everything.
    entries: Option<Vec<Entry>>,
}

/// What the system has allocated for an answer.
struct Answer(PSECURITY_DESCRIPTOR);

impl Drop for Answer {
    fn drop(&mut self) {
        // SAFETY: the system has allocated it in this way for us, and nobody uses it after this.
        unsafe { LocalFree(self.0) };
    }
}

impl Rights {
    /// Of what is open, with the right to read its list.
    pub(super) fn of(folder: BorrowedHandle<'_>) -> io::Result<Rights> {
        let (mut owner, mut list): (PSID, *mut ACL) = (std::ptr::null_mut(), std::ptr::null_mut());
        let mut answer: PSECURITY_DESCRIPTOR = std::ptr::null_mut();
        // SAFETY: the handle is open; the system writes three pointers, of which the last one is to what it
        // has allocated and the others are into that.
        let code = unsafe {
            GetSecurityInfo(
                folder.as_raw_handle(),
                SE_FILE_OBJECT,
                OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                &raw mut owner,
                std::ptr::null_mut(),
                &raw mut list,
                std::ptr::null_mut(),
                &raw mut answer,
            )
        };
        done(code)?;
        let _answer = Answer(answer);
        // SAFETY: the owner was asked for, so it is a whole identity in what was answered, which still lives.
        let owner = unsafe { User::from_identity(owner) }?;
        let entries = if list.is_null() {
            None
        } else {
            // SAFETY: the list is in what was answered, which still lives.
            Some(unsafe { entries(list) }?)
        };
        Ok(Rights { owner, entries })
    }

    /// Whether nobody but us and those who may do everything anyway could put another folder into the place of
    /// what is in this one, or of itself.
    pub(super) fn trust_way(&self, path: &Path) -> Result<(), FolderError> {
        if !is_trusted(&self.owner.to_string()) {
            return Err(self.not_ours(path));
        }
        self.shared(path, |entry| {
            !entry.below_only && entry.rights & REPLACE != 0
        })
    }

    /// Whether it is ours, and nobody else may do anything with it.
    pub(super) fn trust_own(&self, path: &Path) -> Result<(), FolderError> {
        if self.owner != user() {
            return Err(self.not_ours(path));
        }
        self.shared(path, |entry| entry.rights != 0)
    }

    fn not_ours(&self, path: &Path) -> FolderError {
        FolderError::NotOurs {
            path: path.to_path_buf(),
            owner: self.owner.clone(),
        }
    }

    fn shared(&self, path: &Path, counts: impl Fn(&Entry) -> bool) -> Result<(), FolderError> {
        let with = match &self.entries {
            None => Some("everybody".to_owned()),
            Some(entries) => {
                let mut others = entries.iter().filter(|entry| !is_trusted(&entry.who));
                others.find(|entry| counts(entry)).map(|it| it.who.clone())
            }
        };
        let path = path.to_path_buf();
        with.map_or(Ok(()), |with| Err(FolderError::Shared { path, with }))
    }
}

fn is_trusted(who: &str) -> bool {
    TRUSTED.contains(&who) || who == user().to_string()
}

/// What a list lets people do.
///
/// # Safety
///
/// `list` points at a whole one, which lives during the call.
unsafe fn entries(list: *const ACL) -> io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    // SAFETY: the caller's promise.
    let count = unsafe { (*list).AceCount };
    for number in 0..u32::from(count) {
        let mut entry = std::ptr::null_mut();
        // SAFETY: the caller's promise; the system writes one pointer, into the list.
        check(unsafe { GetAce(list, number, &raw mut entry) })?;
        let entry = entry.cast::<ACCESS_ALLOWED_ACE>();
        // SAFETY: every entry begins with a header and a word of rights, which the system keeps aligned.
        let (header, rights) = unsafe { ((*entry).Header, (*entry).Mask) };
        let who = match u32::from(header.AceType) {
            ACCESS_DENIED_ACE_TYPE | ACCESS_DENIED_CALLBACK_ACE_TYPE => continue,
            ACCESS_ALLOWED_ACE_TYPE | ACCESS_ALLOWED_CALLBACK_ACE_TYPE => {
                // SAFETY: in entries of these kinds a whole identity follows, within the list.
                let identity = unsafe { (&raw mut (*entry).SidStart).cast() };
                // SAFETY: as just said.
                unsafe { User::from_identity(identity) }?.to_string()
            }
            _ => UNKNOWN.to_owned(),
        };
        found.push(Entry {
            who,
            rights,
            below_only: u32::from(header.AceFlags) & INHERIT_ONLY_ACE != 0,
        });
    }
    Ok(found)
}

/// Has a folder be for our user alone, and what is in it; opened with the right to change its list.
pub(super) fn close_to_others(folder: BorrowedHandle<'_>) -> io::Result<()> {
    let security = OwnerOnly::for_folder()?;
    let attributes = security.attributes()?;
    let (mut is_there, mut is_default) = (FALSE, FALSE);
    let mut list: *mut ACL = std::ptr::null_mut();
    // SAFETY: the descriptor lives as long as `security`; the system writes two answers and one pointer.
    check(unsafe {
        GetSecurityDescriptorDacl(
            attributes.lpSecurityDescriptor,
            &raw mut is_there,
            &raw mut list,
            &raw mut is_default,
        )
    })?;
    // SAFETY: the handle is open; the list is in the descriptor, which lives during the call.
    let code = unsafe {
        SetSecurityInfo(
            folder.as_raw_handle(),
            SE_FILE_OBJECT,
            DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            list,
            std::ptr::null(),
        )
    };
    done(code)?;
    // Once more without what is in it: Wine adds what the folder above lets others do.
    // SAFETY: the handle is open; the descriptor lives during the call.
    check(unsafe {
        SetKernelObjectSecurity(
            folder.as_raw_handle(),
            DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION,
            attributes.lpSecurityDescriptor,
        )
    })
}

fn done(code: u32) -> io::Result<()> {
    if code == ERROR_SUCCESS {
        return Ok(());
    }
    Err(io::Error::from_raw_os_error(code.cast_signed()))
}
