//! Starts processes and holds the whole tree of each to its owner.
//!
//! However the owner ends (it returns, panics, is killed with SIGKILL), every process that it
//! started and everything those started is gone soon after: daemons, double forks, programs that
//! ignore SIGTERM, stopped ones. How surely that is so depends on the host, and is said with every
//! process ([`Grade`]); a caller may demand a grade and be refused. Nothing is inherited that was
//! not asked for, and every id that was ever given answers.
//!
//! The front door is [`ProcessManager`], and [`blocking::ProcessManager`] for programs without an
//! async runtime. What to start is a [`ProcessConfig`].
//!
//! # Start and stop
//!
//! ```no_run
//! use handfast::{ProcessConfig, ProcessManager};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let manager = ProcessManager::new()?;
//! let config = ProcessConfig::builder("/bin/sh")
//!     .args(["-c", "sleep 1000 & exec sleep 1000"])
//!     .env("PATH", "/usr/bin:/bin") // the environment is exactly what is given here
//!     .build();
//! let handle = manager.start_process(config).await?; // an error if it cannot be executed
//! let receipt = manager.stop_process(handle).await?; // ask, grace, kill, verify
//! assert_eq!((receipt.members_before, receipt.survivors.len()), (2, 0));
//! println!("{:?}", manager.query_status(handle)?); // a tombstone answers
//! # Ok(())
//! # }
//! ```
//!
//! # Talk to it, and learn how it ended
//!
//! ```no_run
//! use handfast::config::{Output, Stdin};
//! use handfast::{ProcessConfig, ProcessManager};
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let manager = ProcessManager::new()?;
//! let config = ProcessConfig::builder("/usr/bin/tr")
//!     .args(["a-z", "A-Z"])
//!     .stdin(Stdin::Pipe)
//!     .stdout(Output::Pipe)
//!     .build();
//! let handle = manager.start_process(config).await?;
//! let stdio = manager.take_stdio(handle)?;
//! let mut stdin = stdio.stdin.ok_or("no pipe")?;
//! stdin.write_all(b"hello").await?;
//! drop(stdin); // its end-of-file
//! let mut said = String::new();
//! stdio.stdout.ok_or("no pipe")?.read_to_string(&mut said).await?;
//! let ended = manager.wait(handle).await?;
//! assert_eq!((said.as_str(), ended.exit_code), ("HELLO", Some(0)));
//! # Ok(())
//! # }
//! ```
//!
//! # Demand how surely it is held, without async
//!
//! ```no_run
//! use handfast::blocking::ProcessManager;
//! use handfast::{Grade, ProcessConfig};
//! use std::time::Duration;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let manager = ProcessManager::new()?;
//! let config = ProcessConfig::builder("/usr/bin/make")
//!     .arg("test")
//!     .working_directory("/srv/project")
//!     .log_file("/var/log/project.log")
//!     .deadline(Duration::from_secs(600))
//!     .least_grade(Grade::Kernel) // refused, with what was tried, where the kernel cannot
//!     .build();
//! let handle = manager.start_process(config)?;
//! println!("held by `{}`", manager.info(handle)?.rung);
//! let ended = manager.wait(handle)?;
//! println!("{:?} because of {}", ended.exit_code, ended.cause.word());
//! # Ok(())
//! # }
//! ```
//!
//! # The words
//!
//! * **owner**: who the processes belong to; here, all clones of one [`ProcessManager`] together.
//! * **process**: one thing that was asked for, named for ever by a [`ProcessHandle`].
//! * **leader**: its first process of the system.
//! * **tree**: the leader and all that it started; a **member** is one of them that lives.
//! * **reaper**: the small outside helper that starts the processes and ends what is left.
//! * **rung**: the means by which a tree is held ([`Rung`]); **grade**: how surely ([`Grade`]).
//! * **receipt**: what a stop did ([`Receipt`]).
//! * **tombstone**: what is kept of a process that is over, so that its handle answers.
//! * **lifetime**: until when a process may live ([`config::Lifetime`]).
//!
//! # How it works
//!
//! The manager never forks. Before its first process it starts a reaper, a single-threaded program
//! of its own, and speaks to it over an unnamed pair of sockets. The reaper forks each leader right
//! into what holds its tree, reports a failed step or execution by name, and learns of every end.
//! So a start costs the same however large the host is, and nothing of the host can leak into a
//! child. The host's end of the pair is its life line: end-of-file, by whatever cause, tells the
//! reaper that the owner is gone. A reaper that is lost is replaced; what became of the trees is
//! said.
//!
//! The reaper's program is looked for in this order: [`ManagerBuilder::reaper`], the variable
//! `HANDFAST_REAPER`, `handfast-reaper` beside the current executable, the same in `PATH`. A host
//! that ships one file calls [`reaper::run_if_asked`] first in its `main`.
//!
//! That the leader ended, that its tree is empty and that its output is closed are three facts and
//! are reported apart: [`ProcessManager::wait`], [`ProcessManager::wait_tree`], and end-of-file on
//! a pipe. Nothing waits for output to call a process finished.
//!
//! Dropping a clone of a manager touches nothing. Dropping the last one asks every process to end,
//! and kills it after its grace; the reaper does that, even if this program is gone by then. For an
//! owner that ends without that there is no grace. Only [`config::Lifetime::User`] survives.
//!
//! A fork of the host that does not execute anything holds the life line open, and is the owner as
//! far as anybody can tell.
//!
//! # Cancel safety
//!
//! Every future here may be dropped at any time. A start that nobody waits for any more is killed;
//! a stop that nobody waits for any more goes on; waiting and listening change nothing.
//!
//! # Errors
//!
//! Each verb has its own error with a `code()` that never changes and, where there is advice, a
//! `hint()`. Everything that can be wrong with a config is found before anything starts
//! ([`config::ConfigError`]).
//!
//! # Platforms
//!
//! Linux. What each rung needs is found out by having it once ([`ProcessManager::probe`]), never by
//! version. In a user namespace, which the rung `namespace` needs for an ordinary user, set-uid
//! programs do not work, and members see only each other.

#![forbid(unsafe_code)]

pub mod blocking;
pub mod config;
pub mod detached;
pub mod exec;
mod kept;
pub mod manager;
pub mod output;
pub mod owner;
pub mod plugins;
mod process;
pub mod reaper;
mod runtime;
pub mod session;
pub mod tree;

pub use config::ProcessConfig;
pub use detached::DetachedStore;
pub use handfast_reaper::wire::Scope;
pub use handfast_sys::descriptor::Descriptor;
pub use handfast_sys::stream::{ReadEnd, WriteEnd};
pub use kept::{AdoptError, Adoption, Keep};
pub use manager::{Changes, ManagerBuilder, ManagerError, Missed, ProcessManager};
pub use plugins::ConfigurationPlugin;
pub use process::*;
pub use tree::{Containment, Grade, Rung};
