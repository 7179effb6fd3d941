//! Which flags of the kitty keyboard protocol a program has switched on.
//!
//! Only flag 1 (disambiguate) is supported, because [keys](super::Key) are encoded for it and for no
//! other; a program that asks for more is told what it got. Each screen has a stack of its own, as
//! the protocol says. What must stay true: a stack is bounded.

/// The flags that keys can be encoded for.
const SUPPORTED: u8 = 0b1;

/// How many flags one stack holds. The oldest go first.
const DEPTH: usize = 16;

/// The flags of the main and the alternate screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Keyboard {
    stacks: [Vec<u8>; 2],
}

impl Keyboard {
    /// The flags in force: 0 or 1.
    pub(super) fn flags(&self, alternate: bool) -> u8 {
        self.stacks[usize::from(alternate)]
            .last()
            .copied()
            .unwrap_or(0)
    }

    pub(super) fn push(&mut self, alternate: bool, flags: u8) {
        let stack = &mut self.stacks[usize::from(alternate)];
        if stack.len() == DEPTH {
            stack.remove(0);
        }
        stack.push(flags & SUPPORTED);
    }

    pub(super) fn pop(&mut self, alternate: bool, count: u16) {
        let stack = &mut self.stacks[usize::from(alternate)];
        stack.truncate(stack.len().saturating_sub(count.into()));
    }

    /// Changes the flags in force: all (1), these too (2), not these (3).
    pub(super) fn set(&mut self, alternate: bool, flags: u8, mode: u16) {
        let present = self.flags(alternate);
        let flags = match mode {
            1 => flags,
            2 => present | flags,
            3 => present & !flags,
            _ => present,
        };
        self.stacks[usize::from(alternate)].pop();
        self.push(alternate, flags);
    }

    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_kept_below_each_other_for_each_screen() {
        let mut keyboard = Keyboard::default();
        assert_eq!(keyboard.flags(false), 0);
        keyboard.push(false, 0b11111);
        keyboard.push(false, 0);
        assert_eq!((keyboard.flags(false), keyboard.flags(true)), (0, 0));
        keyboard.pop(false, 1);
        assert_eq!(keyboard.flags(false), 1);
        keyboard.pop(false, u16::MAX);
        assert_eq!(keyboard.flags(false), 0);
        keyboard.set(true, 1, 2);
        assert_eq!((keyboard.flags(false), keyboard.flags(true)), (0, 1));
        keyboard.set(true, 1, 3);
        assert_eq!(keyboard.flags(true), 0);
        keyboard.set(true, 5, 1);
        keyboard.set(true, 0, 9);
        assert_eq!(keyboard.flags(true), 1);
    }

    #[test]
    fn a_stack_is_bounded() {
        let mut keyboard = Keyboard::default();
        for _ in 0..1_000 {
            keyboard.push(true, 1);
        }
        assert_eq!(keyboard.stacks[1].len(), DEPTH);
        keyboard.reset();
        assert_eq!(keyboard, Keyboard::default());
    }
}
