//! The thread that writes: takes whatever waits, writes it in one transaction, and answers each
//! caller after the commit. A caller that goes away cancels nothing.

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};
use tracing::error;

use super::checkpoints::Checkpoints;
use super::{Error, connect};

/// Most writes of one commit.
const MAX_GROUP: usize = 256;
/// Writes that may wait; further callers wait for a place.
const MAX_WAITING: usize = 4096;

/// A handle to the thread.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
}

enum Job {
    Write(Care, Work),
    Truncate(oneshot::Sender<Result<(), Error>>),
    Close(oneshot::Sender<()>),
}

/// What is undone when a work fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Care {
    /// What it wrote itself: it has a savepoint of its own.
    Savepoint,
    /// The whole transaction, if the work had written anything.
    Whole,
}

/// Writes inside the open transaction; returns whether that worked, and how to tell the caller.
type Work = Box<dyn FnOnce(&Connection) -> (bool, Tell) + Send>;
/// Tells the caller, once it is known whether the transaction was committed.
type Tell = Box<dyn FnOnce(Result<(), &Error>) + Send>;

impl Writer {
    pub(super) fn start(connection: Connection, path: Arc<Path>) -> Self {
        let (jobs, waiting) = mpsc::channel(MAX_WAITING);
        let thread = std::thread::Builder::new().name("store-writer".to_owned());
        thread
            .spawn(move || run(connection, &path, waiting))
            .expect("a thread can be started while the program starts");
        Self { jobs }
    }

    /// Runs `work` in a transaction, possibly together with others', and returns its result after
    /// the durable commit. What `work` wrote is undone when it fails.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.send(Care::Savepoint, work).await
    }

    /// Like `write`, without the cost of a savepoint: for work that only a fault of the database
    /// can stop once it has written something. Then everything in the transaction is undone.
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
        answer.await.map_err(|_| Error::Closed)?
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

fn run(mut connection: Connection, path: &Arc<Path>, mut waiting: mpsc::Receiver<Job>) {
    let mut checkpoints = Checkpoints::start(path.clone());
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
        if let Err(fault) = write_group(&mut connection, works) {
            error!(error = %fault, "writing failed");
            if fault.is_disk_fault() {
                // After a failed synchronisation nobody knows what is on the disk: never repeat
                // it on the same connection, start from what the file says.
                match connect(path) {
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
    // It waits for those who are reading, and says whether they were done in time.
    let left: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if left == 0 {
        return Ok(());
    }
    Err(Error::Away("the write-ahead log is being read and still holds what was erased".to_owned()))
}

fn write_group(connection: &mut Connection, works: Vec<(Care, Work)>) -> Result<(), Error> {
    if works.is_empty() {
        return Ok(());
    }
    let mut tells = Vec::with_capacity(works.len());
    let committed = commit(connection, works, &mut tells);
    for tell in tells {
        tell(committed.as_ref().copied());
    }
    committed
}

fn commit(
    connection: &mut Connection,
    works: Vec<(Care, Work)>,
    tells: &mut Vec<Tell>,
) -> Result<(), Error> {
    // Without a transaction nothing is run.
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Alone, a work needs nothing that leaves others alone.
    let is_alone = works.len() == 1;
    for (care, work) in works {
        let is_guarded = care == Care::Savepoint && !is_alone;
        if is_guarded && run_cached(&tx, "SAVEPOINT work").is_err() {
            tells.push(without_transaction(work));
            continue;
        }
        let before = tx.total_changes();
        let (worked, tell) = work(&tx);
        tells.push(tell);
        // A full disk may have undone the whole transaction: what came before is not stored, and
        // what follows would each be a commit of its own.
        if tx.is_autocommit() {
            return Err(Error::Away("the transaction was undone".to_owned()));
        }
        if is_guarded {
            if !worked {
                run_cached(&tx, "ROLLBACK TO work")?;
            }
            run_cached(&tx, "RELEASE work")?;
        } else if !worked && tx.total_changes() != before {
            if is_alone {
                return Ok(tx.rollback()?);
            }
            return Err(Error::Away("a write was stopped half-way".to_owned()));
        }
    }
    Ok(tx.commit()?)
}

fn run_cached(connection: &Connection, statement: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(statement)?.execute([]).map(|_| ())
}

/// Returns how to tell a caller whose work was never run: by dropping it, which closes its channel.
fn without_transaction(work: Work) -> Tell {
    Box::new(move |_| drop(work))
}
