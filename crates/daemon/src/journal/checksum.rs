//! CRC-32 as in ISO 3309 and zip: finds every change of up to 32 bits in a row.

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let (mut rest, mut bit) = (at as u32, 0);
        while bit < 8 {
            let odd = rest & 1 == 1;
            rest >>= 1;
            if odd {
                rest ^= 0xEDB8_8320;
            }
            bit += 1;
        }
        table[at] = rest;
        at += 1;
    }
    table
}

/// The checksum of these parts, one after the other.
pub(super) fn checksum(parts: &[&[u8]]) -> u32 {
    let step = |sum: u32, byte: &u8| TABLE[usize::from((sum as u8) ^ byte)] ^ (sum >> 8);
    let bytes = parts.iter().flat_map(|part| part.iter());
    !bytes.fold(!0, step)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_check_value_of_the_standard() {
        assert_eq!(super::checksum(&[b"1234", b"56789"]), 0xCBF4_3926);
    }
}
