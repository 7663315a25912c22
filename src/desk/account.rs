//! Signing in and out. Checking a password is slow on purpose and left to the caller, who has
//! threads for it.

use tracing::error;

use super::Desk;
use crate::account::{Hashed, User};
use crate::store::{self, SignIn, UserSession};
use crate::time::Timestamp;

/// A sign-in ends after so long without a request and without an open socket …
pub const IDLE_SECONDS: i64 = 15 * 60;
/// … and after so long in any case.
pub const ABSOLUTE_SECONDS: i64 = 12 * 3600;
/// A ticket opens a socket within this time.
pub const TICKET_SECONDS: i64 = 30;
/// Use is noted this often at most.
const TOUCH_SECONDS: i64 = 60;
/// Longest name of a browser that is kept, in characters.
const MAX_AGENT: usize = 200;

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Where.
    pub session: UserSession,
    /// Who.
    pub user: User,
}

impl SignedIn {
    /// Returns when the sign-in ends in any case.
    pub fn expires(&self) -> Timestamp {
        self.session.created.plus_seconds(ABSOLUTE_SECONDS)
    }
}

impl Desk {
    /// Takes an attempt to sign in; returns the account, if there is one, and the hash to compare
    /// the password with: that of nobody for an unknown name. `Err` tells when to try again.
    pub async fn attempt(
        &self,
        login: &str,
        address: &str,
    ) -> Result<Option<(User, Hashed)>, Attempt> {
        self.rates.sign_in(login, address, self.now()).map_err(Attempt::Wait)?;
        let found = self.store.user_by_login(login).await.map_err(Attempt::Store)?;
        Ok(found.filter(|(user, _)| !user.disabled))
    }

    /// Signs in somebody whose password was right; returns the token.
    pub async fn sign_in(
        &self,
        user: &User,
        agent: &str,
        address: &str,
    ) -> Result<String, store::Error> {
        self.rates.signed_in(&user.login, address);
        let agent = agent.chars().filter(|c| !c.is_control()).take(MAX_AGENT).collect();
        self.store.open_user_session(user, agent, self.now()).await
    }

    /// Returns who is signed in by a token.
    pub async fn signed_in(&self, token: &str) -> Result<Option<SignedIn>, store::Error> {
        let found = self.store.user_session(token, self.holding()).await?;
        Ok(self.in_use(found).await)
    }

    /// Returns who is signed in by the session with this id.
    pub async fn still_signed_in(&self, id: &str) -> Result<Option<SignedIn>, store::Error> {
        let found = self.store.user_session_by_id(id, self.holding()).await?;
        Ok(self.in_use(found).await)
    }

    /// Returns a ticket that opens one socket, once.
    pub async fn ticket(&self, signed_in: &SignedIn) -> Result<String, store::Error> {
        let now = self.now();
        self.store.open_ticket(&signed_in.session.id, now.plus_seconds(TICKET_SECONDS), now).await
    }

    /// Returns whom a ticket was made for, and uses it up.
    pub async fn redeem(&self, ticket: &str) -> Result<Option<SignedIn>, store::Error> {
        match self.store.redeem_ticket(ticket, self.now()).await? {
            Some(session) => self.still_signed_in(&session).await,
            None => Ok(None),
        }
    }

    /// Returns where somebody is signed in.
    pub async fn sign_ins(&self, user: &User) -> Result<Vec<UserSession>, store::Error> {
        self.store.user_sessions(&user.id, self.holding()).await
    }

    /// Signs somebody out of one of their sessions; returns whether there was one.
    pub async fn sign_out(&self, user: &User, session: &str) -> Result<bool, store::Error> {
        self.store.end_user_session(user, session, self.now()).await
    }

    /// Returns whether an account may not be used any more.
    pub async fn is_disabled(&self, user: &User) -> Result<bool, store::Error> {
        let found = self.store.user_by_login(&user.login).await?;
        Ok(found.is_none_or(|(user, _)| user.disabled))
    }

    fn holding(&self) -> SignIn {
        let now = self.now();
        SignIn {
            created_after: now.minus_seconds(ABSOLUTE_SECONDS),
            active_after: now.minus_seconds(IDLE_SECONDS),
        }
    }

    /// Notes that a sign-in is in use, now and then; a disabled account has none.
    async fn in_use(&self, found: Option<(UserSession, User)>) -> Option<SignedIn> {
        let (session, user) = found.filter(|(_, user)| !user.disabled)?;
        let now = self.now();
        if now.seconds_since(session.active) >= TOUCH_SECONDS
            && let Err(fault) = self.store.touch_user_session(&session.id, now).await
        {
            error!(error = %fault, "the use of a sign-in could not be noted");
        }
        Some(SignedIn { session, user })
    }
}

/// Why an attempt to sign in was not looked at.
#[derive(Debug, thiserror::Error)]
pub enum Attempt {
    /// Too many; in how many milliseconds to try again.
    #[error("too many attempts")]
    Wait(u64),
    /// The database does not answer.
    #[error(transparent)]
    Store(store::Error),
}
