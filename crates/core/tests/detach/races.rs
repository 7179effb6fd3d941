//! Detach, reattach, stop and exit at the same time: each process ends once, and is in one place.

use crate::stage::{host, puppet, start, two};
use handfast::{Changes, DetachedStore, LookupError, ProcessHandle, ProcessManager};
use std::collections::HashMap;
use std::time::Duration;
use testkit::{Oracle, PATIENCE};
use tokio::task::JoinHandle;

/// In each of so many races ...
const RACES: usize = 8;

/// ... so many processes ...
const PROCESSES: usize = 10;

/// ... are moved about by four threads so often: no subscriber can miss any of it.
const MOVES: usize = 24;

/// Every word that each process was told with.
async fn collect(mut changes: Changes) -> HashMap<ProcessHandle, Vec<&'static str>> {
    let mut words: HashMap<_, Vec<_>> = HashMap::new();
    while let Some(change) = changes.next().await.unwrap() {
        words.entry(change.handle).or_default().push(change.word);
    }
    words
}

/// Ends a process in one of three ways, wherever it is at the moment.
async fn end(number: usize, handle: ProcessHandle, managers: [&ProcessManager; 2]) {
    for manager in managers.into_iter().cycle() {
        let found = match number % 3 {
            0 => manager.wait_tree(handle).await.map(drop),
            1 => manager.kill(handle).await.map(drop),
            _ => manager.stop_process(handle).await.map(drop),
        };
        match found {
            Ok(()) => return,
            Err(LookupError::Detached { .. } | LookupError::Elsewhere { .. }) => {
                tokio::task::yield_now().await;
            }
            Err(lost) => panic!("{lost:?}"),
        }
    }
}

/// Moves everything about.
fn moving(manager: &ProcessManager) -> JoinHandle<()> {
    let manager = manager.clone();
    tokio::task::spawn_blocking(move || {
        for _ in 0..MOVES {
            manager.detach(&host()).unwrap();
            std::thread::yield_now();
            manager.reattach(&host()).unwrap();
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_ends_once_and_is_in_one_place() {
    for _ in 0..RACES {
        match two() {
            Some(managers) => race(managers).await,
            None => return,
        }
    }
}

async fn race((store, one, other): (DetachedStore, ProcessManager, ProcessManager)) {
    let oracle = Oracle::new();
    let told = [one.subscribe(), other.subscribe(), store.subscribe()];
    let told = told.map(|changes| tokio::spawn(collect(changes)));
    let mut handles = Vec::new();
    for number in 0..PROCESSES {
        let dir = oracle.dir().display();
        // A third ends by itself while it is on its way.
        let then = ["exit 0", "park", "park"][number % 3];
        let words = format!("join {dir} {then}");
        handles.push(start(&one, puppet(&words).grace(Duration::ZERO)).await);
    }
    let movers = [&one, &other, &one, &other].map(moving);
    for (number, handle) in handles.iter().enumerate() {
        end(number, *handle, [&one, &other]).await;
    }
    for mover in movers {
        mover.await.unwrap();
    }
    assert!(oracle.wait_empty(PATIENCE));
    for handle in &handles {
        let found = [
            one.query_status(*handle),
            other.query_status(*handle),
            store.query_status(*handle),
        ];
        let here = found.iter().flatten().collect::<Vec<_>>();
        assert_eq!(here.len(), 1, "{handle}: {found:?}");
        assert!(here[0].is_over());
    }
    drop((one, other, store));
    let mut words: HashMap<ProcessHandle, Vec<&str>> = HashMap::new();
    for told in told {
        for (handle, told) in told.await.unwrap() {
            words.entry(handle).or_default().extend(told);
        }
    }
    let count = |words: &[&str], wanted: &[&str]| {
        let found = words.iter().filter(|word| wanted.contains(word));
        found.count()
    };
    for handle in &handles {
        let words = &words[handle];
        let ends = count(words, &["exited", "terminated", "failed"]);
        assert_eq!(ends, 1, "{handle}: {words:?}");
        // Each move is told to both sides.
        for word in ["detached", "reattached"] {
            assert_eq!(count(words, &[word]) % 2, 0, "{handle}: {words:?}");
        }
    }
}

/// How many starts are under way when a manager ends.
const STARTS: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_manager_that_ends_in_the_middle_leaves_what_it_had_not_given_away() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let oracle = Oracle::new();
    let config = crate::stage::stubborn(&oracle).build();
    let mut starts = tokio::task::JoinSet::new();
    for _ in 0..STARTS {
        let (one, config) = (one.clone(), config.clone());
        starts.spawn(async move { one.start_process(config).await.is_ok() });
    }
    let detaching = tokio::task::spawn_blocking({
        let one = one.clone();
        move || {
            let mut detached = Vec::new();
            while detached.len() < STARTS / 2 {
                detached.extend(one.detach(&host()).unwrap().handles);
            }
            detached
        }
    });
    let detached = detaching.await.unwrap();
    drop(one);
    // Those that were asked for hold the manager until they are answered.
    starts.join_all().await;
    assert_eq!(
        other.reattach(&host()).unwrap().handles.len(),
        detached.len()
    );
    for handle in detached {
        let members = other.members(handle).unwrap();
        assert_eq!(members.len(), 1, "{handle}");
    }
    drop((other, store));
    assert!(oracle.wait_empty(PATIENCE));
}
