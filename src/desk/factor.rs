//! Second factors: enrolled, asked for at sign-in, and asked for again before what is taken out or
//! looked at in bulk.

use super::{Desk, SignedIn};
use crate::account::{Secret, User};
use crate::id;
use crate::store;

/// A proof counts for so long.
pub const PROOF_SECONDS: i64 = 600;
/// Codes for when the telephone is gone.
const RECOVERY_CODES: usize = 10;

/// What became of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// It is right, and used up.
    Right,
    /// It is wrong, too old or was used before.
    Wrong,
    /// There is no second factor to check it by.
    NoFactor,
}

impl Desk {
    /// Checks a code of a person's second factor, or one of their recovery codes.
    pub async fn check_code(&self, user: &User, code: &str) -> Result<Checked, store::Error> {
        let factor = self.store.factor(&user.id).await?.filter(|factor| factor.confirmed);
        let Some(factor) = factor else { return Ok(Checked::NoFactor) };
        let is_right = match factor.secret.step_of(code, self.now(), factor.last_step) {
            Some(step) => self.store.use_step(&user.id, step).await?,
            None => self.store.use_recovery(user, &tidy(code), self.now()).await?,
        };
        Ok(if is_right { Checked::Right } else { Checked::Wrong })
    }

    /// Begins to enrol a second factor; `None` when one is in use.
    pub async fn begin_factor(&self, user: &User) -> Result<Option<Secret>, store::Error> {
        let secret = Secret::random();
        Ok(self.store.begin_factor(&user.id, &secret).await?.then_some(secret))
    }

    /// Takes a second factor into use by its first code; returns the recovery codes, or `None` when
    /// the code is wrong or nothing waits for one.
    pub async fn confirm_factor(
        &self,
        signed_in: &SignedIn,
        code: &str,
    ) -> Result<Option<Vec<String>>, store::Error> {
        let user = &signed_in.user;
        let factor = self.store.factor(&user.id).await?.filter(|factor| !factor.confirmed);
        let now = self.now();
        let step = factor.and_then(|factor| factor.secret.step_of(code, now, factor.last_step));
        let Some(step) = step else { return Ok(None) };
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| id::random_hex::<8>()).collect();
        let confirmed = self.store.confirm_factor(user, step, &codes, now).await?;
        self.store.prove(&signed_in.session.id, now).await?;
        Ok(confirmed.then(|| codes.iter().map(|code| readable(code)).collect()))
    }

    /// Takes somebody's own second factor away; returns whether there was one.
    pub async fn drop_factor(&self, user: &User) -> Result<bool, store::Error> {
        self.store.drop_factor(&user.id, &user.login, self.now()).await
    }

    /// Notes that whoever is signed in has proved it again.
    pub async fn prove(&self, signed_in: &SignedIn) -> Result<(), store::Error> {
        self.store.prove(&signed_in.session.id, self.now()).await
    }

    /// Returns whether whoever is signed in proved it lately.
    pub fn is_proved(&self, signed_in: &SignedIn) -> bool {
        self.now().seconds_since(signed_in.session.proved) < PROOF_SECONDS
    }

    /// Takes one attempt to prove who somebody is; otherwise says in how many milliseconds to try
    /// again.
    pub fn take_proof(&self, user: &User, address: &str) -> Result<(), u64> {
        self.rates.sign_in(&user.login, address, self.now())
    }

    /// Gives an attempt back that did no harm: the password was right, or all of it.
    pub fn give_back_attempt(&self, user: &User, address: &str) {
        self.rates.signed_in(&user.login, address);
    }
}

/// Returns a recovery code as it is shown.
fn readable(code: &str) -> String {
    let quarter = code.len() / 4;
    (0..4).map(|at| &code[at * quarter..(at + 1) * quarter]).collect::<Vec<_>>().join("-")
}

/// Returns a recovery code as it was made, however it was typed.
fn tidy(code: &str) -> String {
    code.chars().filter(char::is_ascii_hexdigit).map(|c| c.to_ascii_lowercase()).collect()
}
