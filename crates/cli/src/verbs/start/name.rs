//! Short names for processes, that can be read out and typed.
//!
//! Six letters, consonants and vowels in turns: 262,144 of them. They are no secret and authorize
//! nothing; the daemon refuses one that is taken, and another is drawn.

use std::hash::{BuildHasher, Hasher, RandomState};

const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
const VOWELS: &[u8; 4] = b"aiou";

/// A name, most likely one that was never drawn.
pub(super) fn draw() -> String {
    // The standard library draws its keys from the system; nothing better is needed.
    spell(RandomState::new().build_hasher().finish())
}

fn spell(mut bits: u64) -> String {
    let mut name = String::with_capacity(6);
    for _ in 0..3 {
        name.push(letter(CONSONANTS, bits));
        name.push(letter(VOWELS, bits >> 4));
        bits >>= 6;
    }
    name
}

fn letter(letters: &[u8], bits: u64) -> char {
    let place = usize::try_from(bits % letters.len() as u64).unwrap_or(0);
    letters.get(place).copied().map_or('b', char::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_number_has_a_name_of_its_own() {
        let all: BTreeSet<String> = (0..1 << 18).map(spell).collect();
        assert_eq!(all.len(), 1 << 18);
        assert_eq!(spell(0), "bababa");
        assert_eq!(spell((1 << 18) - 1), "zuzuzu");
    }

    #[test]
    fn two_draws_differ() {
        let drawn: BTreeSet<String> = (0..20).map(|_| draw()).collect();
        assert!(drawn.len() > 15, "{drawn:?}");
    }
}
