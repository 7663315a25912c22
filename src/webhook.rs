//! Word to other systems, by the text of Standard Webhooks: signed, posted, tried again over hours.
//! What is said is the store's matter, and when it is tried `app`'s.

mod post;
mod reach;

pub use post::{Fault, Post};
pub use reach::is_public;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// How long to wait after each failed attempt, in seconds: nearly four days in all.
const WAITS: [i64; 9] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// Returns how many seconds after its `attempts`th failure a message is tried again; `None` when it
/// is given up. `chance` (0 to 255) spreads those that failed together over a tenth of the time.
pub fn wait_after(attempts: i64, chance: u8) -> Option<i64> {
    let wait = *WAITS.get(usize::try_from(attempts.checked_sub(1)?).ok()?)?;
    Some(wait + wait * i64::from(chance) / 2550)
}

/// Returns the signature of a message: of its id, the moment of the attempt in seconds since 1970,
/// and its body.
///
/// # Panics
/// Never: HMAC takes a key of any length.
pub fn signature(key: &[u8], message: &str, seconds: i64, body: &str) -> String {
    let mut hmac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
    hmac.update(format!("{message}.{seconds}.{body}").as_bytes());
    format!("v1,{}", BASE64.encode(&hmac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_specification() {
        let key = BASE64.decode(b"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let message = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signed = signature(&key, message, 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn attempts_are_spread_over_days_and_end() {
        let waits: Vec<_> = (1..=10).map(|attempt| wait_after(attempt, 0)).collect();
        assert_eq!(
            (waits[0], waits[3], waits[8], waits[9]),
            (Some(5), Some(7200), Some(86_400), None)
        );
        assert_eq!(wait_after(4, 255), Some(7920), "a tenth later at most");
        assert_eq!(wait_after(0, 0), None);
    }
}
