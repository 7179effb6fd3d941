//! Any bytes on a connection, in pieces of any size: each line is a message or a typed error, and what is
//! read means the same when it is written again.

#![no_main]

use handfast_daemon::wire::{Call, Frames, Incoming, error_line, read};
use libfuzzer_sys::fuzz_target;

/// Small, so that long lines are tried too.
const LIMIT: usize = 4096;

fn line(frame: &[u8]) {
    match read(frame) {
        Ok(Incoming::Request { id, method, params }) => match Call::read(&method, params) {
            Ok(call) => assert_eq!(call.method(), method),
            Err(error) => drop(error_line(Some(&id), &error)),
        },
        Ok(Incoming::Notification { .. } | Incoming::Answer { .. }) => {}
        Err(wrong) => {
            let said = error_line(wrong.id.as_ref(), &wrong.error);
            let said = said.strip_suffix(b"\n").expect("a line ends");
            assert!(matches!(read(said), Ok(Incoming::Answer { .. })));
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((step, bytes)) = bytes.split_first() else {
        return;
    };
    let mut frames = Frames::new(LIMIT);
    for mut piece in bytes.chunks(usize::from(*step).max(1)) {
        while let Some(frame) = frames.next_in(&mut piece) {
            if let Ok(frame) = frame {
                line(&frame);
            }
        }
    }
});
