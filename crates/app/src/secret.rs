//! Secrets: random tokens and their hashes, passwords and theirs.

use crate::{Error, Result};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// 32 random bytes, in URL-safe base64: 43 characters.
pub(crate) fn token() -> Result<String> {
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::Internal("no randomness".into()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// SHA-256 of a token, in hexadecimal: what is stored of it.
pub(crate) fn hash_token(token: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes());
    digest.as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
        use std::fmt::Write;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// One hash under way for each core, of all the instances of the process: each takes 19 MiB.
static HASHING: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, std::num::NonZero::get)));

/// Does work with passwords on a blocking thread, when it is its turn.
pub(crate) async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _turn = HASHING.acquire().await.map_err(|closed| Error::Internal(closed.to_string()))?;
    tokio::task::spawn_blocking(work).await.map_err(|stopped| Error::Internal(stopped.to_string()))
}

/// Argon2id of a password, in PHC form. Takes tens of milliseconds: run it [`in_turn`].
pub(crate) fn hash_password(password: &str) -> Result<String> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| Error::Internal(error.to_string()))
}

/// Whether the password has that hash. Takes as long where there is no hash, so that nobody learns which
/// addresses have an account.
pub(crate) fn verify_password(password: &str, hash: Option<&str>) -> bool {
    let parsed = hash.and_then(|hash| PasswordHash::new(hash).ok());
    let Some(parsed) = parsed else {
        let _ = hash_password(password);
        return false;
    };
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_verifies_against_its_own_hash_only() {
        let hash = hash_password("le pont est fermé").unwrap();
        assert!(verify_password("le pont est fermé", Some(&hash)));
        assert!(!verify_password("le pont est ouvert", Some(&hash)));
        assert!(!verify_password("le pont est fermé", None));
        assert!(!verify_password("x", Some("not a hash")));
    }

    #[test]
    fn tokens_differ_and_only_their_hash_is_kept() {
        let (one, two) = (token().unwrap(), token().unwrap());
        assert_ne!(one, two);
        assert_eq!(one.len(), 43);
        assert_eq!(hash_token("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
