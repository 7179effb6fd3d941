//! Whether arguments and environment fit into what the system passes to a new program.
//!
//! Counted as Linux counts (`bprm_stack_limits` in `fs/exec.c`): every string with its NUL, one
//! pointer for each, and the path of the program once more. For a script the kernel adds the words
//! of its `#!` line, which are not counted here; an exec that fails for them is explained then.

use handfast_sys::text::Word;
use std::fs;

use super::error::ConfigError;
use super::limits::Limit;

/// The longest single string with its NUL: 32 pages of 4 KiB. Larger pages allow more; this is what
/// works everywhere.
pub(super) const LONGEST_STRING: u64 = 131_072;

/// What is always allowed, however small the stack: `ARG_MAX`.
const FLOOR: u64 = 131_072;

/// What is never exceeded, however large the stack: three quarters of 8 MiB.
const CEILING: u64 = 6 * 1024 * 1024;

/// The soft stack limit where it cannot be read: what Linux starts the first process with.
const USUAL_STACK: u64 = 8 * 1024 * 1024;

/// Everything that the kernel copies to a new program's stack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load<'a> {
    pub(super) program: &'a Word,
    pub(super) argv: &'a [Word],
    pub(super) envp: &'a [Word],
}

/// Whether the load fits below `stack`, the child's soft stack limit; `None` is the host's own.
pub(super) fn check(load: Load<'_>, stack: Option<Limit>) -> Result<(), ConfigError> {
    let bytes = single_strings(load)?;
    // Nearly always true, and then the host's limit need not be read.
    if bytes <= FLOOR {
        return Ok(());
    }
    let limit = room(stack.unwrap_or_else(host_stack));
    if bytes <= limit {
        Ok(())
    } else {
        Err(ConfigError::TooLarge { bytes, limit })
    }
}

/// The sum of all; refuses the first string that is too long by itself.
fn single_strings(load: Load<'_>) -> Result<u64, ConfigError> {
    let limit = LONGEST_STRING;
    let mut sum = length(load.program);
    for (index, argument) in load.argv.iter().enumerate() {
        let bytes = length(argument);
        if bytes > limit {
            return Err(ConfigError::ArgumentTooLong {
                index,
                bytes,
                limit,
            });
        }
        sum += bytes + POINTER;
    }
    for variable in load.envp {
        let bytes = length(variable);
        if bytes > limit {
            return Err(ConfigError::VariableTooLong {
                key: variable.parts().0.to_os_string(),
                bytes,
                limit,
            });
        }
        sum += bytes + POINTER;
    }
    Ok(sum)
}

const POINTER: u64 = size_of::<usize>() as u64;

fn length(string: &Word) -> u64 {
    string.zero_ended().to_bytes_with_nul().len() as u64
}

fn room(stack: Limit) -> u64 {
    match stack {
        Limit::Value(bytes) => (bytes / 4).clamp(FLOOR, CEILING),
        Limit::Unlimited => CEILING,
    }
}

fn host_stack() -> Limit {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    read_stack(&limits).unwrap_or(Limit::Value(USUAL_STACK))
}

/// The soft stack limit in the text of `/proc/self/limits`.
fn read_stack(limits: &str) -> Option<Limit> {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max stack size"))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(Limit::Unlimited),
        number => number.parse().ok().map(Limit::Value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_the_stack_is_the_room_within_floor_and_ceiling() {
        assert_eq!(room(Limit::Value(8 << 20)), 2 << 20);
        assert_eq!(room(Limit::Value(1)), FLOOR);
        assert_eq!(room(Limit::Value(u64::MAX)), CEILING);
        assert_eq!(room(Limit::Unlimited), CEILING);
    }

    #[test]
    fn the_stack_limit_is_read_from_the_text_of_the_system() {
        let line = |soft| format!("Limit  Soft\nMax stack size   {soft}   unlimited   bytes\n");
        assert_eq!(read_stack(&line("8388608")), Some(Limit::Value(8 << 20)));
        assert_eq!(read_stack(&line("unlimited")), Some(Limit::Unlimited));
        assert_eq!(read_stack("Max cpu time  1  2  seconds"), None);
    }
}
