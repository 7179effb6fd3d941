//! Who holds an output open, and who holds it back.

use super::{MIB, captured, manager, sh, start};
use handfast::output::{Capture, Condition, Outcome, Stream};

#[tokio::test]
async fn a_daemon_that_holds_the_pipe_is_named_and_nobody_waits_for_it() {
    let manager = manager();
    // The lowest rung holds no daemon, only a child that stays in its session.
    let lowest = std::env::var("HANDFAST_FORCE").is_ok_and(|rung| rung == "group");
    let word = if lowest { "spawn" } else { "fork-daemon" };
    let script = testkit::script(&format!("{word} [ say daemon park ] exit 0"));
    let (handle, output) = start(&manager, captured(testkit::puppet()).args(script)).await;
    // No deadline: it would wait for ever if it waited for the end of the output.
    assert!(manager.wait(handle).await.unwrap().success());
    assert_eq!(output.wait_for_output(6).await.stdout, 7);
    let status = output.status();
    let both = [Stream::Stdout, Stream::Stderr];
    assert_eq!((status.word(), &status.open[..]), ("open", &both[..]));
    let holders = manager.output_holders(handle).unwrap();
    let daemon = manager.members(handle).unwrap();
    for stream in both {
        let named: Vec<_> = holders
            .found
            .iter()
            .filter(|holder| holder.stream == stream)
            .collect();
        assert_eq!(named.len(), 1, "{holders:?}");
        assert_eq!((&[named[0].pid][..], named[0].member), (&daemon[..], true));
        assert!(named[0].command.contains("say daemon park"), "{holders:?}");
    }

    manager.kill(handle).await.unwrap();
    output.wait_for_output(u64::MAX).await;
    assert_eq!(output.status().word(), "closed");
    assert_eq!(manager.output_holders(handle).unwrap().found, []);
}

/// The negative control of the test before.
#[tokio::test]
async fn without_a_daemon_the_output_ends_with_the_process() {
    let manager = manager();
    let (handle, output) = start(&manager, sh("sleep 1000 >/dev/null 2>&1 & echo started")).await;
    assert!(manager.wait(handle).await.unwrap().success());
    output.wait_for_output(u64::MAX).await;
    assert_eq!(output.status().word(), "closed");
    assert_eq!(manager.output_holders(handle).unwrap().found, []);
    assert_eq!(manager.members(handle).unwrap().len(), 1);
    manager.kill(handle).await.unwrap();
}

#[tokio::test]
async fn only_who_asks_by_name_holds_a_process_up() {
    let manager = manager();
    let bytes = 8 * MIB;
    let writer = || captured("/usr/bin/head").args(["-c", &bytes.to_string(), "/dev/zero"]);
    // A reader who never reads.
    let (handle, output) = start(&manager, writer()).await;
    assert!(manager.wait(handle).await.unwrap().success());
    assert_eq!(output.wait_for_output(u64::MAX).await.stdout, bytes);

    let config = writer().capture(Capture::default().keep(64 * 1024).back_pressure("slow"));
    let (handle, output) = start(&manager, config).await;
    output.wait_for_output(64 * 1024 - 1).await;
    // ABSENCE: the process must not end while nobody reads.
    let waited = manager
        .wait_for(handle, &[Condition::Exit], testkit::ABSENCE)
        .await
        .unwrap();
    assert_eq!(waited.outcome, Outcome::TimedOut);
    let hold = output.hold("slow");
    assert_eq!((hold.offset(), output.status().holds.len()), (0, 1));
    let (mut got, mut ended) = (0, false);
    while !ended {
        output.wait_for_output(hold.offset()).await;
        let chunk = hold.take(5000);
        assert_eq!((chunk.omitted_before, chunk.offset), (0, got));
        got += chunk.bytes.len() as u64;
        ended = chunk.ended;
    }
    assert_eq!(got, bytes);
    assert!(manager.wait(handle).await.unwrap().success());

    // Letting go lets it flow.
    let config = writer().capture(Capture::default().keep(64 * 1024).back_pressure("gone"));
    let (handle, output) = start(&manager, config).await;
    drop(output.hold("gone"));
    assert!(manager.wait(handle).await.unwrap().success());
    assert_eq!(output.wait_for_output(u64::MAX).await.stdout, bytes);
    assert_eq!(output.status().omitted.stdout, bytes - 64 * 1024);
}
