//! Bytes as text: Base64 with the standard alphabet and padding (RFC 4648, section 4).
//!
//! Strict, so that every text has one meaning and every value one text: no line ends, no missing
//! padding, no bits that are thrown away.

use std::fmt;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Marks a byte that is no digit.
const NONE: u8 = 0xFF;

/// The value of each digit.
const VALUES: [u8; 256] = values();

const fn values() -> [u8; 256] {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < 64 {
        values[ALPHABET[value as usize] as usize] = value;
        value += 1;
    }
    values
}

/// The text is no Base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not Base64 with padding: byte {at} of the text")]
pub struct NotBase64 {
    /// Where it is wrong, counted from 0.
    pub at: usize,
}

/// Writes bytes as text.
///
/// ```
/// use handfast_daemon::wire::{decode, encode};
///
/// assert_eq!(encode(b"hi\n"), "aGkK");
/// assert_eq!(decode("aGkK").unwrap(), b"hi\n");
/// ```
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    let mut triples = bytes.chunks_exact(3);
    for triple in &mut triples {
        let bits = u32::from(triple[0]) << 16 | u32::from(triple[1]) << 8 | u32::from(triple[2]);
        text.extend_from_slice(&[
            digit(bits, 18),
            digit(bits, 12),
            digit(bits, 6),
            digit(bits, 0),
        ]);
    }
    match *triples.remainder() {
        [one] => {
            let bits = u32::from(one) << 16;
            text.extend_from_slice(&[digit(bits, 18), digit(bits, 12), b'=', b'=']);
        }
        [one, two] => {
            let bits = u32::from(one) << 16 | u32::from(two) << 8;
            text.extend_from_slice(&[digit(bits, 18), digit(bits, 12), digit(bits, 6), b'=']);
        }
        _ => {}
    }
    // Every byte of it is from the alphabet.
    String::from_utf8(text).unwrap_or_default()
}

fn digit(bits: u32, shift: u32) -> u8 {
    ALPHABET[(bits >> shift & 63) as usize]
}

/// Reads bytes that were written as text.
///
/// # Errors
///
/// [`NotBase64`] for anything that [`encode`] would not have written.
pub fn decode(text: &str) -> Result<Vec<u8>, NotBase64> {
    let text = text.as_bytes();
    if !text.len().is_multiple_of(4) {
        return Err(NotBase64 { at: text.len() });
    }
    let body = text.strip_suffix(b"==").or(text.strip_suffix(b"="));
    let body = body.unwrap_or(text);
    let mut bytes = Vec::with_capacity(body.len() / 4 * 3 + 2);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for (at, digit) in body.iter().enumerate() {
        let value = VALUES[usize::from(*digit)];
        if value == NONE {
            return Err(NotBase64 { at });
        }
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xFF) as u8);
            bits &= (1 << held) - 1;
        }
    }
    if bits != 0 {
        return Err(NotBase64 { at: body.len() - 1 });
    }
    Ok(bytes)
}

/// Bytes that are Base64 on the wire. `Debug` says only how many they are: they may be secret.
#[derive(Clone, PartialEq, Eq, Default, Hash)]
pub struct Bytes(pub Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({})", self.0.len())
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Bytes {
        Bytes(bytes.to_vec())
    }
}

impl serde::Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&encode(&self.0))
    }
}

impl<'de> serde::Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        decode(&text).map(Bytes).map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Bytes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Bytes".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "contentEncoding": "base64" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_vectors_of_the_standard() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (bytes, text) in vectors {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).unwrap(), bytes.as_bytes());
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "Zg", "Zg=", "Zh==", "Zm9=", "=", "====", "Z===", "Zm 8", "Zm9v\n", "Zg==Zg==", "Zm-_",
            "é==",
        ] {
            assert!(decode(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&bytes)).unwrap(), bytes);
        }

        #[test]
        fn what_is_read_has_only_that_text(text in "[A-Ca-c+/=]{0,9}") {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
