//! Times of two ways that were measured in turns, and what they say.

use std::time::Duration;

#[derive(Debug, Default)]
pub(crate) struct Pair {
    pub(crate) ours: Vec<Duration>,
    pub(crate) theirs: Vec<Duration>,
}

pub(crate) fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(place).copied().unwrap_or_default()
}

pub(crate) fn median(times: &mut [Duration]) -> Duration {
    percentile(times, 50)
}

fn microseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

impl Pair {
    /// How much longer ours takes, at the median and at the 99th percentile.
    pub(crate) fn print_times(&mut self, name: &str, target: &str) {
        for percent in [50, 99] {
            let ours = percentile(&mut self.ours, percent);
            let theirs = percentile(&mut self.theirs, percent);
            println!(
                "{name}, p{percent}: {:.2} x   (ours {:.1} us, theirs {:.1} us; {target})",
                ours.as_secs_f64() / theirs.as_secs_f64(),
                microseconds(ours),
                microseconds(theirs)
            );
        }
    }

    /// Which part of their rate ours has.
    pub(crate) fn print_rates(&mut self, name: &str, bytes: u64, target: &str) {
        let rate = |time: Duration| bytes as f64 / time.as_secs_f64() / 1e6;
        let (ours, theirs) = (median(&mut self.ours), median(&mut self.theirs));
        println!(
            "{name}: {:.2} of the rate   (ours {:.0} MB/s, theirs {:.0} MB/s; {target})",
            theirs.as_secs_f64() / ours.as_secs_f64(),
            rate(ours),
            rate(theirs)
        );
    }
}
