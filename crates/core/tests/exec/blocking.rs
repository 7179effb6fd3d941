//! The same for programs without an async runtime.

use crate::stage::{LONG_MS, long, profile, tty, until};
use handfast::ProcessManager;
use handfast::blocking;
use handfast::exec::{ExecEvent, WriteStdin};
use std::time::Duration;

#[test]
fn every_verb_is_there_without_a_runtime() {
    let builder = ProcessManager::builder().reaper(testkit::reaper());
    let manager = blocking::ProcessManager::build(builder.exec_profile(profile())).unwrap();
    let mut events = manager.exec_events();
    let answer = manager.exec_command(long("echo one")).unwrap();
    assert_eq!((answer.exit_code, answer.output()), (Some(0), "one\n"));
    let most = Duration::from_millis(LONG_MS);
    let told = manager.wait_exec_event(&mut events, most).unwrap().unwrap();
    assert!(matches!(told.event, ExecEvent::Begin(_)));
    let command = tty(until("echo ready; read word; echo got $word", "ready"));
    let id = manager.exec_command(command).unwrap().session_id.unwrap();
    assert_eq!(manager.list_sessions().len(), 1);
    drop(manager.pause_exec());
    let moved = manager.export_sessions();
    assert!(manager.list_sessions().is_empty() && moved.len() == 1);
    let back = manager.import_sessions(moved);
    assert!(back.skipped.is_empty() && back.imported == [id]);
    let mut write = WriteStdin::new(id, "word\n");
    write.yield_time_ms = Some(LONG_MS);
    assert_eq!(manager.write_stdin(write).unwrap().exit_code, Some(0));
    assert!(!manager.stop_session(id).unwrap().was_running);
    assert!(!manager.kill_session(id));
    assert!(manager.deny_session(4321, "no").is_err());
    assert!(manager.end_sessions().is_empty());
}
