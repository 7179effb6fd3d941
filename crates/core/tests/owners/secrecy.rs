//! What an owner can learn of the others, and of the host.

use crate::stage::{agent, builder, expect, id, manager, member, puppet, said, sh};
use handfast::output::{Condition, Cursor};
use handfast::owner::{Limits, Owner, OwnerId, OwnerSpec};
use handfast::session::{ScreenSize, WriteOptions};
use handfast::{ProcessConfig, ProcessHandle, Scope};
use std::fmt::{Debug, Display};
use std::time::Duration;
use testkit::{Oracle, PATIENCE};

/// A handle of the same manager that was never given.
fn never(handle: ProcessHandle) -> ProcessHandle {
    let text = handle.to_string();
    let never = format!("{}00ffffffffff", &text[..24]);
    never.parse().unwrap()
}

/// All that an error tells, with `HANDLE` for the handle.
fn told<T>(
    answer: Result<T, impl Display + Debug>,
    code: impl Fn(&str) -> String,
    handle: ProcessHandle,
) -> String {
    let error = match answer {
        Ok(_) => return "answered".to_owned(),
        Err(error) => error,
    };
    let text = format!("{error} | {error:?} | {error:#?}");
    code(&text).replace(&handle.to_string(), "HANDLE")
}

/// What every verb that takes a handle says about it, one line each.
async fn every_verb(owner: &Owner, handle: ProcessHandle) -> Vec<String> {
    macro_rules! ask {
        ($($answer:expr),+ $(,)?) => {
            vec![$({
                let answer = $answer.map(|_| ()).map_err(|error| {
                    let source = std::error::Error::source(&error).map(ToString::to_string);
                    (format!("{error}"), error.code(), source, format!("{error:?}"))
                });
                let answer = answer.map_err(|told| format!("{told:?}"));
                told(answer, str::to_owned, handle)
            }),+]
        };
    }
    let size = ScreenSize {
        rows: 10,
        columns: 10,
    };
    let exit = [Condition::Exit];
    let mut cursor = Cursor::default();
    ask![
        owner.status(handle),
        owner.info(handle),
        owner.members(handle),
        owner.wait(handle).await,
        owner.wait_tree(handle).await,
        owner.wait_for(handle, &exit, Duration::ZERO).await,
        owner.read(handle, 0, 10).await,
        owner.read_stream(handle, handfast::config::Stream::Stdout, (0, 10)),
        owner.poll(handle, &mut cursor, 10).await,
        owner.output_status(handle),
        owner.output_holders(handle),
        owner.take_stdio(handle),
        owner.write(handle, "x", WriteOptions::default()).await,
        owner.close_stdin(handle).await,
        owner.press(handle, "enter", WriteOptions::default()).await,
        owner.resize(handle, size),
        owner.interrupt(handle).await,
        owner.screen(handle),
        owner.redraw(handle),
        owner.input_state(handle),
        owner.signal(handle, 15, Scope::Tree).await,
        owner.signal(handle, 0, Scope::Tree).await,
        owner.renew_lease(handle),
        owner.transfer(handle, &OwnerId::host()),
        owner.transfer(handle, owner.id()),
        owner.stop(handle).await,
        owner.stop_within(handle, Duration::ZERO).await,
        owner.kill(handle).await,
    ]
}

#[tokio::test]
async fn d19_a_foreign_handle_is_answered_as_one_that_never_was() {
    let Some(_) = manager() else { return };
    let manager = builder().tombstones(2).build().unwrap();
    let mine = agent(&manager, "mine", Limits::agent());
    let other = agent(&manager, "other", Limits::agent());
    let oracle = Oracle::new();
    let forgotten = mine.start(puppet("exit 0").build()).await.unwrap();
    mine.wait_tree(forgotten).await.unwrap();
    let mut over = Vec::new();
    for _ in 0..2 {
        over.push(mine.start(puppet("exit 0").build()).await.unwrap());
        mine.wait_tree(over[over.len() - 1]).await.unwrap();
    }
    let running = mine.start(member(&oracle)).await.unwrap();
    assert!(oracle.wait_joined(1, PATIENCE));
    let host = manager.start_process(sh("read a").build()).await.unwrap();

    let expected = every_verb(&other, never(running)).await;
    assert!(
        expected
            .iter()
            .all(|told| told.contains("process.unknown") || told.contains("signal"))
    );
    for foreign in [running, over[0], forgotten, host] {
        assert_eq!(every_verb(&other, foreign).await, expected);
    }
    // Nothing was done to them.
    assert_eq!(oracle.alive(), 1);
    assert_eq!(manager.list_processes().len(), 2);
    // The control: the same questions have answers for who owns it, and its records are known.
    let own = every_verb(&mine, over[1]).await;
    assert!(own.iter().filter(|told| *told == "answered").count() > 10);
    assert_eq!(
        mine.status(forgotten).unwrap_err().code(),
        "process.forgotten"
    );
    assert_eq!(
        mine.status(never(running)).unwrap_err().code(),
        "process.unknown"
    );
    assert!(other.list().unwrap().is_empty());
    // One of the questions was whether the host may have it.
    assert_eq!(mine.list().unwrap().len(), 2);
    mine.end().await.unwrap();
    assert!(oracle.wait_empty(PATIENCE));
}

#[tokio::test]
async fn d13_nothing_of_the_hosts_environment_is_there() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    let config = ProcessConfig::builder("/usr/bin/env")
        .env("ONLY", "this")
        .stdout(handfast::config::Output::Captured)
        .build();
    let handle = agent.start(config).await.unwrap();
    assert_eq!(said(&agent, handle).await, b"ONLY=this\n");
    // The control: there was something to inherit.
    assert!(std::env::vars_os().count() > 1);
}

#[tokio::test]
async fn d21_an_argument_is_no_command_whatever_stands_in_it() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    let hostile = [
        "$(id)", "`id`", ";id", "|id", "&&id", "${IFS}id", "\nid", "*", "~",
    ];
    let config = ProcessConfig::builder("/usr/bin/printf")
        .arg("%s\\0")
        .args(hostile)
        .stdout(handfast::config::Output::Captured)
        .build();
    let handle = agent.start(config).await.unwrap();
    let expected: String = hostile.iter().map(|text| format!("{text}\0")).collect();
    assert_eq!(said(&agent, handle).await, expected.into_bytes());
    // The control: a shell, which has to be named, would have run it.
    let handle = agent.start(sh("echo $(echo run)").build()).await.unwrap();
    assert_eq!(said(&agent, handle).await, b"run\n");
}

#[tokio::test]
async fn d26_no_number_can_become_everybody() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    for text in [
        "-1",
        "0",
        "1",
        "-19999",
        "4294967295",
        "18446744073709551615",
    ] {
        assert!(text.parse::<ProcessHandle>().is_err(), "{text}");
    }
    let handle = agent.start(sh("echo up; read a").build()).await.unwrap();
    expect(&agent, handle, "up").await;
    for signal in [i32::MIN, -15, -1, 0, 65, i32::MAX] {
        let refused = agent.signal(handle, signal, Scope::Tree).await;
        assert_eq!(refused.unwrap_err().code(), "signal.no-such-signal");
    }
    assert!(!agent.status(handle).unwrap().is_over());
    // The control: one that is a signal reaches it, and only what is of its tree.
    assert_eq!(agent.signal(handle, 15, Scope::Tree).await.unwrap(), 1);
    assert_eq!(agent.wait(handle).await.unwrap().signal, Some(15));
}

#[tokio::test]
async fn an_ended_owner_is_told_so_whatever_it_asks_for() {
    let Some(manager) = manager() else { return };
    let first = agent(&manager, "agent", Limits::agent());
    let handle = first.start(puppet("park").build()).await.unwrap();
    let stale = first.clone();
    first.end().await.unwrap();
    for asked in [handle, never(handle)] {
        let answers = every_verb(&stale, asked).await;
        assert!(
            answers.iter().all(|told| told.contains("owner.ended")),
            "{answers:#?}"
        );
    }
    let refused = stale.start(puppet("exit 0").build()).await.unwrap_err();
    assert_eq!(refused.code(), "owner.ended");
    assert_eq!(stale.list().unwrap_err().code(), "owner.ended");
    assert_eq!(stale.end().await.unwrap_err().code(), "owner.ended");
    // Another one of that name is another owner.
    let again = agent(&manager, "agent", Limits::agent());
    assert!(again.list().unwrap().is_empty());
    assert_eq!(again.status(handle).unwrap_err().code(), "process.unknown");
    assert_eq!(stale.list().unwrap_err().code(), "owner.ended");
    assert!(
        manager.query_status(handle).unwrap().is_over(),
        "the host sees all"
    );
    let taken = manager.add_owner(OwnerSpec::new(id("agent"))).unwrap_err();
    assert_eq!(taken.code(), "owner.taken");
}
