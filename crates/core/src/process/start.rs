//! From a config to a request: opening the streams, and the numbers that the reaper understands.

use super::error::StartError;
use crate::config::{Checked, Limit, Output, ProcessConfig, Resource, Stdin, Stream};
use crate::kept::Ends;
use crate::session::ScreenSize;
use handfast_reaper::wire::{Limit as WireLimit, NO_STREAM, Start, User};
use handfast_sys::descriptor::{AsDescriptor, BorrowedDescriptor, Descriptor};
use handfast_sys::files;
use handfast_sys::proc::Held;
use handfast_sys::stream::{ReadEnd, RelayPipe, WriteEnd, from_child, to_child};
use handfast_sys::terminal::{self, ReadyTerminal, Size};
use std::ffi::CStr;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// The host's ends of the pipes of a process.
///
/// ```no_run
/// # async fn example(
/// #     manager: handfast::ProcessManager,
/// #     handle: handfast::ProcessHandle,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// use tokio::io::AsyncReadExt;
///
/// let stdio = manager.take_stdio(handle)?; // there is a pipe where the config asked for one
/// let mut output = Vec::new();
/// if let Some(mut stdout) = stdio.stdout {
///     stdout.read_to_end(&mut output).await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Stdio {
    /// Writes what the process reads; dropping it is its end-of-file.
    pub stdin: Option<WriteEnd>,
    /// Reads what the process writes to descriptor 1.
    pub stdout: Option<ReadEnd>,
    /// Reads what the process writes to descriptor 2.
    pub stderr: Option<ReadEnd>,
}

/// A request with its descriptors.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) start: Start,
    descriptors: Vec<Given>,
    pub(crate) stdio: Stdio,
    /// Our ends of the streams that are captured.
    pub(crate) captured: Vec<(Stream, ReadEnd)>,
    /// Our side of what the manager writes to.
    pub(crate) input: Option<Input>,
    /// Where what is captured and written to is found again.
    pub(crate) ends: Ends,
}

/// What the manager writes to.
#[derive(Debug)]
pub(crate) enum Input {
    Pipe(WriteEnd),
    /// A pipe that was closed by a program which is gone.
    Closed,
    /// The master, and what the programs have open.
    Terminal(Arc<ReadyTerminal>, Option<Held>, Option<Arc<RelayPipe>>),
}

/// A descriptor for the child: made here, or lent by the config.
#[derive(Debug)]
enum Given {
    Ours(Descriptor),
    Lent(Arc<Descriptor>),
}

impl Prepared {
    /// The child's descriptors, in the order in which the request counts them.
    pub(crate) fn descriptors(&self) -> Vec<BorrowedDescriptor<'_>> {
        self.descriptors
            .iter()
            .map(|given| match given {
                Given::Ours(descriptor) => descriptor.as_descriptor(),
                Given::Lent(descriptor) => descriptor.as_descriptor(),
            })
            .collect()
    }

    fn give(&mut self, given: Given) -> u8 {
        self.descriptors.push(given);
        // Four at the most: three streams and a terminal.
        u8::try_from(self.descriptors.len() - 1).unwrap_or(NO_STREAM)
    }
}

fn system(attempt: &'static str) -> impl FnOnce(io::Error) -> StartError {
    move |source| StartError::System {
        attempt,
        source: Arc::new(source),
    }
}

/// Opens what the config names. Nothing is started yet. For a `kept` process what the next program needs of
/// it as well.
pub(crate) fn prepare(
    id: u64,
    config: &ProcessConfig,
    checked: &Checked,
    kept: bool,
) -> Result<Prepared, StartError> {
    let mut prepared = open(id, config, checked, kept)?;
    if kept && config.lifetime().survives_owner() {
        // After those of the child, from which the reaper tells them by their number.
        for (kind, end) in prepared.ends.duplicate() {
            prepared.start.lent.push(kind.byte());
            prepared.give(Given::Ours(end));
        }
    }
    Ok(prepared)
}

fn open(
    id: u64,
    config: &ProcessConfig,
    checked: &Checked,
    kept: bool,
) -> Result<Prepared, StartError> {
    let mut prepared = Prepared {
        start: request(id, config, checked),
        descriptors: Vec::new(),
        stdio: Stdio::default(),
        captured: Vec::new(),
        input: None,
        ends: Ends::default(),
    };
    if let Some(made) = config.terminal() {
        on_terminal(made.size(), kept, &mut prepared)?;
        return Ok(prepared);
    }
    let stdin = stdin(config.stdin(), &mut prepared)?;
    let (stdout, stderr) = match config.log_file() {
        Some(path) => {
            let log = prepared.give(Given::Ours(append_to(path)?));
            (log, log)
        }
        None => {
            let stdout = output(config.stdout(), Stream::Stdout, &mut prepared)?;
            let stderr = match config.is_output_together() {
                true => stdout,
                false => output(config.stderr(), Stream::Stderr, &mut prepared)?,
            };
            (stdout, stderr)
        }
    };
    prepared.start.streams = vec![stdin, stdout, stderr];
    if let Some(terminal) = config.controlling_terminal() {
        let place = prepared.give(Given::Lent(Arc::clone(terminal)));
        prepared.start.terminal = Some(place);
    }
    Ok(prepared)
}

/// Makes a terminal, which is all streams and controls the session.
fn on_terminal(size: ScreenSize, kept: bool, prepared: &mut Prepared) -> Result<(), StartError> {
    let size = Size {
        rows: size.rows,
        columns: size.columns,
        ..Size::default()
    };
    let made = terminal::make(size).map_err(system("make a terminal"))?;
    let master = ReadyTerminal::new(made.ours).map_err(system("watch the terminal"))?;
    let master = Arc::new(master);
    let pipe = match kept {
        true => Some(Arc::new(RelayPipe::new().map_err(system("make a pipe"))?)),
        false => None,
    };
    let found = pipe.as_ref().map(Arc::downgrade);
    prepared.ends.terminal = found.map(|pipe| (Arc::downgrade(&master), pipe));
    prepared.input = Some(Input::Terminal(master, made.held, pipe));
    let place = prepared.give(Given::Ours(made.theirs));
    prepared.start.streams = vec![place; 3];
    prepared.start.terminal = Some(place);
    Ok(())
}

fn stdin(stdin: &Stdin, prepared: &mut Prepared) -> Result<u8, StartError> {
    Ok(match stdin {
        Stdin::Null => NO_STREAM,
        Stdin::Descriptor(descriptor) => prepared.give(Given::Lent(Arc::clone(descriptor))),
        Stdin::Pipe => {
            let (ours, theirs) = to_child().map_err(system("make a pipe"))?;
            prepared.stdio.stdin = Some(ours);
            prepared.give(Given::Ours(theirs))
        }
        Stdin::Written => {
            let (ours, theirs) = to_child().map_err(system("make a pipe"))?;
            prepared.ends.stdin = Some(ours.finder());
            prepared.input = Some(Input::Pipe(ours));
            prepared.give(Given::Ours(theirs))
        }
    })
}

fn output(output: &Output, stream: Stream, prepared: &mut Prepared) -> Result<u8, StartError> {
    Ok(match output {
        Output::Null => NO_STREAM,
        Output::Descriptor(descriptor) => prepared.give(Given::Lent(Arc::clone(descriptor))),
        Output::File(path) => prepared.give(Given::Ours(append_to(path)?)),
        Output::Inherit => prepared.give(Given::Ours(own_stream(stream)?)),
        Output::Pipe => {
            let (ours, theirs) = from_child().map_err(system("make a pipe"))?;
            match stream {
                Stream::Stdout => prepared.stdio.stdout = Some(ours),
                Stream::Stderr | Stream::Terminal => prepared.stdio.stderr = Some(ours),
            }
            prepared.give(Given::Ours(theirs))
        }
        Output::Captured => {
            let (ours, theirs) = from_child().map_err(system("make a pipe"))?;
            prepared.ends.outputs.push((stream, ours.finder()));
            prepared.captured.push((stream, ours));
            prepared.give(Given::Ours(theirs))
        }
    })
}

fn own_stream(stream: Stream) -> Result<Descriptor, StartError> {
    let duplicate = match stream {
        Stream::Stdout => io::stdout().as_descriptor().try_clone_to_owned(),
        Stream::Stderr | Stream::Terminal => io::stderr().as_descriptor().try_clone_to_owned(),
    };
    duplicate.map_err(system("duplicate an output stream of the host"))
}

/// One open file description for both streams, so that the system keeps their order.
fn append_to(path: &Path) -> Result<Descriptor, StartError> {
    let mut options = OpenOptions::new();
    let file = files::private(options.append(true).create(true)).open(path);
    file.map(Descriptor::from)
        .map_err(system("open the file for its output"))
}

fn request(id: u64, config: &ProcessConfig, checked: &Checked) -> Start {
    let grace = config.grace().as_millis();
    Start {
        id,
        program: checked.program_c().to_owned(),
        arguments: checked.argv().map(CStr::to_owned).collect(),
        environment: checked.envp().map(CStr::to_owned).collect(),
        directory: checked.directory_c().to_owned(),
        streams: Vec::new(),
        terminal: None,
        limits: config.limits().iter().map(limit).collect(),
        umask: config.umask(),
        nice: config.nice(),
        user: config.user().map(|user| User {
            uid: user.uid,
            gid: user.gid,
            groups: user.groups.clone(),
        }),
        survives: config.lifetime().survives_owner(),
        grace_ms: u64::try_from(grace).unwrap_or(u64::MAX),
        note: Vec::new(),
        lent: Vec::new(),
    }
}

fn limit((resource, soft, hard): (Resource, Limit, Limit)) -> WireLimit {
    let value = |limit: Limit| match limit {
        Limit::Value(value) => Some(value),
        Limit::Unlimited => None,
    };
    WireLimit {
        resource: number(resource),
        soft: value(soft),
        hard: value(hard),
    }
}

/// The system's number of a resource.
fn number(resource: Resource) -> u32 {
    use handfast_sys::child::Resource as System;
    let system = match resource {
        Resource::As => System::As,
        Resource::Core => System::Core,
        Resource::Cpu => System::Cpu,
        Resource::Data => System::Data,
        Resource::FSize => System::Fsize,
        Resource::MemLock => System::Memlock,
        Resource::NoFile => System::Nofile,
        Resource::NProc => System::Nproc,
        Resource::Rss => System::Rss,
        Resource::Stack => System::Stack,
        Resource::MsgQueue => System::Msgqueue,
        Resource::Nice => System::Nice,
        Resource::RtPrio => System::Rtprio,
        Resource::RtTime => System::Rttime,
        Resource::SigPending => System::Sigpending,
        Resource::Locks => System::Locks,
    };
    system as u32
}
