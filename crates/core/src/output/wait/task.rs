//! The wait itself: looks, and sleeps until there is a reason to look again.
//!
//! Each arm of the `select!` is cancel safe: a notification that is not taken is looked for again, a
//! `watch` keeps its last value, the search for a port goes on in the same future.

use super::matcher::Matcher;
use super::{Condition, Outcome, Waited};
use crate::output::Captured;
use crate::output::shared::{Look, Shared};
use crate::process::Ended;
use crate::process::seen::Seen;
use crate::process::task::ended;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// How much output is looked at before others have their turn.
const PIECE: usize = 64 * 1024;
/// How often a port is tried, and how long one try may take.
const BETWEEN_TRIES: Duration = Duration::from_millis(25);
const ONE_TRY: Duration = Duration::from_secs(1);

/// What one look at one condition says.
enum Sight {
    Met(Outcome),
    /// Look again when something comes or changes, or at this time.
    Later(Option<Instant>),
    /// Look again at once: there is more than was looked at.
    Again,
    Never,
}

/// All of one wait.
struct Wait<'a> {
    shared: Option<&'a Shared>,
    seen: watch::Receiver<Seen>,
    conditions: &'a [Condition],
    matchers: Vec<Option<Matcher>>,
    begun: Instant,
    /// The port that takes connections, once one does.
    open: Option<SocketAddr>,
}

/// Waits for the first of some conditions, for so long at the most.
pub(crate) async fn wait(
    captured: Option<&Captured>,
    mut seen: watch::Receiver<Seen>,
    conditions: &[Condition],
    within: Duration,
) -> Waited {
    let mut wait = Wait {
        shared: captured.map(Captured::shared),
        seen: seen.clone(),
        conditions,
        matchers: conditions.iter().map(matcher).collect(),
        begun: Instant::now(),
        open: None,
    };
    let deadline = wait.begun.checked_add(within);
    let nothing = Notify::new();
    let changes = wait.shared.map_or(&nothing, Shared::changes);
    let mut search = std::pin::pin!(search(ports(conditions)));
    let mut lives = true;
    loop {
        let mut change = std::pin::pin!(changes.notified());
        change.as_mut().enable();
        seen.mark_unchanged();
        let wake = match wait.look() {
            Verdict::Over(waited) => return waited,
            Verdict::Sleep(wake) => wake,
        };
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return wait.answer(Outcome::TimedOut, None);
        }
        let wake = wake.into_iter().chain(deadline).min();
        tokio::select! {
            biased;
            () = change => {}
            changed = seen.changed(), if lives => lives = changed.is_ok(),
            address = &mut search, if wait.open.is_none() => wait.open = Some(address),
            () = sleep_until(wake) => {}
        }
    }
}

enum Verdict {
    Over(Waited),
    Sleep(Option<Instant>),
}

impl Wait<'_> {
    /// Looks at every condition, in their order.
    fn look(&mut self) -> Verdict {
        let (mut wake, mut possible) = (None, false);
        for place in 0..self.conditions.len() {
            match self.look_at(place) {
                Sight::Met(outcome) => return Verdict::Over(self.answer(outcome, Some(place))),
                Sight::Later(time) => {
                    possible = true;
                    wake = [wake, time].into_iter().flatten().min();
                }
                Sight::Again => {
                    possible = true;
                    wake = Some(Instant::now());
                }
                Sight::Never => {}
            }
        }
        if possible {
            Verdict::Sleep(wake)
        } else {
            Verdict::Over(self.answer(Outcome::Impossible, None))
        }
    }

    fn look_at(&mut self, place: usize) -> Sight {
        let Some(condition) = self.conditions.get(place) else {
            return Sight::Never;
        };
        match condition {
            Condition::Exit => self.exit(),
            Condition::TreeEmpty if self.seen.borrow().is_over() => Sight::Met(Outcome::TreeEmpty),
            Condition::TreeEmpty => Sight::Later(None),
            Condition::Output { from } => self.output(*from),
            Condition::Match { .. } => self.matches(place),
            Condition::Quiet { time } => self.quiet(*time),
            Condition::Port { port } => match self.open {
                Some(address) if address.port() == *port => Sight::Met(Outcome::Open { address }),
                _ if self.seen.borrow().is_over() => Sight::Never,
                _ => Sight::Later(None),
            },
        }
    }

    fn exit(&self) -> Sight {
        let seen = self.seen.borrow();
        match (seen.leader, seen.is_over()) {
            (Some(leader), _) => Sight::Met(Outcome::Exited {
                ended: ended(leader),
            }),
            (None, true) => Sight::Met(Outcome::Exited {
                ended: Ended::unknown(),
            }),
            (None, false) => Sight::Later(None),
        }
    }

    fn output(&self, from: u64) -> Sight {
        let Some(shared) = self.shared else {
            return Sight::Never;
        };
        let total = shared.look(|state| {
            let total = state.store.totals().sum();
            if total > from || state.store.is_closed() {
                Look::Found(total)
            } else {
                Look::NotBefore(from)
            }
        });
        match total {
            None => Sight::Later(None),
            Some(total) if total > from => Sight::Met(Outcome::Output { total }),
            Some(_) => Sight::Never,
        }
    }

    fn matches(&mut self, place: usize) -> Sight {
        let (Some(shared), Some(Some(matcher))) = (self.shared, self.matchers.get_mut(place))
        else {
            return Sight::Never;
        };
        let chunk = shared.look(|state| {
            let chunk = state.store.read(matcher.next(), PIECE);
            if chunk.bytes.is_empty() && !chunk.ended {
                Look::NotBefore(chunk.offset)
            } else {
                Look::Found(chunk)
            }
        });
        let Some(chunk) = chunk else {
            return Sight::Later(None);
        };
        match matcher.look(&chunk) {
            Some((offset, len)) => Sight::Met(Outcome::Matched { offset, len }),
            None if chunk.ended => Sight::Never,
            None => Sight::Again,
        }
    }

    fn quiet(&self, time: Duration) -> Sight {
        let Some(shared) = self.shared else {
            return Sight::Never;
        };
        let (last, closed, total) = shared.with(|state| {
            let store = &state.store;
            (store.last(), store.is_closed(), store.totals().sum())
        });
        let last = last.map_or(self.begun, |last| shared.instant(last).max(self.begun));
        let due = last.checked_add(time);
        if closed || due.is_some_and(|due| Instant::now() >= due) {
            Sight::Met(Outcome::Quiet { total })
        } else {
            Sight::Later(due)
        }
    }

    fn answer(&self, outcome: Outcome, condition: Option<usize>) -> Waited {
        let unseen = self.matchers.iter().flatten().map(Matcher::unseen).max();
        Waited {
            outcome,
            condition,
            unseen: unseen.unwrap_or_default(),
            took: self.begun.elapsed(),
        }
    }
}

fn matcher(condition: &Condition) -> Option<Matcher> {
    match condition {
        Condition::Match { pattern, from } => Some(Matcher::new(pattern.clone(), *from)),
        _ => None,
    }
}

fn ports(conditions: &[Condition]) -> Vec<u16> {
    let port = |condition: &Condition| match condition {
        Condition::Port { port } => Some(*port),
        _ => None,
    };
    conditions.iter().filter_map(port).collect()
}

/// Connects to the ports of this machine until one takes the connection.
async fn search(ports: Vec<u16>) -> SocketAddr {
    if ports.is_empty() {
        return std::future::pending().await;
    }
    loop {
        for port in &ports {
            let four = SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
            let six = SocketAddr::from((Ipv6Addr::LOCALHOST, *port));
            for address in [four, six] {
                let connect = tokio::net::TcpStream::connect(address);
                if let Ok(Ok(_connection)) = tokio::time::timeout(ONE_TRY, connect).await {
                    return address;
                }
            }
        }
        tokio::time::sleep(BETWEEN_TRIES).await;
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
