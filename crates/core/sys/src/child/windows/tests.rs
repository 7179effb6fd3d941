//! What a start on Windows promises: everything it was given, nothing else, and no gap.

use super::calls::faults;
use super::stage::{Puppet, Request, units};
use super::{EndWatch, Priority, Spawn, Step, Way, pipe};
use crate::child::command_line;
use crate::child::environment_block::compare_plainly;
use crate::tree::windows::{Event, Job, Limits, Port};
use crate::wine;
use proptest::prelude::*;
use std::ffi::OsString;
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use windows_sys::Win32::Foundation::{HANDLE_FLAG_INHERIT, LocalFree, SetHandleInformation};
use windows_sys::Win32::System::Pipes::PeekNamedPipe;
use windows_sys::Win32::System::Threading::{BELOW_NORMAL_PRIORITY_CLASS, GetPriorityClass};
use windows_sys::Win32::UI::Shell::CommandLineToArgvW;

/// How much coarser than Rust's the system's clock of processes may be.
const CLOCK: Duration = Duration::from_secs(1);

fn job() -> Job {
    Job::new(&Limits::default()).unwrap()
}

/// Whether somebody has the writing end of this pipe open.
pub(crate) fn has_writer(pipe: BorrowedHandle<'_>) -> bool {
    let none = std::ptr::null_mut();
    // SAFETY: the pipe is open, as its type says; the system is asked to write nothing.
    unsafe {
        PeekNamedPipe(
            pipe.as_raw_handle(),
            none,
            0,
            none.cast(),
            none.cast(),
            none.cast(),
        ) != 0
    }
}

/// What the system makes of a command line.
fn split_by_the_system(line: &[u16]) -> Vec<Vec<u16>> {
    let line: Vec<u16> = line.iter().copied().chain([0]).collect();
    let mut count = 0;
    // SAFETY: the line ends with a zero; the system writes one number, and allocates an array of so
    // many strings, each with a zero at its end, which is freed once and not used after that.
    unsafe {
        let words = CommandLineToArgvW(line.as_ptr(), &raw mut count);
        assert!(!words.is_null());
        let all = (0..count.cast_unsigned() as usize).map(|at| {
            let word = *words.add(at);
            let length = (0..).take_while(|at| *word.add(*at) != 0).count();
            std::slice::from_raw_parts(word, length).to_vec()
        });
        let all = all.collect();
        LocalFree(words.cast());
        all
    }
}

fn any_unit() -> impl Strategy<Value = u16> {
    prop_oneof![
        6 => prop::sample::select(units("\\\" \ta")),
        1 => 1_u16..=u16::MAX,
    ]
}

proptest! {
    #[test]
    fn the_system_reads_back_every_list_of_arguments(
        arguments in prop::collection::vec(prop::collection::vec(any_unit(), 0..9), 0..6),
    ) {
        let words = [vec![units("C:\\a program.exe")], arguments].concat();
        prop_assert_eq!(split_by_the_system(&command_line::join(&words).unwrap()), words);
    }

    #[test]
    fn any_line_is_read_as_the_system_reads_it(line in prop::collection::vec(any_unit(), 1..40)) {
        // A blank at the start makes an empty name, which is of no use to anybody.
        prop_assume!(!line.starts_with(&units(" ")) && !line.starts_with(&units("\t")));
        prop_assert_eq!(command_line::split(&line), split_by_the_system(&line));
    }

    #[test]
    fn names_are_compared_as_the_system_does(one in "[a-zA-Z_\\[0-9é]{0,4}", other in "[a-zA-Z_\\[0-9É]{0,4}") {
        let (one, other) = (units(&one), units(&other));
        prop_assert_eq!(compare_plainly(&one, &other), super::compare_names(&one, &other));
    }
}

#[test]
fn an_exit_code_has_all_its_bits() {
    for code in [0, 1, 259, 0x0001_0203, 0xc000_0005, u32::MAX] {
        let job = job();
        let puppet = Puppet::of(&format!("exit {code}"), &job);
        assert_eq!(puppet.started.process.wait(None).unwrap(), Some(code));
    }
}

#[test]
fn a_process_that_runs_has_no_exit_code() {
    let job = job();
    let before = SystemTime::now() - CLOCK;
    let mut puppet = Puppet::of("say up gate exit 7", &job);
    puppet.said();
    assert_eq!(puppet.started.process.exit_code().unwrap(), None);
    assert_eq!(puppet.started.process.ended().unwrap(), None);
    puppet.input = None;
    assert_eq!(puppet.started.process.wait(None).unwrap(), Some(7));
    // The times of its birth and its end can still be asked for.
    assert_ne!(puppet.started.process.created().unwrap(), 0);
    let ended = puppet.started.process.ended().unwrap().unwrap();
    assert!(before <= ended && ended <= SystemTime::now());
}

#[test]
fn a_program_gets_what_it_was_given_and_nothing_else() {
    let arguments: [&[u16]; 6] = [
        &units("--"),
        &[],
        &units("a b"),
        &units("\"\\\" \\\\"),
        &units("é\n\t"),
        &units("😀"),
    ];
    let mut request = Request::new("told");
    request.more = arguments.map(OsString::from_wide).to_vec();
    request.directory = "C:\\windows".into();
    request.variables.push((units("b"), units("=1")));
    request.variables.push((units("A"), units("")));
    let job = job();
    let mut puppet = request.play(&job).unwrap();
    let mut said = Vec::new();
    while said.last().is_none_or(|line| line != "told") {
        said.push(puppet.said());
    }
    let part = |kind: &str| -> Vec<String> {
        let lines = said.iter().filter_map(|line| line.strip_prefix(kind));
        lines.map(|rest| rest.trim().to_owned()).collect()
    };
    let hex =
        |units: &&[u16]| -> String { units.iter().map(|unit| format!("{unit:04x}")).collect() };
    assert_eq!(
        part("argument"),
        arguments[1..].iter().map(hex).collect::<Vec<_>>()
    );
    assert_eq!(part("directory"), ["C:\\windows"]);
    let root = format!("SystemRoot={}", super::system_root().unwrap().display());
    let mut variables = part("variable");
    if wine::is_here() {
        // Wine keeps what it must know itself in every environment.
        variables.retain(|line| !line.starts_with("WINE") && !line.starts_with("SystemDrive="));
    }
    assert_eq!(variables, ["A=", "b==1", "HANDFAST_PUPPET=told", &root]);
}

#[test]
fn nothing_but_the_streams_is_inherited() {
    let job = job();
    let (read, write) = inheritable_pipe();
    let mut puppet = Puppet::of("say up gate", &job);
    puppet.said();
    drop(write);
    // The child runs, and nobody has it.
    assert!(!has_writer(read.as_handle()));
    puppet.input = None;
    puppet.witness.until_all_are_gone();
}

/// The negative control of [`nothing_but_the_streams_is_inherited`].
#[test]
fn without_a_list_whatever_is_inheritable_is_inherited() {
    let (read, write) = inheritable_pipe();
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child
        .args(super::stage::arguments())
        .env("HANDFAST_PUPPET", "say up gate");
    child
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped());
    let mut child = child.spawn().unwrap();
    drop(write);
    let mut said = io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with('@') {
        line.clear();
        io::BufRead::read_line(&mut said, &mut line).unwrap();
    }
    assert!(has_writer(read.as_handle()));
    drop(child.stdin.take());
    child.wait().unwrap();
    assert!(!has_writer(read.as_handle()));
}

fn inheritable_pipe() -> (
    std::os::windows::io::OwnedHandle,
    std::os::windows::io::OwnedHandle,
) {
    let (read, write) = pipe().unwrap();
    let flag = HANDLE_FLAG_INHERIT;
    // SAFETY: the handle is ours and open.
    let marked = unsafe { SetHandleInformation(write.as_raw_handle(), flag, flag) };
    assert_ne!(marked, 0);
    (read, write)
}

#[test]
fn a_stream_that_is_not_given_is_the_null_device() {
    let job = job();
    let (witness, held) = pipe().unwrap();
    let streams = [None, None, Some(held.as_handle())];
    let started = Request::new("gate exit 3").start(&job, streams).unwrap();
    drop(held);
    assert_eq!(started.process.wait(None).unwrap(), Some(3));
    assert!(!has_writer(witness.as_handle()));
}

#[test]
fn the_priority_class_is_the_one_that_was_asked_for() {
    if wine::cannot("the_priority_class_is_the_one_that_was_asked_for") {
        return;
    }
    let mut request = Request::new("gate");
    request.priority = Priority::BelowNormal;
    let job = job();
    let mut puppet = request.play(&job).unwrap();
    // SAFETY: the handle is open for as long as the process is held.
    let class = unsafe { GetPriorityClass(puppet.started.process.as_handle().as_raw_handle()) };
    assert_eq!(class, BELOW_NORMAL_PRIORITY_CLASS);
    puppet.input = None;
    puppet.witness.until_all_are_gone();
}

#[test]
fn what_cannot_be_started_says_why_and_leaves_nothing() {
    let start = |program: &str, directory: &str, environment: &[u16]| {
        let (program, directory) = (OsString::from(program), OsString::from(directory));
        let spawn = Spawn {
            program: &program,
            arguments: &["x".into()],
            environment,
            directory: &directory,
            streams: [None; 3],
            console: super::Console::None,
            priority: Priority::default(),
        };
        let job = job();
        let error = spawn.start(&job).unwrap_err();
        assert_eq!(job.usage().unwrap().total, 0);
        (error.step, error.source.kind())
    };
    let (missing, invalid) = (io::ErrorKind::NotFound, io::ErrorKind::InvalidInput);
    let shell = "C:\\windows\\system32\\cmd.exe";
    assert_eq!(
        start("C:\\no\\such.exe", "C:\\", &[0, 0]),
        (Step::Create, missing)
    );
    assert_eq!(start("C:\\a.bat", "C:\\", &[0, 0]), (Step::Words, invalid));
    assert_eq!(
        start("C:\\a\0.exe", "C:\\", &[0, 0]),
        (Step::Words, invalid)
    );
    assert_eq!(start(shell, "C:\\", &[65, 0]), (Step::Words, invalid));
    assert_eq!(start(shell, "C:\\no\\such", &[0, 0]).0, Step::Create);
}

/// Starts a puppet whose `fails`-th call fails; checks that it does not run or is contained.
/// Answers with the names of the calls, and with the way of a start that worked.
fn fault(fails: Option<usize>) -> (Vec<&'static str>, Option<Way>) {
    let work = || -> io::Result<_> {
        let job = Job::new(&Limits::default())?;
        let played = Request::new("spawn [ say child park ] say leader park").play(&job);
        Ok((job, played.map_err(|error| error.source)))
    };
    let (done, met) = faults::with(move |number, _| fails == Some(number), work);
    let started = match done {
        Ok((job, Ok(mut puppet))) => {
            assert_eq!(puppet.said_all(2), ["child", "leader"]);
            assert_eq!(job.members().unwrap().len(), 2, "not contained");
            let way = puppet.started.way;
            drop(job);
            puppet.witness.until_all_are_gone();
            return (met, Some(way));
        }
        // The witness has shown that nothing is left of it.
        Ok((job, Err(error))) => {
            assert!(job.is_empty().unwrap());
            error
        }
        Err(error) => error,
    };
    assert_eq!(started.raw_os_error(), Some(faults::INJECTED), "{started}");
    (met, None)
}

#[test]
fn whichever_call_fails_it_is_not_started_or_contained() {
    let (calls, way) = fault(None);
    assert_eq!(way, Some(Way::Born));
    let expected = [
        "CreateJobObjectW",
        "set the limits of the job",
        "DuplicateHandle",
        "DuplicateHandle",
        "DuplicateHandle",
        "InitializeProcThreadAttributeList",
        "put the handles into the attributes",
        "put the job into the attributes",
        "CreateProcessW",
        "IsProcessInJob",
        "ResumeThread",
    ];
    assert_eq!(calls, expected);
    for (fails, call) in expected.into_iter().enumerate() {
        let (met, way) = fault(Some(fails));
        let fallback = call == "put the job into the attributes";
        assert_eq!(way, fallback.then_some(Way::Assigned), "{call}");
        assert_eq!(
            met.contains(&"AssignProcessToJobObject"),
            fallback,
            "{call}"
        );
        assert!(fallback || met.len() == fails + 1, "{call}: it went on");
    }
}

#[test]
fn the_suspended_start_has_no_gap_either() {
    const JOB: &str = "put the job into the attributes";
    for refused in ["AssignProcessToJobObject", "IsProcessInJob", "ResumeThread"] {
        let job = job();
        let play = || Request::new("say ran park").play(&job).map(|_| ());
        let (done, met) = faults::with(move |_, name| [JOB, refused].contains(&name), play);
        let error = done.unwrap_err();
        assert_eq!(error.source.raw_os_error(), Some(faults::INJECTED));
        assert_eq!(met.last(), Some(&refused));
        assert!(job.is_empty().unwrap());
    }
}

#[test]
fn a_process_without_windows_has_none_to_close() {
    let job = job();
    let mut puppet = Puppet::of("say up park", &job);
    puppet.said();
    let pid = puppet.started.process.pid();
    // A helper asks, so that what the system starts to show windows is in the job as well.
    let mut helper = Puppet::of(&format!("close-windows {pid} park"), &job);
    assert_eq!(helper.said(), "0");
    assert_eq!(puppet.started.process.exit_code().unwrap(), None);
    job.kill(1).unwrap();
    helper.witness.until_all_are_gone();
}

#[test]
fn a_port_is_told_of_the_end_of_a_process() {
    let (job, port) = (job(), Arc::new(Port::new().unwrap()));
    let mut puppet = Puppet::of("gate exit 4", &job);
    let watch = EndWatch::new(&puppet.started.process, Arc::clone(&port), 11).unwrap();
    assert_eq!(port.next(Some(Duration::ZERO)).unwrap(), None);
    puppet.input = None;
    let message = port.next(None).unwrap().unwrap();
    assert_eq!((message.number, message.event), (11, Event::Nudged));
    assert_eq!(puppet.started.process.exit_code().unwrap(), Some(4));
    drop(watch);
}

#[test]
fn a_watch_that_is_dropped_tells_nothing_more() {
    let (job, port) = (job(), Arc::new(Port::new().unwrap()));
    let mut puppet = Puppet::of("gate exit 4", &job);
    drop(EndWatch::new(&puppet.started.process, Arc::clone(&port), 11).unwrap());
    puppet.input = None;
    puppet.started.process.wait(None).unwrap();
    assert_eq!(port.next(Some(Duration::ZERO)).unwrap(), None);
}
