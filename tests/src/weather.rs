//! Weather between instances: a proxy before a listener, which delays requests, doubles them, lets later ones pass,
//! refuses them, or loses them or their answers. Hosts can be gone altogether.
//!
//! What befalls the n-th request is thrown with dice that fall in the same way for the same seed. Speaks HTTP/1.1 as
//! far as our own client does, one request a connection, and holds no test.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Longest that a request waits for a later one to pass.
const HELD: Duration = Duration::from_millis(250);
/// Longest delay, in milliseconds.
const DELAY: u64 = 60;
/// Largest request, in bytes.
const LARGEST: usize = 2 * 1024 * 1024;

/// Numbers that look random and can be had again: `SplitMix64` (Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall in the same way for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below the limit, which is not 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }

    /// One of these, which are not none.
    ///
    /// # Panics
    /// Where there is none.
    pub fn one<T: Clone>(&mut self, of: &[T]) -> T {
        let index = usize::try_from(self.below(of.len() as u64)).expect("an index");
        of.get(index).expect("one of them").clone()
    }
}

/// What befalls a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It passes.
    Passed,
    /// It passes after so many milliseconds.
    Delayed(u64),
    /// It arrives twice, and is answered once.
    Doubled,
    /// It passes after a later one has.
    Held,
    /// It does not arrive, and is answered with that status.
    Refused(u16),
    /// It does not arrive, and is not answered.
    Lost,
    /// It arrives, and the answer is lost.
    AnswerLost,
    /// Its host is gone.
    Gone,
}

impl Fate {
    /// The fate of the n-th request.
    fn of(seed: u64, number: u64) -> Self {
        let mut dice = Dice::new(seed ^ number.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        match dice.below(100) {
            0..40 => Self::Passed,
            40..60 => Self::Delayed(dice.below(DELAY)),
            60..70 => Self::Doubled,
            70..80 => Self::Held,
            80..84 => Self::Refused(500),
            84..88 => Self::Refused(503),
            88..93 => Self::Lost,
            _ => Self::AnswerLost,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Delayed(_) => "delayed",
            Self::Doubled => "doubled",
            Self::Held => "held",
            Self::Refused(_) => "refused",
            Self::Lost => "lost",
            Self::AnswerLost => "answer lost",
            Self::Gone => "gone",
        }
    }
}

/// The weather before one listener.
pub struct Weather {
    /// Where to ask instead of the listener.
    pub address: SocketAddr,
    sky: Arc<Sky>,
    listening: tokio::task::JoinHandle<()>,
}

struct Sky {
    seed: u64,
    target: SocketAddr,
    stormy: AtomicBool,
    /// By how many milliseconds requests are slowed down.
    slow: AtomicU64,
    number: AtomicU64,
    passed: watch::Sender<u64>,
    gone: Mutex<BTreeSet<String>>,
    tally: Mutex<BTreeMap<&'static str, u64>>,
}

impl Weather {
    /// Fair weather before that listener.
    ///
    /// # Panics
    /// Where no port can be had.
    pub async fn before(target: SocketAddr, seed: u64) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let sky = Arc::new(Sky {
            seed,
            target,
            stormy: AtomicBool::new(false),
            slow: AtomicU64::new(0),
            number: AtomicU64::new(0),
            passed: watch::Sender::new(0),
            gone: Mutex::default(),
            tally: Mutex::default(),
        });
        let over = Arc::clone(&sky);
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sky = Arc::clone(&over);
                // Whoever asked sees that the connection broke; there is nobody else to tell.
                tokio::spawn(async move { sky.befall(stream).await.ok() });
            }
        });
        Self { address, sky, listening }
    }

    /// From now on requests are delayed, doubled, lost and so on.
    pub fn storm(&self) {
        self.sky.stormy.store(true, Ordering::Relaxed);
    }

    /// From now on requests pass.
    pub fn clear_up(&self) {
        self.sky.stormy.store(false, Ordering::Relaxed);
        self.sky.slow.store(0, Ordering::Relaxed);
    }

    /// From now on every request passes, and takes so much longer.
    pub fn slow_down(&self, by: Duration) {
        self.sky.slow.store(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Hosts of that name (`alpha.test`) are gone: nothing that is sent to them is answered.
    pub fn take_away(&self, name: &str) {
        self.sky.gone().insert(name.to_owned());
    }

    /// It is back.
    pub fn bring_back(&self, name: &str) {
        self.sky.gone().remove(name);
    }

    /// How many requests have come so far.
    pub fn count(&self) -> u64 {
        self.sky.number.load(Ordering::Relaxed)
    }

    /// What has befallen how many requests.
    pub fn tally(&self) -> BTreeMap<&'static str, u64> {
        self.sky.tally.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Weather {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Sky {
    fn gone(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fate(&self, request: &Request) -> Fate {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let fate = if self.gone().contains(&request.host) {
            Fate::Gone
        } else if self.stormy.load(Ordering::Relaxed) {
            Fate::of(self.seed, number)
        } else {
            match self.slow.load(Ordering::Relaxed) {
                0 => Fate::Passed,
                millis => Fate::Delayed(millis),
            }
        };
        *self.tally.lock().unwrap_or_else(PoisonError::into_inner).entry(fate.name()).or_default() += 1;
        fate
    }

    async fn befall(&self, mut stream: TcpStream) -> io::Result<()> {
        let request = Request::read(&mut stream).await?;
        match self.fate(&request) {
            Fate::Lost | Fate::Gone => return Ok(()),
            Fate::AnswerLost => return self.pass(&request).await.map(|_| ()),
            Fate::Refused(status) => {
                let answer =
                    format!("HTTP/1.1 {status} Foul\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                return stream.write_all(answer.as_bytes()).await;
            }
            Fate::Delayed(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
            Fate::Held => {
                let mut passed = self.passed.subscribe();
                let _ = tokio::time::timeout(HELD, passed.changed()).await;
            }
            Fate::Doubled => {
                self.pass(&request).await?;
            }
            Fate::Passed => {}
        }
        let answer = self.pass(&request).await?;
        stream.write_all(&answer).await
    }

    /// Hands a request on, and gives the answer.
    async fn pass(&self, request: &Request) -> io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(self.target).await?;
        stream.write_all(&request.bytes).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        self.passed.send_modify(|passed| *passed += 1);
        Ok(answer)
    }
}

/// A request as it came, but that it closes its connection.
struct Request {
    host: String,
    bytes: Vec<u8>,
}

impl Request {
    async fn read(stream: &mut TcpStream) -> io::Result<Self> {
        let mut bytes = Vec::new();
        let head_ends = loop {
            if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break at;
            }
            if stream.read_buf(&mut bytes).await? == 0 || bytes.len() > LARGEST {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        let head = String::from_utf8_lossy(bytes.get(..head_ends).unwrap_or_default()).into_owned();
        let header = |wanted: &str| {
            let lines = head.lines().filter_map(|line| line.split_once(':'));
            lines.filter(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim()).next()
        };
        let length: usize = header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        let host = header("host").unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default().to_owned();
        while bytes.len() < head_ends + 4 + length {
            if stream.read_buf(&mut bytes).await? == 0 || bytes.len() > LARGEST {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        bytes.splice(head_ends..head_ends, *b"\r\nconnection: close");
        Ok(Self { host, bytes })
    }
}
