//! `eider`: parses arguments, runs the command, turns an error into an exit status.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    eider::cli::run()
}
