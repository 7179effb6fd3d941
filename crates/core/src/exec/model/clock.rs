//! The time of a model: it passes when somebody says so.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::{Poll, Waker};
use tokio::time::Instant;

thread_local! {
    /// All tasks of a model run on one thread.
    static TIME: RefCell<Option<Time>> = const { RefCell::new(None) };
}

#[derive(Debug)]
struct Time {
    now: Instant,
    sleepers: BTreeMap<(Instant, u64), Waker>,
    slept: u64,
}

/// A new time, for one schedule.
pub(super) fn begin() {
    let time = Time {
        now: Instant::now(),
        sleepers: BTreeMap::new(),
        slept: 0,
    };
    // Wakers of the last schedule are dropped outside of the borrow.
    drop(TIME.with(|now| now.replace(Some(time))));
}

/// Real time again.
pub(super) fn end() {
    drop(TIME.with(|now| now.replace(None)));
}

fn with<T>(work: impl FnOnce(&mut Time) -> T) -> Option<T> {
    TIME.with(|time| time.borrow_mut().as_mut().map(work))
}

/// It becomes as late as the first sleeper wants.
pub(super) fn advance() {
    let first = with(|time| {
        let ((then, _), waker) = time.sleepers.pop_first()?;
        time.now = time.now.max(then);
        Some(waker)
    });
    if let Some(waker) = first.flatten() {
        waker.wake();
    }
}

pub(in crate::exec) fn point() {
    crate::output::model::point();
}

pub(in crate::exec) fn now() -> Instant {
    with(|time| time.now).unwrap_or_else(Instant::now)
}

pub(in crate::exec) async fn sleep_until(then: Instant) {
    if with(|_| ()).is_none() {
        return tokio::time::sleep_until(then).await;
    }
    poll_fn(|context| {
        let waits = with(|time| {
            let waits = time.now < then;
            if waits {
                time.slept += 1;
                let waker = context.waker().clone();
                time.sleepers.insert((then, time.slept), waker);
            }
            waits
        });
        match waits {
            Some(true) => Poll::Pending,
            Some(false) | None => Poll::Ready(()),
        }
    })
    .await;
}

pub(in crate::exec) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    if with(|_| ()).is_some() {
        point();
        return Some(work());
    }
    tokio::task::spawn_blocking(work).await.ok()
}
