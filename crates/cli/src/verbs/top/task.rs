//! Looks, draws, and does what keys want, until somebody leaves.

use super::draw::{Below, draw};
use super::keys::{self, Want};
use super::look;
use super::model::{Model, Row};
use super::screen::Screen;
use crate::app::{Attach, Top, When};
use crate::explain::Failure;
use crate::link::Link;
use crate::settings::{self, Settings};
use crate::show::{Out, safe, text};
use crate::verbs::attach::sit;
use handfast_daemon::connect::ClientError;
use handfast_daemon::wire::{Receipt, Stop};
use handfast_sys::heard::{AtTerminal, Seated};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

/// What a stop has come to, for the line below.
type Done = (String, Result<Receipt, ClientError>);

/// How many stops may be under way.
const STOPS: usize = 64;

/// What is on the screen.
struct Watch<'a> {
    link: Link,
    options: &'a Top,
    colour: bool,
    model: Model,
    below: Below,
    /// Who is to be stopped, once that is confirmed.
    asked: Option<Row>,
    done: mpsc::Sender<Done>,
}

/// Ends when somebody leaves, or the daemon does.
pub(super) async fn until_left(
    link: Link,
    (options, every): (&Top, Duration),
) -> Result<u8, Failure> {
    let failed = |error| Failure::new("cli.no-terminal", "show what is used", &error);
    let colour = link
        .settings
        .value(&settings::COLOR, options.answers.color)?
        != When::Never;
    let (done, mut stopped) = mpsc::channel(STOPS);
    let mut watch = Watch {
        link,
        options,
        colour,
        model: Model::default(),
        below: Below::default(),
        asked: None,
        done,
    };
    let signals = |error| Failure::new("cli.signals", "listen to signals", &error);
    let mut signals = Seated::new().map_err(signals)?;
    // The first look before anything is drawn: what fails is said on a terminal that is as it was.
    look(&watch.link, &mut watch.model).await?;
    let mut screen = Screen::new().map_err(failed)?;
    let mut clock = interval(every);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut buffer = [0; 256];
    loop {
        let drawn = screen.drawn.draw(|frame| watch.draw(frame));
        drawn.map_err(failed)?;
        tokio::select! {
            _ = clock.tick() => look(&watch.link, &mut watch.model).await?,
            typed = screen.read(&mut buffer) => {
                let typed = buffer.get(..typed.unwrap_or(0)).unwrap_or_default().to_vec();
                // The end of a terminal is the end of who sits at it.
                if typed.is_empty() || watch.typed(&typed, &mut screen).await? {
                    return Ok(0);
                }
            }
            Some(told) = stopped.recv() => watch.told(told),
            told = signals.next() => if told == AtTerminal::Over {
                return Ok(0);
            },
        }
    }
}

impl Watch<'_> {
    fn draw(&self, frame: &mut ratatui::Frame<'_>) {
        draw(frame, &self.model, &self.below, self.colour);
    }

    fn say(&mut self, said: String) {
        self.below = Below { said, asks: false };
    }

    /// Does what was typed; true to leave.
    async fn typed(&mut self, typed: &[u8], screen: &mut Screen) -> Result<bool, Failure> {
        for want in keys::read(typed) {
            let asked = self.asked.take();
            match (want, asked) {
                (Want::Yes, Some(row)) => self.stop(row),
                (Want::Leave, None) => return Ok(true),
                // Whatever else is typed is no yes.
                (_, Some(row)) => self.say(format!("{} goes on", safe::word(row.shown()))),
                (Want::Step(down), None) => self.model.step(down),
                (Want::SortBy(by), None) => self.model.sort_by(by),
                (Want::Stop, None) => self.ask(),
                (Want::Attach, None) => self.attach(screen).await?,
                (Want::Yes | Want::No, None) => self.say(String::new()),
            }
        }
        Ok(false)
    }

    fn ask(&mut self) {
        let Some(row) = self.model.selected().cloned() else {
            return;
        };
        let members = text::count(row.members, "member");
        let said = format!("stop {} with its {members}? y/n", safe::word(row.shown()));
        self.below = Below { said, asks: true };
        self.asked = Some(row);
    }

    /// Goes on beside the drawing, as it may take a while.
    fn stop(&mut self, row: Row) {
        self.say(format!("stopping {} …", safe::word(row.shown())));
        let (asker, done) = (self.link.asker.clone(), self.done.clone());
        tokio::spawn(async move {
            let stop = Stop {
                process_id: row.handle.clone(),
                grace_ms: None,
            };
            let receipt = asker.try_ask(&stop).await;
            // Who has left does not want to know.
            let _ = done.send((row.shown().to_owned(), receipt)).await;
        });
    }

    fn told(&mut self, (shown, receipt): Done) {
        let shown = safe::word(&shown);
        let said = match receipt {
            Ok(receipt) if receipt.survivors.is_empty() => {
                let members = text::count(receipt.members_before, "member");
                format!(
                    "{shown}: {members}, all gone after {}",
                    text::lasted(receipt.took_ms)
                )
            }
            Ok(receipt) => format!("{shown}: {} live although killed", receipt.survivors.len()),
            Err(error) => format!("{shown}: {}", safe::word(&error.to_string())),
        };
        self.say(said);
    }

    async fn attach(&mut self, screen: &mut Screen) -> Result<(), Failure> {
        let Some(row) = self.model.selected().cloned() else {
            return Ok(());
        };
        if !row.tty {
            let shown = safe::word(row.shown());
            self.say(format!("{shown} has no terminal: handfast logs -f {shown}"));
            return Ok(());
        }
        screen.leave();
        let left = self.sit(&row).await;
        let failed = |error| Failure::new("cli.no-terminal", "show what is used", &error);
        screen.enter().map_err(failed)?;
        match left {
            Ok(_) => self.say(String::new()),
            Err(failure) => self.say(format!("{}: {}", safe::word(row.shown()), failure.why())),
        }
        Ok(())
    }

    /// With a connection of its own, which ends with it.
    async fn sit(&self, row: &Row) -> Result<u8, Failure> {
        let key = self.link.settings.value(&settings::DETACH_KEY, None)?;
        let attach = Attach {
            id: row.handle.clone(),
            read_only: false,
            take_over: false,
            detach_key: None,
            answers: self.options.answers.clone(),
        };
        let link = Link::open(&self.options.answers, Settings::read()?).await?;
        sit(link, &mut Out::new(When::Auto), (&attach, key)).await
    }
}
