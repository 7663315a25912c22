//! Eider: a medication-consultation backend that quotes its own knowledge base.
pub mod cli;
pub mod config;
pub mod consult;
pub mod engine;
pub mod eval;
pub mod id;
pub mod knowledge;
pub mod library;
pub mod protocol;
pub mod publish;
pub mod search;
pub mod text;
pub mod time;
