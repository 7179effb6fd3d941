//! Hears what a daemon says first, for as long as there is patience.

use super::{Launch, Readiness};
use handfast_sys::stream::ReadEnd;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::time::{sleep, timeout};

/// After how long somebody wants to know that it takes its time.
const LONG: Duration = Duration::from_secs(1);

/// The most that a program may say.
const MOST: u64 = 16 * 1024;

/// What was heard.
pub(super) enum Heard {
    /// A word about readiness.
    Line(Readiness),
    /// The end, and what was said before it.
    End(String),
    /// Nothing, for as long as there was patience.
    Nothing,
}

pub(super) async fn listen(words: ReadEnd, launch: &Launch) -> Heard {
    let said = async {
        let mut said = String::new();
        let mut lines = BufReader::new(words.take(MOST)).lines();
        // What is no text ends it, as it is nothing of ours.
        while let Ok(Some(line)) = lines.next_line().await {
            match line.parse() {
                Ok(readiness) => return Heard::Line(readiness),
                Err(_) => said = said + &line + "\n",
            }
        }
        Heard::End(said)
    };
    let heard = timeout(launch.patience, said);
    tokio::pin!(heard);
    let heard = tokio::select! {
        heard = &mut heard => heard,
        () = sleep(LONG) => {
            if let Some(takes_long) = launch.takes_long {
                takes_long();
            }
            heard.await
        }
    };
    heard.unwrap_or(Heard::Nothing)
}
