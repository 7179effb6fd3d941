//! What a plugin can do wrong, and how it is told.
//!
//! None of it is an error of the start: the words here are warnings, so they can be cloned into
//! whatever reports them.

use std::fmt;

use crate::config::ConfigError;

/// Why a plugin did not improve a config. The config is as it was.
///
/// ```
/// use handfast::plugins::PluginError;
///
/// let error = PluginError::SystemIntegrationUnavailable { tool: "nvm".into() };
/// assert_eq!(error.to_string(), "`nvm` is not available");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PluginError {
    /// It tried and failed.
    #[error("{reason}")]
    EnhancementFailed {
        /// What happened, as a lowercase fragment.
        reason: String,
    },
    /// The tool that it needs is not on this system.
    #[error("`{tool}` is not available")]
    SystemIntegrationUnavailable {
        /// The tool.
        tool: String,
    },
}

/// Why a plugin's change was discarded.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum PluginFault {
    /// It said so itself.
    #[error("it failed")]
    Failed(#[source] PluginError),
    /// It panicked.
    #[error("it panicked: {message}")]
    Panicked {
        /// The message of the panic, if it had one that is text.
        message: String,
    },
    /// The config was good before it and is not any more.
    #[error("it made the config wrong")]
    InvalidOutput(#[source] ConfigError),
}

impl PluginFault {
    /// The name of this fault for scripts and the wire. It never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Failed(PluginError::EnhancementFailed { .. }) => "plugin.enhancement-failed",
            Self::Failed(PluginError::SystemIntegrationUnavailable { .. }) => {
                "plugin.system-integration-unavailable"
            }
            Self::Panicked { .. } => "plugin.panicked",
            Self::InvalidOutput(_) => "plugin.invalid-output",
        }
    }
}

/// A plugin whose change was discarded; the start went on without it.
///
/// Shown with all causes on one line.
///
/// ```
/// use handfast::plugins::{PluginError, PluginFault, PluginWarning};
///
/// let error = PluginError::SystemIntegrationUnavailable { tool: "nvm".into() };
/// let warning = PluginWarning { plugin: "node".into(), fault: PluginFault::Failed(error) };
/// assert_eq!(warning.to_string(), "plugin `node` was skipped: it failed: `nvm` is not available");
/// ```
#[derive(Debug, Clone)]
pub struct PluginWarning {
    /// The name of the plugin.
    pub plugin: String,
    /// What it did wrong.
    pub fault: PluginFault,
}

impl fmt::Display for PluginWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "plugin `{}` was skipped: {}", self.plugin, self.fault)?;
        let mut cause = std::error::Error::source(&self.fault);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
