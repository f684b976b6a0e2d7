//! Requests, one after the other over one connection, and what each takes of the process that answers.

use crate::child::{Child, to_f64};
use crate::figure::median;
use crate::{Outcome, child};
use std::time::Duration;

/// Requests before anything is measured.
const WARM_UP: u64 = 100;
/// Processor time that a round takes at least, in milliseconds: the system counts it by tens.
const ROUND_MS: f64 = 600.0;
/// Rounds.
const ROUNDS: usize = 5;

/// A client of one process.
///
/// # Errors
/// Where there is none to be had.
pub fn client() -> Outcome<reqwest::Client> {
    let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    Ok(builder.timeout(Duration::from_mins(1)).build()?)
}

/// An address that is read.
#[derive(Clone, Copy, Debug)]
pub struct Address<'a> {
    /// The domain of the instance.
    pub domain: &'a str,
    /// The path.
    pub path: &'a str,
    /// What is accepted.
    pub accept: &'a str,
}

/// Reads an address once; gives the length of the answer.
///
/// # Errors
/// Where it does not answer 200.
pub async fn read(client: &reqwest::Client, child: &Child, address: Address<'_>) -> Outcome<usize> {
    let request = client
        .get(format!("http://{}{}", child.address, address.path))
        .header("Host", address.domain)
        .header("Accept", address.accept);
    let answer = request.send().await?;
    if answer.status() != 200 {
        return Err(format!("{} answers {}", address.path, answer.status()).into());
    }
    Ok(answer.bytes().await?.len())
}

/// The processor time that reading an address takes of a process, in milliseconds; and the length of the answer.
///
/// # Errors
/// Where it does not answer 200.
pub async fn cost(child: &Child, address: Address<'_>) -> Outcome<(f64, usize)> {
    let client = client()?;
    let mut length = 0;
    for _ in 0..WARM_UP {
        length = read(&client, child, address).await?;
    }
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let (before, mut taken, mut count) = (child.cpu_ms()?, 0.0, 0);
        while taken < ROUND_MS {
            for _ in 0..WARM_UP {
                read(&client, child, address).await?;
            }
            count += WARM_UP;
            taken = child.cpu_ms()? - before;
        }
        rounds.push(taken / to_f64(count));
    }
    Ok((median(rounds), length))
}

/// The same of a bare server that answers with as many bytes.
///
/// # Errors
/// Where it does not answer.
pub async fn bare_cost(address: Address<'_>, length: usize) -> Outcome<f64> {
    let port = child::free_port()?;
    let arguments = ["bare".to_owned(), port.to_string(), length.to_string()];
    let bare = Child::start(port, arguments).await?;
    Ok(cost(&bare, address).await?.0)
}
