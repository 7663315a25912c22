//! `eider`: parses arguments, runs the command, turns an error into an exit status.

use std::process::ExitCode;

fn main() -> ExitCode {
    eider::cli::run()
}
