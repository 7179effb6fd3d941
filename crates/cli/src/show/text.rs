//! Times, sizes and command lines, as people read them. Pure.

use super::safe;
use handfast_daemon::wire::{LifetimeName, Word};
use std::time::Duration;

/// How long something took or has lasted: at most two units.
pub(crate) fn lasted(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0 => format!("{ms}ms"),
        1..60 => format!("{seconds}s"),
        60..3600 => two((seconds / 60, "m"), (seconds % 60, "s")),
        3600..86_400 => two((seconds / 3600, "h"), (seconds % 3600 / 60, "m")),
        _ => two((seconds / 86_400, "d"), (seconds % 86_400 / 3600, "h")),
    }
}

fn two(large: (u64, &str), small: (u64, &str)) -> String {
    match small.0 {
        0 => format!("{}{}", large.0, large.1),
        _ => format!("{}{}{}{}", large.0, large.1, small.0, small.1),
    }
}

/// How old something is that began then.
pub(crate) fn since(began_ms: u64) -> u64 {
    now_ms().saturating_sub(began_ms)
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, milliseconds)
}

/// A length of time in milliseconds.
pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A moment, in UTC.
pub(crate) fn moment(ms: u64) -> Option<String> {
    let ms = i64::try_from(ms).ok()?;
    let at = jiff::Timestamp::from_millisecond(ms).ok()?;
    Some(format!("{at:.3}"))
}

/// How many bytes.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut amount = count as f64 / 1024.0;
    let mut units = UNITS.iter();
    let mut unit = units.next().unwrap_or(&"KiB");
    for larger in units {
        if amount < 1023.95 {
            break;
        }
        amount /= 1024.0;
        unit = larger;
    }
    format!("{amount:.1} {unit}")
}

/// A word of the system as text; bytes that are no UTF-8 are replaced.
pub(crate) fn word(word: &Word) -> String {
    String::from_utf8_lossy(word.bytes()).into_owned()
}

/// A command line as it would be typed into a shell, on one line.
pub(crate) fn command_line(words: &[Word]) -> String {
    let quoted = words.iter().map(|one| quoted(&word(one)));
    safe::word(&quoted.collect::<Vec<_>>().join(" "))
}

fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "_-./:=@%+,".contains(letter);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Until when a process may live.
pub(crate) fn lifetime(lifetime: LifetimeName) -> String {
    match lifetime {
        LifetimeName::Turn => "turn".to_owned(),
        LifetimeName::Session => "session".to_owned(),
        LifetimeName::User => "user".to_owned(),
        LifetimeName::Lease { ms } => format!("lease:{}", lasted(ms)),
    }
}

/// A number with its noun.
pub(crate) fn count(number: u64, noun: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_two_units_at_the_most() {
        for (ms, want) in [
            (0, "0ms"),
            (999, "999ms"),
            (1_000, "1s"),
            (59_999, "59s"),
            (60_000, "1m"),
            (61_000, "1m1s"),
            (3_600_000, "1h"),
            (3_661_000, "1h1m"),
            (90_000_000, "1d1h"),
        ] {
            assert_eq!(lasted(ms), want);
        }
    }

    #[test]
    fn sizes_change_their_unit_before_they_need_four_digits() {
        for (count, want) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1024 * 1024 - 1, "1.0 MiB"),
            (3 * 1024 * 1024 * 1024, "3.0 GiB"),
            (u64::MAX, "16777216.0 TiB"),
        ] {
            assert_eq!(bytes(count), want);
        }
    }

    #[test]
    fn a_command_line_can_be_typed_again() {
        let words = ["sh", "-c", "echo 'a b' $X", "", "a\nb"].map(Word::from);
        assert_eq!(
            command_line(&words),
            r"sh -c 'echo '\''a b'\'' $X' '' 'a\nb'"
        );
    }
}
