//! Whatever bytes come in: a message or a typed error, and never a panic.

use super::said;
use handfast_daemon::wire::{Call, Frames, Incoming, Malformed, read};
use proptest::prelude::*;

/// What became of a line.
enum Became {
    Understood,
    Refused(Box<Malformed>),
}

/// Reads a line as far as a server would.
fn understand(line: &[u8]) -> Became {
    match read(line) {
        Ok(Incoming::Request { id, method, params }) => match Call::read(&method, params) {
            Ok(_) => Became::Understood,
            Err(error) => Became::Refused(Box::new(Malformed {
                id: Some(id),
                error,
            })),
        },
        Ok(Incoming::Notification { .. } | Incoming::Answer { .. }) => Became::Understood,
        Err(malformed) => Became::Refused(Box::new(malformed)),
    }
}

fn assert_typed(line: &[u8]) -> Result<(), TestCaseError> {
    if let Became::Refused(refused) = understand(line) {
        prop_assert!(refused.error.name().starts_with("wire."), "{:?}", refused);
        prop_assert!(refused.error.code < 0);
        prop_assert!(!refused.error.message.is_empty());
        // What is answered can be read by the other side.
        let answer = handfast_daemon::wire::error_line(refused.id.as_ref(), &refused.error);
        let is_read = matches!(read(&answer), Ok(Incoming::Answer { .. }));
        prop_assert!(is_read);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_are_a_message_or_a_typed_error(bytes: Vec<u8>) {
        let mut frames = Frames::new(64);
        let mut input = bytes.as_slice();
        while let Some(frame) = frames.next_in(&mut input) {
            if let Ok(line) = frame {
                assert_typed(&line)?;
            }
        }
    }

    /// Bytes that nearly are a message: one that is, with some of it replaced, cut or doubled.
    #[test]
    fn a_damaged_message_is_a_message_or_a_typed_error(
        which in 0_usize..64,
        at in any::<prop::sample::Index>(),
        until in any::<prop::sample::Index>(),
        put in prop::collection::vec(any::<u8>(), 0..4),
    ) {
        let all = said::calls();
        let mut line = all[which % all.len()].request.clone();
        line.pop();
        let (from, to) = (at.index(line.len()), until.index(line.len()));
        line.splice(from.min(to)..from.max(to), put);
        assert_typed(&line)?;
    }

    /// Any JSON at all in the place of the parameters.
    #[test]
    fn any_parameters_are_read_or_refused_by_name(which in 0_usize..64, params in json(3)) {
        let method = handfast_daemon::wire::METHODS[which % handfast_daemon::wire::METHODS.len()];
        let line = format!(r#"{{"jsonrpc":"2.0","id":7,"method":"{method}","params":{params}}}"#);
        if let Became::Refused(refused) = understand(line.as_bytes()) {
            prop_assert_eq!(refused.error.name(), "wire.bad-params");
            prop_assert_eq!(refused.id, Some(handfast_daemon::wire::RequestId::Number(7)));
        }
    }
}

fn json(depth: u32) -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-zA-Z=/+]{0,8}".prop_map(Value::from),
    ];
    let key = prop_oneof![
        Just("processId".to_owned()),
        Just("argv".to_owned()),
        "[a-z]{0,4}"
    ];
    leaf.prop_recursive(depth, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..4)
                .prop_map(|pairs| pairs.into_iter().collect()),
        ]
    })
}

#[test]
fn a_nest_of_a_million_brackets_is_refused() {
    let mut line = br#"{"id":1,"method":"process/start","params":"#.to_vec();
    line.extend(std::iter::repeat_n(b'[', 1_000_000));
    assert!(matches!(understand(&line), Became::Refused(_)));
    line.extend(std::iter::repeat_n(b']', 1_000_000));
    line.push(b'}');
    assert!(matches!(understand(&line), Became::Refused(_)));
}

const NOT_A_MESSAGE: &str = "wire.not-a-message";

/// A line, whether its id can be known, and the name of its error.
#[rustfmt::skip]
const REFUSED: &[(&str, bool, &str)] = &[
        ("", false, "wire.not-json"),
        ("{", false, "wire.not-json"),
        ("\u{feff}{}", false, "wire.not-json"),
        ("[]", false, NOT_A_MESSAGE),
        ("1", false, NOT_A_MESSAGE),
        ("{}", false, NOT_A_MESSAGE),
        (r#"{"id":1}"#, true, NOT_A_MESSAGE),
        (
            r#"{"id":null,"method":"daemon/status"}"#,
            false,
            NOT_A_MESSAGE,
        ),
        (
            r#"{"id":1.5,"method":"daemon/status"}"#,
            false,
            NOT_A_MESSAGE,
        ),
        (
            r#"{"id":1,"id":2,"method":"daemon/status"}"#,
            false,
            NOT_A_MESSAGE,
        ),
        (
            r#"{"jsonrpc":"1.0","id":1,"method":"daemon/status"}"#,
            true,
            NOT_A_MESSAGE,
        ),
        (
            r#"{"id":1,"result":{},"error":{"code":1,"message":""}}"#,
            true,
            NOT_A_MESSAGE,
        ),
        (
            r#"{"id":1,"method":"process/fly"}"#,
            true,
            "wire.unknown-method",
        ),
        (
            r#"{"id":1,"method":"process/read"}"#,
            true,
            "wire.bad-params",
        ),
        (
            r#"{"id":1,"method":"process/list","params":{"al":true}}"#,
            true,
            "wire.bad-params",
        ),
        (
            r#"{"id":1,"method":"process/list","params":[true]}"#,
            true,
            "wire.bad-params",
        ),
];

#[test]
fn what_is_no_request_is_refused_by_name() {
    for (line, has_id, name) in REFUSED {
        let Became::Refused(refused) = understand(line.as_bytes()) else {
            panic!("understood: {line}")
        };
        let became = (refused.id.is_some(), refused.error.name());
        assert_eq!(became, (*has_id, *name), "{line}");
    }
}

#[test]
fn an_error_with_data_of_another_kind_is_still_read() {
    let line = br#"{"id":1,"error":{"code":-32600,"message":"no","data":"odd"}}"#;
    let Ok(Incoming::Answer {
        outcome: Err(error),
        ..
    }) = read(line)
    else {
        panic!("it is an answer")
    };
    assert_eq!(
        (error.name(), error.message.as_str()),
        ("wire.unnamed", "no")
    );
}

#[test]
fn no_secret_shows_in_debug() {
    let line = br#"{"clientName":"c","token":"hush","resumeSessionId":"hush"}"#;
    let read: handfast_daemon::wire::Initialize = serde_json::from_slice(line).unwrap();
    assert!(!format!("{read:?}").contains("hush"));
    let line = br#"{"argv":["a"],"env":{"KEY":"hush"}}"#;
    let read: handfast_daemon::wire::Start = serde_json::from_slice(line).unwrap();
    let shown = format!("{read:?}");
    assert!(shown.contains("KEY") && !shown.contains("hush"), "{shown}");
}
