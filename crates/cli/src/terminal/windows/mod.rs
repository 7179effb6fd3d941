//! Windows: a pseudoconsole, which the library makes and holds, shown on the console before the caller.
//!
//! A pseudoconsole is all three streams of a program or none. So without `--tty` there is a relay only where all
//! of the caller's are its console; else the program gets the caller's streams as they are. There are no jobs that
//! could be stopped, and no signals: Ctrl-C is a key here, which is typed to the program.

mod task;

use handfast::config::{Checked, ProcessConfig};
use handfast::output::Capture;
use handfast::session::ScreenSize;
use handfast::{ProcessHandle, ProcessManager, StartError};
use handfast_sys::descriptor::AsDescriptor;
use handfast_sys::seat::{self, Seat};
use handfast_sys::terminal::Size;
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;
use task::Task;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The size of a terminal that nobody has said anything about.
const USUAL: ScreenSize = ScreenSize {
    rows: 24,
    columns: 80,
};

/// The name of who reads the output, which waits for that.
const READER: &str = "terminal";

/// Nothing of a relay is a program of its own here.
pub(crate) fn hidden() -> Option<ExitCode> {
    None
}

/// A terminal for a program that is about to be started.
#[derive(Debug)]
pub(crate) struct Relay {
    /// The caller's console, where its streams are that.
    seat: Option<Seat>,
    /// The size that stays, where one was given.
    fixed: Option<ScreenSize>,
}

impl Relay {
    /// Takes the caller's console as it is. Where its streams are not all that, or the outputs are `logged`, only if
    /// `always`.
    ///
    /// Call it within a tokio runtime.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn open(
        always: bool,
        size: Option<Size>,
        logged: bool,
    ) -> io::Result<Option<Relay>> {
        let shows = io::stdout().is_terminal();
        let everything = io::stdin().is_terminal() && shows && io::stderr().is_terminal();
        if (!everything || logged) && !always {
            return Ok(None);
        }
        let seat = match io::stdin().is_terminal() && shows {
            true => Some(Seat::at_standard_input()?),
            false => None,
        };
        let fixed = size.map(screen);
        Ok(Some(Relay { seat, fixed }))
    }

    /// Whether the program gets none of the caller's streams.
    pub(crate) fn is_all_streams(&self) -> bool {
        true
    }

    /// The config to start in place of the program's, which has no streams yet.
    ///
    /// # Errors
    ///
    /// None here.
    pub(crate) fn config(&self, program: &ProcessConfig) -> io::Result<ProcessConfig> {
        let size = self.fixed.unwrap_or_else(callers);
        let builder = program.to_builder().terminal(size);
        Ok(builder
            .capture(Capture::default().back_pressure(READER))
            .build())
    }

    /// Begins to relay for the program, which has been started.
    ///
    /// # Errors
    ///
    /// What the system says of the caller's console.
    #[expect(
        clippy::unused_async,
        reason = "elsewhere there is something to wait for"
    )]
    pub(crate) async fn start(
        mut self,
        _: &Checked,
        (manager, handle): (&ProcessManager, ProcessHandle),
    ) -> Result<Relayed, StartError> {
        let system = |source: io::Error| StartError::System {
            attempt: "give the program a terminal of its own",
            source: Arc::new(source),
        };
        let gone = |_| system(io::ErrorKind::NotFound.into());
        let output = manager.output(handle).map_err(gone)?;
        let output = output.ok_or_else(|| system(io::ErrorKind::NotFound.into()))?;
        let on_terminal = self.seat.is_some();
        if let Some(seat) = &mut self.seat {
            seat.enter().map_err(system)?;
        }
        let (over, is_over) = oneshot::channel();
        let task = Task {
            manager: manager.clone(),
            handle,
            hold: output.hold(READER),
            output,
            seat: self.seat,
            fixed: self.fixed,
        };
        let task = tokio::spawn(task.run(is_over));
        Ok(Relayed {
            on_terminal,
            over: Some(over),
            task,
        })
    }
}

fn screen(size: Size) -> ScreenSize {
    ScreenSize {
        rows: size.rows,
        columns: size.columns,
    }
    .clamped()
}

/// The size of the first of the caller's outputs that is a console.
fn callers() -> ScreenSize {
    let size = seat::size(io::stdout().as_descriptor());
    let size = size.or_else(|_| seat::size(io::stderr().as_descriptor()));
    size.map_or(USUAL, screen)
}

/// A program on a terminal that is relayed. Dropping it restores the caller's console.
#[derive(Debug)]
pub(crate) struct Relayed {
    on_terminal: bool,
    over: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Relayed {
    /// Whether the caller sits at a console.
    pub(crate) fn is_on_terminal(&self) -> bool {
        self.on_terminal
    }

    /// Nothing: a request to end goes to the tree, and what else there is are keys.
    pub(crate) fn signal(&self, _: i32, _: bool) {}

    /// Shows what was written last, and restores the caller's console.
    ///
    /// # Cancel safety
    ///
    /// The console is restored also when the future is dropped.
    pub(crate) async fn finish(mut self) {
        if let Some(over) = self.over.take() {
            // Who has ended already needs not be told.
            let _ = over.send(());
        }
        // It fails only by a panic, in which the console was restored as well.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Relayed {
    fn drop(&mut self) {
        self.task.abort();
    }
}
