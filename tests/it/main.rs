//! Integration tests: the real router, the real database, real sockets. One binary.

mod browser;
mod erasure;
mod history;
mod http;
mod kill;
mod knowledge;
mod limits;
mod logs;
mod publish;
mod quotes;
mod store;
mod support;
mod visitor;
