//! Improving a config before it is started.
//!
//! A plugin knows a tool (a version manager, say) and changes a config so that the process finds
//! it. It is help and never a condition: whatever goes wrong in a plugin costs that plugin's change
//! and a warning, and the start goes on with the config as it was before that plugin. What must stay
//! true: the order is the same every time, and a config that was good stays good.

mod error;
mod registry;

pub use error::{PluginError, PluginFault, PluginWarning};
pub use registry::Plugins;

use crate::config::ProcessConfig;

/// Something that can improve a config before it is started.
///
/// All methods may be called from any thread, several at a time, and should be quick: every start
/// waits for them.
///
/// ```
/// use handfast::config::ProcessConfig;
/// use handfast::plugins::{ConfigurationPlugin, PluginError, Plugins};
///
/// struct Node;
///
/// impl ConfigurationPlugin for Node {
///     fn name(&self) -> &str {
///         "node"
///     }
///     fn is_applicable(&self, config: &ProcessConfig) -> bool {
///         config.program().ends_with("node")
///     }
///     fn enhance_config(&self, config: ProcessConfig) -> Result<ProcessConfig, PluginError> {
///         Ok(config.to_builder().env("NODE_ENV", "development").build())
///     }
/// }
///
/// let plugins = Plugins::new();
/// plugins.register(Node);
/// let (config, warnings) = plugins.apply(ProcessConfig::builder("/opt/node").build());
/// assert_eq!(config.environment().get("NODE_ENV"), Some("development".as_ref()));
/// assert!(warnings.is_empty());
/// ```
pub trait ConfigurationPlugin: Send + Sync {
    /// What it is called, in warnings and to be replaced by name.
    fn name(&self) -> &str;

    /// When its turn is: smaller runs first, equal keeps the order of registration. Asked once, at
    /// registration. Default: 0.
    fn priority(&self) -> i32 {
        0
    }

    /// Whether it has something to do for this config, as the plugins before it left it.
    fn is_applicable(&self, config: &ProcessConfig) -> bool;

    /// The config, improved.
    ///
    /// # Errors
    ///
    /// Any error is a warning, and the config goes on as it was given.
    fn enhance_config(&self, config: ProcessConfig) -> Result<ProcessConfig, PluginError>;
}
