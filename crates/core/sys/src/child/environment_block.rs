//! The environment of a program as the one block that Windows gives it. Pure.
//!
//! It is apart because Windows keeps variables by names whose case does not matter, sorted, in one
//! string that ends with two zeroes. What must stay true: a block says exactly the variables that
//! were given and none besides; two that differ in case only are refused, since one of them would
//! be lost. What the system itself insists on is added by [`add_system_root`] alone, which says so.
//!
//! The form is that of `CreateProcessW`'s `lpEnvironment` and of "Changing environment variables" in
//! Microsoft's documentation.

use std::cmp::Ordering;

/// The variable without which the loader and many libraries of the system do not work: winsock,
/// cryptography and side-by-side assemblies look below it.
pub const SYSTEM_ROOT: &str = "SystemRoot";

/// A name and a value, in the units of Windows.
pub type Variable = (Vec<u16>, Vec<u16>);

/// Compares two names as the system does.
pub type Compare = fn(&[u16], &[u16]) -> Ordering;

/// Why variables cannot be a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadVariable {
    /// A name is empty.
    NoName,
    /// A name has an equals sign in it, at which the system would cut it.
    EqualsInName {
        /// The name.
        name: Vec<u16>,
    },
    /// A name or its value has a zero in it, which would end it.
    Zero {
        /// The name.
        name: Vec<u16>,
    },
    /// Two names differ in case only, or not at all.
    Twice {
        /// One of both.
        name: Vec<u16>,
    },
}

impl std::fmt::Display for BadVariable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = |name: &[u16]| String::from_utf16_lossy(name);
        match self {
            BadVariable::NoName => f.write_str("a variable has no name"),
            BadVariable::EqualsInName { name } => {
                write!(f, "the name `{}` has an equals sign in it", text(name))
            }
            BadVariable::Zero { name } => {
                write!(f, "the variable `{}` has a zero in it", text(name))
            }
            BadVariable::Twice { name } => write!(
                f,
                "the variable `{}` is given twice: the case of names does not matter",
                text(name)
            ),
        }
    }
}

impl std::error::Error for BadVariable {}

/// Writes variables as a block, with both zeroes at its end.
///
/// # Errors
///
/// [`BadVariable`], where the block would say something else.
pub fn build(mut variables: Vec<Variable>, compare: Compare) -> Result<Vec<u16>, BadVariable> {
    for (name, value) in &variables {
        check(name, value)?;
    }
    variables.sort_by(|(one, _), (other, _)| compare(one, other));
    let twice = variables
        .windows(2)
        .find(|pair| compare(&pair[0].0, &pair[1].0).is_eq());
    if let Some(pair) = twice {
        let name = pair[0].0.clone();
        return Err(BadVariable::Twice { name });
    }
    let mut block = Vec::new();
    for (name, value) in variables {
        block.extend_from_slice(&name);
        block.push(u16::from(b'='));
        block.extend_from_slice(&value);
        block.push(0);
    }
    // One without variables has two zeroes as well.
    if block.is_empty() {
        block.push(0);
    }
    block.push(0);
    Ok(block)
}

fn check(name: &[u16], value: &[u16]) -> Result<(), BadVariable> {
    let name = || name.to_vec();
    if name().is_empty() {
        return Err(BadVariable::NoName);
    }
    if name().contains(&u16::from(b'=')) {
        return Err(BadVariable::EqualsInName { name: name() });
    }
    if name().contains(&0) || value.contains(&0) {
        return Err(BadVariable::Zero { name: name() });
    }
    Ok(())
}

/// Reads a block back, up to its two zeroes.
#[must_use]
pub fn read(block: &[u16]) -> Vec<Variable> {
    let strings = block.split(|unit| *unit == 0);
    let strings = strings.take_while(|string| !string.is_empty());
    strings.map(cut).collect()
}

/// At the first equals sign that is not the first unit: the system keeps the folders of its drives
/// in names that begin with one.
fn cut(string: &[u16]) -> Variable {
    let equals = u16::from(b'=');
    let at = string.iter().skip(1).position(|unit| *unit == equals);
    match at {
        Some(at) => (string[..=at].to_vec(), string[at + 2..].to_vec()),
        None => (string.to_vec(), Vec::new()),
    }
}

/// Adds [`SYSTEM_ROOT`] where it is not given, and answers whether it did, for the note that says so.
pub fn add_system_root(variables: &mut Vec<Variable>, value: &[u16], compare: Compare) -> bool {
    let root: Vec<u16> = SYSTEM_ROOT.encode_utf16().collect();
    let given = variables
        .iter()
        .any(|(name, _)| compare(name, &root).is_eq());
    if !given {
        variables.push((root, value.to_vec()));
    }
    !given
}

/// Compares names unit by unit, upper case and lower case being the same.
///
/// It is what the system does (`CompareStringOrdinal`) as far as a unit has one upper case that is
/// one unit too; the system has a table of its own, which is older than Rust's. So on Windows the
/// system is asked, and this is for everywhere else.
#[must_use]
pub fn compare_plainly(one: &[u16], other: &[u16]) -> Ordering {
    let upper = |unit: &u16| upper(*unit);
    one.iter().map(upper).cmp(other.iter().map(upper))
}

fn upper(unit: u16) -> u16 {
    let Some(letter) = char::from_u32(u32::from(unit)) else {
        return unit;
    };
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => u16::try_from(u32::from(one)).unwrap_or(unit),
        _ => unit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wide(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn variables(pairs: &[(&str, &str)]) -> Vec<Variable> {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| (wide(name), wide(value)))
            .collect()
    }

    #[test]
    fn a_block_is_sorted_without_regard_to_case_and_ends_with_two_zeroes() {
        let given = variables(&[("b", "1"), ("A_", "2"), ("aZ", "=3"), ("C", "")]);
        let block = build(given, compare_plainly).unwrap();
        let text = String::from_utf16(&block).unwrap();
        // `_` stands behind `Z`, where lower case does not.
        assert_eq!(text, "aZ==3\0A_=2\0b=1\0C=\0\0");
    }

    #[test]
    fn no_variables_are_two_zeroes() {
        assert_eq!(build(Vec::new(), compare_plainly), Ok(vec![0, 0]));
    }

    #[test]
    fn what_a_block_cannot_say_is_refused() {
        let refused =
            |pairs: &[(&str, &str)]| build(variables(pairs), compare_plainly).unwrap_err();
        let name = wide("a=b");
        assert_eq!(refused(&[("", "x")]), BadVariable::NoName);
        assert_eq!(refused(&[("a=b", "")]), BadVariable::EqualsInName { name });
        let name = wide("a");
        assert_eq!(refused(&[("a", "b\0c")]), BadVariable::Zero { name });
        for (one, other) in [("Path", "PATH"), ("é", "É"), ("x", "x")] {
            let twice = refused(&[(one, "1"), ("b", "2"), (other, "3")]);
            assert!(matches!(twice, BadVariable::Twice { .. }), "{one}");
        }
    }

    #[test]
    fn the_system_root_is_added_only_where_it_is_not_given() {
        let mut given = variables(&[("systemROOT", "mine")]);
        assert!(!add_system_root(&mut given, &wide("X"), compare_plainly));
        assert_eq!(given.len(), 1);
        given.clear();
        assert!(add_system_root(&mut given, &wide("X"), compare_plainly));
        assert_eq!(given, variables(&[("SystemRoot", "X")]));
    }

    #[test]
    fn the_folders_of_drives_read_back() {
        let block = wide("=C:=C:\\x\0a=b\0\0");
        assert_eq!(read(&block), variables(&[("=C:", "C:\\x"), ("a", "b")]));
    }

    proptest! {
        #[test]
        fn every_block_reads_back_as_what_was_given(
            given in prop::collection::btree_map("[a-zA-Zéß_. ]{1,6}", "[a-z=\\\\é ]{0,6}", 0..8),
        ) {
            let pairs = given.iter().map(|(name, value)| (wide(name), wide(value)));
            let pairs: Vec<Variable> = pairs.collect();
            let Ok(block) = build(pairs.clone(), compare_plainly) else {
                // Two differ in case only.
                return Ok(());
            };
            prop_assert!(block.ends_with(&[0, 0]));
            let back = read(&block);
            prop_assert!(back.is_sorted_by(|a, b| compare_plainly(&a.0, &b.0).is_lt()));
            prop_assert_eq!(back.len(), pairs.len());
            prop_assert!(pairs.iter().all(|pair| back.contains(pair)));
        }
    }
}
