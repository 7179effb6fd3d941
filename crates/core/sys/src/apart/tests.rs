//! What gets away, and what does not.

use super::*;
use crate::child::stage::{Puppet, arguments};
use crate::stream;
use crate::tree::windows::{Job, Limits};
use crate::wine;
use tokio::io::AsyncReadExt;
use windows_sys::Win32::System::JobObjects::{
    JOB_OBJECT_LIMIT_BREAKAWAY_OK, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
};

/// Starts a puppet apart, which says something and ends; answers how it is tied, and what it said.
pub(crate) fn started() -> (Option<Tie>, String) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (mut words, output) = stream::from_child().unwrap();
        let own = std::env::current_exe().unwrap();
        let arguments = arguments().map(OsString::from);
        let variables = [("HANDFAST_PUPPET".into(), "say apart".into())];
        let what = Apart {
            program: &own,
            arguments: &arguments,
            variables: &variables,
            output,
        };
        let started = what.start().unwrap();
        let tie = started.tie();
        started.got_away().await.unwrap();
        let mut said = String::new();
        words.read_to_string(&mut said).await.unwrap();
        (tie, said)
    })
}

#[test]
fn who_is_in_no_job_starts_what_goes_on_by_itself() {
    let (tie, said) = started();
    assert_eq!(tie, None);
    assert!(said.contains("@apart"), "{said}");
}

/// What a puppet in a job says of what it has started.
fn started_in(job: &Job) -> String {
    let mut puppet = Puppet::of("apart", job);
    let said = puppet.said();
    puppet.witness.until_all_are_gone();
    said
}

#[test]
fn a_job_that_lets_its_members_go_is_left() {
    let flags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_BREAKAWAY_OK;
    let job = Job::with_flags(flags).unwrap();
    assert_eq!(started_in(&job), "tie-None");
}

#[test]
fn a_job_that_lets_nobody_go_is_told_of() {
    let job = Job::new(&Limits::default()).unwrap();
    let said = started_in(&job);
    assert!(said.starts_with("tie-Some"), "{said}");
}

#[test]
fn a_job_that_ends_its_members_is_told_from_others() {
    if wine::cannot("a_job_that_ends_its_members_is_told_from_others") {
        return;
    }
    let job = Job::new(&Limits::default()).unwrap();
    assert_eq!(started_in(&job), "tie-Some(Job)");
}
