//! Eider: a medication-consultation backend that quotes its own knowledge base.
//!
//! A map of the modules, in reading order; each may use only those above it (the exact rules are
//! in ARCHITECTURE.md and enforced by `tests/tidy.rs`):
//!
//! - [`id`], [`time`], [`text`]: ids, time stamps, text as the engine reads it
//! - [`knowledge`]: articles, drugs, lexicon, policy: what editors own, parsed and checked
//! - [`triage`]: judges every message for emergencies before anything else; pure
//! - [`alarm`]: the emergency policy of a generation, and the alarm a message raises
//! - [`consult`]: from a question to an answer made of quotes; pure
//! - [`session`]: a consultation as a log of events, and its hand-off to a person; pure
//! - [`account`]: the people behind the desk, and their passwords
//! - [`label`]: official drug labels, turned into draft articles; pure
//! - [`lint`]: what can be said about a knowledge base without publishing it; pure
//! - [`library`]: the knowledge folder on disk
//! - [`search`]: the index of passages; all of tantivy
//! - [`engine`], [`eval`], [`publish`]: one generation that answers, its golden questions, and
//!   how generations are built and switched
//! - [`store`]: the database, SQLite or PostgreSQL; all of rusqlite and tokio-postgres
//! - [`bus`]: the doorbell that tells sockets to read the log again
//! - [`config`]: what operators set
//! - [`webhook`]: signed word to other systems
//! - [`protocol`]: the wire
//! - [`desk`]: the use cases, where engine, store and bus meet
//! - [`editorial`]: the editors' use cases: drafts, review, publishing from the console, gaps, recall
//! - [`replay`]: past answers, written anew from their generation
//! - [`app`], [`web`]: the running server, HTTP and WebSocket
//! - [`client`]: the visitor's side of the wire, for the terminal
//! - [`cli`]: the command line

pub mod account;
pub mod alarm;
pub mod app;
pub mod bus;
pub mod cli;
pub mod client;
pub mod config;
pub mod consult;
pub mod desk;
pub mod editorial;
pub mod engine;
pub mod eval;
pub mod id;
pub mod knowledge;
pub mod label;
pub mod library;
pub mod lint;
pub mod protocol;
pub mod publish;
pub mod replay;
pub mod search;
pub mod session;
pub mod store;
pub mod text;
pub mod time;
pub mod triage;
pub mod web;
pub mod webhook;
