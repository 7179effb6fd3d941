//! Which other program a file asks the system to run it with.
//!
//! Read the way the Linux kernel reads it (`fs/binfmt_script.c`, `fs/binfmt_elf.c`), because the
//! kernel's own answer to a missing interpreter is "no such file" about a file that is there. Pure:
//! bytes in, a path out. A format that is not known here is nobody's fault and no interpreter:
//! `binfmt_misc` may run it.

use handfast_sys::text;
use std::path::PathBuf;

/// How much of a file the kernel looks at (`BINPRM_BUF_SIZE`); one byte is kept for the end.
pub(super) const HEAD: usize = 256;

/// What the start of a file asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// No interpreter, or a format that only the system knows.
    Nothing,
    /// A `#!` line that names this file.
    Script(PathBuf),
    /// A `#!` line that names nothing, or is cut off within the name.
    BrokenScript,
    /// A dynamic program that names this linker.
    Linker(PathBuf),
}

/// What a file asks for. `read(offset, len)` gives up to `len` bytes of it, fewer at its end.
pub(super) fn wanted(read: &dyn Fn(u64, usize) -> Option<Vec<u8>>) -> Wanted {
    let Some(mut head) = read(0, HEAD) else {
        return Wanted::Nothing;
    };
    if head.starts_with(b"#!") {
        head.resize(HEAD, 0);
        return match script(&head) {
            Some(path) => Wanted::Script(path),
            None => Wanted::BrokenScript,
        };
    }
    linker(&head, read).map_or(Wanted::Nothing, Wanted::Linker)
}

/// The name in a `#!` line: up to the first space, tab or NUL. The rest of the line is one
/// argument, which can be anything.
fn script(head: &[u8]) -> Option<PathBuf> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let ends_name = |byte: &u8| blank(byte) || *byte == 0;
    let text = head.get(2..)?;
    let end = text.iter().position(|byte| matches!(byte, b'\n' | 0));
    let end = end.filter(|at| text.get(*at) == Some(&b'\n'));
    let line = text.get(..end.unwrap_or(text.len()))?;
    let name = line.get(line.iter().position(|byte| !blank(byte))?..)?;
    let name = match name.iter().position(ends_name) {
        Some(length) => name.get(..length)?,
        // Without a newline the name may go on behind what the kernel looks at.
        None if end.is_none() => return None,
        None => name,
    };
    (!name.is_empty()).then(|| PathBuf::from(text::string(name).into_owned()))
}

/// The linker named by an ELF file that this system's kernel runs itself.
///
/// Files of another machine may be run by an emulator with its own root, so of them nothing is
/// said. All machines listed here are little-endian.
fn linker(head: &[u8], read: &dyn Fn(u64, usize) -> Option<Vec<u8>>) -> Option<PathBuf> {
    const INTERPRETER: u64 = 3;
    const LONGEST: u64 = 4096;
    let (magic, class, endian) = (head.get(..4)?, *head.get(4)?, *head.get(5)?);
    let wide = class == 2;
    let machine = number(head, 18, 2)?;
    if magic != b"\x7fELF" || endian != 1 || !native_machines().contains(&machine) {
        return None;
    }
    let (table, size, count) = if wide {
        (
            number(head, 32, 8)?,
            number(head, 54, 2)?,
            number(head, 56, 2)?,
        )
    } else {
        (
            number(head, 28, 4)?,
            number(head, 42, 2)?,
            number(head, 44, 2)?,
        )
    };
    let size = usize::try_from(size)
        .ok()
        .filter(|size| *size == if wide { 56 } else { 32 })?;
    let segments = read(table, size.checked_mul(usize::try_from(count).ok()?)?)?;
    let segment = segments
        .chunks_exact(size)
        .find(|s| number(s, 0, 4) == Some(INTERPRETER))?;
    let (offset, length) = if wide {
        (number(segment, 8, 8)?, number(segment, 32, 8)?)
    } else {
        (number(segment, 4, 4)?, number(segment, 16, 4)?)
    };
    let name = read(offset, usize::try_from(length.min(LONGEST)).ok()?)?;
    let name = name
        .split(|byte| *byte == 0)
        .next()
        .filter(|name| !name.is_empty())?;
    Some(PathBuf::from(text::string(name).into_owned()))
}

/// A little-endian number at an offset.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let field = bytes.get(at..at.checked_add(length)?)?;
    Some(
        field
            .iter()
            .rev()
            .fold(0, |sum, byte| (sum << 8) | u64::from(*byte)),
    )
}

/// The `e_machine` numbers that a kernel for this architecture runs without an emulator.
fn native_machines() -> &'static [u64] {
    match std::env::consts::ARCH {
        "x86_64" => &[62, 3],
        "x86" => &[3],
        "aarch64" => &[183, 40],
        "arm" => &[40],
        "riscv64" => &[243],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(bytes: &[u8]) -> Wanted {
        wanted(&|offset, length| {
            let rest = bytes.get(usize::try_from(offset).ok()?..)?;
            Some(rest[..length.min(rest.len())].to_vec())
        })
    }

    fn script_of(path: &str) -> Wanted {
        Wanted::Script(PathBuf::from(path))
    }

    #[test]
    fn a_script_names_its_interpreter_the_way_the_kernel_reads_it() {
        assert_eq!(of(b"#!/bin/sh\necho"), script_of("/bin/sh"));
        assert_eq!(of(b"#! \t/bin/sh -e  x \necho"), script_of("/bin/sh"));
        assert_eq!(of(b"#!/usr/bin/env\tnode\n"), script_of("/usr/bin/env"));
        assert_eq!(of(b"#!/bin/sh"), script_of("/bin/sh"));
        assert_eq!(of(b"#!/bin/sh\0rest"), script_of("/bin/sh"));
        assert_eq!(of(b"#!/bin/sh\r\n"), script_of("/bin/sh\r"));
        assert_eq!(of(b"#!python\n"), script_of("python"));
        let long_argument = [b"#!/bin/sh ".as_slice(), &[b'x'; 400]].concat();
        assert_eq!(of(&long_argument), script_of("/bin/sh"));
    }

    #[test]
    fn a_line_without_a_whole_name_is_a_broken_script() {
        for head in [b"#!".as_slice(), b"#!\n", b"#! \t \n", b"#!\0/bin/sh\n"] {
            assert_eq!(of(head), Wanted::BrokenScript, "{head:?}");
        }
        assert_eq!(
            of(&[b"#!".as_slice(), &[b' '; 300]].concat()),
            Wanted::BrokenScript
        );
        let cut_off = [b"#!/".as_slice(), &[b'a'; 300], b"\n"].concat();
        assert_eq!(of(&cut_off), Wanted::BrokenScript);
        // The longest name that the kernel still reads to its end.
        let whole = [b"#!/".as_slice(), &[b'a'; 252], b"\n"].concat();
        assert!(matches!(of(&whole), Wanted::Script(name) if name.as_os_str().len() == 253));
    }

    #[test]
    fn what_is_not_known_asks_for_nothing() {
        for head in [
            b"".as_slice(),
            b"#",
            b"MZ",
            b"\x7fELF",
            b"echo no line at all",
        ] {
            assert_eq!(of(head), Wanted::Nothing, "{head:?}");
        }
    }

    #[test]
    fn a_dynamic_program_names_its_linker() {
        // The test binary itself, when it is a dynamic one.
        let bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        match of(&bytes) {
            Wanted::Linker(path) => assert!(path.exists(), "{}", path.display()),
            other => assert_eq!(other, Wanted::Nothing),
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reading_panic(
            class in 0u8..3,
            bytes in proptest::collection::vec(any::<u8>(), 0..400),
        ) {
            of(&bytes);
            of(&[b"#!".as_slice(), &bytes].concat());
            of(&[b"\x7fELF".as_slice(), &[class, 1], &[0; 12], &[62, 0], &bytes].concat());
        }
    }
}
