//! `cargo xtask cross`: what can be shown of other systems on this machine.
//!
//! Windows programs are built and their tests run under Wine; for MSVC and macOS nothing can be linked
//! here, so they are checked by clippy. Where rustup has the target that toolchain is used; else the
//! one that `cross-setup.sh` has made. A system that cannot be had is an error and not left out.

use anyhow::{Context, bail};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

/// What is known of one system.
struct System {
    word: &'static str,
    target: &'static str,
    /// The packages that build for it. The others say by their absence what is still owed.
    packages: &'static [&'static str],
    /// Those that build for it without their features only, and with no tests.
    bare: &'static [&'static str],
    /// Whether programs of it run here.
    runs: bool,
}

const SYSTEMS: &[System] = &[
    System {
        word: "windows",
        target: "x86_64-pc-windows-gnu",
        packages: &[
            "handfast-sys",
            "handfast-reaper",
            "handfast",
            "handfast-daemon",
            "handfast-mcp",
            "handfast-cli",
        ],
        bare: &[],
        runs: true,
    },
    System {
        word: "msvc",
        target: "x86_64-pc-windows-msvc",
        packages: &[
            "handfast-sys",
            "handfast-reaper",
            "handfast",
            "handfast-daemon",
            "handfast-mcp",
            "handfast-cli",
        ],
        bare: &[],
        runs: false,
    },
    System {
        word: "macos",
        target: "aarch64-apple-darwin",
        packages: &[
            "handfast-sys",
            "handfast-reaper",
            "handfast",
            "handfast-daemon",
            "handfast-mcp",
            "handfast-cli",
        ],
        bare: &[],
        runs: false,
    },
];

/// Checks the systems that are named, or all.
///
/// # Errors
///
/// Where a word names no system, or no toolchain for one is here.
pub fn run(words: &[String]) -> anyhow::Result<ExitCode> {
    for word in words {
        if !SYSTEMS.iter().any(|system| system.word == word) {
            let known: Vec<_> = SYSTEMS.iter().map(|system| system.word).collect();
            bail!("no system `{word}`; these are known: {}", known.join(", "));
        }
    }
    let wanted =
        |system: &&System| words.is_empty() || words.iter().any(|word| word == system.word);
    for system in SYSTEMS.iter().filter(wanted) {
        writeln!(std::io::stderr(), "{} ({})", system.word, system.target)?;
        let tools = Tools::find(system.target)?;
        // All but the benchmarks, which measure Linux.
        let lint = [
            "clippy",
            "--lib",
            "--bins",
            "--tests",
            "--examples",
            "--all-features",
        ];
        let deny = ["--", "-D", "warnings"];
        if !tools.run(system, &lint, &deny)? {
            return Ok(ExitCode::FAILURE);
        }
        let lint = ["clippy", "--lib", "--no-default-features"];
        if !system.bare.is_empty() && !tools.run_of(system.bare, system, (&lint, &deny))? {
            return Ok(ExitCode::FAILURE);
        }
        if system.runs && !tools.test(system)? {
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A cargo that builds for a target.
enum Tools {
    /// The one that runs this, with a target of rustup's.
    Rustup,
    /// A private toolchain, in this folder.
    Private(PathBuf),
}

impl Tools {
    fn find(target: &str) -> anyhow::Result<Tools> {
        let listed = Command::new("rustup")
            .args(["target", "list", "--installed"])
            .output();
        let listed = listed.map(|output| output.stdout).unwrap_or_default();
        if String::from_utf8_lossy(&listed)
            .lines()
            .any(|line| line == target)
        {
            return Ok(Tools::Rustup);
        }
        let folder = std::env::var_os("CROSS").map_or_else(|| "/opt/cross".into(), PathBuf::from);
        if folder.join("bin/xcargo").is_file() {
            return Ok(Tools::Private(folder));
        }
        bail!("no toolchain for {target}: run `rustup target add {target}`, or cross-setup.sh");
    }

    /// Runs a command of cargo for a system; answers whether it succeeded.
    fn run(&self, system: &System, command: &[&str], rest: &[&str]) -> anyhow::Result<bool> {
        self.run_of(system.packages, system, (command, rest))
    }

    /// The same, for these packages.
    fn run_of(
        &self,
        packages: &[&str],
        system: &System,
        (command, rest): (&[&str], &[&str]),
    ) -> anyhow::Result<bool> {
        let mut cargo = self.cargo();
        cargo.args(command).args(["--target", system.target]);
        for package in packages {
            cargo.args(["--package", package]);
        }
        Ok(cargo.args(rest).status().context("run cargo")?.success())
    }

    /// The private compiler is another one, so what it makes is kept apart.
    fn cargo(&self) -> Command {
        match self {
            Tools::Rustup => {
                Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            }
            Tools::Private(folder) => {
                let mut cargo = Command::new(folder.join("bin/xcargo"));
                let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
                let target = target.unwrap_or_else(|| crate::repository_root().join("target"));
                cargo.env("CARGO_TARGET_DIR", target.join("cross"));
                cargo
            }
        }
    }

    /// Runs the tests. Wine's server and its desktop are up before the first of them, or the test that
    /// needs them first would start them, and they would hold its output; at the end they are taken down.
    fn test(&self, system: &System) -> anyhow::Result<bool> {
        let Tools::Private(folder) = self else {
            return self.run(system, &["nextest", "run"], &[]);
        };
        let wine = |word: &str| Command::new(folder.join("bin").join(word));
        wine("wine-up").status().context("start Wine")?;
        let desktop = Desktop::start(wine("wine-run"))?;
        let own = std::env::current_exe().context("find this program")?;
        let loader = folder.join("bin/wine-run");
        let runner = format!(
            "target.{}.runner=[{own:?},\"wine\",{loader:?}]",
            system.target
        );
        let tests = ["nextest", "run", "--profile", "wine", "--config", &runner];
        let passed = self.run(system, &tests, &[]);
        wine("wine-down").status().context("end Wine")?;
        desktop.end();
        passed
    }
}

/// The desktop that consoles of Wine belong to.
struct Desktop(Child);

impl Desktop {
    fn start(mut wine: Command) -> anyhow::Result<Desktop> {
        wine.arg("explorer.exe").stdin(Stdio::null());
        let shell = wine.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let desktop = Desktop(shell.context("start Wine's desktop")?);
        for _ in 0..300 {
            if Desktop::is_there() {
                return Ok(desktop);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        // Then the test that needs it first starts it, and is run again for holding its output.
        let late = "Wine's desktop did not come within half a minute; going on without";
        writeln!(std::io::stderr(), "{late}")?;
        Ok(desktop)
    }

    /// Wine's end is its end; where that could not be had, this does not wait for it.
    fn end(mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// Whether its process runs. Wine's processes show their Windows command lines.
    fn is_there() -> bool {
        let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let mut lines = all.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
        lines.any(|line| {
            let line = String::from_utf8_lossy(&line);
            line.contains("explorer.exe") && line.contains("/desktop")
        })
    }
}
