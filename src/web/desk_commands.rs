//! A console's commands: each is carried out by the desk and answered once, by its own id.

use super::desk_socket::Console;
use super::line::{Line, Step};
use crate::app::App;
use crate::desk::{Carried, Refusal};
use crate::id::SessionId;
use crate::protocol::{Command, DeskError, DeskFrame, DeskSays};

/// Carries out a command and tells what became of it.
pub(super) async fn carry_out(
    console: &mut Console,
    app: &App,
    line: &mut Line,
    frame: DeskFrame,
) -> Step {
    let (cid, session) = of(&frame);
    let (cid, session) = (cid.to_owned(), session.cloned());
    let user = &console.signed_in.user;
    let done = match app.desk.take_command(user) {
        Ok(()) => run(app, console, &frame).await,
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(Carried { fence, seq, dup }) => {
            let session = session.as_ref();
            line.send(&DeskSays::Done { cid: &cid, session, fence, seq, dup }).await
        }
        Err(refusal) => refuse(line, &cid, session.as_ref(), refusal).await,
    }
}

async fn run(app: &App, console: &Console, frame: &DeskFrame) -> Result<Carried, Refusal> {
    let (desk, user) = (&app.desk, &console.signed_in.user);
    let nothing = |dup| Carried { fence: None, seq: None, dup };
    match frame {
        DeskFrame::Claim(command) => desk.claim(user, command).await,
        DeskFrame::Release(command) => desk.release(user, command).await,
        DeskFrame::Return(command) => desk.return_to_bot(user, command).await,
        DeskFrame::Clear(command) => desk.clear(user, command).await,
        DeskFrame::Transfer { command, to, team } => {
            desk.transfer(user, command, to.as_ref(), team.as_deref()).await
        }
        DeskFrame::Close { command, outcome } => desk.close(user, command, outcome).await,
        DeskFrame::Send { command, base_seq, text, quotes } => {
            desk.reply(user, command, *base_seq, text, quotes).await
        }
        DeskFrame::Note { cid, session, text } => {
            let (_, is_new) = desk.note(user, session, cid, text).await?;
            Ok(nothing(!is_new))
        }
        DeskFrame::Available { on, .. } => {
            desk.set_available(user, *on).await?;
            Ok(nothing(false))
        }
        DeskFrame::Hello { .. }
        | DeskFrame::Open { .. }
        | DeskFrame::Leave { .. }
        | DeskFrame::Typing { .. }
        | DeskFrame::Pong { .. } => Err(DeskError::BadFrame.into()),
    }
}

/// Says why a command was not carried out.
pub(super) async fn refuse(
    line: &mut Line,
    cid: &str,
    session: Option<&SessionId>,
    refusal: Refusal,
) -> Step {
    let Refusal { code, fence, head, retry_after_ms } = refusal;
    let retryable = matches!(
        code,
        DeskError::RateLimited | DeskError::StorageUnavailable | DeskError::Internal
    );
    let refused =
        DeskSays::Refused { cid, code, retryable, retry_after_ms, session, fence, head_seq: head };
    line.send(&refused).await
}

fn of(frame: &DeskFrame) -> (&str, Option<&SessionId>) {
    match frame {
        DeskFrame::Claim(command)
        | DeskFrame::Release(command)
        | DeskFrame::Return(command)
        | DeskFrame::Clear(command)
        | DeskFrame::Transfer { command, .. }
        | DeskFrame::Close { command, .. }
        | DeskFrame::Send { command, .. } => {
            let Command { cid, session, .. } = command;
            (cid, Some(session))
        }
        DeskFrame::Note { cid, session, .. } | DeskFrame::Open { cid, session, .. } => {
            (cid, Some(session))
        }
        DeskFrame::Available { cid, .. } => (cid, None),
        DeskFrame::Leave { session } | DeskFrame::Typing { session } => ("", Some(session)),
        DeskFrame::Hello { .. } | DeskFrame::Pong { .. } => ("", None),
    }
}
