//! Every order of events through the machine, against the rule written down once more.

use super::*;

const MS: Duration = Duration::from_millis(1);
const WINDOW: u32 = 250;

/// What can happen to a process that is waited for, or to the waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fact {
    Output,
    Exit,
    Close,
    /// So many milliseconds pass.
    Pass(u32),
    /// So many pass and do not count.
    Pause(u32),
}

const FACTS: [Fact; 7] = [
    Fact::Output,
    Fact::Exit,
    Fact::Close,
    Fact::Pass(20),
    Fact::Pass(50),
    Fact::Pass(400),
    Fact::Pause(70),
];

/// A process whose facts are made up, and its watcher.
struct Course {
    machine: Collect,
    now: Instant,
    begun: Instant,
    paused: Duration,
    waiting: u32,
    exited: Option<Instant>,
    closed: bool,
    /// When a look first found nothing after the exit.
    quiet: Option<Instant>,
    until: Option<Instant>,
    over: Option<Instant>,
}

impl Course {
    fn new(begun: Instant) -> Course {
        Course {
            machine: Collect::new(begun + WINDOW * MS, false),
            now: begun,
            begun,
            paused: Duration::ZERO,
            waiting: 0,
            exited: None,
            closed: false,
            quiet: None,
            until: None,
            over: None,
        }
    }

    fn deadline(&self) -> Instant {
        self.begun + WINDOW * MS + self.paused
    }

    /// What the driver does: looks until it is to wait.
    fn look(&mut self) {
        loop {
            let took = std::mem::take(&mut self.waiting) > 0;
            let look = Look {
                took,
                exited: self.exited.is_some(),
                closed: self.closed,
            };
            if !took && self.exited.is_some() && self.now < self.deadline() {
                self.quiet.get_or_insert(self.now);
            }
            match self.machine.look(look, self.now) {
                Next::Again => assert!(took, "looks again for nothing"),
                Next::Stop => {
                    self.over = Some(self.now);
                    return;
                }
                Next::Wait { until } => {
                    assert!(until > self.now, "waits for the past");
                    self.until = Some(until);
                    return;
                }
            }
        }
    }

    fn happen(&mut self, fact: Fact) {
        match fact {
            // A stream that ended brings no more.
            Fact::Output if self.closed => {}
            Fact::Output => self.waiting += 1,
            Fact::Exit => self.exited = self.exited.or(Some(self.now)),
            Fact::Close => self.closed = true,
            Fact::Pass(time) => {
                // The driver wakes at the time that it was told.
                let end = self.now + time * MS;
                while let Some(until) = self.until.filter(|until| *until <= end) {
                    self.now = until;
                    self.look();
                    if self.over.is_some() {
                        return;
                    }
                }
                self.now = end;
                return;
            }
            Fact::Pause(time) => {
                self.now += time * MS;
                self.paused += time * MS;
                self.quiet = self.quiet.map(|quiet| quiet + time * MS);
                self.machine.paused(time * MS);
            }
        }
        self.look();
    }

    /// The rule, from outside.
    fn check(&self) {
        let Some(over) = self.over else {
            assert!(self.until.is_some_and(|until| until <= self.deadline()));
            let done = self.exited.is_some() && self.closed && self.waiting == 0;
            assert!(!done, "a finished process is waited for");
            return;
        };
        assert!(over <= self.deadline(), "after the deadline");
        assert_eq!(self.waiting, 0, "output was left");
        let at_deadline = over == self.deadline();
        let finished = self.exited.is_some() && self.closed;
        let grace_over = self.quiet.is_some_and(|quiet| over >= quiet + CLOSE_WAIT);
        assert!(
            at_deadline || finished || grace_over,
            "output alone has ended it"
        );
        if let Some(quiet) = self.quiet {
            assert!(over <= quiet + CLOSE_WAIT, "a grandchild delays it");
        }
    }
}

fn run(order: &[Fact], begun: Instant) -> Course {
    let mut course = Course::new(begun);
    course.look();
    for fact in order {
        if course.over.is_some() {
            break;
        }
        course.happen(*fact);
        course.check();
    }
    course
}

#[test]
fn every_order_of_events_keeps_the_rule() {
    let begun = Instant::now();
    let mut order = Vec::new();
    let mut lives = 0;
    for length in 1..=6 {
        let mut places = vec![0; length];
        'orders: loop {
            order.clear();
            order.extend(places.iter().map(|place| FACTS[*place]));
            run(&order, begun);
            lives += 1;
            for place in &mut places {
                *place += 1;
                if *place < FACTS.len() {
                    continue 'orders;
                }
                *place = 0;
            }
            break;
        }
    }
    assert_eq!(
        lives,
        (1..=6).map(|length| 7_usize.pow(length)).sum::<usize>()
    );
}

fn took(order: &[Fact]) -> u128 {
    let begun = Instant::now();
    let course = run(order, begun);
    let over = course.over.expect("it is over");
    (over - begun).as_millis()
}

#[test]
fn what_ends_a_wait() {
    use Fact::{Close, Exit, Output, Pass, Pause};
    // Exit and close end it at once, in either order.
    assert_eq!(took(&[Pass(20), Exit, Close]), 20);
    assert_eq!(took(&[Pass(20), Close, Pass(20), Exit]), 40);
    // Output does not.
    assert_eq!(took(&[Output, Pass(50), Output, Pass(400)]), 250);
    // A pipe that stays open delays it by 50 ms, and no output renews them.
    assert_eq!(took(&[Exit, Pass(50)]), 50);
    assert_eq!(
        took(&[Exit, Pass(20), Output, Pass(20), Output, Pass(50)]),
        50
    );
    // The allowance is never longer than what is left.
    assert_eq!(
        took(&[
            Pass(50),
            Pass(50),
            Pass(50),
            Pass(50),
            Pass(20),
            Exit,
            Pass(50)
        ]),
        250
    );
    // A pause does not count, neither for the one nor for the other.
    assert_eq!(took(&[Pause(70), Pass(400)]), 320);
    assert_eq!(took(&[Exit, Pause(70), Pass(50)]), 120);
}

#[test]
fn what_came_at_the_deadline_is_taken() {
    let begun = Instant::now();
    let mut machine = Collect::new(begun + 250 * MS, false);
    let took = Look {
        took: true,
        exited: false,
        closed: false,
    };
    assert_eq!(machine.look(took, begun + 249 * MS), Next::Again);
    assert_eq!(machine.look(took, begun + 250 * MS), Next::Stop);
}
