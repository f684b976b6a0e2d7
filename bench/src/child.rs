//! A process that is measured: started, asked of the operating system what it takes, killed.

use crate::Outcome;
use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a process may take to listen.
const PATIENCE: Duration = Duration::from_mins(2);

/// This program in another process. Killed when it is dropped.
pub struct Child {
    process: std::process::Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Child {
    /// Starts this program with these arguments, and waits until something listens at that port.
    ///
    /// # Errors
    /// Where it does not start, or ends at once.
    pub async fn start(port: u16, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Outcome<Self> {
        let process = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut child = Self { process, address };
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_err() {
            if let Some(status) = child.process.try_wait()? {
                return Err(format!("the server ended: {status}").into());
            }
            if Instant::now() > until {
                return Err("the server does not listen".into());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(child)
    }

    /// The processor time that it has taken, of all its threads, those that ended too, in milliseconds.
    ///
    /// # Errors
    /// Where the operating system does not say.
    pub fn cpu_ms(&self) -> Outcome<f64> {
        let line = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // The name of the program, in parentheses, may have spaces in it.
        let fields = line.rsplit_once(") ").map_or("", |(_, fields)| fields);
        let mut ticks = 0;
        for field in fields.split(' ').skip(11).take(2) {
            ticks += field.parse::<u64>()?;
        }
        let a_second = rustix::param::clock_ticks_per_second();
        Ok(to_f64(ticks) * 1_000.0 / to_f64(a_second))
    }

    /// Its resident memory, in megabytes of 10⁶ bytes.
    ///
    /// # Errors
    /// Where the operating system does not say.
    pub fn rss_mb(&self) -> Outcome<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(to_f64(kibibytes) * 1_024.0 / 1_000_000.0)
    }

    /// Ends it as a power cut of the process would, at any moment of its work.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn kill(mut self) -> Outcome {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that nothing listens at.
///
/// # Errors
/// Where there is none.
pub fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are far below 2^52")]
pub fn to_f64(count: u64) -> f64 {
    count as f64
}
