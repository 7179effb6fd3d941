//! A program's way to the daemon.
//!
//! [`Client`] is for async code, [`blocking::Client`] for all other: the same names, the same errors, and
//! one engine, since the second is the first on a thread of its own. [`connect_or_start`] makes either; what is
//! asked are the types of [`wire`](crate::wire), each of which knows what it is answered.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use handfast_daemon::Place;
//! use handfast_daemon::client::{Launch, connect_or_start};
//! use handfast_daemon::wire::{Start, Stop};
//!
//! let launch = Launch::new("/usr/local/bin/handfast", "example");
//! let (client, _) = connect_or_start(&Place::ours(), &launch).await?;
//! let argv = ["/bin/sleep", "1000"].map(Into::into).to_vec();
//! let started = client.call(&Start { argv, ..Start::default() }).await?;
//! let process_id = started.process_id;
//! let receipt = client.call(&Stop { process_id, grace_ms: None }).await?;
//! assert!(receipt.survivors.is_empty());
//! # Ok(())
//! # } // The connection ends with its client, and what was started over it does too.
//! ```

pub mod blocking;

pub use crate::connect::{
    Client, ClientError, ConnectError, Launch, LaunchError, Notes, Told, connect_or_start, session,
};
