//! Strings of Windows as bytes without a zero among them, and back. Pure.
//!
//! A string there is any sequence of 16-bit units, unpaired surrogates included; our packets carry
//! bytes. This is UTF-8 for all that is Unicode, and three bytes for each unpaired surrogate, as UTF-8
//! would write it if it were allowed to (known as WTF-8). What must stay true: whatever [`encode`]
//! writes, [`decode`] reads back unit by unit.

/// Units as bytes.
#[must_use]
pub fn encode(units: &[u16]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(units.len());
    for letter in char::decode_utf16(units.iter().copied()) {
        match letter {
            Ok(letter) => bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
            Err(alone) => {
                let [high, low] = alone.unpaired_surrogate().to_be_bytes();
                bytes.push(0xe0 | high >> 4);
                bytes.push(0x80 | (high & 0x0f) << 2 | low >> 6);
                bytes.push(0x80 | low & 0x3f);
            }
        }
    }
    bytes
}

/// Bytes as units; `None` for bytes that [`encode`] does not write.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<Vec<u16>> {
    let mut units = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while !rest.is_empty() {
        let good = match std::str::from_utf8(rest) {
            Ok(_) => rest.len(),
            Err(error) => error.valid_up_to(),
        };
        let (text, after) = rest.split_at(good);
        units.extend(std::str::from_utf8(text).ok()?.encode_utf16());
        rest = after;
        if let Some((three, after)) = rest.split_at_checked(3) {
            units.push(surrogate(three)?);
            rest = after;
        } else if !rest.is_empty() {
            return None;
        }
    }
    // A pair of them would have been written as one letter.
    (encode(&units) == bytes).then_some(units)
}

fn surrogate(three: &[u8]) -> Option<u16> {
    match three {
        [0xed, second @ 0xa0..=0xbf, third @ 0x80..=0xbf] => {
            Some(0xd000 | u16::from(second & 0x3f) << 6 | u16::from(third & 0x3f))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_utf_8_and_a_lone_surrogate_three_bytes() {
        let units: Vec<u16> = "aé😀".encode_utf16().collect();
        assert_eq!(encode(&units), "aé😀".as_bytes());
        assert_eq!(encode(&[0xd800, 0x61]), [0xed, 0xa0, 0x80, 0x61]);
        assert_eq!(decode(&[0xed, 0xbf, 0xbf]), Some(vec![0xdfff]));
    }

    #[test]
    fn what_is_never_written_is_not_read() {
        let pair = [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80];
        for bytes in [
            &pair[..],
            &[0xed, 0xa0],
            &[0xff],
            &[0x61, 0x80],
            &[0xc0, 0x80],
        ] {
            assert_eq!(decode(bytes), None, "{bytes:x?}");
        }
    }

    proptest! {
        #[test]
        fn every_sequence_of_units_reads_back(
            units in prop::collection::vec(prop_oneof![0xd7fe_u16..0xe002, any::<u16>()], 0..12),
        ) {
            prop_assert_eq!(decode(&encode(&units)), Some(units));
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }
    }
}
