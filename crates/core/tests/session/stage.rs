//! Starting what is talked to, and waiting for what it says.

use handfast::config::{Output, ProcessConfig, ProcessConfigBuilder, Stdin, Terminal};
use handfast::output::{Captured, Condition, Outcome, Pattern};
use handfast::session::{WriteOptions, Written};
use handfast::{ProcessHandle, ProcessManager};
use std::path::PathBuf;
use std::time::Duration;

/// Far more than anything here takes; only a failing test comes to it.
pub(crate) const LONG: Duration = Duration::from_secs(600);

pub(crate) fn manager() -> ProcessManager {
    let builder = ProcessManager::builder().reaper(testkit::reaper());
    builder.build().unwrap()
}

pub(crate) fn on_terminal(program: impl Into<PathBuf>) -> ProcessConfigBuilder {
    ProcessConfig::builder(program)
        .env("PATH", "/usr/bin:/bin")
        .env("TERM", "xterm-256color")
        .env("HOME", "/nonexistent")
        .grace(Duration::ZERO)
        .terminal(Terminal::default())
}

pub(crate) fn sh(script: &str) -> ProcessConfigBuilder {
    on_terminal("/bin/sh").args(["-c", script])
}

/// On pipes; the manager writes to its input.
pub(crate) fn piped(script: &str) -> ProcessConfigBuilder {
    ProcessConfig::builder("/bin/sh")
        .args(["-c", script])
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdin::Written)
        .stdout(Output::Captured)
        .grace(Duration::ZERO)
}

/// One process that is talked to.
pub(crate) struct Talk {
    pub(crate) manager: ProcessManager,
    pub(crate) handle: ProcessHandle,
    pub(crate) output: Captured,
    read: u64,
}

impl Talk {
    pub(crate) async fn start(config: ProcessConfigBuilder) -> Talk {
        Talk::with(&manager(), config).await
    }

    pub(crate) async fn with(manager: &ProcessManager, config: ProcessConfigBuilder) -> Talk {
        let handle = manager.start_process(config.build()).await.unwrap();
        Talk {
            manager: manager.clone(),
            handle,
            output: manager.output(handle).unwrap().unwrap(),
            read: 0,
        }
    }

    /// Waits for this from where the last one ended.
    pub(crate) async fn expect(&mut self, pattern: &str) -> String {
        let from = self.read;
        let matched: Pattern = pattern.parse().unwrap();
        let conditions = [Condition::Match {
            pattern: matched,
            from,
        }];
        let waited = self.manager.wait_for(self.handle, &conditions, LONG);
        match waited.await.unwrap().outcome {
            Outcome::Matched { offset, len } => {
                self.read = offset + len as u64;
                let found = self.output.read(offset, len).bytes;
                String::from_utf8_lossy(&found).into_owned()
            }
            other => panic!("no {pattern}: {other:?} in {}", self.said()),
        }
    }

    /// All that was said, as text.
    pub(crate) fn said(&self) -> String {
        let bytes = self.output.read(0, usize::MAX).bytes;
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(crate) async fn write(&self, bytes: impl Into<Vec<u8>>) -> Written {
        let options = WriteOptions::default().deadline(LONG);
        let bytes = bytes.into();
        let whole = bytes.len();
        let written = self.manager.write(self.handle, bytes, options).await;
        let written = written.unwrap();
        assert_eq!(written.taken, whole);
        written
    }

    pub(crate) async fn press(&self, keys: &str) {
        let options = WriteOptions::default().deadline(LONG);
        let written = self.manager.press(self.handle, keys, options).await;
        assert!(written.unwrap().is_complete());
    }

    pub(crate) async fn end(self) {
        self.manager.kill(self.handle).await.unwrap();
    }
}
