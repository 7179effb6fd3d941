//! What is typed, as what is wanted. Pure.

use super::model::By;

/// What a key wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    Leave,
    Step(isize),
    SortBy(By),
    Stop,
    Attach,
    /// The answer to a question.
    Yes,
    No,
}

/// What the keys that were read at once want, in their order.
pub(super) fn read(typed: &[u8]) -> Vec<Want> {
    let (mut wants, mut rest) = (Vec::new(), typed);
    while let Some((first, after)) = rest.split_first() {
        let (want, left) = match (first, after) {
            (0x1b, [b'[' | b'O', b'A', left @ ..]) => (Some(Want::Step(-1)), left),
            (0x1b, [b'[' | b'O', b'B', left @ ..]) => (Some(Want::Step(1)), left),
            (0x1b, [b'[', b'5', b'~', left @ ..]) => (Some(Want::Step(-10)), left),
            (0x1b, [b'[', b'6', b'~', left @ ..]) => (Some(Want::Step(10)), left),
            // Another key: all of its sequence.
            (0x1b, [b'[' | b'O', left @ ..]) => (None, after_sequence(left)),
            (0x1b, []) => (Some(Want::No), after),
            (letter, left) => (Some(of_letter(*letter)), left),
        };
        wants.extend(want);
        rest = left;
    }
    wants
}

fn after_sequence(rest: &[u8]) -> &[u8] {
    let end = rest.iter().position(|byte| (0x40..=0x7e).contains(byte));
    end.and_then(|end| rest.get(end + 1..)).unwrap_or_default()
}

/// What means nothing is no yes.
fn of_letter(letter: u8) -> Want {
    match letter {
        b'q' | b'Q' | 0x03 | 0x04 => Want::Leave,
        b'k' => Want::Step(-1),
        b'j' => Want::Step(1),
        b'c' => Want::SortBy(By::Cpu),
        b'm' => Want::SortBy(By::Memory),
        b't' => Want::SortBy(By::Age),
        b's' => Want::Stop,
        b'a' | b'\r' | b'\n' => Want::Attach,
        b'y' | b'Y' => Want::Yes,
        _ => Want::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_letters_arrows_and_nothing_else() {
        let want = [
            Want::Step(1),
            Want::Step(-1),
            Want::Step(10),
            Want::Stop,
            Want::Yes,
            Want::Leave,
        ];
        // A function key and a mouse say nothing.
        assert_eq!(read(b"j\x1b[A\x1b[6~\x1b[15~\x1b[<0;1;1Msy\x03"), want);
        assert_eq!(read(b"\x1b"), [Want::No]);
        assert_eq!(read(b"z\xff"), [Want::No, Want::No]);
        assert_eq!(read(b"\x1b["), []);
    }
}
