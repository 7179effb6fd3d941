//! The mark by which a member that lost its parent is known, where a system offers nothing better.
//! Pure.
//!
//! Each tree gets a variable of its own in its environment, and children inherit it. It is a mark and
//! no proof: a program that empties its environment loses it, and one that knows it can carry another
//! tree's. So it widens what is killed only among processes of our own user, and gives the grade
//! `swept` at the most. macOS shows the environment of a process in the block that is read here
//! (`sysctl(3)`, `KERN_PROCARGS2`; its form is that of Darwin's `kern_exec.c`).

use std::ffi::OsString;

/// The name of the variable.
pub const NAME: &str = "HANDFAST_TREE";

/// The variable for a tree: `NAME=value`.
#[must_use]
pub fn variable(value: &str) -> OsString {
    format!("{NAME}={value}").into()
}

/// Whether the environment in a block of `KERN_PROCARGS2` has this variable, in this form exactly.
///
/// The block begins with the number of arguments, as wide as an `int`; then come the path of the
/// program, zeroes up to a border, the arguments and the variables, each with a zero at its end.
#[must_use]
pub fn is_in(block: &[u8], variable: &[u8]) -> bool {
    variables(block).is_some_and(|mut variables| variables.any(|found| found == variable))
}

/// The variables of a block; `None` where it is cut before them.
fn variables(block: &[u8]) -> Option<impl Iterator<Item = &[u8]>> {
    let (count, rest) = block.split_at_checked(size_of::<i32>())?;
    let count = i32::from_ne_bytes(count.try_into().ok()?);
    let path_end = rest.iter().position(|byte| *byte == 0)?;
    let padded = &rest[path_end..];
    let first = padded.iter().position(|byte| *byte != 0)?;
    let strings = padded[first..].split(|byte| *byte == 0);
    let variables = strings.skip(usize::try_from(count).ok()?);
    // An empty string ends them; behind it are strings that are not the program's.
    Some(variables.take_while(|string| !string.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(count: i32, rest: &[u8]) -> Vec<u8> {
        [&count.to_ne_bytes(), rest].concat()
    }

    #[test]
    fn a_variable_is_found_and_an_argument_is_not_one() {
        let found = block(
            2,
            b"/bin/sh\0\0\0\0sh\0X=1\0A=b\0HANDFAST_TREE=7\0\0stack=1\0",
        );
        let mark = variable("7").into_encoded_bytes();
        assert_eq!(mark, b"HANDFAST_TREE=7");
        assert!(is_in(&found, &mark));
        assert!(is_in(&found, b"A=b"));
        for wrong in [
            &b"X=1"[..],
            b"HANDFAST_TREE=",
            b"HANDFAST_TREE=77",
            b"stack=1",
            b"",
            b"sh",
        ] {
            assert!(!is_in(&found, wrong), "{wrong:?}");
        }
    }

    #[test]
    fn a_block_that_is_cut_or_odd_has_no_variables() {
        let whole = block(1, b"/bin/sh\0\0sh\0HANDFAST_TREE=7\0\0");
        let mark = b"HANDFAST_TREE=7";
        for length in 0..whole.len() - 2 {
            assert!(!is_in(&whole[..length], mark), "{length}");
        }
        assert!(is_in(&whole, mark));
        assert!(!is_in(&block(-1, b"/a\0a\0HANDFAST_TREE=7\0\0"), mark));
        assert!(!is_in(
            &block(i32::MAX, b"/a\0a\0HANDFAST_TREE=7\0\0"),
            mark
        ));
    }
}
