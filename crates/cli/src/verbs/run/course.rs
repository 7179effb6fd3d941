//! What handfast does about what happens while the program runs: the pure machine of this verb.
//!
//! Facts go in, orders come out; there is no I/O and no clock. What must stay true: the tree is
//! stopped once, for the reason that came first; what is for the program to decide is only passed
//! on.

use super::asked::Asked;
use handfast::Scope;
use handfast_sys::heard::{self, RESIZED};

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// A signal came.
    Asked(Asked),
    /// Whoever started handfast has ended.
    ParentEnded,
    /// The time is over.
    TimeOver,
    /// The program has ended; members of its tree may live.
    LeaderEnded,
    /// Nothing of the tree is left.
    TreeOver,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Pass a signal on.
    Forward(i32, Scope),
    /// Stop the tree and wait for its receipt.
    Stop,
    /// Stop handfast itself, as the shell that waits for it expects.
    PauseSelf,
}

/// Why the tree was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// Somebody asked for it.
    Asked,
    /// Whoever started handfast has ended.
    ParentEnded,
    /// The time was over.
    TimeOver,
    /// The program had ended; the rest of its tree, if any, had to.
    ProgramEnded,
}

/// What of the program is relayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relaying {
    Nothing,
    /// It has a terminal of its own, and the caller sits at one: the relay stops and continues us with
    /// the program, and tells it the size.
    Terminal,
    /// It has one, and the caller has not: the relay tells it the size.
    Streams,
}

/// How far it has come.
#[derive(Debug)]
pub(super) struct Course {
    wait_tree: bool,
    relaying: Relaying,
    leader_ended: bool,
    reason: Option<Reason>,
}

impl Course {
    pub(super) fn new(wait_tree: bool, relaying: Relaying) -> Course {
        Course {
            wait_tree,
            relaying,
            leader_ended: false,
            reason: None,
        }
    }

    /// Why the tree was stopped, once it was.
    pub(super) fn reason(&self) -> Option<Reason> {
        self.reason
    }

    /// Takes in one fact and says what follows from it.
    pub(super) fn step(&mut self, event: Event) -> Vec<Order> {
        match event {
            Event::Asked(asked) => self.asked(asked),
            Event::ParentEnded => self.stop(Reason::ParentEnded),
            Event::TimeOver => self.stop(Reason::TimeOver),
            Event::LeaderEnded => {
                self.leader_ended = true;
                self.relaying = Relaying::Nothing;
                if self.wait_tree {
                    Vec::new()
                } else {
                    self.stop(Reason::ProgramEnded)
                }
            }
            // For the receipt of what had ended by itself.
            Event::TreeOver => self.stop(Reason::ProgramEnded),
        }
    }

    fn asked(&mut self, asked: Asked) -> Vec<Order> {
        match asked {
            Asked::Terminate(signal) if self.reason.is_some() => {
                vec![Order::Forward(signal, Scope::Leader)]
            }
            Asked::Terminate(_) => self.stop(Reason::Asked),
            Asked::HangUp(signal) => {
                let mut orders = vec![Order::Forward(signal, self.job())];
                orders.extend(self.stop(Reason::Asked));
                orders
            }
            Asked::Interrupt(signal) => vec![Order::Forward(signal, self.job())],
            // The program may refuse; if it does not, its relay stops us.
            Asked::Pause if self.relaying == Relaying::Terminal => {
                vec![Order::Forward(heard::TERMINAL_STOP, self.job())]
            }
            Asked::Resume if self.relaying == Relaying::Terminal => Vec::new(),
            Asked::Other(RESIZED) if self.relaying != Relaying::Nothing => Vec::new(),
            Asked::Pause => vec![Order::Forward(heard::STOP, self.job()), Order::PauseSelf],
            Asked::Resume => vec![Order::Forward(heard::CONTINUE, self.job())],
            Asked::Other(signal) => vec![Order::Forward(signal, Scope::Leader)],
        }
    }

    fn stop(&mut self, reason: Reason) -> Vec<Order> {
        if self.reason.is_some() {
            return Vec::new();
        }
        self.reason = Some(reason);
        vec![Order::Stop]
    }

    /// What a terminal would reach: the program's group, and without a program what it left.
    fn job(&self) -> Scope {
        if self.leader_ended {
            Scope::Tree
        } else {
            Scope::Group
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERM: Event = Event::Asked(Asked::Terminate(15));
    const INT: Event = Event::Asked(Asked::Interrupt(2));

    #[test]
    fn an_interrupt_is_the_programs_to_decide_however_often_it_comes() {
        let mut course = Course::new(false, Relaying::Nothing);
        for _ in 0..3 {
            assert_eq!(course.step(INT), [Order::Forward(2, Scope::Group)]);
        }
        assert_eq!(course.reason(), None);
    }

    #[test]
    fn a_request_to_end_stops_the_tree_and_a_second_one_reaches_the_program() {
        let mut course = Course::new(false, Relaying::Nothing);
        assert_eq!(course.step(TERM), [Order::Stop]);
        assert_eq!(course.step(TERM), [Order::Forward(15, Scope::Leader)]);
        assert_eq!(course.step(Event::LeaderEnded), []);
        assert_eq!(course.reason(), Some(Reason::Asked));
    }

    #[test]
    fn a_hang_up_is_told_before_the_stop() {
        let mut course = Course::new(false, Relaying::Nothing);
        let hang_up = Event::Asked(Asked::HangUp(1));
        assert_eq!(
            course.step(hang_up),
            [Order::Forward(1, Scope::Group), Order::Stop]
        );
        assert_eq!(course.step(hang_up), [Order::Forward(1, Scope::Group)]);
    }

    #[test]
    fn the_end_of_the_program_ends_the_rest_unless_it_is_waited_for() {
        let mut course = Course::new(false, Relaying::Nothing);
        assert_eq!(course.step(Event::LeaderEnded), [Order::Stop]);
        assert_eq!(course.reason(), Some(Reason::ProgramEnded));
        let mut course = Course::new(true, Relaying::Nothing);
        assert_eq!(course.step(Event::LeaderEnded), []);
        assert_eq!(course.step(INT), [Order::Forward(2, Scope::Tree)]);
        assert_eq!(course.step(Event::TimeOver), [Order::Stop]);
        assert_eq!(course.step(Event::TreeOver), []);
        assert_eq!(course.reason(), Some(Reason::TimeOver));
    }

    #[test]
    fn the_first_reason_stays() {
        let mut course = Course::new(false, Relaying::Nothing);
        assert_eq!(course.step(Event::ParentEnded), [Order::Stop]);
        assert_eq!(course.step(Event::TimeOver), []);
        assert_eq!(course.reason(), Some(Reason::ParentEnded));
    }

    #[test]
    fn a_job_that_stops_has_handfast_stop_with_it() {
        let mut course = Course::new(false, Relaying::Nothing);
        let orders = course.step(Event::Asked(Asked::Pause));
        assert_eq!(
            orders,
            [Order::Forward(heard::STOP, Scope::Group), Order::PauseSelf]
        );
        let orders = course.step(Event::Asked(Asked::Resume));
        assert_eq!(orders, [Order::Forward(heard::CONTINUE, Scope::Group)]);
    }

    #[test]
    fn a_program_with_a_terminal_of_its_own_is_asked_to_stop_and_its_relay_does_the_rest() {
        let mut course = Course::new(true, Relaying::Terminal);
        let (pause, resume) = (Event::Asked(Asked::Pause), Event::Asked(Asked::Resume));
        let orders = course.step(pause);
        assert_eq!(orders, [Order::Forward(heard::TERMINAL_STOP, Scope::Group)]);
        assert_eq!(course.step(resume), []);
        let resized = Event::Asked(Asked::Other(RESIZED));
        assert_eq!(course.step(resized), []);
        let mut streams = Course::new(true, Relaying::Streams);
        let stopped = [Order::Forward(heard::STOP, Scope::Group), Order::PauseSelf];
        assert_eq!(streams.step(pause), stopped);
        let goes_on = [Order::Forward(heard::CONTINUE, Scope::Group)];
        assert_eq!(streams.step(resume), goes_on);
        assert_eq!(streams.step(resized), []);
        // What it left behind has no relay.
        course.step(Event::LeaderEnded);
        let orders = course.step(pause);
        assert_eq!(
            orders,
            [Order::Forward(heard::STOP, Scope::Tree), Order::PauseSelf]
        );
        assert_eq!(course.step(resized).len(), 1);
    }
}
