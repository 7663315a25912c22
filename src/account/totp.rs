//! The second factor: codes that change with the time, as RFC 6238 has them and every authenticator
//! app shows them (SHA-1, 30 seconds, six digits).

use std::fmt;

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use crate::id;
use crate::time::Timestamp;

/// Length of a secret: that of the hash, as RFC 4226 advises.
const SECRET_BYTES: usize = 20;
const STEP_SECONDS: i64 = 30;
const DIGITS: usize = 6;
/// How many steps a telephone's clock may be off, on either side.
const DRIFT: i64 = 1;

/// What an authenticator app and the server share.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// Makes a new one.
    pub fn random() -> Self {
        Self(id::random_bytes::<SECRET_BYTES>().into())
    }

    /// Takes one as it was stored; `None` when the text is none.
    pub fn stored(text: &str) -> Option<Self> {
        BASE32_NOPAD.decode(text.as_bytes()).ok().map(Self)
    }

    /// Returns the text to store, and to type into an app that cannot scan.
    pub fn text(&self) -> String {
        BASE32_NOPAD.encode(&self.0)
    }

    /// Returns what an app takes over from a picture.
    pub fn uri(&self, login: &str) -> String {
        let label: String = login.bytes().map(escaped).collect();
        format!("otpauth://totp/Eider:{label}?secret={}&issuer=Eider", self.text())
    }

    /// Returns the time step whose code this is, around `now` and after the last one that was
    /// used: no code is good twice.
    pub fn step_of(&self, code: &str, now: Timestamp, last: i64) -> Option<i64> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let is_code = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        let code: u32 = digits.parse().ok().filter(|_| is_code)?;
        let step = now.as_micros() / 1_000_000 / STEP_SECONDS;
        let mut near = step - DRIFT..=step + DRIFT;
        near.find(|&step| step > last && self.number(step) % 1_000_000 == code)
    }

    /// Returns the code at a moment.
    pub fn code(&self, now: Timestamp) -> String {
        let step = now.as_micros() / 1_000_000 / STEP_SECONDS;
        format!("{:0DIGITS$}", self.number(step) % 1_000_000)
    }

    /// Returns the number of a step, of which a code is the last digits (RFC 4226, 5.3).
    fn number(&self, step: i64) -> u32 {
        let mut hmac = Hmac::<Sha1>::new_from_slice(&self.0).expect("a key of any length will do");
        hmac.update(&step.to_be_bytes());
        let hash = hmac.finalize().into_bytes();
        let at = usize::from(hash[19] & 0xf);
        u32::from_be_bytes([hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]])
    }
}

fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of the RFC's test vectors for SHA-1.
    fn secret() -> Secret {
        Secret(b"12345678901234567890".to_vec())
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        let vectors = [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ];
        for (seconds, code) in vectors {
            assert_eq!(secret().number(seconds / 30) % 100_000_000, code, "{seconds}");
            assert_eq!(secret().code(at(seconds)), format!("{:06}", code % 1_000_000));
        }
    }

    #[test]
    fn the_numbers_are_those_of_rfc_4226() {
        let codes = [
            755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871,
            520_489,
        ];
        for (counter, code) in (0..).zip(codes) {
            assert_eq!(secret().number(counter) % 1_000_000, code, "{counter}");
        }
    }

    #[test]
    fn a_code_is_good_for_its_step_and_its_neighbours_and_never_twice() {
        let code = secret().code(at(1_000_000_020));
        let step = 1_000_000_020 / 30;
        for (seconds, last, expected) in [
            (-60, 0, None),
            (-30, 0, Some(step)),
            (0, 0, Some(step)),
            (59, 0, Some(step)),
            (60, 0, None),
            (0, step - 1, Some(step)),
            (0, step, None),
        ] {
            let found = secret().step_of(&code, at(1_000_000_020 + seconds), last);
            assert_eq!(found, expected, "{seconds} {last}");
        }
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        assert_eq!(secret().step_of(&spaced, at(1_000_000_020), 0), Some(step));
        for wrong in ["", "12345", "1234567", "abcdef", "-12345", "+12345", "１２３４５６"] {
            assert_eq!(secret().step_of(wrong, at(1_000_000_020), 0), None, "{wrong}");
        }
    }

    #[test]
    fn apps_take_it_over() {
        let uri = secret().uri("li wen@example");
        let expected = "otpauth://totp/Eider:li%20wen%40example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Eider";
        assert_eq!(uri, expected);
        assert_eq!(Secret::stored(&secret().text()), Some(secret()));
        assert_eq!(Secret::stored("not base32!"), None);
        assert_ne!(Secret::random(), Secret::random());
        assert_eq!(format!("{:?}", secret()), "Secret(…)");
    }
}
