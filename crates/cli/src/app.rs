//! The command line, as data: its words, its help and its examples.
//!
//! What a program gets and how verbs talk to the daemon are in the modules below.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;
use handfast::{Containment, Grade, Rung};
use handfast_sys::terminal::Size;
use handfast_sys::text;
use handfast_sys::tree::UnknownWord;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

mod answers;
mod daemon;
mod ending;
mod look;
mod mcp;
mod settings;
mod setup;
mod start;
mod talk;
mod token;

pub use answers::{Answers, When};
pub use daemon::{
    Bridge, Daemon, DaemonInstall, DaemonLogs, DaemonRun, DaemonStart, DaemonStatus,
    DaemonUninstall, DaemonUpgrade, DaemonVerb, IDLE_EXIT, ServiceManager,
};
pub use ending::{Clean, Signal, SignalName, Stop, Transfer, Whom};
pub use look::{Events, For, Info, Logs, Moment, Ps, StreamOf, Top, Wait};
pub use mcp::Mcp;
pub use settings::{Config, ConfigShow, ConfigVerb};
pub use setup::{Setup, SetupTarget};
pub use start::{Gets, Held, Lifetime, ReadyWhen, Start};
pub use talk::{Attach, DetachKey, Exec, Send};
pub use token::{Scope, Token, TokenCreate, TokenList, TokenRevoke, TokenVerb};

/// Start a program and hold its whole tree: nothing outlives its owner.
#[derive(Debug, Parser)]
#[command(name = "handfast", version, disable_help_subcommand = true)]
#[command(after_help = EXAMPLES)]
pub struct App {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What `handfast` can do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run a program as if without, and end its whole tree with it.
    // Here and not on the struct, whose own would lose to the line above.
    #[command(long_about = RUN_ABOUT)]
    Run(Box<Run>),
    /// Start a program in the background, held by the daemon.
    #[command(long_about = start::ABOUT)]
    Start(Box<Start>),
    /// Run a program, and leave it to the daemon if it takes long.
    #[command(long_about = talk::EXEC_ABOUT)]
    Exec(Box<Exec>),
    /// List processes.
    Ps(Ps),
    /// Show what processes have written.
    Logs(Logs),
    /// Sit down at the terminal of a program.
    #[command(long_about = talk::ATTACH_ABOUT)]
    Attach(Attach),
    /// Type to a program, press keys, end its input.
    Send(Send),
    /// Wait for something to happen to a process.
    Wait(Wait),
    /// End processes with their whole trees, and say what was done.
    #[command(long_about = ending::STOP_ABOUT)]
    Stop(Stop),
    /// Send a signal to a program, its group or its whole tree.
    Signal(Signal),
    /// Say everything about a process, and why it ended.
    Info(Info),
    /// Show what processes use, as it changes.
    #[command(long_about = look::TOP_ABOUT)]
    Top(Top),
    /// Show what has happened to processes, and what happens.
    Events(Events),
    /// Forget processes that are over, with their output.
    #[command(long_about = ending::CLEAN_ABOUT)]
    Clean(Clean),
    /// Give processes to another owner.
    Transfer(Transfer),
    /// Make, list and take back tokens.
    #[command(long_about = token::ABOUT)]
    Token(Token),
    /// Show the settings, and where each value comes from.
    #[command(long_about = settings::ABOUT)]
    Config(Config),
    /// Say what this host offers, rung by rung, by really doing it.
    #[command(long_about = DOCTOR_ABOUT)]
    Doctor(Doctor),
    /// Start, stop and look at the daemon that holds the processes of all clients.
    #[command(long_about = daemon::ABOUT)]
    Daemon(Daemon),
    /// Serve an agent over standard input and output (MCP), and hold all that it starts.
    #[command(long_about = mcp::ABOUT)]
    Mcp(Mcp),
    /// Make a client of agents use `handfast mcp`, or take it back.
    #[command(long_about = setup::ABOUT)]
    Setup(Setup),
    /// Speak the daemon's wire on the standard streams, as for `ssh HOST handfast bridge`.
    #[command(long_about = daemon::BRIDGE_ABOUT)]
    Bridge(Bridge),
    /// Print the completion script for a shell.
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// Which shell.
        shell: Shell,
    },
}

const EXAMPLES: &str = "\
Examples:
  handfast run -- npm run dev
  handfast run --timeout 10m -- make -j2 test
  handfast start --name web -- npm run dev
  handfast ps
  handfast logs -f web
  handfast stop web
  handfast doctor
  handfast completions bash >~/.local/share/bash-completion/completions/handfast

Exit codes of handfast itself: 1 no, 2 wrong command line, 3 no such process, 4 not allowed,
124 time over, 125 handfast failed, 126 program not executable, 127 program not found.";

/// A variable, as name and value.
pub type Variable = (OsString, OsString);

/// What `handfast run` is told.
#[derive(Debug, Args)]
#[command(after_help = RUN_EXAMPLES, after_long_help = RUN_MORE)]
pub struct Run {
    /// What the program gets.
    #[command(flatten)]
    pub gets: Gets,
    /// Give the program a terminal of its own, whatever the caller's streams are.
    ///
    /// All three of its streams are that terminal. What it shows goes to handfast's standard output;
    /// what comes from standard input is typed, and its end as Ctrl-D. On a terminal the program has
    /// one anyway; this puts its outputs there too if they go elsewhere.
    #[arg(long, help_heading = ENVIRONMENT)]
    pub tty: bool,
    /// How large the terminal of --tty is: lines and columns, and it stays so.
    ///
    /// Without it, as the caller's, if a stream of it is a terminal, else 24x80.
    #[arg(long, value_name = "ROWSxCOLS", value_parser = size, requires = "tty")]
    #[arg(help_heading = ENVIRONMENT)]
    pub size: Option<Size>,
    /// How long the tree may take to end after it was asked (SIGTERM), before it is killed.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "5s")]
    #[arg(help_heading = ENDING)]
    pub grace: Duration,
    /// End the whole tree after this time by the wall clock, with exit code 124.
    #[arg(long, value_name = "DURATION", value_parser = positive_duration)]
    #[arg(help_heading = ENDING)]
    pub timeout: Option<Duration>,
    /// Wait until the whole tree has ended by itself, not only the program.
    #[arg(long, help_heading = ENDING)]
    pub wait_tree: bool,
    /// End the tree when whoever started handfast ends, also by SIGKILL (the default).
    #[arg(long, overrides_with = "no_with_parent", help_heading = ENDING)]
    pub with_parent: bool,
    /// Go on when whoever started handfast has ended.
    #[arg(long, help_heading = ENDING)]
    pub no_with_parent: bool,
    /// What is to hold the tree: the strongest that works here, or this rung and no other.
    ///
    /// HANDFAST_FORCE in the environment names the rung for `auto`.
    #[arg(long, value_name = "RUNG", default_value = "auto", help_heading = HOLDING)]
    #[arg(value_parser = words(&containments()).try_map(|word| containment(&word)))]
    pub containment: Containment,
    /// Refuse to start with less than this grade.
    #[arg(long, value_name = "GRADE", help_heading = HOLDING)]
    #[arg(value_parser = words(&GRADES).try_map(|word| word.parse::<Grade>()))]
    pub require: Option<Grade>,
    /// Append both output streams to this file instead of passing them through.
    ///
    /// Created with mode 0600 if it is not there.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = OUTPUT)]
    pub log_file: Option<PathBuf>,
    /// Write one line of JSON with the receipt at the end, to a descriptor (a number) or a file.
    ///
    /// A descriptor is one above 2 that the caller opened for writing; the program does not get
    /// it. A file is emptied before the program starts. For a file whose name is a number give
    /// `./3`.
    #[arg(long, value_name = "FD|FILE", value_hint = ValueHint::FilePath, help_heading = OUTPUT)]
    pub json: Option<OsString>,
    /// A name for people, in the receipt.
    #[arg(long, help_heading = OUTPUT)]
    pub name: Option<String>,
    /// The program and its arguments; `--` before it ends the options.
    #[arg(required = true, trailing_var_arg = true)]
    #[arg(value_name = "PROGRAM ARGS…", value_hint = ValueHint::CommandWithArguments)]
    pub command: Vec<OsString>,
}

const ENVIRONMENT: &str = "What the program gets";
const ENDING: &str = "When it ends";
const HOLDING: &str = "What holds it";
const OUTPUT: &str = "Output";

const RUN_ABOUT: &str = "\
Run a program as if without, and end its whole tree with it.

The program gets the caller's environment, directory, streams, umask and limits as they are, and
no other descriptor. When it ends, when handfast ends (also by SIGKILL) or when whoever started
handfast ends, everything that it started and left behind is asked to end, and killed after the
grace.";

const RUN_EXAMPLES: &str = "\
Examples:
  handfast run -- npx -y SOME-MCP-SERVER
  handfast run --timeout 10m -- make -j2 test
  handfast run --require kernel -- ./untrusted
  handfast run --clean-env --env PATH=/usr/bin:/bin -- env
  handfast run --tty --size 40x120 -- top -n 1 >screen.txt
  handfast run --json 3 -- make 3>receipt.json

Exit codes: the program's own, or handfast dies of the signal that ended it. Of handfast itself:
2 wrong command line, 124 time over, 125 handfast failed, 126 program not executable, 127 not found.";

const RUN_MORE: &str = "\
Signals:
  INT, QUIT          passed on to the program's process group; the program decides, as in a shell
  TERM, HUP          the whole tree is asked to end (HUP is passed on first) and killed after the
                     grace; a second TERM is passed on to the program
  USR1, USR2, WINCH  passed on to the program
  TSTP, CONT         the program's process group is stopped, and handfast with it; and continued
  With --tty a Ctrl-C in piped input (byte 3) is typed to the program, as is Ctrl-Z (byte 26), which
  cannot stop it for good then: nobody sits there to continue it.
  What is ignored when handfast starts stays ignored (nohup). The program starts with the default
  action for every signal and none blocked.

Exit codes:
  the program's      when it returned
  a signal           handfast dies of the signal that ended the program (shells say 128 + number)
  2                  the command line is wrong
  124                the time was over, whatever the program returned then
  125                handfast failed; or members of the tree live although they were killed
  126                the program was found and cannot be executed
  127                the program was not found

Durations: 500ms, 10s, 1m30s, 2h, or plain seconds such as 2.5.

Examples:
  handfast run -- npx -y SOME-MCP-SERVER
  handfast run --timeout 10m -- make -j2 test
  handfast run --require kernel -- ./untrusted
  handfast run --clean-env --env PATH=/usr/bin:/bin -- env
  handfast run --tty --size 40x120 -- top -n 1 >screen.txt
  handfast run --json 3 -- make 3>receipt.json";

/// What `handfast doctor` is told.
#[derive(Debug, Args)]
#[command(after_help = DOCTOR_EXAMPLES, after_long_help = DOCTOR_MORE)]
pub struct Doctor {
    /// One line of JSON instead of text.
    #[arg(long)]
    pub json: bool,
}

const DOCTOR_ABOUT: &str = "\
Say what this host offers, rung by rung, by really doing it.

Each rung is tried with a tree that tries to get away: a leader, a daemon in a session of its own,
and a member that ignores SIGTERM. It is stopped once, and once its host is killed. Nothing is left
running, however doctor ends.";

const DOCTOR_EXAMPLES: &str = "\
Examples:
  handfast doctor
  handfast doctor --json | jq -r .auto";

const DOCTOR_MORE: &str = "\
Exit codes:
  0    what every rung that works here promises was held, and one works
  1    something that is promised did not hold, or no rung works here
  2    the command line is wrong
  125  doctor itself failed

Examples:
  handfast doctor
  handfast doctor --json | jq -r .auto";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  handfast completions bash >~/.local/share/bash-completion/completions/handfast
  handfast completions zsh >~/.zfunc/_handfast
  handfast completions fish >~/.config/fish/completions/handfast.fish";

/// The words that `--containment` takes, where the system has such a rung.
const CONTAINMENTS: [(&str, &str); 6] = [
    ("auto", "the strongest of those below that works here"),
    (
        "namespace",
        "a PID namespace: the kernel ends it with its init",
    ),
    ("cgroup", "a cgroup: the kernel kills all of it at once"),
    (
        "subreaper",
        "a subreaper, which finds and kills what left the group",
    ),
    ("group", "a session: what leaves it gets away"),
    (
        "job",
        "a Job Object: the kernel ends it with its last handle",
    ),
];

/// Those of this system.
fn containments() -> Vec<(&'static str, &'static str)> {
    let is_here = |word: &str| word == "auto" || word.parse::<Rung>().is_ok();
    let all = CONTAINMENTS.into_iter();
    all.filter(|(word, _)| is_here(word)).collect()
}

/// The words that `--require` takes.
const GRADES: [(&str, &str); 3] = [
    ("kernel", "the kernel knows every member and kills each"),
    (
        "swept",
        "members that left are found and killed after a moment",
    ),
    ("cooperative", "members that leave the session get away"),
];

/// A parser that takes these words and no others.
fn words(all: &[(&'static str, &'static str)]) -> PossibleValuesParser {
    let values = all
        .iter()
        .map(|(word, help)| PossibleValue::new(*word).help(*help));
    values.collect::<Vec<_>>().into()
}

fn containment(word: &str) -> Result<Containment, UnknownWord> {
    if word == "auto" {
        return Ok(Containment::Auto);
    }
    word.parse::<Rung>().map(Containment::Rung)
}

/// `NAME=VALUE`, byte for byte.
fn variable(text: OsString) -> Result<Variable, &'static str> {
    let bytes = text::bytes(&text);
    let equals = bytes.iter().position(|byte| *byte == b'=');
    let (name, value) = bytes.split_at(equals.ok_or(
        "it has no `=`; give NAME=VALUE (NAME= for an empty value), or keep the caller's with \
         --keep-env NAME",
    )?);
    if name.is_empty() {
        return Err("there is no name before the `=`");
    }
    let text = |bytes: &[u8]| text::string(bytes).into_owned();
    Ok((text(name), text(value.get(1..).unwrap_or_default())))
}

/// `24x80`: the lines and the columns of a terminal.
fn size(text: &str) -> Result<Size, &'static str> {
    const ODD: &str = "it is no size; give lines and columns from 1 to 65535 as 24x80";
    let number = |text: &str| text.parse().ok().filter(|number| *number > 0);
    let (rows, columns) = text.split_once(['x', 'X']).ok_or(ODD)?;
    Ok(Size {
        rows: number(rows).ok_or(ODD)?,
        columns: number(columns).ok_or(ODD)?,
        ..Size::default()
    })
}

/// A length of time as people write it: `500ms`, `10s`, `1m 30s`, or plain seconds.
fn duration(text: &str) -> Result<Duration, &'static str> {
    const ODD: &str = "it is no length of time; give 500ms, 10s, 1m30s, 2h or plain seconds as 2.5";
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).map_err(|_| ODD);
    }
    let span: jiff::SignedDuration = text.parse().map_err(|_| ODD)?;
    Duration::try_from(span).map_err(|_| ODD)
}

/// A length of time that something can happen in.
pub(crate) fn positive_duration(text: &str) -> Result<Duration, &'static str> {
    let time = duration(text)?;
    if time.is_zero() {
        return Err("nothing can run for no time; leave the option out for no limit");
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use handfast_daemon::connect::Launch;

    #[test]
    fn the_command_line_is_sound() {
        App::command().debug_assert();
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        let seconds = |text| duration(text).map(|time| time.as_secs_f64());
        assert_eq!(seconds("10s"), Ok(10.0));
        assert_eq!(seconds("500ms"), Ok(0.5));
        assert_eq!(seconds("1m30s"), Ok(90.0));
        assert_eq!(seconds("1m 30s"), Ok(90.0));
        assert_eq!(seconds("10m"), Ok(600.0));
        assert_eq!(duration(IDLE_EXIT), Ok(Launch::IDLE_EXIT));
        assert_eq!(seconds("2h"), Ok(7200.0));
        assert_eq!(seconds("2.5"), Ok(2.5));
        assert_eq!(seconds("0"), Ok(0.0));
        for odd in ["", "x", "-1", "-1s", "1 fortnight", "inf", "NaN", "1e300"] {
            assert!(duration(odd).is_err(), "{odd}");
        }
        assert!(positive_duration("0s").is_err());
    }

    #[test]
    fn a_size_is_lines_and_columns() {
        let of = |text| size(text).map(|size| (size.rows, size.columns));
        assert_eq!(of("24x80"), Ok((24, 80)));
        assert_eq!(of("1X65535"), Ok((1, 65535)));
        for odd in [
            "", "24", "0x80", "24x0", "24x", "24x80x1", "-1x80", "24x65536", "24 x 80",
        ] {
            assert!(of(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_variable_is_split_at_its_first_equals_sign() {
        assert_eq!(variable("A=b=c".into()), Ok(("A".into(), "b=c".into())));
        assert_eq!(variable("A=".into()), Ok(("A".into(), "".into())));
        assert!(variable("A".into()).is_err() && variable("=b".into()).is_err());
    }

    #[test]
    fn the_words_of_the_ladder_are_those_of_the_library() {
        let words = Rung::LADDER.map(Rung::word);
        let ours: Vec<_> = containments().iter().map(|(word, _)| *word).collect();
        assert_eq!(ours.get(1..), Some(&words[..]));
        for (word, _) in GRADES {
            assert!(word.parse::<Grade>().is_ok(), "{word}");
        }
    }

    #[test]
    fn what_looks_like_an_option_is_no_program() {
        let parse = |words: &str| App::try_parse_from(words.split_whitespace());
        assert!(parse("handfast run --tmeout 5 -- x").is_err());
        assert!(parse("handfast run").is_err());
        assert!(parse("handfast run -- --odd").is_ok());
        let Ok(App {
            verb: Verb::Run(run),
        }) = parse("handfast run make -j2 --grace 1s -- x")
        else {
            panic!("a run")
        };
        assert_eq!(run.command, ["make", "-j2", "--grace", "1s", "--", "x"]);
        assert_eq!(run.grace, Duration::from_secs(5));
    }
}
