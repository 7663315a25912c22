//! The thread that writes: takes whatever waits, writes it in one transaction, and answers each
//! caller after the commit. A caller that goes away cancels nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{mpsc, oneshot};
use tracing::error;

use super::Error;
use super::checkpoints::Checkpoints;
use super::database::Connection;
use super::place::Place;

/// Most writes of one commit.
const MAX_GROUP: usize = 256;
/// Writes that may wait; further callers wait for a place.
const MAX_WAITING: usize = 4096;

/// A handle to the thread.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
    /// Whether the database failed the newest write.
    is_failing: Arc<AtomicBool>,
}

enum Job {
    Write(Care, Work),
    Truncate(oneshot::Sender<Result<(), Error>>),
    Close(oneshot::Sender<()>),
}

/// What is undone when a work fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Care {
    /// What it wrote itself: it has a mark of its own.
    Mark,
    /// The whole transaction, if the work had written anything.
    Whole,
}

/// Writes inside the open transaction; returns whether that worked, and how to tell the caller.
type Work = Box<dyn FnOnce(&Connection) -> (bool, Tell) + Send>;
/// Tells the caller, once it is known whether the transaction was committed.
type Tell = Box<dyn FnOnce(Result<(), &Error>) + Send>;

impl Writer {
    pub(super) fn start(connection: Connection, place: Arc<Place>) -> Self {
        let (jobs, waiting) = mpsc::channel(MAX_WAITING);
        let thread = std::thread::Builder::new().name("store-writer".to_owned());
        thread
            .spawn(move || run(connection, &place, waiting))
            .expect("a thread can be started while the program starts");
        Self { jobs, is_failing: Arc::default() }
    }

    /// Returns whether the database failed the newest write.
    pub(super) fn is_failing(&self) -> bool {
        self.is_failing.load(Ordering::Relaxed)
    }

    /// Runs `work` in a transaction, possibly together with others', and returns its result after
    /// the durable commit. What `work` wrote is undone when it fails.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.send(Care::Mark, work).await
    }

    /// Like `write`, without the cost of a mark: for work that only a fault of the database can
    /// stop once it has written something. Then everything in the transaction is undone.
    pub(super) async fn write_plainly<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.send(Care::Whole, work).await
    }

    async fn send<T: Send + 'static>(
        &self,
        care: Care,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            let result = work(connection);
            let worked = result.is_ok();
            let tell: Tell = Box::new(move |committed| {
                let result = match committed {
                    Ok(()) => result,
                    Err(fault) => Err(Error::Away(fault.to_string())),
                };
                let _ = reply.send(result);
            });
            (worked, tell)
        });
        self.jobs.send(Job::Write(care, work)).await.map_err(|_| Error::Closed)?;
        let result = answer.await.map_err(|_| Error::Closed)?;
        let has_failed = matches!(result, Err(Error::Sqlite(_) | Error::Away(_)));
        self.is_failing.store(has_failed, Ordering::Relaxed);
        result
    }

    /// Empties the write-ahead log, where deleted text would live on. The thread that writes does
    /// it: from any other connection it fails as long as somebody writes.
    pub(super) async fn truncate(&self) -> Result<(), Error> {
        let (reply, truncated) = oneshot::channel();
        self.jobs.send(Job::Truncate(reply)).await.map_err(|_| Error::Closed)?;
        truncated.await.map_err(|_| Error::Closed)?
    }

    pub(super) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.jobs.send(Job::Close(reply)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

fn run(mut connection: Connection, place: &Arc<Place>, mut waiting: mpsc::Receiver<Job>) {
    let mut checkpoints = Checkpoints::start(place.clone());
    let mut group = Vec::with_capacity(MAX_GROUP);
    checkpoints.watch(&mut connection);
    while waiting.blocking_recv_many(&mut group, MAX_GROUP) > 0 {
        let mut closing = None;
        let mut truncations = Vec::new();
        let mut works = Vec::with_capacity(group.len());
        for job in group.drain(..) {
            match job {
                Job::Write(care, work) => works.push((care, work)),
                Job::Truncate(reply) => truncations.push(reply),
                Job::Close(reply) => closing = Some(reply),
            }
        }
        if let Err(fault) = write_group(&mut connection, place, works) {
            error!(error = %fault, "writing failed");
            // After a failed synchronisation nobody knows what is on the disk: never repeat it on
            // the same connection, start from what the file says.
            if fault.is_disk_fault() || !connection.is_usable() {
                match place.reconnect() {
                    Ok(fresh) => {
                        connection = fresh;
                        checkpoints.watch(&mut connection);
                    }
                    Err(fault) => error!(error = %fault, "the database cannot be opened again"),
                }
            }
        }
        if !truncations.is_empty() {
            checkpoints.wait();
            let truncated = truncate(&connection);
            for reply in truncations {
                let told = match &truncated {
                    Ok(()) => Ok(()),
                    Err(fault) => Err(Error::Away(fault.to_string())),
                };
                let _ = reply.send(told);
            }
        }
        checkpoints.after_commit(&connection);
        if let Some(reply) = closing {
            drop(checkpoints);
            drop(connection);
            let _ = reply.send(());
            return;
        }
    }
}

fn truncate(connection: &Connection) -> Result<(), Error> {
    let Connection::Sqlite(file) = connection else { return Ok(()) };
    // It waits for those who are reading, and says whether they were done in time.
    let left: i64 = file.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if left == 0 {
        return Ok(());
    }
    Err(Error::Away("the write-ahead log is being read and still holds what was erased".to_owned()))
}

fn write_group(
    connection: &mut Connection,
    place: &Place,
    works: Vec<(Care, Work)>,
) -> Result<(), Error> {
    if works.is_empty() {
        return Ok(());
    }
    let mut tells = Vec::with_capacity(works.len());
    let committed = commit(connection, place, works, &mut tells);
    for tell in tells {
        tell(committed.as_ref().copied());
    }
    committed
}

fn commit(
    connection: &mut Connection,
    place: &Place,
    works: Vec<(Care, Work)>,
    tells: &mut Vec<Tell>,
) -> Result<(), Error> {
    if let Err(fault) = begin(connection, place) {
        // Every caller hears why, and nothing is run.
        tells.extend(works.into_iter().map(|(_, work)| without_transaction(work)));
        return Err(fault);
    }
    match write_all(connection, works, tells) {
        Ok(Written::All) => connection.commit().inspect_err(|_| drop(connection.rollback())),
        Ok(Written::Nothing) => connection.rollback(),
        Err(fault) => {
            if !connection.is_undone() {
                connection.rollback()?;
            }
            Err(fault)
        }
    }
}

/// Begins a transaction, on a new connection if the old one was lost: nothing has run yet.
fn begin(connection: &mut Connection, place: &Place) -> Result<(), Error> {
    if connection.is_usable() {
        let begun = connection.begin();
        if begun.is_ok() || connection.is_usable() {
            return begun;
        }
    }
    *connection = place.reconnect()?;
    connection.begin()
}

/// What a transaction holds when all works were run.
enum Written {
    All,
    Nothing,
}

fn write_all(
    connection: &Connection,
    works: Vec<(Care, Work)>,
    tells: &mut Vec<Tell>,
) -> Result<Written, Error> {
    // Alone, a work needs nothing that leaves others alone.
    let is_alone = works.len() == 1;
    let mut works = works.into_iter();
    while let Some((care, work)) = works.next() {
        let is_marked = !is_alone && (care == Care::Mark || !connection.counts_changes());
        let marked = if is_marked { connection.mark() } else { Ok(()) };
        if let Err(fault) = marked {
            tells.push(without_transaction(work));
            tells.extend(works.map(|(_, work)| without_transaction(work)));
            return Err(fault);
        }
        let before = connection.changes();
        let (worked, tell) = work(connection);
        tells.push(tell);
        // A full disk may have undone the whole transaction: what came before is not stored, and
        // what follows would each be a commit of its own.
        let settled = if connection.is_undone() {
            Err(Error::Away("the transaction was undone".to_owned()))
        } else if is_marked {
            if worked { connection.keep() } else { connection.undo() }
        } else if worked || connection.counts_changes() && connection.changes() == before {
            Ok(())
        } else if is_alone {
            return Ok(Written::Nothing);
        } else {
            Err(Error::Away("a write was stopped half-way".to_owned()))
        };
        if let Err(fault) = settled {
            tells.extend(works.map(|(_, work)| without_transaction(work)));
            return Err(fault);
        }
    }
    Ok(Written::All)
}

/// Returns how to tell a caller whose work was never run: by dropping it, which closes its channel.
fn without_transaction(work: Work) -> Tell {
    Box::new(move |_| drop(work))
}
