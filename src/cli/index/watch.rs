//! `eider index --watch`: publishes whenever the knowledge folder has changed and is quiet again.
//!
//! Editors and tools write in several steps: bursts of saves, files cut off and written anew, new
//! files renamed over old ones, whole folders swapped. So nothing is read before the folder has
//! stood still for a moment, and what is then broken is said once and leaves the old generation
//! serving until the folder changes again.

use std::time::{Duration, Instant};

use super::{Options, failures, print, published};
use crate::config::Config;
use crate::library::{self, Mark};
use crate::publish::{Error, Shelf};
use crate::time::Clock;

/// How often the folder is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// How long it must have stood still …
const QUIET: Duration = Duration::from_millis(500);
/// … unless it never does: then it is read as it is after so long.
const LONGEST_BURST: Duration = Duration::from_secs(10);
/// How long what has failed for no fault of the folder is left alone: a full disk, another
/// process that publishes.
const AGAIN: Duration = Duration::from_secs(2);

/// What became of the folder as it stood.
enum Settled {
    /// It is served, or refused until it changes.
    Done,
    /// It must be tried again although it does not change.
    Later,
}

/// Publishes every change until the process is interrupted.
pub(super) fn run(config: &Config, options: &Options, shelf: &Shelf) -> ! {
    print::note(format!("watching {}; interrupt with Ctrl-C", config.knowledge.display()));
    let mut handled: Option<Mark> = None;
    let mut complaint = String::new();
    loop {
        let mark = settle(config, handled.as_ref());
        match publish(config, options, shelf, &mut complaint) {
            Settled::Done => handled = Some(mark),
            Settled::Later => {
                handled = None;
                std::thread::sleep(AGAIN);
            }
        }
    }
}

/// Waits until the folder differs from `handled` and stands still; returns how it stands.
fn settle(config: &Config, handled: Option<&Mark>) -> Mark {
    let mut mark = library::mark(&config.knowledge);
    let (mut still_since, mut burst_since) = (Instant::now(), None);
    loop {
        if Some(&mark) == handled {
            burst_since = None;
        } else {
            let burst = burst_since.get_or_insert_with(Instant::now).elapsed();
            if still_since.elapsed() >= QUIET || burst >= LONGEST_BURST {
                return mark;
            }
        }
        std::thread::sleep(LOOK);
        let now = library::mark(&config.knowledge);
        if now != mark {
            (mark, still_since) = (now, Instant::now());
        }
    }
}

fn publish(config: &Config, options: &Options, shelf: &Shelf, complaint: &mut String) -> Settled {
    let served = shelf.current().map_or("nothing".to_owned(), |n| format!("generation {n}"));
    if config.knowledge.is_dir() && !shelf.is_stale(&config.knowledge) {
        if !std::mem::take(complaint).is_empty() {
            print::note(format!("the folder is as published again; {served} is served"));
        }
        return Settled::Done;
    }
    let now = Clock::System.now();
    let error = match shelf.publish(&config.knowledge, options.force, now, print::progress()) {
        Ok(done) => {
            complaint.clear();
            if let Err(error) = published(options, &done) {
                print::error(&error);
            }
            return Settled::Done;
        }
        Err(error) => error,
    };
    let said = match &error {
        Error::Problems(problems) => print::described(problems),
        _ => String::new(),
    };
    let said = format!("{said}eider: {error}; {served} goes on being served");
    if *complaint != said {
        print::note(&said);
        if let Error::Golden(outcomes) = &error {
            failures(outcomes);
        }
        *complaint = said;
    }
    let is_at_fault = matches!(error, Error::Problems(_) | Error::Golden(_) | Error::Library(_));
    if is_at_fault { Settled::Done } else { Settled::Later }
}
