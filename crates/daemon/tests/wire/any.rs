//! Round trips of any value, not only of the golden ones.

use handfast_daemon::wire::*;
use proptest::prelude::*;

fn word() -> impl Strategy<Value = Word> {
    prop::collection::vec(any::<u8>(), 0..8).prop_map(|bytes| Word::from(bytes.as_slice()))
}

fn lifetime() -> impl Strategy<Value = Option<LifetimeName>> {
    prop::option::of(prop_oneof![
        Just(LifetimeName::Turn),
        Just(LifetimeName::Session),
        Just(LifetimeName::User),
        any::<u64>().prop_map(|ms| LifetimeName::Lease { ms }),
    ])
}

prop_compose! {
    fn start()(
        process_id in prop::option::of(any::<String>()),
        argv in prop::collection::vec(word(), 0..4),
        cwd in prop::option::of(word()),
        env in prop::collection::btree_map(any::<String>(), word(), 0..4),
        (tty, pipe_stdin, together) in any::<(bool, bool, bool)>(),
        notify in any::<Option<bool>>(),
        (grace_ms, deadline_ms, keep_bytes) in any::<(Option<u64>, Option<u64>, Option<u64>)>(),
        lifetime in lifetime(),
        limits in prop::collection::btree_map(any::<String>(), any::<(Option<u64>, Option<u64>)>(), 0..3),
    ) -> Start {
        let limits = limits.into_iter().map(|(name, (soft, hard))| (name, SoftHard { soft, hard }));
        Start {
            process_id, argv, cwd, env: Variables(env), tty, pipe_stdin, together, notify, grace_ms, deadline_ms,
            keep_bytes, lifetime, limits: limits.collect(), ..Start::default()
        }
    }
}

fn request_id() -> impl Strategy<Value = RequestId> {
    prop_oneof![
        any::<i64>().prop_map(RequestId::Number),
        "\\PC{0,40}".prop_map(RequestId::Text),
    ]
}

/// Through a line and back.
fn there_and_back<M: Method>(id: &RequestId, params: &M) -> (RequestId, Call) {
    let line = request_line(id, M::NAME, params);
    let mut frames = Frames::new(LONGEST_FRAME);
    let frame = frames.next_in(&mut line.as_slice()).unwrap().unwrap();
    match read(&frame).unwrap() {
        Incoming::Request { id, method, params } => (id, Call::read(&method, params).unwrap()),
        other => panic!("no request: {other:?}"),
    }
}

proptest! {
    #[test]
    fn a_start_reads_back(id in request_id(), start in start()) {
        let (read_id, call) = there_and_back(&id, &start);
        prop_assert_eq!(read_id, id);
        prop_assert_eq!(call, Call::Start(Box::new(start)));
    }

    #[test]
    fn a_write_reads_back(id in request_id(), process_id: String, chunk: Vec<u8>, write_id: Option<String>, wait_ms: Option<u64>) {
        let write = Write { process_id, chunk: Bytes(chunk), write_id, wait_ms };
        let (_, call) = there_and_back(&id, &write);
        prop_assert_eq!(call, Call::Write(Box::new(write)));
    }

    #[test]
    fn an_answer_reads_back(
        id in request_id(),
        chunks in prop::collection::vec((any::<u64>(), any::<Vec<u8>>(), any::<u64>()), 0..4),
        numbers in any::<(u64, u64)>(),
        facts in any::<(bool, bool)>(),
        exit_code: Option<i32>,
    ) {
        let chunk = |(seq, bytes, offset)| OutputChunk { seq, stream: StreamName::Stderr, chunk: Bytes(bytes), offset, at_ms: None };
        let answer = ReadAnswer {
            chunks: chunks.into_iter().map(chunk).collect(),
            next_seq: numbers.0, omitted_bytes: numbers.1, exited: facts.0, closed: facts.1, exit_code,
            signal: None, failure: None, sandbox_denied: false,
        };
        let line = result_line(&id, &answer);
        let Incoming::Answer { id: read_id, outcome } = read(&line).unwrap() else { panic!("no answer") };
        prop_assert_eq!(read_id, Some(id));
        let again: ReadAnswer = serde_json::from_str(outcome.unwrap().get()).unwrap();
        prop_assert_eq!(again, answer);
    }
}
