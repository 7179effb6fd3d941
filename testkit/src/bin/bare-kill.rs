//! The raw way to end a large tree, to be compared with: `bare-kill N` starts N members in a cgroup,
//! writes `cgroup.kill`, reaps every one, and prints how many nanoseconds the last two took.

#![forbid(unsafe_code)]

use handfast_sys::tree::linux::namespace::become_subreaper;
use rustix::process::{WaitOptions, wait};
use std::io::{Error, Read, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};
use testkit::Cage;

fn main() -> std::io::Result<()> {
    let count = std::env::args().nth(1).unwrap_or_else(|| "1000".into());
    become_subreaper().map_err(|failed| failed.error)?;
    let cage = Cage::strong().ok_or_else(|| Error::other("no cgroup"))?;
    let mut leader = cage
        .command(&testkit::puppet())
        .args(["members", &count, "say", "up", "park"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = leader
        .stdout
        .as_mut()
        .ok_or_else(|| Error::other("no pipe"))?;
    stdout.read_exact(&mut [0; 3])?;
    let begun = Instant::now();
    cage.kill();
    // Until there is no child left: as a subreaper this is the parent of every orphan.
    while wait(WaitOptions::empty()).is_ok() {}
    let took = begun.elapsed();
    if !cage.wait_empty(Duration::from_secs(5)) {
        return Err(Error::other("the tree is not gone"));
    }
    writeln!(std::io::stdout(), "{}", took.as_nanos())
}
