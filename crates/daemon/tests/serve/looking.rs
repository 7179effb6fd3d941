//! Views of output, events for whoever comes later, and forgetting.

use super::stage::{Stage, code, named, sh};
use handfast_daemon::connect::Client;
use handfast_daemon::wire::*;

async fn over(client: &Client, name: &str) {
    let wait = Read {
        process_id: name.into(),
        after_seq: 0,
        max_bytes: None,
        wait_ms: 0,
    };
    let mut read = wait;
    loop {
        let answer = client.call(&read).await.unwrap();
        if answer.closed {
            break;
        }
        read.after_seq = answer.next_seq - 1;
        read.wait_ms = 60_000;
    }
    let empty = Wait {
        process_id: name.into(),
        conditions: vec![Condition::TreeEmpty {}],
        wait_ms: None,
    };
    client.call(&empty).await.unwrap();
}

fn of(name: &str) -> View {
    View {
        process_id: name.into(),
        ..View::default()
    }
}

/// A process that has said five lines, and one on its other stream.
async fn said(stage: &Stage) -> Client {
    let client = stage.client().await;
    let script =
        "for i in 1 2 3 4 5; do printf 'line %s\\n' $i; done; printf '\\033[31mred\\033[m\\n' >&2";
    client.call(&named("p", sh(script))).await.unwrap();
    over(&client, "p").await;
    client
}

async fn text(client: &Client, view: View) -> Viewed {
    client.call(&view).await.unwrap()
}

fn stdout() -> View {
    View {
        stream: Some(StreamName::Stdout),
        ..of("p")
    }
}

#[tokio::test]
async fn the_beginning_and_the_end_of_a_view_are_lines_and_what_is_between_is_counted() {
    let stage = Stage::new();
    let client = said(&stage).await;
    for (head, tail, wanted, cut_at, omitted) in [
        (Some(2), None, "line 1\nline 2\n", Some(14), 3),
        (None, Some(1), "line 5\n", Some(0), 4),
        (Some(1), Some(1), "line 1\nline 5\n", Some(7), 3),
        (
            Some(9),
            None,
            "line 1\nline 2\nline 3\nline 4\nline 5\n",
            None,
            0,
        ),
    ] {
        let view = View {
            head,
            tail,
            ..stdout()
        };
        let seen = text(&client, view).await;
        let found = (seen.text.as_str(), seen.cut_at, seen.omitted_lines);
        assert_eq!(found, (wanted, cut_at, omitted));
    }
    let max_bytes = Some(8);
    let cut = text(
        &client,
        View {
            max_bytes,
            ..stdout()
        },
    )
    .await;
    let found = (cut.text.len(), cut.cut_at, cut.omitted_bytes);
    assert_eq!(found, (8, Some(4), 27));
    stage.end().await;
}

#[tokio::test]
async fn a_view_has_the_lines_that_match() {
    let stage = Stage::new();
    let client = said(&stage).await;
    let grep = |pattern: &str| View {
        grep: Some(pattern.into()),
        ..stdout()
    };
    let numbered = true;
    let found = text(
        &client,
        View {
            numbered,
            ..grep("[24]")
        },
    )
    .await;
    let found = (found.text.as_str(), found.filtered_lines);
    assert_eq!(found, ("2:line 2\n4:line 4\n", 3));
    let invert = true;
    let others = text(
        &client,
        View {
            invert,
            ..grep("[2-5]")
        },
    )
    .await;
    assert_eq!(others.text, "line 1\n");
    assert_eq!(code(client.call(&grep("(")).await), "view.bad-pattern");
    assert_eq!(code(client.call(&of("q")).await), "process.unknown");
    stage.end().await;
}

#[tokio::test]
async fn who_goes_on_from_a_view_misses_nothing_and_sees_nothing_twice() {
    let stage = Stage::new();
    let client = said(&stage).await;
    let all = text(&client, of("p")).await;
    assert!(all.text.contains("line 5\n") && all.text.contains("\u{1b}[31mred"));
    assert_eq!((all.cut_at, all.open, all.missing_bytes), (None, false, 0));
    let plain = View {
        plain: true,
        stream: Some(StreamName::Stderr),
        ..of("p")
    };
    assert_eq!(text(&client, plain).await.text, "red\n");
    let rest = text(
        &client,
        View {
            from: all.next,
            ..of("p")
        },
    )
    .await;
    assert_eq!((rest.text.as_str(), rest.next), ("", all.next));
    let since = async |since_ms| {
        let since_ms = Some(since_ms);
        text(
            &client,
            View {
                since_ms,
                ..of("p")
            },
        )
        .await
        .text
    };
    assert_eq!(since(u64::MAX / 2).await, "");
    assert_eq!(since(1).await, all.text);
    let read = Read {
        process_id: "p".into(),
        after_seq: all.next_seq - 1,
        max_bytes: None,
        wait_ms: 0,
    };
    assert_eq!(client.call(&read).await.unwrap().chunks, []);
    stage.end().await;
}

#[tokio::test]
async fn what_came_since_a_time_is_what_came_after_it() {
    let stage = Stage::new();
    let client = stage.client().await;
    let start = Start {
        pipe_stdin: true,
        ..named("p", sh("echo early; read x; echo late; read x"))
    };
    client.call(&start).await.unwrap();
    let read = async |after_seq| {
        let read = Read {
            process_id: "p".into(),
            after_seq,
            max_bytes: None,
            wait_ms: 60_000,
        };
        client.call(&read).await.unwrap()
    };
    let early = read(0).await;
    let at = early.chunks[0].at_ms.unwrap();
    assert!(at > 1_600_000_000_000);
    // The clock of the store is coarse, so that the two are told apart only after a while.
    let mut now = at;
    while now < at + 50 {
        tokio::task::yield_now().await;
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        now = u64::try_from(since.as_millis()).unwrap();
    }
    super::stage::write(&client, "p", "\n").await;
    let late = read(early.next_seq - 1).await;
    let then = late.chunks[0].at_ms.unwrap();
    assert!(then > at);
    let view = View {
        since_ms: Some(then),
        ..of("p")
    };
    assert_eq!(client.call(&view).await.unwrap().text, "late\n");
    stage.end().await;
}

#[tokio::test]
async fn events_are_kept_for_whoever_comes_later() {
    let stage = Stage::new();
    let user = stage.user().await;
    let other = stage.client().await;
    user.call(&named("one", sh("exit 0"))).await.unwrap();
    over(&user, "one").await;
    let all = EventsRead {
        wait_ms: 60_000,
        ..EventsRead::default()
    };
    let mut words: Vec<String> = Vec::new();
    let mut after_seq = 0;
    while words.last().is_none_or(|word| word != "exited") {
        let answer = user
            .call(&EventsRead {
                after_seq,
                ..all.clone()
            })
            .await
            .unwrap();
        assert_eq!(answer.missed, 0);
        assert!(answer.events.iter().all(|event| event.process_id == "one"));
        words.extend(answer.events.into_iter().map(|event| event.word));
        after_seq = answer.last_seq;
    }
    // What may not be seen is not told, and is no reason to be answered.
    let theirs = EventsRead {
        wait_ms: 0,
        ..EventsRead::default()
    };
    assert_eq!(other.call(&theirs).await.unwrap().events, []);
    // A subscriber gets what is kept first, then what comes.
    let (follower, mut notes) = {
        let token = handfast_daemon::connect::user_token(&stage.place).unwrap();
        let hello = Initialize {
            token: Some(token),
            ..stage.hello()
        };
        stage.greet(hello).await.unwrap()
    };
    let from = EventsSubscribe { after_seq: Some(0) };
    assert!(follower.call(&from).await.unwrap().last_seq >= after_seq);
    user.call(&named("two", sh("exit 0"))).await.unwrap();
    let mut told: Vec<EventNote> = Vec::new();
    while !told
        .iter()
        .any(|event| event.process_id == "two" && event.word == "exited")
    {
        told.push(notes.next().await.unwrap().read().unwrap());
    }
    assert_eq!(told[0].process_id, "one");
    assert!(told.is_sorted_by_key(|event| event.seq), "{told:?}");
    follower.call(&EventsUnsubscribe {}).await.unwrap();
    stage.end().await;
}

#[tokio::test]
async fn what_is_over_is_forgotten_when_it_is_wished_and_what_lives_is_not() {
    let stage = Stage::new();
    let client = stage.client().await;
    client.call(&named("done", sh("echo 12345"))).await.unwrap();
    client
        .call(&named("lives", sh("sleep 1000")))
        .await
        .unwrap();
    over(&client, "done").await;
    let clean = |older_than_ms, dry_run| Clean {
        older_than_ms,
        dry_run,
        ..Clean::default()
    };
    let ids = async |what: Clean| client.call(&what).await.unwrap().process_ids;
    assert_eq!(ids(clean(3_600_000, false)).await, [""; 0]);
    assert_eq!(ids(clean(0, true)).await, ["done"]);
    let one = Clean {
        process_id: Some("lives".into()),
        ..Clean::default()
    };
    assert_eq!(ids(one).await, [""; 0]);
    let cleaned = client.call(&clean(0, false)).await.unwrap();
    assert_eq!(
        (cleaned.process_ids, cleaned.freed_bytes),
        (vec!["done".to_owned()], 6)
    );
    let read = Read {
        process_id: "done".into(),
        after_seq: 0,
        max_bytes: None,
        wait_ms: 0,
    };
    assert_eq!(code(client.call(&read).await), "process.unknown");
    // Its name is free again.
    client.call(&named("done", sh("sleep 1000"))).await.unwrap();
    assert_eq!(ids(clean(0, false)).await, [""; 0]);
    stage.end().await;
}

#[tokio::test]
async fn who_stops_reading_at_the_close_has_had_or_counted_every_byte() {
    let stage = Stage::new();
    let client = stage.client().await;
    const ALL: u64 = 12 * 1024 * 1024;
    let flood = Start {
        keep_bytes: Some(10 * 1024 * 1024),
        notify: Some(false),
        ..named("flood", sh(&format!("head -c {ALL} /dev/zero")))
    };
    client.call(&flood).await.unwrap();
    over(&client, "flood").await;
    let (mut after_seq, mut got, mut end, mut gaps, mut answers) = (0, 0, 0, 0, 0);
    loop {
        let read = Read {
            process_id: "flood".into(),
            after_seq,
            max_bytes: None,
            wait_ms: 0,
        };
        let answer = client.call(&read).await.unwrap();
        for chunk in &answer.chunks {
            got += chunk.chunk.0.len() as u64;
            gaps += chunk.offset - end;
            end = chunk.offset + chunk.chunk.0.len() as u64;
        }
        answers += 1;
        after_seq = answer.next_seq - 1;
        if answer.closed {
            break;
        }
    }
    assert_eq!((got + gaps, end), (ALL, ALL));
    // Otherwise nothing was cut short here.
    assert!(answers > 2, "{answers} answers");
    stage.end().await;
}
