//! The mark by which a member that lost its parent is known, where a system offers nothing better.
//! Pure.
//!
//! Each tree gets a variable of its own in its environment, and children inherit it. It is a mark and
//! no proof: a program that empties its environment loses it, and one that knows it can carry another
//! tree's. So it widens what is killed only among processes of our own user, and gives the grade
//! `swept` at the most. macOS shows the environment of a process in the block that is read here
//! (`sysctl(3)`, `KERN_PROCARGS2`; its form is that of Darwin's `kern_exec.c`).

/// The name of the variable.
pub const NAME: &str = "HANDFAST_TREE";

/// The name of the variable by which a reaper that has taken over the trees of a lost one shows so: its value
/// is the stem of their marks, which names the lost one as its maker.
pub const HOLDS: &str = "HANDFAST_HOLDS";

/// Between the marks of trees that lie in each other.
const BETWEEN: u8 = b':';

/// The value for a tree with this mark, whose reaper was started with `outer`: a tree that is started by
/// a member of another is a part of that one too.
#[must_use]
pub fn value(outer: Option<&[u8]>, mark: &[u8]) -> Vec<u8> {
    match outer {
        Some(outer) if !outer.is_empty() => [outer, &[BETWEEN], mark].concat(),
        _ => mark.to_vec(),
    }
}

/// The variable, `NAME=value`.
#[must_use]
pub fn variable(value: &[u8]) -> Vec<u8> {
    [NAME.as_bytes(), b"=", value].concat()
}

/// Whether a string of an environment is this variable.
#[must_use]
pub fn is_variable(string: &[u8]) -> bool {
    of_variable(string, NAME).is_some()
}

/// All marks in a block of `KERN_PROCARGS2`.
///
/// The block begins with the number of arguments, as wide as an `int`; then come the path of the
/// program, zeroes up to a border, the arguments and the variables, each with a zero at its end. Of a
/// program that is protected (`CS_RESTRICT`: most of those that come with the system) the variables are
/// left out of the block.
pub fn marks(block: &[u8]) -> impl Iterator<Item = &[u8]> {
    let values = variables(block).into_iter().flatten();
    let values = values.filter_map(|string| of_variable(string, NAME));
    values.flat_map(|value| value.split(|byte| *byte == BETWEEN))
}

/// Whose trees the process of a block shows to hold.
#[must_use]
pub fn holds(block: &[u8]) -> Option<&[u8]> {
    let mut variables = variables(block)?;
    variables.find_map(|string| of_variable(string, HOLDS))
}

/// The stem of a mark: who made the tree. Marks of trees are a stem, a slash and a number.
#[must_use]
pub fn stem(mark: &[u8]) -> Option<&[u8]> {
    let slash = mark.iter().rposition(|byte| *byte == b'/')?;
    Some(&mark[..slash])
}

fn of_variable<'s>(string: &'s [u8], name: &str) -> Option<&'s [u8]> {
    string.strip_prefix(name.as_bytes())?.strip_prefix(b"=")
}

/// The arguments of a block; none where it is cut before them.
pub fn arguments(block: &[u8]) -> impl Iterator<Item = &[u8]> {
    let found = strings(block).into_iter();
    found.flat_map(|(count, strings)| strings.take(count))
}

/// The variables of a block; `None` where it is cut before them.
fn variables(block: &[u8]) -> Option<impl Iterator<Item = &[u8]>> {
    let (count, strings) = strings(block)?;
    // An empty string ends them; behind it are strings that are not the program's.
    Some(strings.skip(count).take_while(|string| !string.is_empty()))
}

/// How many arguments a block has, and all its strings, of which those are the first.
fn strings(block: &[u8]) -> Option<(usize, impl Iterator<Item = &[u8]>)> {
    let (count, rest) = block.split_at_checked(size_of::<i32>())?;
    let count = i32::from_ne_bytes(count.try_into().ok()?);
    let path_end = rest.iter().position(|byte| *byte == 0)?;
    let padded = &rest[path_end..];
    let first = padded.iter().position(|byte| *byte != 0)?;
    let strings = padded[first..].split(|byte| *byte == 0);
    Some((usize::try_from(count).ok()?, strings))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(count: i32, rest: &[u8]) -> Vec<u8> {
        [&count.to_ne_bytes(), rest].concat()
    }

    fn is_in(block: &[u8], mark: &[u8]) -> bool {
        marks(block).any(|found| found == mark)
    }

    #[test]
    fn a_mark_is_found_whole_and_an_argument_is_none() {
        let found = block(
            2,
            b"/bin/sh\0\0\0\0sh\0HANDFAST_TREE=arg\0A=b\0HANDFAST_TREE=o/1:h.2/7\0\0HANDFAST_TREE=late\0",
        );
        assert_eq!(marks(&found).collect::<Vec<_>>(), [&b"o/1"[..], b"h.2/7"]);
        let words: Vec<_> = arguments(&found).collect();
        assert_eq!(words, [&b"sh"[..], b"HANDFAST_TREE=arg"]);
        assert_eq!(arguments(b"").count(), 0);
        let stems: Vec<_> = marks(&found).filter_map(stem).collect();
        assert_eq!(stems, [&b"o"[..], b"h.2"]);
        assert_eq!((stem(b"none"), holds(&found)), (None, None));
        let holder = block(1, b"/r\0r\0HANDFAST_HOLDS=h.2\0\0");
        assert_eq!(holds(&holder), Some(&b"h.2"[..]));
    }

    #[test]
    fn a_tree_in_a_tree_carries_both_marks() {
        let outer = value(None, b"o/1");
        assert_eq!(value(Some(b""), b"o/1"), outer);
        let inner = variable(&value(Some(&outer), b"i/2"));
        assert_eq!(inner, b"HANDFAST_TREE=o/1:i/2");
        assert!(is_variable(&inner) && is_variable(b"HANDFAST_TREE="));
        assert!(!is_variable(b"HANDFAST_TREES=1") && !is_variable(b"HANDFAST_TREE"));
    }

    #[test]
    fn a_block_that_is_cut_or_odd_has_no_marks() {
        let whole = block(1, b"/bin/sh\0\0sh\0HANDFAST_TREE=7\0\0");
        let mark = b"7";
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
