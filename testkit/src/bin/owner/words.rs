//! The words that an owner does, and what it answers.

use std::io::{BufRead, Write, stderr, stdin, stdout};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;

use handfast::blocking::ProcessManager;
use handfast::config::Output;
use handfast::owner::OwnerId;
use handfast::{
    DetachedStore, ProcessConfig, ProcessHandle, ProcessManager as AsyncManager, StartError,
};

use crate::orders::{OnSignals, Orders};

pub(crate) type Failed = Box<dyn std::error::Error>;

/// How many threads ask for starts in a storm.
const STORM: usize = 8;

/// How `main` goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// It returns.
    Return,
    /// It waits to be killed.
    Wait,
}

/// What this process holds.
pub(crate) struct Host {
    orders: Orders,
    manager: Option<ProcessManager>,
    store: Option<DetachedStore>,
    started: Vec<ProcessHandle>,
    plain: Vec<Plain>,
}

/// A child that is killed when it is dropped: all that a host can do by itself.
struct Plain(Child);

impl Drop for Plain {
    fn drop(&mut self) {
        // One that has ended needs no killing.
        let _ended = self.0.kill();
    }
}

/// Says why nothing was done.
pub(crate) fn refuse(why: &str) -> ExitCode {
    let _unheard = writeln!(stderr(), "owner: {why}");
    ExitCode::from(125)
}

/// The code of the error and of the reaper's, and what each cause said.
pub(crate) fn explain(error: &Failed) -> String {
    let mut codes = Vec::new();
    if let Some(error) = error.downcast_ref::<StartError>() {
        codes.push(error.code());
        if let StartError::Rung { source, .. } = error {
            codes.push(source.code());
        }
    }
    let mut text = codes.join(" ");
    let mut cause: Option<&dyn std::error::Error> = Some(error.as_ref());
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

pub(crate) fn say(line: &str) -> std::io::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

impl Host {
    pub(crate) fn new(orders: Orders) -> Result<Self, Failed> {
        let store = match orders.store {
            true => Some(DetachedStore::builder().reaper(&orders.reaper).build()?),
            false => None,
        };
        let mut host = Self {
            orders,
            manager: None,
            store,
            started: Vec::new(),
            plain: Vec::new(),
        };
        host.manager = host.build()?;
        Ok(host)
    }

    fn build(&self) -> Result<Option<ProcessManager>, Failed> {
        let Some(rung) = self.orders.rung else {
            return Ok(None);
        };
        let mut builder = AsyncManager::builder().reaper(&self.orders.reaper);
        if let Some(store) = &self.store {
            builder = builder.detached_store(store);
        }
        let manager = ProcessManager::build(builder.force(rung))?;
        if self.orders.on_signals == OnSignals::Yes {
            manager.shutdown_on_signals()?;
        }
        Ok(Some(manager))
    }

    /// Starts the tree, then does what it is told until that ends this process or its input ends.
    pub(crate) fn obey(&mut self) -> Result<Next, Failed> {
        say(&self.start()?)?;
        for word in std::mem::take(&mut self.orders.words) {
            if let Some(next) = self.word(&word)? {
                return Ok(next);
            }
        }
        for word in stdin().lock().lines() {
            if let Some(next) = self.word(word?.trim())? {
                return Ok(next);
            }
        }
        Ok(Next::Wait)
    }

    #[expect(clippy::panic, reason = "it is asked to")]
    fn word(&mut self, word: &str) -> Result<Option<Next>, Failed> {
        match word {
            "start" => say(&self.start()?)?,
            "stop" => say(&self.stop()?)?,
            "clone" => {
                drop(self.manager.clone());
                say("cloned and dropped")?;
            }
            "drop" => {
                self.manager = None;
                self.plain.clear();
                say("dropped")?;
            }
            "detach" => {
                let detached = self.manager()?.detach(&OwnerId::host())?;
                say(&format!("detached count={}", detached.count))?;
            }
            "reattach" => {
                self.manager = self.build()?;
                let back = self.manager()?.reattach(&OwnerId::host())?;
                say(&format!("reattached count={}", back.reattached))?;
            }
            "drop-store" => {
                self.store = None;
                say("dropped")?;
            }
            "reaper" => say(&format!("reaper={}", self.reaper()))?,
            "lose" => self.lose()?,
            "status" => say(&self.status()?)?,
            "storm" => self.storm()?,
            "return" => return Ok(Some(Next::Return)),
            "panic" => std::panic::panic_any("asked to"),
            "abort" => std::process::abort(),
            "exit" => std::process::exit(3),
            _ => return Err(format!("there is no word {word:?}").into()),
        }
        Ok(None)
    }

    fn config(&self) -> ProcessConfig {
        ProcessConfig::builder(&self.orders.program[0])
            .args(self.orders.program[1..].iter().cloned())
            .env("PATH", "/usr/bin:/bin")
            .stdout(Output::Null)
            .stderr(Output::Null)
            .grace(self.orders.grace)
            .lifetime(self.orders.lifetime)
            .build()
    }

    fn start(&mut self) -> Result<String, Failed> {
        let config = self.config();
        let Some(manager) = &self.manager else {
            return self.start_plain();
        };
        let handle = manager.start_process(config)?;
        self.started.push(handle);
        let leader = match manager.query_status(handle)? {
            handfast::ProcessStatus::Running { pid } => pid,
            _ => 0,
        };
        Ok(format!("up leader={leader} reaper={}", self.reaper()))
    }

    fn start_plain(&mut self) -> Result<String, Failed> {
        let mut command = Command::new(&self.orders.program[0]);
        command
            .args(&self.orders.program[1..])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = Plain(command.spawn()?);
        let line = format!("up leader={} reaper=0", child.0.id());
        self.plain.push(child);
        Ok(line)
    }

    fn manager(&self) -> Result<&ProcessManager, Failed> {
        self.manager
            .as_ref()
            .ok_or_else(|| "there is no manager".into())
    }

    fn last(&self) -> Result<ProcessHandle, Failed> {
        self.started
            .last()
            .copied()
            .ok_or_else(|| "nothing was started".into())
    }

    fn reaper(&self) -> u32 {
        let pids = self
            .manager
            .as_ref()
            .map(|manager| manager.as_async().reaper_pids());
        pids.and_then(|pids| pids.first().map(|(_, pid)| *pid))
            .unwrap_or(0)
    }

    /// Kills its own reaper, and says so once that was noticed.
    fn lose(&self) -> Result<(), Failed> {
        let pid = i32::try_from(self.reaper())?;
        let pid = rustix::process::Pid::from_raw(pid).ok_or("there is no reaper")?;
        rustix::process::kill_process(pid, rustix::process::Signal::KILL)?;
        while self.reaper() == pid.as_raw_pid().cast_unsigned() {
            thread::yield_now();
        }
        Ok(say("lost")?)
    }

    fn stop(&mut self) -> Result<String, Failed> {
        if self.manager.is_none() {
            self.plain.pop();
            return Ok("stopped survivors=?".into());
        }
        let receipt = self.manager()?.stop_process(self.last()?)?;
        Ok(format!(
            "stopped survivors={} before={} asked={} killed={} took_ms={}",
            receipt.survivors.len(),
            receipt.members_before,
            receipt.asked,
            receipt.killed,
            receipt.took.as_millis()
        ))
    }

    fn status(&self) -> Result<String, Failed> {
        let status = self.manager()?.query_status(self.last()?)?;
        Ok(format!("status {status:?}"))
    }

    /// Asks for starts from many threads until this process is killed.
    fn storm(&self) -> Result<(), Failed> {
        for _ in 0..STORM {
            let manager = self.manager()?.clone();
            let config = self.config();
            thread::spawn(move || while manager.start_process(config.clone()).is_ok() {});
        }
        say("storming")?;
        Ok(())
    }
}
