//! What there is, how fast it uses it, and what is selected. Pure.

use crate::show::state;
use crate::show::text;
use handfast_daemon::wire::{Info, UsageAnswer};
use std::cmp::Ordering;
use std::collections::HashMap;

/// What rows are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum By {
    /// What uses the processors most.
    #[default]
    Cpu,
    /// What uses the most memory.
    Memory,
    /// What was started last.
    Age,
}

/// One process.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) handle: String,
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) owner: String,
    /// Its state, as `ps` shows it.
    pub(super) state: String,
    pub(super) tty: bool,
    pub(super) started_at_ms: u64,
    pub(super) members: u64,
    /// Hundredths of one processor since the last look.
    pub(super) cpu: f64,
    pub(super) cpu_ms: u64,
    pub(super) resident: u64,
    pub(super) command: String,
}

impl Row {
    /// What people call it.
    pub(super) fn shown(&self) -> &str {
        self.name.as_ref().unwrap_or(&self.id)
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Model {
    rows: Vec<Row>,
    /// When it was looked last, and the time of processors that each had taken then.
    before: Option<(u64, HashMap<String, u64>)>,
    by: By,
    /// The handle of the one that is selected: it stays so wherever it moves.
    selected: Option<String>,
    /// How many processors there are.
    pub(super) processors: u32,
}

impl Model {
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub(super) fn by(&self) -> By {
        self.by
    }

    /// Takes in what there is now.
    pub(super) fn take(&mut self, live: &[Info], usage: &UsageAnswer) {
        let used: HashMap<&str, _> = usage
            .trees
            .iter()
            .map(|tree| (tree.handle.as_str(), tree))
            .collect();
        let before = self.before.take();
        let rate = |handle: &str, cpu_ms: u64| {
            let (at, taken) = before.as_ref()?;
            let passed = usage.at_ms.checked_sub(*at).filter(|ms| *ms > 0)?;
            // Members that have ended took their time with them.
            let more = cpu_ms.saturating_sub(*taken.get(handle)?);
            Some(more as f64 * 100.0 / passed as f64)
        };
        self.rows = live
            .iter()
            .map(|info| {
                let tree = used.get(info.handle.as_str());
                let cpu_ms = tree.map_or(0, |tree| tree.cpu_ms);
                Row {
                    handle: info.handle.clone(),
                    id: info.process_id.clone(),
                    name: info.name.clone(),
                    owner: info.owner.clone(),
                    state: state::short(info),
                    tty: info.tty,
                    started_at_ms: info.started_at_ms,
                    members: tree.map_or(0, |tree| tree.member_count),
                    cpu: rate(&info.handle, cpu_ms).unwrap_or(0.0),
                    cpu_ms,
                    resident: tree.map_or(0, |tree| tree.resident_bytes),
                    command: text::command_line(&info.argv),
                }
            })
            .collect();
        let taken = usage
            .trees
            .iter()
            .map(|tree| (tree.handle.clone(), tree.cpu_ms));
        self.before = Some((usage.at_ms, taken.collect()));
        self.processors = usage.processors;
        self.sort();
        if self.place().is_none() {
            self.selected = self.rows.first().map(|row| row.handle.clone());
        }
    }

    /// Sorts by something else.
    pub(super) fn sort_by(&mut self, by: By) {
        self.by = by;
        self.sort();
    }

    fn sort(&mut self) {
        let newest = |a: &Row, b: &Row| b.started_at_ms.cmp(&a.started_at_ms);
        let by = self.by;
        self.rows.sort_by(|a, b| {
            let first = match by {
                By::Cpu => b.cpu.total_cmp(&a.cpu),
                By::Memory => b.resident.cmp(&a.resident),
                By::Age => Ordering::Equal,
            };
            first
                .then_with(|| newest(a, b))
                .then_with(|| a.handle.cmp(&b.handle))
        });
    }

    /// Where the selected one is.
    pub(super) fn place(&self) -> Option<usize> {
        let selected = self.selected.as_ref()?;
        self.rows.iter().position(|row| row.handle == *selected)
    }

    /// The selected one.
    pub(super) fn selected(&self) -> Option<&Row> {
        self.rows.get(self.place()?)
    }

    /// Selects another, so many below.
    pub(super) fn step(&mut self, down: isize) {
        let last = self.rows.len().saturating_sub(1);
        let place = self
            .place()
            .unwrap_or(0)
            .saturating_add_signed(down)
            .min(last);
        self.selected = self.rows.get(place).map(|row| row.handle.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn live(names: &[&str]) -> Vec<Info> {
        let one = |(place, name): (usize, &&str)| {
            serde_json::from_value(json!({
                "processId": name, "handle": name, "owner": "user", "argv": ["x"], "envKeys": [],
                "tty": false, "lifetime": "user", "bound": false, "startedAtMs": 1000 - place,
                "status": {"state": "running"}, "rung": "group", "grade": "cooperative",
            }))
            .unwrap()
        };
        names.iter().enumerate().map(one).collect()
    }

    fn usage(at_ms: u64, of: &[(&str, u64, u64)]) -> UsageAnswer {
        let trees = of.iter().map(|(name, cpu_ms, resident)| {
            json!({
                "processId": name, "handle": name, "memberCount": 1, "cpuMs": cpu_ms,
                "residentBytes": resident,
            })
        });
        let trees: Vec<_> = trees.collect();
        serde_json::from_value(json!({"atMs": at_ms, "processors": 2, "trees": trees})).unwrap()
    }

    fn order(model: &Model) -> Vec<&str> {
        model.rows().iter().map(|row| row.id.as_str()).collect()
    }

    #[test]
    fn a_rate_is_what_was_taken_between_two_looks() {
        let mut model = Model::default();
        model.take(
            &live(&["a", "b"]),
            &usage(1_000, &[("a", 500, 10), ("b", 0, 20)]),
        );
        assert!(model.rows().iter().all(|row| row.cpu == 0.0));
        model.take(
            &live(&["a", "b"]),
            &usage(3_000, &[("a", 1_500, 10), ("b", 3_000, 20)]),
        );
        let rates: Vec<f64> = model.rows().iter().map(|row| row.cpu).collect();
        assert_eq!((order(&model), rates), (vec!["b", "a"], vec![150.0, 50.0]));
        // One that lost a member, and one that is new, have none.
        model.take(
            &live(&["b", "c"]),
            &usage(4_000, &[("b", 2_000, 20), ("c", 9_000, 1)]),
        );
        assert!(model.rows().iter().all(|row| row.cpu == 0.0));
    }

    #[test]
    fn what_is_selected_stays_so_wherever_it_moves() {
        let mut model = Model::default();
        model.take(
            &live(&["a", "b", "c"]),
            &usage(1_000, &[("a", 0, 1), ("b", 0, 3), ("c", 0, 2)]),
        );
        assert_eq!(model.selected().map(|row| row.id.as_str()), Some("a"));
        model.step(1);
        model.sort_by(By::Memory);
        assert_eq!(order(&model), ["b", "c", "a"]);
        assert_eq!((model.place(), model.by()), (Some(0), By::Memory));
        model.step(99);
        assert_eq!(model.place(), Some(2));
        model.step(-99);
        assert_eq!(model.place(), Some(0));
        // Its end selects the first of the others.
        model.take(&live(&["a", "c"]), &usage(2_000, &[]));
        assert_eq!(model.place(), Some(0));
        model.take(&[], &usage(3_000, &[]));
        model.step(1);
        assert!(model.selected().is_none());
    }
}
