//! Integration tests: the real router, the real database, real sockets. One binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops here")]
#![expect(clippy::print_stdout, reason = "seeds and counts are told")]

mod accounts;
mod bad_input;
mod browser;
mod calls;
mod check;
mod desk;
mod editorial;
mod editorial_insight;
mod emergency;
mod erasure;
mod generations;
mod handoff_store;
mod history;
mod http;
mod integration;
mod kill;
mod knowledge;
mod labels;
mod limits;
mod logs;
mod nodes;
mod pages;
mod publish;
mod publish_faults;
mod quotes;
mod second_factor;
mod store;
mod support;
mod terminal;
mod tls;
mod visitor;
mod visitor_http;
mod waiting;
mod webhooks;
