//! The life of a daemon that listens, and its end.

use super::{Ended, HandsOver, ProgramError};
use crate::listen::Seat;
use crate::serve::{Daemon, Leave};
use handfast_sys::asked::Asked;
use handfast_sys::connection::Listener;
use std::future::pending;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long whoever asked the daemon to leave may take to read the answer.
const FAREWELL: Duration = Duration::from_secs(1);

/// Who tells the daemon to end; for ever silent once that is gone.
#[derive(Debug)]
pub(super) struct Told(Option<mpsc::UnboundedReceiver<Asked>>);

impl Told {
    pub(super) fn by(told: mpsc::UnboundedReceiver<Asked>) -> Told {
        Told(Some(told))
    }

    /// Cancel safe.
    async fn next(&mut self) -> Asked {
        if let Some(told) = &mut self.0 {
            if let Some(asked) = told.recv().await {
                return asked;
            }
            self.0 = None;
        }
        pending().await
    }
}

pub(super) async fn live(
    daemon: Daemon,
    seat: Seat,
    mut told: Told,
    up: impl FnOnce(),
) -> Result<Ended, ProgramError> {
    let mut serving = serve(&daemon, &seat)?;
    up();
    loop {
        let ended = tokio::select! {
            asked = told.next() => {
                stop(&mut serving).await;
                return Ok(end_as_told(daemon, seat, told, asked).await);
            }
            leave = daemon.should_leave() => leave,
        };
        // Nobody new is taken from here on; who is in the queue is told by the end of its connection,
        // and tries again.
        stop(&mut serving).await;
        if ended == Leave::Idle && daemon.is_busy() {
            serving = serve(&daemon, &seat)?;
            continue;
        }
        if ended == Leave::HandsOver {
            let Some(program) = daemon.successor() else {
                continue;
            };
            let handed = daemon.hand_over().await;
            let handing = HandsOver {
                daemon,
                seat,
                told,
                program,
            };
            return match handed {
                Ok(()) => Ok(Ended::HandsOver(Box::new(handing))),
                Err(error) => Box::pin(handing.go_on(error.to_string())).await,
            };
        }
        if ended != Leave::Idle {
            let _ = timeout(FAREWELL, daemon.abandoned()).await;
        }
        let finished = finish(&daemon, seat, ended);
        drop(finished.await);
        return Ok(Ended::Left(ended));
    }
}

fn serve(daemon: &Daemon, seat: &Seat) -> Result<JoinHandle<()>, ProgramError> {
    let listener = Listener::new(seat.socket()).map_err(|source| ProgramError::System {
        attempt: "listen",
        source,
    })?;
    let daemon = daemon.clone();
    Ok(tokio::spawn(async move { daemon.serve(listener).await }))
}

async fn stop(serving: &mut JoinHandle<()>) {
    serving.abort();
    // Its listener is closed with it.
    let _ = serving.await;
}

/// Gives the seat up when everything has ended that is to end.
fn finish(daemon: &Daemon, seat: Seat, how: Leave) -> JoinHandle<()> {
    let daemon = daemon.clone();
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        let end = async {
            match how {
                Leave::ForNext => daemon.end_for_next().await,
                Leave::Asked | Leave::Idle | Leave::HandsOver => daemon.end_everything().await,
            }
        };
        let ended = seat.leave(|| runtime.block_on(end));
        let survivors = ended.iter().map(|receipt| receipt.survivors.len());
        tracing::info!(
            processes = ended.len(),
            survivors = survivors.sum::<usize>(),
            ?how,
            "left"
        );
    })
}

async fn end_as_told(daemon: Daemon, seat: Seat, mut told: Told, asked: Asked) -> Ended {
    let mut finished = finish(&daemon, seat, Leave::Asked);
    let mut asked = Some(asked);
    loop {
        match asked.take() {
            Some(Asked::Shutdown) | None => {}
            Some(Asked::ShutdownNow) => daemon.kill_everything(),
            Some(Asked::Exit) => return Ended::Told,
        }
        tokio::select! {
            _ = &mut finished => return Ended::Told,
            next = told.next() => asked = Some(next),
        }
    }
}
