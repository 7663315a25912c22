//! Integration tests: the real router, the real database, real sockets. One binary.

mod erasure;
mod http;
mod limits;
mod store;
mod support;
mod visitor;
