//! Every order of six moves, ends and closings, against a model of four words.

use super::*;
use crate::ProcessConfig;
use crate::manager::home::Home;
use crate::manager::registry::{Bounds, Record};
use crate::owner::claim::Claim;
use crate::process::life::{LeaderEnd, Phase};
use crate::process::seen::Seen;
use crate::process::{Cause, Ids};
use crate::tree::Rung;
use handfast_sys::child::Exit;
use std::sync::atomic::AtomicBool;
use std::time::{Instant, SystemTime};
use tokio::sync::{mpsc, watch};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    One,
    Other,
    Limbo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Detach(Place),
    Reattach(Place),
    Condemn,
    End,
    Close(Place),
}

const STEPS: [Step; 7] = [
    Step::Detach(Place::One),
    Step::Detach(Place::Other),
    Step::Reattach(Place::One),
    Step::Reattach(Place::Other),
    Step::Condemn,
    Step::End,
    Step::Close(Place::One),
];

/// What must be so.
#[derive(Debug, Clone, Copy)]
struct Model {
    place: Place,
    over: bool,
    condemned: bool,
    closed: [bool; 2],
}

impl Model {
    fn step(&mut self, step: Step) {
        match step {
            Step::Detach(from) if self.place == from => self.place = Place::Limbo,
            Step::Reattach(to) if self.place == Place::Limbo => {
                let refused = self.condemned || self.closed[to as usize];
                if self.over || !refused {
                    self.place = to;
                }
            }
            Step::Condemn if self.place == Place::Limbo && !self.over => self.condemned = true,
            Step::End => self.over = true,
            Step::Close(place) => self.closed[place as usize] = true,
            Step::Detach(_) | Step::Reattach(_) | Step::Condemn => {}
        }
    }
}

/// One and another manager, and what neither has.
struct Stage {
    ids: Arc<Ids>,
    directory: Arc<Directory>,
    registries: [Arc<Registry>; 3],
}

/// One process, as its task has it.
struct Process {
    entry: Arc<Entry>,
    home: Option<Arc<Home>>,
    seen: watch::Sender<Seen>,
}

impl Stage {
    fn new() -> Stage {
        let ids = Arc::new(Ids::new().unwrap());
        let directory = Arc::new(Directory::default());
        let registries = [(); 3].map(|()| {
            let known = Some(Arc::clone(&directory));
            Arc::new(Registry::new(Arc::clone(&ids), Bounds::default(), known))
        });
        let [one, other, limbo] = &registries;
        directory.add(one);
        directory.add(other);
        directory.set_limbo(limbo);
        Stage {
            ids,
            directory,
            registries,
        }
    }

    fn at(&self, place: Place) -> &Arc<Registry> {
        &self.registries[place as usize]
    }

    fn start(&self, owner: OwnerId, config: &Arc<ProcessConfig>) -> Process {
        let (id, handle) = self.ids.draw();
        let home = Arc::new(Home::new(Arc::clone(self.at(Place::One))));
        let seen = watch::Sender::new(Seen::default());
        let entry = Entry {
            record: Arc::new(Record {
                id,
                handle,
                config: Arc::clone(config),
                start_time: SystemTime::UNIX_EPOCH,
                began: Instant::now(),
                rung: Rung::Group,
                warnings: Arc::default(),
            }),
            home: Arc::downgrade(&home),
            claim: Claim::of(&owner),
            launching: AtomicBool::new(false),
            wishes: mpsc::unbounded_channel().0,
            seen: seen.subscribe(),
            stdio: Mutex::default(),
            output: None,
            session: None,
        };
        Process {
            entry: self.at(Place::One).add(id, entry).unwrap(),
            home: Some(home),
            seen,
        }
    }

    fn step(&self, process: &mut Process, step: Step) {
        let owner = process.entry.owner();
        let (id, limbo) = (process.entry.record.id, self.at(Place::Limbo));
        match step {
            Step::Detach(from) => {
                let moving = (&**self.at(from), limbo);
                drop(
                    self.directory
                        .move_all(&owner, moving, "detached", |_| false),
                );
            }
            Step::Reattach(to) => {
                let moving = (&**limbo, self.at(to));
                drop(
                    self.directory
                        .move_all(&owner, moving, "reattached", |_| false),
                );
            }
            Step::Condemn => drop(self.directory.condemn(|_| true)),
            Step::End => {
                if let Some(home) = process.home.take() {
                    home.bury(id, || process.seen.send_modify(end));
                }
            }
            Step::Close(place) => drop(self.at(place).close()),
        }
    }

    /// Whether it is where it must be, and everybody says so.
    fn check(&self, process: &Process, model: Model) {
        let handle = process.entry.record.handle;
        for place in [Place::One, Place::Other, Place::Limbo] {
            let found = self.at(place).find(handle).map(|entry| entry.record.handle);
            let expected = match (place == model.place, model.place) {
                (true, _) => Ok(handle),
                (false, Place::Limbo) => Err(LookupError::Detached { handle }),
                (false, _) => Err(LookupError::Elsewhere { handle }),
            };
            assert_eq!(found, expected, "{place:?} of {model:?}");
            let listed = self.at(place).is_active(handle);
            assert_eq!(
                listed,
                place == model.place && !model.over,
                "{place:?} of {model:?}"
            );
        }
    }

    fn forget(&self, process: &Process) {
        for registry in &self.registries {
            registry.remove(&process.entry);
            registry.reopen();
        }
    }
}

fn end(seen: &mut Seen) {
    let (exit, at, cause) = (Exit::Code(0), SystemTime::UNIX_EPOCH, Cause::Itself);
    seen.leader = Some(LeaderEnd { exit, at, cause });
    seen.phase = Phase::Gone;
}

/// Every order of six of the seven steps, 117,649 lives.
#[test]
fn in_every_order_it_is_in_one_place_and_everybody_knows_where() {
    let stage = Stage::new();
    let config = Arc::new(ProcessConfig::builder("/bin/true").build());
    let bystander = stage.start(OwnerId::new("bystander").unwrap(), &config);
    let handle = bystander.entry.record.handle;
    for number in 0..7_usize.pow(6) {
        let mut process = stage.start(OwnerId::host(), &config);
        let mut model = Model {
            place: Place::One,
            over: false,
            condemned: false,
            closed: [false; 2],
        };
        for place in 0..6_u32 {
            let step = STEPS[number / 7_usize.pow(place) % 7];
            stage.step(&mut process, step);
            model.step(step);
        }
        stage.check(&process, model);
        stage.forget(&process);
    }
    assert!(stage.at(Place::One).is_active(handle), "of another owner");
}

/// Every order of four, looked at after each.
#[test]
fn after_each_step_too() {
    let stage = Stage::new();
    let config = Arc::new(ProcessConfig::builder("/bin/true").build());
    for number in 0..7_usize.pow(4) {
        let mut process = stage.start(OwnerId::host(), &config);
        let mut model = Model {
            place: Place::One,
            over: false,
            condemned: false,
            closed: [false; 2],
        };
        for place in 0..4_u32 {
            let step = STEPS[number / 7_usize.pow(place) % 7];
            stage.step(&mut process, step);
            model.step(step);
            stage.check(&process, model);
        }
        stage.forget(&process);
    }
}

/// While one thread moves a process about, another never hears that it is nowhere.
#[test]
fn who_asks_while_it_moves_is_always_answered() {
    let stage = Stage::new();
    let config = Arc::new(ProcessConfig::builder("/bin/true").build());
    let mut process = stage.start(OwnerId::host(), &config);
    let handle = process.entry.record.handle;
    std::thread::scope(|scope| {
        let asking: Vec<_> = [Place::One, Place::Other, Place::Limbo]
            .map(|place| {
                let registry = Arc::clone(stage.at(place));
                scope.spawn(move || {
                    let asked = (0..20_000).map(|_| registry.find(handle));
                    asked.fold((0, 0), |(found, lost), answer| match answer {
                        Ok(_) => (found + 1, lost),
                        Err(LookupError::Detached { .. } | LookupError::Elsewhere { .. }) => {
                            (found, lost)
                        }
                        Err(_) => (found, lost + 1),
                    })
                })
            })
            .into_iter()
            .collect();
        while !asking.iter().all(|asking| asking.is_finished()) {
            for step in &STEPS[..4] {
                stage.step(&mut process, *step);
            }
        }
        for asking in asking {
            assert_eq!(asking.join().unwrap().1, 0, "it was nowhere");
        }
    });
}
