//! The same verbs without a runtime.

use crate::stage::{LONG, builder, id, manager, puppet, sh};
use handfast::blocking::ProcessManager;
use handfast::exec::{ExecCommand, ExecEvent, WriteStdin};
use handfast::output::{Condition, Cursor};
use handfast::owner::{Limits, OwnerSpec};
use handfast::session::WriteOptions;
use std::time::Duration;

#[test]
fn every_verb_works_outside_a_runtime() {
    let here = tokio::runtime::Runtime::new().unwrap();
    let can = here.block_on(async { manager().is_some() });
    drop(here);
    if !can {
        return;
    }
    let manager = ProcessManager::build(builder()).unwrap();
    let limits = Limits::agent().processes(2);
    let agent = manager
        .add_owner(OwnerSpec::new(id("agent")).limits(limits))
        .unwrap();
    let spec = OwnerSpec::new(id("child")).below(id("agent"));
    let child = manager.add_owner(spec).unwrap();
    let handle = child
        .start(sh("read a; echo got $a; read b").build())
        .unwrap();
    child
        .write(handle, "it\n", WriteOptions::default())
        .unwrap();
    child
        .wait_for(handle, &[Condition::Output { from: 7 - 1 }], LONG)
        .unwrap();
    let mut cursor = Cursor::default();
    let chunk = child.poll(handle, &mut cursor, 100).unwrap().unwrap();
    assert_eq!(chunk.bytes, b"got it\n");
    assert_eq!(child.read(handle, 4, 2).unwrap().unwrap().bytes, b"it");
    child.transfer(handle, agent.id()).unwrap();
    assert_eq!(child.info(handle).unwrap_err().code(), "process.unknown");
    assert_eq!(
        (agent.count().unwrap(), agent.list().unwrap().len()),
        (1, 1)
    );
    assert!(agent.cleanup(LONG).unwrap().is_empty());
    agent.signal(handle, 15, handfast::Scope::Leader).unwrap();
    assert_eq!(agent.wait(handle).unwrap().signal, Some(15));
    agent.wait_tree(handle).unwrap();
    for _ in 0..2 {
        child.start(puppet("park").build()).unwrap();
    }
    let refused = agent.start(puppet("park").build()).unwrap_err();
    assert_eq!(refused.code(), "owner.limit-reached");
    assert_eq!(child.terminate_all().unwrap().len(), 2);
    let handle = child.start(puppet("park").build()).unwrap();
    assert_eq!(child.stop_within(handle, Duration::ZERO).unwrap().killed, 1);
    child.start(puppet("park").build()).unwrap();
    assert_eq!(manager.owners().len(), 3);
    assert_eq!(manager.end_owner(agent.id()).unwrap().receipts.len(), 1);
    assert_eq!(child.status(handle).unwrap_err().code(), "owner.ended");
}

#[test]
fn every_verb_for_commands_works_outside_a_runtime() {
    let here = tokio::runtime::Runtime::new().unwrap();
    let can = here.block_on(async { manager().is_some() });
    drop(here);
    if !can {
        return;
    }
    let manager = ProcessManager::build(builder()).unwrap();
    let agent = manager.add_owner(OwnerSpec::new(id("agent"))).unwrap();
    let spec = OwnerSpec::new(id("child")).below(id("agent"));
    let child = manager.add_owner(spec).unwrap();
    let mut events = child.exec_events().unwrap();
    let mut command = ExecCommand::new("echo ready; read word; echo got $word");
    (command.tty, command.login) = (true, Some(false));
    command.until = Some("ready".parse().unwrap());
    command.yield_time_ms = Some(30_000);
    let number = child.exec_command(command).unwrap().session_id.unwrap();
    let told = manager.wait_exec_event(&mut events, LONG).unwrap().unwrap();
    assert!(matches!(told.event, ExecEvent::Begin(_)));
    let listed = child.list_sessions().unwrap();
    assert!(agent.list_sessions().unwrap().is_empty() && manager.list_sessions().is_empty());
    let handed = child.transfer(listed[0].handle.unwrap(), agent.id());
    assert_eq!(handed.unwrap().session_id, Some(number));
    drop(agent.pause_exec().unwrap());
    let mut write = WriteStdin::new(number, "word\n");
    write.yield_time_ms = Some(30_000);
    assert_eq!(agent.write_stdin(write).unwrap().exit_code, Some(0));
    assert!(!agent.stop_session(number).unwrap().was_running);
    assert!(!agent.kill_session(number).unwrap());
    assert!(agent.deny_session(number + 1, "no").is_err());
    assert!(agent.end_sessions().unwrap().is_empty());
    agent.end().unwrap();
    let ended = agent.write_stdin(WriteStdin::new(number, "")).unwrap_err();
    assert_eq!(ended.code(), "owner.ended");
}
