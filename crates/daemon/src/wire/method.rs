//! Which methods there are: the one list from which calls, schema and handshake are made.

use super::error::{METHOD_NOT_FOUND, WireError};
use super::{
    attach, clean, ending, events, exec, follow, handshake, look, note, owners, start, streams,
    terminal, usage, view,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// The parameters of a method, which know its name and what it is answered.
pub trait Method: Serialize + DeserializeOwned + JsonSchema {
    /// Its name on the wire.
    const NAME: &'static str;
    /// It only waits, so it can be given up ([`Cancel`](super::Cancel)) and nothing is lost by that.
    const WAITS: bool;
    /// What it is answered.
    type Answer: Serialize + DeserializeOwned + JsonSchema;
}

/// What is told without being asked.
pub trait Note: Serialize + DeserializeOwned + JsonSchema {
    /// Its name on the wire.
    const NAME: &'static str;
}

/// The methods that only wait.
pub const WAITS: [&str; 5] = [
    "events/read",
    "exec/command",
    "exec/write",
    "process/read",
    "process/wait",
];

const fn is_wait(name: &str) -> bool {
    let mut at = 0;
    while at < WAITS.len() {
        if same(WAITS[at].as_bytes(), name.as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

/// `==`, which is not for constants yet.
const fn same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:literal $variant:ident($params:ty) -> $answer:ty,)*) => {
        /// A request whose parameters were read.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Call {
            $($(#[$doc])* $variant(Box<$params>),)*
        }

        $(impl Method for $params {
            const NAME: &'static str = $name;
            const WAITS: bool = is_wait($name);
            type Answer = $answer;
        })*

        /// The names of all methods.
        pub const METHODS: &[&str] = &[$($name),*];

        impl Call {
            /// Reads the parameters of a method.
            ///
            /// # Errors
            ///
            /// `wire.unknown-method`, `wire.bad-params`.
            pub fn read(method: &str, params: Option<&RawValue>) -> Result<Call, WireError> {
                match method {
                    $($name => typed(params).map(|params| Call::$variant(Box::new(params))),)*
                    _ => Err(unknown(method)),
                }
            }

            /// The name of its method.
            #[must_use]
            pub fn method(&self) -> &'static str {
                match self {
                    $(Call::$variant(_) => $name,)*
                }
            }
        }

        /// Shows each method with its parameters and its answer to `with`.
        pub(super) fn each_method(with: &mut impl FnMut(&'static str, Shape, Shape)) {
            $(with($name, Shape::of::<$params>(), Shape::of::<$answer>());)*
        }
    };
}

macro_rules! notes {
    ($($name:literal $params:ty,)*) => {
        $(impl Note for $params {
            const NAME: &'static str = $name;
        })*

        /// The names of all notifications.
        pub const NOTES: &[&str] = &[$($name),*];

        /// Shows each notification with its parameters to `with`.
        pub(super) fn each_note(with: &mut impl FnMut(&'static str, Shape)) {
            $(with($name, Shape::of::<$params>());)*
        }
    };
}

/// How the schema of something is made.
pub(super) struct Shape(pub(super) fn(&mut schemars::SchemaGenerator) -> schemars::Schema);

impl Shape {
    fn of<T: JsonSchema>() -> Shape {
        Shape(schemars::SchemaGenerator::subschema_for::<T>)
    }
}

methods! {
    /// Begins or resumes a session.
    "initialize" Initialize(handshake::Initialize) -> handshake::Initialized,
    /// Starts a process.
    "process/start" Start(start::Start) -> start::Started,
    /// What has come after a sequence number.
    "process/read" Read(streams::Read) -> streams::ReadAnswer,
    /// What is kept of its output, as text.
    "process/view" View(view::View) -> view::Viewed,
    /// Writes to a process.
    "process/write" Write(streams::Write) -> streams::WriteAnswer,
    /// Presses keys on its terminal.
    "process/press" Press(streams::Press) -> streams::WriteAnswer,
    /// Ends its input.
    "process/closeStdin" CloseStdin(streams::CloseStdin) -> handshake::Nothing,
    /// Sends a signal.
    "process/signal" Signal(ending::Signal) -> ending::Signalled,
    /// Kills it with all its tree.
    "process/terminate" Terminate(ending::Terminate) -> ending::Terminated,
    /// Asks, waits, kills, verifies.
    "process/stop" Stop(ending::Stop) -> ending::Receipt,
    /// What its last stop did.
    "process/receipt" ReceiptOf(ending::ReceiptOf) -> ending::LastReceipt,
    /// The processes of the owner and of those below.
    "process/list" List(look::List) -> look::Listed,
    /// Everything about one.
    "process/info" InfoOf(look::InfoOf) -> look::Info,
    /// What trees use now.
    "process/usage" UsageOf(usage::UsageOf) -> usage::UsageAnswer,
    /// Who listens at a port.
    "port/who" PortWho(usage::PortWho) -> usage::PortWhoAnswer,
    /// Forgets what is over.
    "process/clean" Clean(clean::Clean) -> clean::Cleaned,
    /// What has happened after a number.
    "events/read" EventsRead(events::EventsRead) -> events::Events,
    /// Be told of what happens.
    "events/subscribe" EventsSubscribe(events::EventsSubscribe) -> events::EventsSubscribed,
    /// Be told no more.
    "events/unsubscribe" EventsUnsubscribe(events::EventsUnsubscribe) -> handshake::Nothing,
    /// Waits for the first of some conditions.
    "process/wait" Wait(look::Wait) -> look::Waited,
    /// Gives its terminal another size.
    "process/resize" Resize(terminal::Resize) -> handshake::Nothing,
    /// What its terminal shows.
    "process/screen" Screen(terminal::Screen) -> terminal::ScreenAnswer,
    /// Whether it waits for input.
    "process/inputState" InputState(terminal::InputStateOf) -> terminal::InputStateAnswer,
    /// Sits down at its terminal.
    "process/attach" Attach(attach::Attach) -> attach::Attached,
    /// Leaves that place.
    "process/release" Release(attach::Release) -> handshake::Nothing,
    /// Be told of its output, or of all changes.
    "process/subscribe" Subscribe(follow::Subscribe) -> handshake::Nothing,
    /// Be told no more.
    "process/unsubscribe" Unsubscribe(follow::Unsubscribe) -> handshake::Nothing,
    /// It survives the session from here on.
    "process/detach" Detach(follow::Detach) -> follow::Detached,
    /// It ends with the session from here on.
    "process/reattach" Reattach(follow::Reattach) -> follow::Reattached,
    /// Gives it to another owner.
    "process/transfer" Transfer(follow::Transfer) -> follow::Transferred,
    /// Puts the end of its lease off.
    "process/renew" Renew(follow::Renew) -> handshake::Nothing,
    /// Who there is.
    "owner/list" OwnerList(clean::OwnerList) -> clean::OwnersListed,
    /// How the commands of this session run.
    "exec/profile" ExecProfile(exec::ExecProfile) -> handshake::Nothing,
    /// Starts a command and waits for its end.
    "exec/command" ExecCommand(exec::ExecCommand) -> exec::ExecAnswer,
    /// Writes to a command and waits for what it says.
    "exec/write" ExecWrite(exec::ExecWrite) -> exec::ExecAnswer,
    /// The commands that have not ended.
    "exec/list" ExecList(exec::ExecList) -> exec::ExecListed,
    /// Asks a command, waits, kills, verifies.
    "exec/stop" ExecStop(exec::ExecStop) -> exec::ExecStopped,
    /// Gives a wait up.
    "request/cancel" Cancel(exec::Cancel) -> handshake::Nothing,
    /// Stops what was to live for a turn only.
    "owner/endTurn" EndTurn(ending::EndTurn) -> ending::Receipts,
    /// A token with less authority.
    "token/create" CreateToken(owners::CreateToken) -> owners::CreatedToken,
    /// The tokens that came from the session's.
    "token/list" ListTokens(owners::ListTokens) -> owners::ListedTokens,
    /// Takes a token back.
    "token/revoke" RevokeToken(owners::RevokeToken) -> owners::RevokedTokens,
    /// How the daemon is.
    "daemon/status" DaemonStatus(owners::DaemonStatus) -> owners::DaemonStatusAnswer,
    /// Ends every process and then itself.
    "daemon/stop" DaemonStop(owners::DaemonStop) -> ending::Receipts,
    /// Hands over to another program.
    "daemon/upgrade" DaemonUpgrade(owners::DaemonUpgrade) -> owners::DaemonUpgrading,
}

notes! {
    "initialized" handshake::HandshakeOver,
    "process/output" note::OutputNote,
    "process/exited" note::ExitedNote,
    "process/closed" note::ClosedNote,
    "process/changed" note::ChangedNote,
    "process/missed" note::MissedNote,
    "process/taken" attach::TakenNote,
    "process/event" events::EventNote,
    "daemon/handingOver" owners::HandingOver,
}

fn typed<T: DeserializeOwned>(params: Option<&RawValue>) -> Result<T, WireError> {
    // What needs no parameters may be asked without.
    let text = params.map_or("{}", RawValue::get);
    if !text.starts_with('{') {
        let message = "read the parameters: they are not given by name";
        return Err(WireError::params("wire.bad-params", message));
    }
    serde_json::from_str(text).map_err(|error| {
        // The place would be counted from the parameters on, which helps nobody.
        let said = error.to_string();
        let why = said.split(" at line ").next().unwrap_or_default();
        WireError::params("wire.bad-params", format!("read the parameters: {why}"))
    })
}

fn unknown(method: &str) -> WireError {
    let message = format!("find method {method}");
    WireError::new(METHOD_NOT_FOUND, "wire.unknown-method", message)
        .hint("the handshake names the methods that there are".to_owned())
}
