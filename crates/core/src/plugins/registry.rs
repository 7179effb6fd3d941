//! Which plugins there are, in which order they run, and what happens when one misbehaves.
//!
//! Order is made at registration, so that running is nothing but going through a list. No plugin is
//! ever called with the lock held: a slow one delays its own start and nobody's registration.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, RwLock};

use super::{ConfigurationPlugin, PluginFault, PluginWarning};
use crate::config::ProcessConfig;

/// The plugins of a manager. Clones are cheap and share one list.
///
/// ```
/// use handfast::config::ProcessConfig;
/// use handfast::plugins::Plugins;
///
/// let (config, warnings) = Plugins::new().apply(ProcessConfig::builder("/bin/true").build());
/// assert!(warnings.is_empty());
/// ```
#[derive(Clone, Default)]
pub struct Plugins {
    list: Arc<RwLock<Arc<[Registered]>>>,
}

/// A plugin with what it said at registration, so that it cannot change its place later.
#[derive(Clone)]
struct Registered {
    name: String,
    priority: i32,
    plugin: Arc<dyn ConfigurationPlugin>,
}

impl Plugins {
    /// No plugin.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a plugin, for all clones, from the next start on.
    ///
    /// One that has the name of another replaces it; with the same priority it also takes its
    /// place, with a new one it comes last among its equals.
    pub fn register(&self, plugin: impl ConfigurationPlugin + 'static) {
        let plugin: Arc<dyn ConfigurationPlugin> = Arc::new(plugin);
        let new = Registered {
            name: plugin.name().to_owned(),
            priority: plugin.priority(),
            plugin,
        };
        let mut list = self.list.write().unwrap_or_else(PoisonError::into_inner);
        let mut all = list.to_vec();
        match all.iter_mut().find(|held| held.name == new.name) {
            Some(held) if held.priority == new.priority => *held = new,
            _ => {
                all.retain(|held| held.name != new.name);
                let place = all.partition_point(|held| held.priority <= new.priority);
                all.insert(place, new);
            }
        }
        *list = all.into();
    }

    /// The names of all plugins in the order in which they run.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.snapshot()
            .iter()
            .map(|held| held.name.clone())
            .collect()
    }

    /// Lets every applicable plugin improve a config, each the result of the one before.
    ///
    /// Never fails. A plugin that gives an error, panics, or makes a config wrong that was good
    /// costs its own change and a warning, and the config it was given goes on. A config that was
    /// wrong already may stay wrong: the next plugin may mend it, and the start checks the end
    /// result anyway.
    ///
    /// A panic is caught only in programs that unwind; with `panic = "abort"` it ends the program.
    #[must_use = "the config that was given is consumed, the improved one is returned"]
    pub fn apply(&self, config: ProcessConfig) -> (ProcessConfig, Vec<PluginWarning>) {
        let mut warnings = Vec::new();
        let mut config = config;
        // Whether the config is good, as soon as somebody had to know.
        let mut good = None;
        for held in self.snapshot().iter() {
            match held.improve(&config, &mut good) {
                Ok(Some(improved)) => config = improved,
                Ok(None) => {}
                Err(fault) => warnings.push(warn(&held.name, fault)),
            }
        }
        (config, warnings)
    }

    fn snapshot(&self) -> Arc<[Registered]> {
        Arc::clone(&self.list.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Registered {
    /// The improved config, or `None` if there is nothing to do. `good` is about `config` before
    /// and about the result afterwards.
    fn improve(
        &self,
        config: &ProcessConfig,
        good: &mut Option<bool>,
    ) -> Result<Option<ProcessConfig>, PluginFault> {
        // What a plugin leaves behind in itself when it panics is its own affair; of ours it only
        // ever holds a clone.
        let called = catch_unwind(AssertUnwindSafe(|| {
            self.plugin
                .is_applicable(config)
                .then(|| self.plugin.enhance_config(config.clone()))
                .transpose()
        }));
        let improved = called
            .map_err(|payload| PluginFault::Panicked {
                message: message(payload.as_ref()),
            })?
            .map_err(PluginFault::Failed)?;
        let Some(improved) = improved else {
            return Ok(None);
        };
        let was_good = *good.get_or_insert_with(|| config.check().is_ok());
        match improved.check() {
            Err(wrong) if was_good => return Err(PluginFault::InvalidOutput(wrong)),
            checked => *good = Some(checked.is_ok()),
        }
        Ok(Some(improved))
    }
}

fn warn(plugin: &str, fault: PluginFault) -> PluginWarning {
    let warning = PluginWarning {
        plugin: plugin.to_owned(),
        fault,
    };
    tracing::warn!(plugin, code = warning.fault.code(), "{warning}");
    warning
}

/// What `panic!` was given, when that was text.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("without a message").to_owned()
}

impl fmt::Debug for Plugins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugins::PluginError;

    type Change = fn(ProcessConfig) -> Result<ProcessConfig, PluginError>;

    struct Scripted(&'static str, i32, Change);

    impl ConfigurationPlugin for Scripted {
        fn name(&self) -> &str {
            self.0
        }
        fn priority(&self) -> i32 {
            self.1
        }
        fn is_applicable(&self, config: &ProcessConfig) -> bool {
            config.environment().get("SKIP") != Some(self.0.as_ref())
        }
        fn enhance_config(&self, config: ProcessConfig) -> Result<ProcessConfig, PluginError> {
            (self.2)(config)
        }
    }

    /// Adds an argument, so that the order shows.
    fn adding(name: &'static str, priority: i32) -> Scripted {
        let change: Change = match name {
            "a" => |config| Ok(config.to_builder().arg("a").build()),
            "b" => |config| Ok(config.to_builder().arg("b").build()),
            _ => |config| Ok(config.to_builder().arg("other").build()),
        };
        Scripted(name, priority, change)
    }

    fn fine() -> ProcessConfig {
        ProcessConfig::builder(std::env::current_exe().unwrap()).build()
    }

    fn with(plugins: impl IntoIterator<Item = Scripted>) -> Plugins {
        let all = Plugins::new();
        plugins.into_iter().for_each(|plugin| all.register(plugin));
        all
    }

    #[test]
    fn smaller_priorities_run_first_and_equal_ones_in_order_of_registration() {
        let plugins = with([
            adding("late", 7),
            adding("a", 0),
            adding("b", 0),
            adding("first", -1),
        ]);
        assert_eq!(plugins.names(), ["first", "a", "b", "late"]);
        let (config, warnings) = plugins.apply(fine());
        assert_eq!(config.args(), ["other", "a", "b", "other"]);
        assert!(warnings.is_empty());
    }

    #[test]
    fn the_same_order_comes_out_whenever_it_is_asked() {
        let plugins = with([adding("b", 0), adding("a", 0)]);
        for _ in 0..20 {
            assert_eq!(plugins.apply(fine()).0.args(), ["b", "a"]);
        }
    }

    #[test]
    fn a_plugin_of_the_same_name_replaces_the_first_one() {
        let plugins = with([adding("a", 0), adding("b", 0)]);
        plugins.register(Scripted("a", 0, |config| {
            Ok(config.to_builder().arg("new").build())
        }));
        assert_eq!(plugins.apply(fine()).0.args(), ["new", "b"]);
        plugins.register(adding("a", 1));
        assert_eq!(plugins.names(), ["b", "a"]);
    }

    #[test]
    fn what_is_registered_with_one_clone_is_there_in_all() {
        let plugins = Plugins::new();
        let clone = plugins.clone();
        plugins.register(adding("a", 0));
        assert_eq!(clone.names(), ["a"]);
        assert_eq!(format!("{clone:?}"), r#"["a"]"#);
    }

    #[test]
    fn a_plugin_that_does_not_apply_changes_nothing() {
        let plugins = with([adding("a", 0), adding("b", 1)]);
        let skipping = fine().to_builder().env("SKIP", "a").build();
        assert_eq!(plugins.apply(skipping).0.args(), ["b"]);
    }

    #[test]
    fn a_plugin_sees_what_the_one_before_it_made() {
        let hide_b: Change = |config| Ok(config.to_builder().env("SKIP", "b").build());
        let plugins = with([Scripted("hide", 0, hide_b), adding("b", 1)]);
        assert!(plugins.apply(fine()).0.args().is_empty());
    }

    #[test]
    fn a_failing_plugin_costs_its_own_change_and_no_other() {
        let failing: Change = |_| {
            Err(PluginError::EnhancementFailed {
                reason: "no java here".into(),
            })
        };
        let plugins = with([adding("a", 0), Scripted("jenv", 1, failing), adding("b", 2)]);
        let (config, warnings) = plugins.apply(fine());
        assert_eq!(config.args(), ["a", "b"]);
        let shown: Vec<_> = warnings.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            ["plugin `jenv` was skipped: it failed: no java here"]
        );
        assert_eq!(warnings[0].fault.code(), "plugin.enhancement-failed");
    }

    #[test]
    fn a_panicking_plugin_costs_its_own_change_and_no_other() {
        let panicking: Change = |_| panic!("lost {}", "it");
        let plugins = with([
            adding("a", 0),
            Scripted("wild", 1, panicking),
            adding("b", 2),
        ]);
        let (config, warnings) = plugins.apply(fine());
        assert_eq!(config.args(), ["a", "b"]);
        let PluginFault::Panicked { message } = &warnings[0].fault else {
            panic!("{warnings:?}")
        };
        assert_eq!(message, "lost it");
        // And it may be tried again: nothing is poisoned.
        plugins.register(adding("wild", 1));
        assert!(plugins.apply(fine()).1.is_empty());
    }

    #[test]
    fn a_plugin_that_makes_a_good_config_wrong_is_discarded() {
        let breaking: Change = |config| Ok(config.to_builder().program("").build());
        let plugins = with([adding("a", 0), Scripted("bad", 1, breaking), adding("b", 2)]);
        let (config, warnings) = plugins.apply(fine());
        assert_eq!(config.args(), ["a", "b"]);
        assert!(config.check().is_ok());
        let PluginFault::InvalidOutput(wrong) = &warnings[0].fault else {
            panic!("{warnings:?}")
        };
        assert_eq!(
            (warnings[0].plugin.as_str(), wrong.code()),
            ("bad", "config.empty-program")
        );
    }

    /// The other side of the rule above: only what was good is protected.
    #[cfg(unix)]
    #[test]
    fn a_config_that_was_wrong_may_be_mended_in_two_steps() {
        let find: Change = |config| Ok(config.to_builder().env("PATH", "/bin").build());
        let plugins = with([adding("a", 0), Scripted("path", 1, find)]);
        let (config, warnings) = plugins.apply(ProcessConfig::builder("sh").build());
        assert!(warnings.is_empty(), "{warnings:?}");
        assert_eq!(
            config
                .check()
                .map(|checked| checked.program().to_path_buf())
                .unwrap(),
            std::path::Path::new("/bin/sh")
        );
        // Mended means good: from there on it is protected again.
        plugins.register(Scripted("worse", 2, |c| {
            Ok(c.to_builder().env_clear().build())
        }));
        assert_eq!(
            plugins.apply(ProcessConfig::builder("sh").build()).1.len(),
            1
        );
    }
}
