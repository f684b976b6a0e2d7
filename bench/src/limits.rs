//! The bare operations: an insert of SQLite, an RSA-2048 signature and its verification by the fastest library.

use crate::Outcome;
use crate::child::to_f64;
use crate::figure::median;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use rusqlite::Connection;
use std::path::Path;

/// Operations of a round.
const COUNT: u64 = 400;
/// Rounds.
const ROUNDS: usize = 5;

/// What the bare operations take, in milliseconds of processor time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// One row in one durable transaction.
    pub insert: f64,
    /// One signature.
    pub sign: f64,
    /// One verification.
    pub verify: f64,
}

impl Limits {
    /// Measures them, in a folder where a database can be made.
    ///
    /// # Errors
    /// Those of SQLite and of cryptography.
    pub fn measure(folder: &Path) -> Outcome<Self> {
        let key = KeyPair::generate(KeySize::Rsa2048)?;
        let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref())?;
        let (random, message) = (SystemRandom::new(), [7; 256]);
        let mut signature = vec![0; key.public_modulus_len()];
        let sign = cost(|_| Ok(key.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature)?))?;
        let verify = cost(|_| Ok(public.verify_sig(&message, &signature)?))?;
        Ok(Self { insert: insert_cost(folder)?, sign, verify })
    }

    /// The figures of them.
    pub fn figures(self) -> Vec<crate::figure::Figure> {
        use crate::figure::Figure;
        vec![
            Figure::new("bare_insert_cpu_ms", self.insert, "ms"),
            Figure::new("bare_rsa_sign_cpu_ms", self.sign, "ms"),
            Figure::new("bare_rsa_verify_cpu_ms", self.verify, "ms"),
        ]
    }
}

fn insert_cost(folder: &Path) -> Outcome<f64> {
    let conn = Connection::open(folder.join("bare.sqlite"))?;
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE bare (id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE, html TEXT NOT NULL);",
    )?;
    let text = "Un message.".repeat(20);
    let mut insert = conn.prepare("INSERT INTO bare (address, html) VALUES (?1, ?2)")?;
    cost(|number| {
        insert.execute((format!("http://mairie.bench/{number}"), &text))?;
        Ok(())
    })
}

/// What an operation takes of this process, which does nothing else meanwhile.
fn cost(mut operation: impl FnMut(u64) -> Outcome) -> Outcome<f64> {
    let mut rounds = Vec::new();
    let mut number = 0;
    for _ in 0..=ROUNDS {
        let before = cpu_ms();
        for _ in 0..COUNT {
            number += 1;
            operation(number)?;
        }
        rounds.push((cpu_ms() - before) / to_f64(COUNT));
    }
    // The first one warms up.
    rounds.remove(0);
    Ok(median(rounds))
}

/// The processor time of this thread, in milliseconds.
fn cpu_ms() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let nanos = time.tv_sec.saturating_mul(1_000_000_000).saturating_add(time.tv_nsec);
    to_f64(u64::try_from(nanos).unwrap_or_default()) / 1_000_000.0
}
