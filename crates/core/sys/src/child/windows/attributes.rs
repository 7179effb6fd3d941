//! The list of attributes of a process that is about to be created.

use super::calls::{check, made};
use std::io;
use std::marker::PhantomData;
use windows_sys::Win32::System::Threading::{
    DeleteProcThreadAttributeList, InitializeProcThreadAttributeList, LPPROC_THREAD_ATTRIBUTE_LIST,
    UpdateProcThreadAttribute,
};

/// An initialized list. The system keeps pointers to what is put in, which must outlive it.
#[derive(Debug)]
pub(super) struct Attributes<'a> {
    // Words, so that it is aligned as the system's own structure.
    list: Vec<usize>,
    values: PhantomData<&'a ()>,
}

impl<'a> Attributes<'a> {
    /// A list with room for so many attributes.
    pub(super) fn new(count: u32) -> io::Result<Attributes<'a>> {
        let mut bytes = 0;
        // SAFETY: without a list the call writes nothing but the size that it would need; that it
        // answers no is documented.
        unsafe {
            InitializeProcThreadAttributeList(std::ptr::null_mut(), count, 0, &raw mut bytes);
        }
        let mut list = vec![0_usize; bytes.div_ceil(size_of::<usize>()).max(1)];
        made("InitializeProcThreadAttributeList", || {
            // SAFETY: the buffer has at least the size that the system asked for, and lives on the
            // heap, where it stays when the value is moved.
            let answer = unsafe {
                InitializeProcThreadAttributeList(
                    list.as_mut_ptr().cast(),
                    count,
                    0,
                    &raw mut bytes,
                )
            };
            check(answer)
        })?;
        Ok(Attributes {
            list,
            values: PhantomData,
        })
    }

    /// Puts in an attribute whose value is an array.
    pub(super) fn put<T>(
        &mut self,
        attribute: u32,
        name: &'static str,
        value: &'a [T],
    ) -> io::Result<()> {
        self.put_raw(attribute, name, (value.as_ptr().cast(), size_of_val(value)))
    }

    /// Puts in an attribute whose value is the pointer itself, as that of a pseudoconsole.
    pub(super) fn put_pointer(
        &mut self,
        attribute: u32,
        name: &'static str,
        value: isize,
    ) -> io::Result<()> {
        let pointer = std::ptr::without_provenance(value.cast_unsigned());
        self.put_raw(attribute, name, (pointer, size_of::<isize>()))
    }

    fn put_raw(
        &mut self,
        attribute: u32,
        name: &'static str,
        (value, size): (*const core::ffi::c_void, usize),
    ) -> io::Result<()> {
        made(name, || {
            // SAFETY: the list is initialized with room for each attribute that is put in; the
            // value outlives it, as the lifetime says, or is a handle and not followed.
            let answer = unsafe {
                UpdateProcThreadAttribute(
                    self.as_list(),
                    0,
                    attribute as usize,
                    value,
                    size,
                    std::ptr::null_mut(),
                    std::ptr::null(),
                )
            };
            check(answer)
        })
    }

    /// The list, for the call that creates the process.
    pub(super) fn as_list(&mut self) -> LPPROC_THREAD_ATTRIBUTE_LIST {
        self.list.as_mut_ptr().cast()
    }
}

impl Drop for Attributes<'_> {
    fn drop(&mut self) {
        // SAFETY: it was initialized, or there would be no value of this type; it is not used again.
        unsafe { DeleteProcThreadAttributeList(self.as_list()) };
    }
}
