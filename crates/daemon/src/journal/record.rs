//! Records: bytes with their length and a checksum, one after the other. Pure.
//!
//! `LENGTH CHECKSUM PAYLOAD\n`, the first two as eight hexadecimal digits. A person can read a file of them, and
//! payloads may have any bytes in them. The checksum is of length and payload.

use super::checksum::checksum;

/// The longest payload: 4 MiB.
pub const LONGEST_RECORD: usize = 4 * 1024 * 1024;

/// `LENGTH CHECKSUM `.
const HEAD: usize = 18;

/// A file is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// Up to where it is: that many bytes were read.
    pub at: usize,
    /// How many bytes of the file come after that.
    pub lost: usize,
    /// What is wrong there.
    pub why: Why,
}

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The file ends in it: its writer was cut off.
    Cut,
    /// It does not begin like one.
    Form,
    /// It was changed.
    Checksum,
}

/// A payload as a record.
///
/// One that is longer than [`LONGEST_RECORD`] is a record that no reader takes.
#[must_use]
pub fn record(payload: &[u8]) -> Vec<u8> {
    let length = format!("{:08x}", payload.len());
    let sum = checksum(&[length.as_bytes(), payload]);
    let mut record = format!("{length} {sum:08x} ").into_bytes();
    record.reserve(payload.len() + 1);
    record.extend_from_slice(payload);
    record.push(b'\n');
    record
}

/// The payloads of all records up to the first that is damaged, and what is wrong with that.
///
/// ```
/// use handfast_daemon::journal::{Why, record, records};
///
/// let mut file = [record(b"one"), record(b"two")].concat();
/// assert_eq!(records(&file), (vec![&b"one"[..], b"two"], None));
/// file.truncate(file.len() - 2);
/// let (whole, damage) = records(&file);
/// assert_eq!((whole, damage.unwrap().why), (vec![&b"one"[..]], Why::Cut));
/// ```
#[must_use]
pub fn records(file: &[u8]) -> (Vec<&[u8]>, Option<Damage>) {
    let (mut payloads, mut rest) = (Vec::new(), file);
    while !rest.is_empty() {
        match first(rest) {
            Ok(payload) => {
                payloads.push(payload);
                rest = rest.get(HEAD + payload.len() + 1..).unwrap_or_default();
            }
            Err(why) => {
                let (at, lost) = (file.len() - rest.len(), rest.len());
                return (payloads, Some(Damage { at, lost, why }));
            }
        }
    }
    (payloads, None)
}

fn first(bytes: &[u8]) -> Result<&[u8], Why> {
    let Some((head, rest)) = bytes.split_at_checked(HEAD) else {
        return Err(Why::Cut);
    };
    let (length, sum) = match (&head[..8], head[8], &head[9..17], head[17]) {
        (length, b' ', sum, b' ') => (number(length)?, number(sum)?),
        _ => return Err(Why::Form),
    };
    let length = usize::try_from(length).map_err(|_| Why::Form)?;
    if length > LONGEST_RECORD {
        return Err(Why::Form);
    }
    let (payload, end) = rest.split_at_checked(length).ok_or(Why::Cut)?;
    match end.first() {
        None => Err(Why::Cut),
        Some(b'\n') if checksum(&[&head[..8], payload]) == sum => Ok(payload),
        Some(_) => Err(Why::Checksum),
    }
}

fn number(digits: &[u8]) -> Result<u32, Why> {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let digits = std::str::from_utf8(digits).map_err(|_| Why::Form)?;
    if !digits.as_bytes().iter().all(is_digit) {
        return Err(Why::Form);
    }
    u32::from_str_radix(digits, 16).map_err(|_| Why::Form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn payloads() -> impl Strategy<Value = Vec<Vec<u8>>> {
        let byte = prop_oneof![any::<u8>(), Just(b'\n'), Just(b'0')];
        prop::collection::vec(prop::collection::vec(byte, 0..20), 0..6)
    }

    fn file(payloads: &[Vec<u8>]) -> Vec<u8> {
        payloads
            .iter()
            .flat_map(|payload| record(payload))
            .collect()
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(payloads in payloads()) {
            let file = file(&payloads);
            let (read, damage) = records(&file);
            prop_assert_eq!(read, payloads);
            prop_assert_eq!(damage, None);
        }

        #[test]
        fn a_file_that_was_cut_gives_what_was_whole(payloads in payloads(), at in any::<prop::sample::Index>()) {
            let file = file(&payloads);
            let cut = at.index(file.len() + 1);
            let (read, damage) = records(&file[..cut]);
            prop_assert_eq!(&read[..], &payloads[..read.len()]);
            let whole: usize = payloads[..read.len()].iter().map(|payload| record(payload).len()).sum();
            let next = payloads.get(read.len()).map_or(0, |payload| record(payload).len());
            // Not one record less than there were.
            prop_assert!(whole <= cut && (cut < whole + next || cut == file.len()));
            let expected = (cut > whole).then_some(Damage { at: whole, lost: cut - whole, why: Why::Cut });
            prop_assert_eq!(damage, expected);
        }

        #[test]
        fn a_byte_that_was_changed_gives_what_was_before_and_a_report(
            payloads in payloads(),
            at in any::<prop::sample::Index>(),
            by in 1_u8..,
        ) {
            let mut file = file(&payloads);
            prop_assume!(!file.is_empty());
            let at = at.index(file.len());
            file[at] ^= by;
            let (read, damage) = records(&file);
            let ends = payloads.iter().scan(0, |end, payload| {
                *end += record(payload).len();
                Some(*end)
            });
            let before = ends.take_while(|end| *end <= at).count();
            prop_assert_eq!(&read[..], &payloads[..before]);
            prop_assert!(damage.is_some());
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
            let (read, damage) = records(&bytes);
            let whole: usize = read.iter().map(|payload| HEAD + payload.len() + 1).sum();
            prop_assert_eq!(whole + damage.map_or(0, |damage| damage.lost), bytes.len());
        }
    }

    #[test]
    fn a_length_that_nobody_wrote_asks_for_no_memory() {
        let (read, damage) = records(b"ffffffff 00000000 x\n");
        assert_eq!((read.len(), damage.unwrap().why), (0, Why::Form));
    }
}
