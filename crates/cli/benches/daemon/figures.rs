//! Times of ways that were measured in turns, and what they say.

use std::time::Duration;

pub(crate) fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(place).copied().unwrap_or_default()
}

fn microseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// How much longer ours takes, at the median and at the 99th percentile.
pub(crate) fn compare(name: &str, ours: &mut [Duration], theirs: &mut [Duration], target: &str) {
    for percent in [50, 99] {
        let (ours, theirs) = (percentile(ours, percent), percentile(theirs, percent));
        println!(
            "{name}, p{percent}: {:.2} x   (ours {:.1} us, theirs {:.1} us; {target})",
            ours.as_secs_f64() / theirs.as_secs_f64(),
            microseconds(ours),
            microseconds(theirs)
        );
    }
}
