//! Files that are not whole.

use crate::stage::{ECHO, Stage, number};
use std::fs::{self, File};
use std::path::PathBuf;

/// Ends after so many bytes of a flood.
const SOME: &str = "i=0; while [ $i -lt 1000 ]; do printf '%015d\\n' $((i*16)); i=$((i+1)); done";

fn records(place: PathBuf, kind: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(place)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|it| it == kind))
        .collect();
    files.sort();
    files
}

fn cut(path: &PathBuf, by: u64) {
    let file = File::options().write(true).open(path).unwrap();
    let len = file.metadata().unwrap().len();
    file.set_len(len.saturating_sub(by)).unwrap();
}

pub(crate) fn a_cut_record_costs_its_end_only(stage: Stage) {
    let mut host = stage.host();
    let bytes = host.begin("session", "pipes", SOME);
    let marks = host.begin("session", "pipes", SOME);
    let whole = host.begin("session", "pipes", SOME);
    for handle in [&bytes, &marks, &whole] {
        assert_eq!(host.ask(&format!("wait {handle}")), "exited 0");
        host.ask(&format!("more {handle} 15999"));
    }
    host.kill();
    cut(records(stage.kept(&bytes), "bytes").last().unwrap(), 10);
    // The last mark may be of bytes that never came.
    cut(records(stage.kept(&marks), "marks").last().unwrap(), 12);
    let mut host = stage.host();
    let read = |host: &mut testkit::Keeper, handle: &str| {
        let answer = host.ask(&format!("flood {handle}"));
        assert!(answer.starts_with("good"), "{answer}");
        number(&answer, "read")
    };
    assert_eq!(read(&mut host, &bytes), 15_990);
    assert!(read(&mut host, &marks) < 16_000);
    // Control: the files of others are what they were.
    assert_eq!(read(&mut host, &whole), 16_000);
    for handle in [&bytes, &marks, &whole] {
        assert_eq!(host.ask(&format!("status {handle}")), "exited 0");
    }
    stage.close(host);
}

pub(crate) fn a_lost_note_does_not_lose_the_process(stage: Stage) {
    let mut host = stage.host();
    let [cut_off, gone] = [0, 1].map(|_| host.begin("user", "pipes", ECHO));
    host.kill();
    cut(&stage.kept(&cut_off).join("note"), 10);
    fs::remove_file(stage.kept(&gone).join("note")).unwrap();
    let mut host = stage.finds("adopted=2 ended=0 lost=0 remembered=0");
    for handle in [&cut_off, &gone] {
        assert_eq!(host.ask(&format!("status {handle}")), "running");
        let stopped = host.ask(&format!("stop {handle}"));
        assert_eq!(number(&stopped, "survivors"), 0);
    }
    host.kill();
    let mut host = stage.finds("adopted=0 ended=0 lost=0 remembered=2");
    let status = host.ask(&format!("status {cut_off}"));
    assert_eq!(status, "terminated stop signal=15");
    stage.close(host);
}

pub(crate) fn a_lost_count_of_handles_gives_none_twice(stage: Stage) {
    let mut host = stage.host();
    let first = host.begin("user", "pipes", ECHO);
    host.kill();
    fs::remove_file(stage.folder().join("ids")).unwrap();
    let mut host = stage.finds("adopted=1 ended=0 lost=0 remembered=0");
    assert_eq!(host.ask(&format!("status {first}")), "running");
    let next = host.begin("session", "pipes", ECHO);
    assert_ne!(first, next);
    host.ask(&format!("stop {first}"));
    stage.close(host);
}
