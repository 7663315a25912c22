//! What other systems are told of, and what became of it. A message is written in the transaction
//! of the event that it tells of, once for each system that wants to hear of such events; it holds
//! no words of visitors and nothing about their health.

use super::database::{Connection, Row, params};
use serde_json::{Map, Value, json};

use super::{Error, Store};
use crate::id::{self, SessionId};
use crate::session::{Event, EventKind};
use crate::time::Timestamp;

/// Fields of an event that go out; everything else stays here.
const TOLD: [&str; 10] =
    ["reason", "priority", "escalations", "why", "by", "to", "team", "outcome", "form", "due"];

/// A message on its way to one system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: String,
    /// The system, by its name in the configuration.
    pub webhook: String,
    /// The id that the system knows the message by, the same on every attempt.
    pub message: String,
    /// The session.
    pub session: SessionId,
    /// What it tells of, such as `session.claimed`.
    pub event: String,
    /// The body, JSON.
    pub payload: String,
    /// `pending`, `delivered` or `failed`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// What came of the last attempt.
    pub result: String,
    /// When it was written.
    pub created: Timestamp,
    /// When it is tried next.
    pub next: Timestamp,
}

impl Store {
    /// Says who wants to hear of what: names, each with its events. Whoever was there before and is
    /// not named any more hears of nothing new.
    pub async fn set_webhooks(&self, webhooks: Vec<(String, Vec<String>)>) -> Result<(), Error> {
        self.writer
            .write(move |connection| {
                connection.execute("DELETE FROM webhooks", params![])?;
                for (name, events) in webhooks {
                    connection.execute(
                        "INSERT INTO webhooks (name, events) VALUES (?1, ?2)",
                        params![name, format!(",{},", events.join(","))],
                    )?;
                }
                Ok(())
            })
            .await
    }

    /// Takes messages for one system that are due; nobody else takes them before `until`.
    pub async fn take_due(
        &self,
        webhook: &str,
        most: i64,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Delivery>, Error> {
        let webhook = webhook.to_owned();
        // Looking first keeps an idle server from writing every second.
        let due = self.read(move |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS}
                 FROM deliveries
                 WHERE state = 'pending' AND webhook = ?1 AND next_at <= ?2
                 ORDER BY next_at, id
                 LIMIT ?3"
            ))?;
            let rows = statement.query_map(params![webhook, now.as_micros(), most], delivery)?;
            rows.collect::<Result<Vec<_>, _>>()
        });
        let due = due.await?;
        if due.is_empty() {
            return Ok(due);
        }
        self.writer
            .write(move |connection| {
                let mut statement = connection.prepare_cached(
                    "UPDATE deliveries
                     SET next_at = ?3, attempts = attempts + 1
                     WHERE id = ?1 AND state = 'pending' AND next_at = ?2",
                )?;
                let mut taken = Vec::new();
                for one in due {
                    let was = one.next.as_micros();
                    if statement.execute(params![one.id, was, until.as_micros()])? == 1 {
                        taken.push(Delivery { attempts: one.attempts + 1, ..one });
                    }
                }
                Ok(taken)
            })
            .await
    }

    /// Notes what came of an attempt; `next` is when to try again, if it is to be tried again.
    pub async fn attempted(
        &self,
        id: &str,
        delivered: bool,
        result: String,
        next: Option<Timestamp>,
    ) -> Result<(), Error> {
        let id = id.to_owned();
        let state = match (delivered, next) {
            (true, _) => "delivered",
            (false, Some(_)) => "pending",
            (false, None) => "failed",
        };
        self.writer
            .write(move |connection| {
                connection.execute(
                    "UPDATE deliveries
                     SET state = ?2, result = ?3, next_at = COALESCE(?4, next_at)
                     WHERE id = ?1",
                    params![id, state, result, next.map(Timestamp::as_micros)],
                )?;
                Ok(())
            })
            .await
    }

    /// Lets a message be tried again now, however it stands; returns whether there is one.
    pub async fn try_again(&self, id: &str, now: Timestamp) -> Result<bool, Error> {
        let id = id.to_owned();
        self.writer
            .write(move |connection| {
                let found = connection.execute(
                    "UPDATE deliveries SET state = 'pending', next_at = ?2 WHERE id = ?1",
                    params![id, now.as_micros()],
                )?;
                Ok(found > 0)
            })
            .await
    }

    /// Returns at most `limit` messages written before a moment, newest first.
    pub async fn deliveries(&self, before: Timestamp, limit: i64) -> Result<Vec<Delivery>, Error> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS}
                 FROM deliveries
                 WHERE created_at < ?1
                 ORDER BY created_at DESC, id
                 LIMIT ?2"
            ))?;
            let rows = statement.query_map(params![before.as_micros(), limit], delivery)?;
            rows.collect::<Result<_, _>>()
        })
        .await
    }

    /// Forgets messages that were written before a moment and are done with.
    pub async fn forget_deliveries(&self, before: Timestamp) -> Result<usize, Error> {
        self.writer
            .write(move |connection| {
                connection.execute(
                    "DELETE FROM deliveries WHERE created_at < ?1 AND state <> 'pending'",
                    [before.as_micros()],
                )
            })
            .await
    }
}

const COLUMNS: &str =
    "id, webhook, message, session, event, payload, state, attempts, result, created_at, next_at";

/// Writes the messages that an event calls for, inside its transaction.
pub(super) fn note(
    connection: &Connection,
    session: &SessionId,
    event: &Event,
) -> Result<(), Error> {
    if event.kind != EventKind::State {
        return Ok(());
    }
    let Ok(Value::Object(body)) = serde_json::from_str::<Value>(&event.body) else {
        return Ok(());
    };
    let kind = match body.get("state").and_then(Value::as_str) {
        Some("queued" | "requeued" | "transferred") => "session.queued",
        Some("escalated") => "session.escalated",
        Some("claimed") => "session.claimed",
        Some("left") => "session.left",
        Some("closed" | "ended") => "session.closed",
        Some("form_received") => "form.received",
        _ => return Ok(()),
    };
    let message = format!("msg_{}", id::digest(&[session.as_str(), &event.seq.to_string()]));
    let mut data = Map::new();
    data.insert("session".to_owned(), json!(session.as_str()));
    data.insert("seq".to_owned(), json!(event.seq));
    // What a form is offered with (`form: true`) is nobody's form.
    let told = body.into_iter().filter(|(name, value)| {
        TOLD.contains(&name.as_str()) && !value.is_null() && !value.is_boolean()
    });
    data.extend(told);
    let payload = json!({ "type": kind, "timestamp": event.at.to_string(), "data": data });
    connection
        .prepare_cached(
            "INSERT INTO deliveries
                (id, webhook, message, session, event, payload, state, attempts, result, created_at, next_at)
             SELECT CAST(?1 AS TEXT) || '.' || name, name, CAST(?1 AS TEXT), CAST(?2 AS TEXT), CAST(?3 AS TEXT),
                 CAST(?4 AS TEXT), 'pending', 0, '', CAST(?5 AS BIGINT), CAST(?5 AS BIGINT)
             FROM webhooks
             WHERE events LIKE '%,' || CAST(?3 AS TEXT) || ',%'",
        )?
        .execute(params![
            message,
            session.as_str(),
            kind,
            payload.to_string(),
            event.at.as_micros()
        ])?;
    Ok(())
}

fn delivery(row: &Row<'_>) -> Result<Delivery, Error> {
    Ok(Delivery {
        id: row.get("id")?,
        webhook: row.get("webhook")?,
        message: row.get("message")?,
        session: row.get::<_, String>("session")?.into(),
        event: row.get("event")?,
        payload: row.get("payload")?,
        state: row.get("state")?,
        attempts: row.get("attempts")?,
        result: row.get("result")?,
        created: Timestamp::from_micros(row.get("created_at")?),
        next: Timestamp::from_micros(row.get("next_at")?),
    })
}
