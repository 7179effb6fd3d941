//! One of everything that is said: a request and its answer for each method, and each notification.

use handfast_daemon::wire::*;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// A request and its answer.
pub(crate) struct Said {
    pub(crate) method: &'static str,
    pub(crate) request: Vec<u8>,
    pub(crate) answer: Vec<u8>,
}

fn read_as<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn said<M: Method>(id: i64, params: Value, answer: Value) -> Said {
    let id = RequestId::Number(id);
    let (params, answer): (M, M::Answer) = (read_as(params), read_as(answer));
    Said {
        method: M::NAME,
        request: request_line(&id, M::NAME, &params),
        answer: result_line(&id, &answer),
    }
}

fn status() -> Value {
    json!({"state": "terminated", "signal": 9, "cause": "kill", "exitedAtMs": 1_700_000_000_000_u64})
}

fn receipt() -> Value {
    json!({
        "processId": "web", "handle": "6f1c0b1e-94d2-8a77-8000-00000000002a", "rung": "cgroup",
        "grade": "kernel", "membersBefore": 3, "asked": 3, "killed": 1, "survivors": [],
        "tookMs": 5002, "status": status(),
    })
}

fn info() -> Value {
    json!({
        "processId": "web", "handle": "6f1c0b1e-94d2-8a77-8000-00000000002a", "owner": "user/agent",
        "name": "server", "purpose": "shows the page", "ready": {"state": "ready", "sinceMs": 7,
            "when": {"for": "port", "port": 3000}}, "argv": ["npm", "run", {"base64": "/w=="}], "cwd": "/srv",
        "envKeys": ["PATH"], "tty": true, "lifetime": {"lease": {"ms": 60000}}, "bound": false,
        "startedAtMs": 1_700_000_000_000_u64, "status": {"state": "running", "pid": 42},
        "rung": "cgroup", "grade": "kernel", "unresponsive": "T", "warnings": ["no nvm"],
        "output": {"open": true, "bytes": 10, "omittedBytes": 0, "nextSeq": 3, "lastAtMs": 5,
                   "holders": [{"pid": 42, "command": "node", "member": true}]},
        "members": [42, 43],
    })
}

fn event() -> Value {
    json!({"seq": 4, "atMs": 5, "processId": "web", "handle": "6f1c0b1e-94d2-8a77-8000-00000000002a",
           "owner": "user", "name": "server", "word": "terminated", "status": status()})
}

/// Every method once, in the order of a session.
pub(crate) fn calls() -> Vec<Said> {
    let mut all = vec![
        said::<Initialize>(
            1,
            json!({"clientName": "handfast", "clientVersion": "0.1.0", "protocol": {"oldest": 1, "newest": 1},
                   "resumeSessionId": "s", "token": "t", "resumeMs": 30000}),
            json!({"sessionId": "s", "resumed": true, "protocol": 1, "serverName": "handfast",
                   "serverVersion": "0.1.0", "owner": "user", "scopes": ["read", "write", "stop", "start", "transfer"],
                   "methods": ["initialize"],
                   "limits": {"frameBytes": 8388608, "inFlight": 256, "waitMs": 300000, "resumeMs": 300000}}),
        ),
        said::<Start>(
            2,
            json!({"processId": "web", "argv": ["npm", {"base64": "/w=="}], "cwd": "/srv", "env": {"PATH": "/bin"},
                   "tty": true, "size": {"rows": 24, "columns": 80}, "pipeStdin": false, "notify": false,
                   "together": false, "name": "server", "requestKey": "k", "lifetime": {"lease": {"ms": 60000}},
                   "graceMs": 5000, "deadlineMs": 60000, "containment": "auto", "leastGrade": "swept",
                   "limits": {"nofile": {"soft": 256, "hard": null}}, "umask": 18, "nice": 5, "keepBytes": 1048576,
                   "purpose": "shows the page", "owner": "agent", "readyWithinMs": 60000,
                   "readyWhen": {"for": "http", "url": "http://localhost:3000/"}}),
            json!({"processId": "web", "handle": "6f1c0b1e-94d2-8a77-8000-00000000002a", "repeated": false,
                   "rung": "cgroup", "grade": "kernel"}),
        ),
    ];
    all.extend(streams());
    all.extend(endings());
    all.extend(looks());
    all.extend(sessions());
    all.extend(more_looks());
    all.extend(commands());
    all
}

fn streams() -> Vec<Said> {
    let nothing = || json!({});
    vec![
        said::<Read>(
            3,
            json!({"processId": "web", "afterSeq": 4, "maxBytes": 4096, "waitMs": 1000}),
            json!({"chunks": [{"seq": 5, "stream": "pty", "chunk": "aGkK", "offset": 10}], "nextSeq": 6,
                   "exited": true, "exitCode": 137, "signal": 9, "closed": false, "failure": "f",
                   "sandboxDenied": false, "omittedBytes": 7}),
        ),
        said::<Write>(
            4,
            json!({"processId": "web", "chunk": "aGkK", "writeId": "w", "waitMs": 100}),
            json!({"status": "accepted", "taken": 3, "repeated": false}),
        ),
        said::<Press>(
            5,
            json!({"processId": "web", "keys": "ctrl-c", "writeId": "w", "waitMs": 100}),
            json!({"status": "stdinClosed", "taken": 0, "repeated": true}),
        ),
        said::<CloseStdin>(6, json!({"processId": "web"}), nothing()),
        said::<Resize>(
            7,
            json!({"processId": "web", "size": {"rows": 50, "columns": 132}}),
            nothing(),
        ),
        said::<Attach>(
            60,
            json!({"processId": "web", "takeOver": true}),
            json!({"takenOver": true}),
        ),
        said::<Release>(61, json!({"processId": "web"}), nothing()),
        said::<Screen>(
            8,
            json!({"processId": "web", "redraw": true}),
            json!({"text": "$ ", "row": 0, "column": 2, "cursorVisible": true, "size": {"rows": 24, "columns": 80},
                   "alternate": false, "title": "sh", "offset": 2, "omitted": 0, "redraw": "JCA="}),
        ),
        said::<InputStateOf>(
            9,
            json!({"processId": "web"}),
            json!({"state": "waiting-for-input", "pid": 42, "sinceMs": 5}),
        ),
    ]
}

fn endings() -> Vec<Said> {
    vec![
        said::<Signal>(
            10,
            json!({"processId": "web", "signal": 1, "scope": "tree"}),
            json!({"reached": 3}),
        ),
        said::<Signal>(
            11,
            json!({"processId": "web", "signal": "interrupt"}),
            json!({"reached": 1}),
        ),
        said::<Terminate>(
            12,
            json!({"processId": "web"}),
            json!({"running": true, "receipt": receipt()}),
        ),
        said::<Stop>(13, json!({"processId": "web", "graceMs": 100}), receipt()),
        said::<ReceiptOf>(
            14,
            json!({"processId": "web"}),
            json!({"receipt": receipt()}),
        ),
        said::<EndTurn>(15, json!({}), json!({"receipts": [receipt()]})),
    ]
}

fn looks() -> Vec<Said> {
    let conditions = json!([
        {"for": "exit"}, {"for": "tree-empty"}, {"for": "output", "from": 1},
        {"for": "match", "pattern": "ready", "from": 0}, {"for": "quiet", "ms": 100}, {"for": "port", "port": 80}
    ]);
    vec![
        said::<List>(
            16,
            json!({"all": true, "owner": "user/agent", "limit": 10, "cursor": "c"}),
            json!({"processes": [info()], "nextCursor": "d"}),
        ),
        said::<InfoOf>(17, json!({"processId": "web", "members": true}), info()),
        said::<Wait>(
            18,
            json!({"processId": "web", "conditions": conditions, "waitMs": 900000}),
            json!({"outcome": "matched", "condition": 3, "matched": {"offset": 1, "len": 5}, "unseenBytes": 0,
                   "waitRequestedMs": 900000, "waitAppliedMs": 300000, "capped": true, "tookMs": 12,
                   "status": {"state": "running", "pid": 42}}),
        ),
    ]
}

fn sessions() -> Vec<Said> {
    let about = json!({"tokenId": "t1", "owner": "user/agent", "scopes": ["read"], "expiresAtMs": 5, "parent": "t0"});
    let mut created = about.clone();
    created["token"] = json!("hfo_secret");
    vec![
        said::<Subscribe>(19, json!({"processId": "web", "afterSeq": 4}), json!({})),
        said::<Unsubscribe>(20, json!({"processId": "web"}), json!({})),
        said::<Detach>(
            21,
            json!({"processId": "web"}),
            json!({"processCount": 1, "processIds": ["web"]}),
        ),
        said::<Reattach>(
            22,
            json!({"processId": "web"}),
            json!({"reattachedCount": 1, "skippedCount": 1, "skippedProcessIds": ["db"]}),
        ),
        said::<Transfer>(
            23,
            json!({"processId": "web", "to": "user"}),
            json!({"processId": "web", "owner": "user", "sessionId": 1234}),
        ),
        said::<Renew>(24, json!({"processId": "web"}), json!({})),
        said::<CreateToken>(
            25,
            json!({"owner": "agent", "scopes": ["read"], "expiresInMs": 60000}),
            created,
        ),
        said::<ListTokens>(26, json!({}), json!({"tokens": [about]})),
        said::<RevokeToken>(27, json!({"tokenId": "t1"}), json!({"revoked": 2})),
        said::<DaemonStatus>(
            28,
            json!({}),
            json!({"pid": 7, "version": "0.1.0", "protocol": 1, "startedAtMs": 5, "connections": 1,
                   "sessions": 2, "processes": 3, "idleExitMs": 600_000, "runFolder": "/run/x/handfast",
                   "stateFolder": "/home/x/.local/state/handfast", "program": "/usr/bin/handfast"}),
        ),
        said::<DaemonStop>(29, json!({}), json!({"receipts": []})),
        said::<DaemonStop>(65, json!({"leaveSurvivors": true}), json!({"receipts": []})),
        said::<DaemonUpgrade>(
            66,
            json!({"program": "/opt/handfast"}),
            json!({"program": "/opt/handfast", "pid": 7}),
        ),
    ]
}

/// What people look at.
fn more_looks() -> Vec<Said> {
    vec![
        said::<View>(
            30,
            json!({"processId": "web", "from": 5, "sinceMs": 6, "stream": "stdout", "grep": "warn", "invert": true,
                   "head": 1, "tail": 2, "plain": true, "numbered": true, "maxBytes": 100}),
            json!({"text": "a\nb\n", "next": 20, "nextSeq": 4, "missingBytes": 1, "filteredLines": 2,
                   "omittedLines": 3, "omittedBytes": 30, "cutAt": 2, "open": true}),
        ),
        said::<UsageOf>(
            31,
            json!({"processId": "web", "members": true, "ports": true}),
            json!({"atMs": 5, "processors": 2, "trees": [{
                "processId": "web", "handle": "6f1c0b1e-94d2-8a77-8000-00000000002a", "memberCount": 1, "cpuMs": 40,
                "residentBytes": 4096, "members": [{"pid": 42, "parent": 1, "state": "S", "command": "node",
                "cpuMs": 40, "residentBytes": 4096, "threads": 7}],
                "ports": [{"port": 3000, "address": "127.0.0.1", "pid": 42}]}]}),
        ),
        said::<PortWho>(
            32,
            json!({"port": 3000}),
            json!({"listeners": [{"address": "::", "user": 0, "processId": "web",
                   "handle": "6f1c0b1e-94d2-8a77-8000-00000000002a", "pid": 42, "command": "node"}]}),
        ),
        said::<Clean>(
            33,
            json!({"processId": "web", "owner": "user", "olderThanMs": 1000, "dryRun": true}),
            json!({"processIds": ["web"], "freedBytes": 10}),
        ),
        said::<EventsRead>(
            34,
            json!({"afterSeq": 3, "limit": 10, "waitMs": 1000}),
            json!({"events": [event()], "lastSeq": 4, "missed": 1}),
        ),
        said::<EventsSubscribe>(35, json!({"afterSeq": 3}), json!({"lastSeq": 4})),
        said::<EventsUnsubscribe>(36, json!({}), json!({})),
        said::<OwnerList>(
            37,
            json!({}),
            json!({"owners": [{"owner": "user", "tokens": 1, "sessions": 2, "running": 3, "over": 4}]}),
        ),
    ]
}

fn commands() -> Vec<Said> {
    let answer = json!({
        "chunkId": "0aff00", "callId": "call_1", "processId": "6f1c0b1e-94d2-8a77-8000-00000000002a",
        "wallTimeMs": 1000.5, "exitCode": 137, "sessionId": 1234, "originalTokenCount": 2, "output": "hi\n",
        "text": "Chunk ID: 0aff00\n", "ended": {"cause": "stop", "atMs": 5}, "leader": "exited",
        "outputOpen": true, "tree": 1, "outputHolders": [{"pid": 42, "command": "node", "member": true}],
        "waitRequestedMs": 90000, "waitAppliedMs": 30000, "capped": true, "matched": true,
        "omittedBytes": 7, "notices": ["a notice"],
    });
    vec![
        said::<ExecProfile>(
            40,
            json!({"cwd": "/srv", "env": {"PATH": "/bin"}, "shell": "/bin/bash", "login": false, "maxPollMs": 50000}),
            json!({}),
        ),
        said::<ExecCommand>(
            41,
            json!({"cmd": "cat", "workdir": "sub", "shell": "bash", "login": false, "tty": true, "yieldTimeMs": 1000,
                   "maxOutputTokens": 100, "sandboxPermissions": "use_default", "justification": "why",
                   "prefixRule": ["cat"], "timeoutMs": 60000, "stdin": "hi", "stdinOpen": true, "requestKey": "k",
                   "callId": "call_1", "purpose": "a test", "until": "hi", "lifetime": "user"}),
            answer.clone(),
        ),
        said::<ExecWrite>(
            42,
            json!({"sessionId": 1234, "chars": "hi\n", "yieldTimeMs": 90000, "maxOutputTokens": 100,
                   "closeStdin": true, "writeId": "w", "until": "hi"}),
            answer,
        ),
        said::<ExecList>(
            43,
            json!({}),
            json!({"sessions": [{"sessionId": 1234, "callId": "call_1", "processId": "p", "cmd": "cat", "cwd": "/srv",
                   "purpose": "a test", "tty": true, "startedAtMs": 5, "ageMs": 6, "lastOutputAtMs": 7}]}),
        ),
        said::<ExecStop>(
            44,
            json!({"sessionId": 1234}),
            json!({"sessionId": 1234, "wasRunning": true, "receipt": receipt()}),
        ),
        said::<Cancel>(45, json!({"id": 41}), json!({})),
    ]
}

fn note<N: Note>(params: Value) -> (&'static str, Vec<u8>) {
    (N::NAME, notification_line(N::NAME, &read_as::<N>(params)))
}

/// Every notification once.
pub(crate) fn notes() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        note::<HandshakeOver>(json!({})),
        note::<OutputNote>(
            json!({"processId": "web", "seq": 1, "stream": "stderr", "chunk": "aGkK", "offset": 0, "atMs": 5}),
        ),
        note::<ExitedNote>(
            json!({"processId": "web", "seq": 2, "exitCode": 0, "sandboxDenied": false}),
        ),
        note::<ClosedNote>(json!({"processId": "web", "seq": 3})),
        note::<ChangedNote>(json!({
            "processId": "web", "handle": "6f1c0b1e-94d2-8a77-8000-00000000002a", "owner": "user",
            "word": "terminated", "status": status(),
        })),
        note::<MissedNote>(json!({"count": 12})),
        note::<TakenNote>(json!({"processId": "web"})),
        note::<EventNote>(event()),
        note::<HandingOver>(json!({})),
    ]
}

macro_rules! every {
    ($($variant:ident($params:ty),)*) => {
        /// The line of a request that was read.
        pub(crate) fn request_of(id: &RequestId, call: &Call) -> Vec<u8> {
            match call {
                $(Call::$variant(params) => request_line(id, call.method(), params),)*
            }
        }

        /// An answer, read with the type of its method and written again.
        pub(crate) fn answer_again(method: &str, result: &RawValue) -> Value {
            $(if method == <$params>::NAME {
                let read: <$params as Method>::Answer = serde_json::from_str(result.get()).unwrap();
                return serde_json::to_value(read).unwrap();
            })*
            panic!("there is no method {method}")
        }
    };
}

every! {
    Initialize(Initialize), Start(Start), Read(Read), Write(Write), Press(Press), CloseStdin(CloseStdin),
    Signal(Signal), Terminate(Terminate), Stop(Stop), ReceiptOf(ReceiptOf), List(List), InfoOf(InfoOf),
    Wait(Wait), Resize(Resize), Screen(Screen), InputState(InputStateOf), Subscribe(Subscribe),
    Attach(Attach), Release(Release), Unsubscribe(Unsubscribe), Detach(Detach), Reattach(Reattach), Transfer(Transfer), Renew(Renew),
    EndTurn(EndTurn), CreateToken(CreateToken), ListTokens(ListTokens), RevokeToken(RevokeToken),
    DaemonStatus(DaemonStatus), DaemonStop(DaemonStop),
    DaemonUpgrade(DaemonUpgrade), View(View), UsageOf(UsageOf), PortWho(PortWho),
    Clean(Clean), EventsRead(EventsRead), EventsSubscribe(EventsSubscribe), EventsUnsubscribe(EventsUnsubscribe),
    OwnerList(OwnerList),
    ExecProfile(ExecProfile), ExecCommand(ExecCommand), ExecWrite(ExecWrite), ExecList(ExecList),
    ExecStop(ExecStop), Cancel(Cancel),
}
