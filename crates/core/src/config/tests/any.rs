//! Any bytes in any field.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Any bytes, with NUL, `=` and `/` often.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(
        prop_oneof![6 => any::<u8>(), 1 => Just(0), 1 => Just(b'='), 1 => Just(b'/')],
        0..24,
    )
}

/// Any bytes that the system can take.
fn clean_bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(
        (1u8..).prop_filter("ends a key", |byte| *byte != b'='),
        1..24,
    )
}

proptest! {
    #[test]
    fn no_bytes_in_any_field_make_the_check_panic_and_nul_is_always_refused(
        fields in vec(any_bytes(), 8),
        absolute in any::<bool>(),
    ) {
        let field = |at: usize| bytes(&fields[at]);
        let path = |at: usize| {
            let mut whole = if absolute { OsString::from("/") } else { OsString::new() };
            whole.push(field(at));
            PathBuf::from(whole)
        };
        let config = ProcessConfig::builder(path(0))
            .arg(field(1))
            .env(field(2), field(3))
            .env("PATH", field(4))
            .working_directory(path(5))
            .stdout(Output::File(path(6)))
            .stderr(Output::File(path(7)))
            .build();
        let checked = config.check();
        prop_assert!(checked.is_ok() || !checked.unwrap_err().to_string().is_empty());
        // Field by field on a config that is fine otherwise, so that NUL is the only reason.
        for (at, raw) in fields.iter().enumerate() {
            let text = field(at);
            let one = match at {
                0 => ProcessConfig::builder(path(0)),
                1 => sh().arg(text),
                2 => sh().env(text, "v"),
                3 => sh().env("K", text),
                4 => sh().env("PATH", text),
                5 => sh().working_directory(path(5)),
                6 => sh().stdout(Output::File(path(6))),
                _ => sh().log_file(path(7)),
            };
            if raw.contains(&0) {
                let code = one.build().check().unwrap_err().code();
                prop_assert!(code.starts_with("config.nul-in-"), "{code}");
            } else if matches!(at, 1 | 3 | 4) {
                prop_assert!(one.build().check().is_ok());
            }
        }
    }

    #[test]
    fn arguments_and_variables_arrive_byte_for_byte(
        args in vec(clean_bytes(), 0..5),
        variables in proptest::collection::btree_map(clean_bytes(), clean_bytes(), 0..5),
    ) {
        let config = sh()
            .args(args.iter().map(|raw| bytes(raw)))
            .envs(variables.iter().map(|(key, value)| (bytes(key), bytes(value))))
            .build();
        let checked = config.check().unwrap();
        let seen: Vec<_> = checked.args().map(|arg| arg.as_bytes().to_vec()).collect();
        prop_assert_eq!(seen, args);
        let seen: std::collections::BTreeMap<_, _> = checked
            .environment()
            .map(|(key, value)| (key.as_bytes().to_vec(), value.as_bytes().to_vec()))
            .collect();
        prop_assert_eq!(seen, variables);
    }
}
