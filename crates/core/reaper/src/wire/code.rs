//! Numbers, strings and lists as bytes: little-endian, lengths first, nothing optional left out.
//!
//! No library here: the reaper stays without dependencies, and both ends are of one build.

use std::ffi::CString;

/// A packet that is not one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// What is left to read of a packet.
#[derive(Debug)]
pub struct Source<'a>(&'a [u8]);

impl<'a> Source<'a> {
    /// Reads from the start.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Source(bytes)
    }

    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (found, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(found)
    }

    fn length(&mut self) -> Result<usize, Malformed> {
        let length = usize::try_from(u32::take(self)?).map_err(|_| Malformed)?;
        // Every element takes at least one byte, so a lie about the length cannot reserve memory.
        if length > self.0.len() {
            Err(Malformed)
        } else {
            Ok(length)
        }
    }

    /// Checks that everything was read.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where something is left.
    pub fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Malformed)
        }
    }
}

/// What can be put into a packet and taken out again.
pub trait Code: Sized {
    /// Appends this value.
    fn put(&self, out: &mut Vec<u8>);

    /// Reads a value.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the bytes are not such a value.
    fn take(source: &mut Source<'_>) -> Result<Self, Malformed>;
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Code for $number {
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn take(source: &mut Source<'_>) -> Result<Self, Malformed> {
                let bytes = source.bytes(size_of::<$number>())?;
                bytes.try_into().map(<$number>::from_le_bytes).map_err(|_| Malformed)
            }
        }
    )*};
}

numbers!(u8, u32, i32, u64);

impl Code for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn take(source: &mut Source<'_>) -> Result<Self, Malformed> {
        match u8::take(source)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed),
        }
    }
}

impl<T: Code> Code for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }

    fn take(source: &mut Source<'_>) -> Result<Self, Malformed> {
        if bool::take(source)? {
            T::take(source).map(Some)
        } else {
            Ok(None)
        }
    }
}

impl<A: Code, B: Code> Code for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(source: &mut Source<'_>) -> Result<Self, Malformed> {
        Ok((A::take(source)?, B::take(source)?))
    }
}

fn put_length(length: usize, out: &mut Vec<u8>) {
    // A longer one is refused by the channel, whose limit is far below.
    u32::try_from(length).unwrap_or(u32::MAX).put(out);
}

impl<T: Code> Code for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        put_length(self.len(), out);
        self.iter().for_each(|value| value.put(out));
    }

    fn take(source: &mut Source<'_>) -> Result<Self, Malformed> {
        let length = source.length()?;
        (0..length).map(|_| T::take(source)).collect()
    }
}

impl Code for CString {
    fn put(&self, out: &mut Vec<u8>) {
        put_length(self.as_bytes().len(), out);
        out.extend_from_slice(self.as_bytes());
    }

    fn take(source: &mut Source<'_>) -> Result<Self, Malformed> {
        let length = source.length()?;
        CString::new(source.bytes(length)?).map_err(|_| Malformed)
    }
}

/// Appends a tag and the value that it announces.
pub(super) fn tagged(out: &mut Vec<u8>, tag: u8, value: &impl Code) {
    out.push(tag);
    value.put(out);
}

/// Declares a structure whose fields are put and taken in their order.
macro_rules! coded {
    ($(#[$meta:meta])* pub struct $name:ident {
        $($(#[$field_meta:meta])* pub $field:ident: $kind:ty,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $kind,)*
        }

        impl $crate::wire::code::Code for $name {
            fn put(&self, out: &mut Vec<u8>) {
                $($crate::wire::code::Code::put(&self.$field, out);)*
            }

            fn take(
                source: &mut $crate::wire::code::Source<'_>,
            ) -> Result<Self, $crate::wire::code::Malformed> {
                Ok(Self { $($field: $crate::wire::code::Code::take(source)?,)* })
            }
        }
    };
}

pub(super) use coded;
