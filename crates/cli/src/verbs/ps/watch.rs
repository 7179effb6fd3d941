//! Showing them anew whenever something changes.

use super::{Found, lines, wanted, width};
use crate::app::Ps;
use crate::explain::Failure;
use crate::link::Link;
use crate::settings;
use crate::show::Out;
use handfast_daemon::wire::Subscribe;
use handfast_sys::descriptor::AsDescriptor;
use handfast_sys::seat;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::timeout;

/// How long a burst of changes is waited for, so that it is drawn once.
const BURST: Duration = Duration::from_millis(50);

/// Ends with the daemon, or with an interrupt.
pub(super) async fn until_interrupted(
    link: &mut Link,
    out: &mut Out,
    options: &Ps,
) -> Result<u8, Failure> {
    link.ask("watch the processes", &Subscribe::default())
        .await?;
    let every = link.settings.value(&settings::EVERY, options.every)?;
    let mut told = HashMap::new();
    loop {
        let found = wanted(link, options).await?;
        if options.answers.json {
            tell_news(&found, out, &mut told)?;
        } else {
            draw(&found, out, options)?;
        }
        if let Ok(first) = timeout(every, link.notes.next()).await {
            if first.is_none() {
                return Err(Failure::asked(
                    "watch the processes",
                    &handfast_daemon::connect::ClientError::Closed,
                ));
            }
            while let Ok(Some(_)) = timeout(BURST, link.notes.next()).await {}
        }
    }
}

/// One line for each process whose state is another than when it was last told.
fn tell_news(
    found: &Found,
    out: &mut Out,
    told: &mut HashMap<String, String>,
) -> Result<(), Failure> {
    for info in &found.processes {
        let state = info.status.state.clone();
        if told.insert(info.handle.clone(), state.clone()) != Some(state) {
            out.json(&found.line(info))?;
        }
    }
    Ok(())
}

fn draw(found: &Found, out: &mut Out, options: &Ps) -> Result<(), Failure> {
    let mut lines = lines(found, options, (out, width(out)));
    if !out.is_terminal() {
        lines.push(String::new());
        return out.line(&lines.join("\n"));
    }
    let size = seat::size(std::io::stdout().as_descriptor()).ok();
    let rows = size.map_or(24, |size| usize::from(size.rows));
    lines.truncate(rows.saturating_sub(1).max(1));
    // In place, so that nothing flickers: each line up to its end, then all below.
    let text: String = lines.iter().map(|line| format!("{line}\x1b[K\n")).collect();
    out.bytes(format!("\x1b[H{text}\x1b[J").as_bytes())
}
