//! What a ledger of tokens decides, in any order of events.

use super::super::secret::PREFIX;
use super::*;
use proptest::prelude::*;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn user() -> (Tokens, Token, TokenId) {
    let mut tokens = Tokens::default();
    let token = Token::draw().unwrap();
    let root = tokens.root(&token, OwnerId::new("user").unwrap()).unwrap();
    (tokens, token, root)
}

fn only(scopes: &[ScopeName]) -> Ask {
    let scopes = Some(scopes.iter().copied().collect());
    Ask {
        scopes,
        ..Ask::default()
    }
}

#[test]
fn a_child_allows_what_its_parent_does_at_the_most() {
    let (mut tokens, _, root) = user();
    let (child, grandchild) = (Token::draw().unwrap(), Token::draw().unwrap());
    let ask = Ask {
        below: Some("agent".into()),
        ..only(&[ScopeName::Read, ScopeName::Write])
    };
    let id = tokens.derive(root, &child, ask, at(0)).unwrap();
    let authority = tokens.authority(&child, at(1)).unwrap();
    assert_eq!(authority.owner.as_str(), "user/agent");
    assert!(authority.check(ScopeName::Read, at(1)).is_ok());
    let scope = ScopeName::Stop;
    assert_eq!(
        authority.check(scope, at(1)),
        Err(TokenError::NotAllowed { scope })
    );
    let more = tokens.derive(
        id,
        &grandchild,
        only(&[ScopeName::Read, ScopeName::Stop]),
        at(1),
    );
    assert_eq!(more, Err(TokenError::MoreThanParent));
    // The control: the same from the root is granted.
    assert!(
        tokens
            .derive(root, &grandchild, only(&[ScopeName::Stop]), at(1))
            .is_ok()
    );
}

#[test]
fn a_child_is_good_for_no_longer_than_its_parent() {
    let (mut tokens, _, root) = user();
    let lasts = |seconds| Ask {
        lasts: Some(Duration::from_secs(seconds)),
        ..Ask::default()
    };
    let (short, long) = (Token::draw().unwrap(), Token::draw().unwrap());
    let id = tokens.derive(root, &short, lasts(10), at(0)).unwrap();
    tokens.derive(id, &long, lasts(100), at(0)).unwrap();
    assert_eq!(
        tokens.authority(&long, at(9)).unwrap().expires,
        Some(at(10))
    );
    assert_eq!(tokens.authority(&long, at(10)), Err(TokenError::Expired));
    let before = tokens.authority(&short, at(9)).unwrap();
    assert_eq!(
        before.check(ScopeName::Read, at(10)),
        Err(TokenError::Expired)
    );
    tokens.forget_expired(at(10));
    assert_eq!(tokens.authority(&short, at(10)), Err(TokenError::Unknown));
    assert!(tokens.is_good(root, at(1_000_000)));
}

#[test]
fn owners_below_are_covered_and_others_are_not() {
    let (tokens, token, _) = user();
    let authority = tokens.authority(&token, at(0)).unwrap();
    let covers = |name: &str| authority.covers(&OwnerId::new(name).unwrap());
    assert!(covers("user") && covers("user/a") && covers("user/a/b"));
    assert!(!covers("user2") && !covers("use") && !covers("other/user"));
}

#[test]
fn an_owner_cannot_be_named_out_of_its_place() {
    let (mut tokens, token, root) = user();
    for name in ["", "a/b", "/", "..\n", &"x".repeat(300)] {
        let ask = Ask {
            below: Some(name.into()),
            ..Ask::default()
        };
        assert!(tokens.derive(root, &token, ask, at(0)).is_err(), "{name:?}");
    }
}

#[test]
fn there_is_a_bound_and_what_is_taken_back_makes_room() {
    let (mut tokens, token, root) = user();
    let mut last = root;
    for _ in 1..MOST_TOKENS {
        last = tokens.derive(root, &token, Ask::default(), at(0)).unwrap();
    }
    let full = tokens.derive(root, &token, Ask::default(), at(0));
    assert_eq!(full, Err(TokenError::TooMany));
    tokens.revoke(last);
    assert!(tokens.derive(root, &token, Ask::default(), at(0)).is_ok());
}

#[test]
fn no_token_shows_anywhere() {
    let (mut tokens, token, root) = user();
    let child = Token::draw().unwrap();
    tokens.derive(root, &child, Ask::default(), at(0)).unwrap();
    let shown = format!("{tokens:?} {token:?} {:?}", tokens.authority(&child, at(0)));
    for secret in [&token, &child] {
        let text = secret.reveal();
        assert!(!shown.contains(&text[PREFIX.len()..]));
    }
    let errors = [
        TokenError::Unknown,
        TokenError::Expired,
        TokenError::TooMany,
    ];
    assert!(
        errors
            .iter()
            .all(|error| !error.to_string().contains(PREFIX))
    );
}

#[test]
fn a_record_that_says_too_much_is_left_out_with_its_children() {
    let (mut tokens, _, root) = user();
    let tokens_of = |count| {
        (0..count)
            .map(|_| Token::draw().unwrap())
            .collect::<Vec<_>>()
    };
    let drawn = tokens_of(2);
    let child = tokens
        .derive(root, &drawn[0], only(&[ScopeName::Read]), at(0))
        .unwrap();
    tokens
        .derive(child, &drawn[1], Ask::default(), at(0))
        .unwrap();
    let records: Vec<TokenRecord> = tokens.records().collect();
    let (same, left_out) = Tokens::restore(TokenId(0), records.clone());
    assert_eq!((same.held.len(), left_out, same.next), (3, 0, tokens.next));
    assert!(same.authority(&drawn[1], at(0)).is_ok());

    let mut forged = records.clone();
    forged[2].grant.scopes = Scopes::all();
    assert_eq!(Tokens::restore(TokenId(0), forged).1, 1);
    let mut moved = records.clone();
    moved[1].grant.owner = OwnerId::new("other").unwrap();
    assert_eq!(Tokens::restore(TokenId(0), moved).1, 2);
    assert_eq!(Tokens::restore(TokenId(0), records[1..].to_vec()).1, 2);
}

/// Something that happens.
#[derive(Debug, Clone)]
enum Event {
    Derive {
        from: usize,
        scopes: u8,
        lasts: Option<u64>,
    },
    Revoke {
        which: usize,
    },
    Later {
        seconds: u64,
    },
    Restart,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (any::<usize>(), 0_u8..32, prop::option::of(1_u64..20))
            .prop_map(|(from, scopes, lasts)| Event::Derive { from, scopes, lasts }),
        1 => any::<usize>().prop_map(|which| Event::Revoke { which }),
        1 => (0_u64..6).prop_map(|seconds| Event::Later { seconds }),
        1 => Just(Event::Restart),
    ]
}

/// A naive model: each token knows its whole line of ancestors.
struct Known {
    token: Token,
    id: TokenId,
    line: Vec<usize>,
    scopes: Scopes,
    expires: Option<u64>,
    revoked: bool,
}

proptest! {
    #[test]
    fn whatever_happens_a_token_is_good_exactly_while_all_above_it_are(
        events in prop::collection::vec(event(), 0..40),
    ) {
        let (mut tokens, token, id) = user();
        let first = Known { token, id, line: vec![], scopes: Scopes::all(), expires: None, revoked: false };
        let (mut known, mut now) = (vec![first], 0);
        for event in events {
            match event {
                Event::Later { seconds } => now += seconds,
                Event::Restart => {
                    let (again, left_out) = Tokens::restore(tokens.first_free(), tokens.records());
                    prop_assert_eq!(left_out, 0);
                    tokens = again;
                }
                Event::Revoke { which } => {
                    let which = which % known.len();
                    tokens.revoke(known[which].id);
                    known[which].revoked = true;
                }
                Event::Derive { from, scopes, lasts } => {
                    let from = from % known.len();
                    let token = Token::draw().unwrap();
                    let scopes: Scopes = Scopes::all().iter().enumerate().filter(|(at, _)| scopes >> at & 1 == 1).map(|(_, scope)| scope).collect();
                    let ask = Ask { below: None, scopes: Some(scopes), lasts: lasts.map(Duration::from_secs) };
                    let made = tokens.derive(known[from].id, &token, ask, at(now));
                    let may = is_good(&known, from, now) && scopes.within(known[from].scopes);
                    prop_assert_eq!(made.is_ok(), may);
                    if let Ok(id) = made {
                        let line = [known[from].line.clone(), vec![from]].concat();
                        let expires = lasts.map(|lasts| now + lasts);
                        known.push(Known { token, id, line, scopes, expires, revoked: false });
                    }
                }
            }
            for (which, one) in known.iter().enumerate() {
                let good = tokens.authority(&one.token, at(now));
                prop_assert_eq!(good.is_ok(), is_good(&known, which, now));
                prop_assert_eq!(tokens.is_good(one.id, at(now)), good.is_ok());
                if let Ok(authority) = good {
                    prop_assert_eq!(authority.scopes, one.scopes);
                    prop_assert!(one.line.iter().all(|above| one.scopes.within(known[*above].scopes)));
                }
            }
        }
    }
}

fn is_good(known: &[Known], which: usize, now: u64) -> bool {
    let good = |one: &Known| !one.revoked && one.expires.is_none_or(|end| end > now);
    good(&known[which]) && known[which].line.iter().all(|above| good(&known[*above]))
}
