//! Telling a client that there is more to read of a process whose output it subscribed to.
//!
//! Clients of 2025-11-25 subscribe to one resource at a time, those of 2026-07-28 by a request that stays
//! open; both are told in the same way. What must stay true: a client has so many subscriptions at the
//! most; it is told once a second at the most, however much comes; a subscription ends with its
//! process's output, and all of them with the client.

use crate::link::{Link, Trouble};
use crate::resources::process_of;
use handfast_daemon::wire::{Condition, InfoOf, Wait};
use rmcp::model::{ErrorData, ResourceUpdatedNotificationParam, SubscriptionFilter};
use rmcp::service::{Peer, RoleServer, SubscriptionContext, SubscriptionSink};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

/// The most subscriptions of one client, in each of the two ways.
pub(crate) const MOST: usize = 64;

/// The least time between two words about one process.
const BETWEEN: Duration = Duration::from_secs(1);

/// Who is told.
enum Listener {
    Old(Peer<RoleServer>),
    New(SubscriptionSink),
}

impl Listener {
    /// Whether anybody has heard it.
    async fn tell(&self, uri: &str) -> bool {
        match self {
            Listener::Old(peer) => {
                let param = ResourceUpdatedNotificationParam::new(uri);
                peer.notify_resource_updated(param).await.is_ok()
            }
            Listener::New(sink) => sink.notify_resource_updated(uri).await.is_ok(),
        }
    }
}

/// How much a process has written, and whether more can come.
struct Seen {
    bytes: u64,
    open: bool,
}

async fn look(link: &Link, process_id: &str) -> Result<Seen, Trouble> {
    let info = InfoOf {
        process_id: process_id.to_owned(),
        members: false,
    };
    let output = link.call(&info).await?.output;
    Ok(output.map_or(
        Seen {
            bytes: 0,
            open: false,
        },
        |output| Seen {
            bytes: output.bytes,
            open: output.open,
        },
    ))
}

/// Tells of more, until nothing more can come or nobody hears it.
async fn follow(link: &Link, uri: &str, listener: &Listener, mut seen: Seen) -> Option<()> {
    let process_id = process_of(uri)?;
    let longest = link.settings().longest_wait.as_millis();
    while seen.open {
        let wait = Wait {
            process_id: process_id.to_owned(),
            conditions: vec![Condition::Output { from: seen.bytes }],
            wait_ms: Some(u64::try_from(longest).unwrap_or(u64::MAX)),
        };
        link.call(&wait).await.ok()?;
        let now = look(link, process_id).await.ok()?;
        let is_new = now.bytes > seen.bytes || now.open != seen.open;
        seen = now;
        if is_new && !listener.tell(uri).await {
            return None;
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Some(())
}

/// Each ends when its guard is dropped. The number tells it from a later one to the same resource.
type Old = Arc<Mutex<BTreeMap<String, (u64, DropGuard)>>>;

/// What one client has subscribed to.
pub(crate) struct Updates {
    link: Arc<Link>,
    /// The client is gone.
    over: CancellationToken,
    old: Old,
    next: Mutex<u64>,
    new: Semaphore,
}

impl Updates {
    pub(crate) fn new(link: Arc<Link>, over: CancellationToken) -> Updates {
        Updates {
            link,
            over,
            old: Old::default(),
            next: Mutex::default(),
            new: Semaphore::new(MOST),
        }
    }

    /// Begins to tell of one resource, as 2025-11-25 has it. A second time changes nothing.
    pub(crate) async fn subscribe(
        &self,
        uri: String,
        peer: Peer<RoleServer>,
    ) -> Result<(), Trouble> {
        let unknown = || Trouble::new("process.unknown", "no such resource");
        let process_id = process_of(&uri).ok_or_else(unknown)?;
        let seen = look(&self.link, process_id).await?;
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let mut old = self.old.lock().unwrap_or_else(PoisonError::into_inner);
        if old.contains_key(&uri) {
            return Ok(());
        }
        if old.len() >= MOST {
            let message = format!("there are {MOST} subscriptions already");
            return Err(Trouble::new("mcp.too-many-subscriptions", message));
        }
        let (number, token) = (*next, self.over.child_token());
        *next += 1;
        old.insert(uri.clone(), (number, token.clone().drop_guard()));
        let (link, mine) = (Arc::clone(&self.link), Arc::clone(&self.old));
        tokio::spawn(async move {
            let listener = Listener::Old(peer);
            let following = follow(&link, &uri, &listener, seen);
            token.run_until_cancelled(following).await;
            let mut old = mine.lock().unwrap_or_else(PoisonError::into_inner);
            if old.get(&uri).is_some_and(|(of, _)| *of == number) {
                old.remove(&uri);
            }
        });
        Ok(())
    }

    /// Ends what [`Updates::subscribe`] has begun.
    pub(crate) fn unsubscribe(&self, uri: &str) {
        let mut old = self.old.lock().unwrap_or_else(PoisonError::into_inner);
        old.remove(uri);
    }

    /// Tells of all that was accepted until the client gives the request up, as 2026-07-28 has it.
    pub(crate) async fn listen(&self, context: &SubscriptionContext) -> Result<(), ErrorData> {
        let uris = context.accepted().resource_subscriptions.clone();
        let uris = uris.unwrap_or_default();
        let count = u32::try_from(uris.len()).unwrap_or(u32::MAX);
        let Ok(_places) = self.new.try_acquire_many(count) else {
            let said = format!("there are {MOST} subscriptions at the most");
            return Err(ErrorData::invalid_params(said, None));
        };
        // What it holds ends when it is dropped.
        let mut all = JoinSet::new();
        for uri in uris {
            let (link, sink) = (Arc::clone(&self.link), context.sink().clone());
            all.spawn(async move {
                let process_id = process_of(&uri)?;
                let seen = look(&link, process_id).await.ok()?;
                follow(&link, &uri, &Listener::New(sink), seen).await
            });
        }
        self.over.run_until_cancelled(context.cancelled()).await;
        Ok(())
    }
}

/// What of a wish can be told: output of processes.
pub(crate) fn accepted(requested: &SubscriptionFilter) -> SubscriptionFilter {
    let uris = requested.resource_subscriptions.iter().flatten();
    let ours = uris.filter(|uri| process_of(uri).is_some()).take(MOST);
    SubscriptionFilter::builder()
        .resource_subscriptions(ours.cloned())
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_output_of_processes_can_be_subscribed_to() {
        let ours = "handfast://process/p/output";
        let wanted = SubscriptionFilter::builder()
            .tools_list_changed()
            .resource_subscriptions(["file:///x", ours])
            .build();
        let accepted = accepted(&wanted);
        assert_eq!(accepted.resource_subscriptions, Some(vec![ours.to_owned()]));
        assert_eq!(accepted.tools_list_changed, None);
        let many = (0..2 * MOST).map(|n| format!("handfast://process/{n}/output"));
        let many = SubscriptionFilter::builder().resource_subscriptions(many);
        let all = super::accepted(&many.build()).resource_subscriptions;
        assert_eq!(all.unwrap().len(), MOST);
    }
}
