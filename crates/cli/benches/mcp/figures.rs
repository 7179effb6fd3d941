//! Times of ways that were measured in turns, and what they say.

use std::time::Duration;

#[derive(Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// In microseconds.
    pub(crate) fn percentile(&mut self, percent: usize) -> f64 {
        self.0.sort_unstable();
        let place = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(place).copied().unwrap_or_default().as_secs_f64() * 1e6
    }

    /// How much longer these took: at the 10th percentile, which a loaded machine moves least, at the median,
    /// and at the 99th.
    pub(crate) fn compare(&mut self, name: &str, theirs: &mut Times, target: &str) {
        for percent in [10, 50, 99] {
            let (ours, theirs) = (self.percentile(percent), theirs.percentile(percent));
            let ratio = ours / theirs;
            println!(
                "{name}, p{percent}: {ratio:.2} x   (ours {ours:.0} us, theirs {theirs:.0} us; {target})"
            );
        }
    }
}
