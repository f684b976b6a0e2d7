//! The one HTTP client of the process: checked addresses, no surprises, and a bound on everything.
//!
//! It deliberately does not retry, remember or interpret: it makes one exchange and hands over the
//! bytes. It never follows a redirect without checking it as if it were a new URL, and never
//! follows one for a POST.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST, LINK, LOCATION, RETRY_AFTER, USER_AGENT};
use reqwest::{Client, Method, RequestBuilder, Response};
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use super::accept::{ACTIVITY_JSON, Accept};
use super::address::{AddressError, Scheme, TestHosts, authority, is_public, join};
use super::error::FetchError;
use super::forms::{Form, may_mean_form, means_understood};
use super::outcome::{self, DeliveryOutcome};
use super::signer::Signer;

/// What one exchange may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the first look-up to the last byte, redirects included. A POST has it once for each form of its
    /// signature, and once more for the rest of the answer.
    pub deadline: Duration,
    /// To open one connection.
    pub connect: Duration,
    /// Decoded bytes of a body.
    pub body: usize,
    /// Bytes kept of the answer to a POST.
    pub body_head: usize,
    /// Redirects followed by a GET.
    pub redirects: usize,
}

impl Default for Limits {
    /// 10 s in all, 5 s to connect, 1 MiB, 64 KiB, 3 redirects.
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(10),
            connect: Duration::from_secs(5),
            body: 1024 * 1024,
            body_head: 64 * 1024,
            redirects: 3,
        }
    }
}

/// An answer to a GET, with status 200.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The URL that answered, after redirects.
    pub final_url: Url,
    /// The decoded body.
    pub body: Bytes,
    /// Its `Link` headers (RFC 8288).
    pub links: Vec<String>,
}

/// The HTTP client; cloning it is cheap and shares the connections.
#[derive(Clone)]
pub struct Http {
    client: Client,
    test_hosts: TestHosts,
    limits: Limits,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Http {
    /// A client that reaches public servers by https, and these test hosts.
    ///
    /// Certificates are judged by the machine's authorities (the package `ca-certificates`); without
    /// any, an error is logged and no https server is trusted.
    pub fn new(test_hosts: TestHosts) -> Result<Self, FetchError> {
        Self::with_limits(test_hosts, Limits::default())
    }

    /// The same with other limits.
    pub fn with_limits(test_hosts: TestHosts, limits: Limits) -> Result<Self, FetchError> {
        let builder = || {
            Client::builder()
                .tls_backend_rustls()
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .no_proxy()
                .connect_timeout(limits.connect)
                .pool_max_idle_per_host(2)
                .pool_idle_timeout(Duration::from_secs(30))
                .dns_resolver(CheckedResolver { test_hosts: test_hosts.clone() })
        };
        let client = builder().build().or_else(|error| {
            // A machine without certificate authorities can still run the demo, over plain http.
            let cause = root_cause(&error);
            tracing::error!(cause, "no certificate authorities: every https server will be distrusted");
            builder().tls_certs_only([]).build()
        });
        let client = client.map_err(|error| FetchError::Connection(root_cause(&error)))?;
        Ok(Self { client, test_hosts, limits })
    }

    /// The test hosts that this client reaches.
    pub fn test_hosts(&self) -> &TestHosts {
        &self.test_hosts
    }

    /// Gets a document of the wanted kind, signed if a signer is given. `now` in seconds since 1970.
    ///
    /// Every redirect is checked and signed as a request of its own.
    pub async fn get_json(
        &self,
        url: &Url,
        accept: Accept,
        signer: Option<&Signer>,
        now: i64,
    ) -> Result<Fetched, FetchError> {
        let exchange = self.follow(url, accept, signer, now);
        timeout(self.limits.deadline, exchange).await.map_err(|_| FetchError::Timeout)?
    }

    async fn follow(
        &self,
        url: &Url,
        accept: Accept,
        signer: Option<&Signer>,
        now: i64,
    ) -> Result<Fetched, FetchError> {
        let mut url = url.clone();
        for _ in 0..=self.limits.redirects {
            url.set_fragment(None);
            let url_now = self.test_hosts.check(url.as_str())?;
            let response = if let Some(signer) = signer {
                self.knock(&url_now, &Errand::Get(accept), signer, now).await?
            } else {
                let request = self.request(Method::GET, &url_now, None)?;
                self.send(request.header(ACCEPT, accept.header())).await?
            };
            match response.status().as_u16() {
                200 => return take_document(response, url_now, accept, &self.limits).await,
                301 | 302 | 303 | 307 | 308 => url = location(&response, &url_now)?,
                status @ (404 | 410) => return Err(FetchError::Gone(status)),
                status => return Err(FetchError::Status(status)),
            }
        }
        Err(FetchError::TooManyRedirects)
    }

    /// Posts an activity, signed. `now` in seconds since 1970.
    ///
    /// Any status is an outcome; an error means that there was no answer, or that none was sought.
    pub async fn post(
        &self,
        url: &Url,
        body: Bytes,
        signer: &Signer,
        now: i64,
    ) -> Result<DeliveryOutcome, FetchError> {
        let url = self.test_hosts.check(url.as_str())?;
        let mut response = self.knock(&url, &Errand::Post(body), signer, now).await?;
        let deadline = Instant::now() + self.limits.deadline;
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER);
        let retry_after = retry_after.and_then(|line| outcome::retry_after(line.to_str().ok()?, now));
        let mut head = BytesMut::new();
        // The status is what counts: an answer whose body drips or breaks off was still given.
        while head.len() < self.limits.body_head {
            match timeout_at(deadline, response.chunk()).await {
                Ok(Ok(Some(chunk))) => head.extend_from_slice(&chunk),
                _ => break,
            }
        }
        head.truncate(self.limits.body_head);
        Ok(DeliveryOutcome { status, retry_after, body_head: head.freeze() })
    }

    /// Sends a signed request in the form that the host takes; in the other one too, once, where the host
    /// refuses it in a way that may mean the form.
    async fn knock(
        &self,
        url: &Url,
        errand: &Errand,
        signer: &Signer,
        now: i64,
    ) -> Result<Response, FetchError> {
        let host = authority(url);
        let Some(forms) = &signer.forms else {
            return self.send(self.signed(Form::Cavage, url, errand, signer, now)?).await;
        };
        let known = forms.known(&host).await;
        let first = self.send(self.signed(known.form, url, errand, signer, now)?).await?;
        if !known.may_retry || !may_mean_form(first.status().as_u16()) {
            return Ok(first);
        }
        let form = known.form.other();
        let second = self.send(self.signed(form, url, errand, signer, now)?).await?;
        let status = second.status().as_u16();
        if may_mean_form(status) {
            forms.refused_both(&host).await;
            return Ok(first);
        }
        if means_understood(status) {
            forms.took(&host, form).await;
        }
        Ok(second)
    }

    fn signed(
        &self,
        form: Form,
        url: &Url,
        errand: &Errand,
        signer: &Signer,
        now: i64,
    ) -> Result<RequestBuilder, FetchError> {
        let (method, lines) = match errand {
            Errand::Get(accept) => (Method::GET, signer.sign_get(form, url, accept.header(), now)),
            Errand::Post(body) => (Method::POST, signer.sign_post(form, url, ACTIVITY_JSON, body, now)),
        };
        let lines = lines.map_err(|_| FetchError::Signing)?;
        let request = with_headers(self.request(method, url, Some(signer))?, lines);
        Ok(match errand {
            Errand::Get(_) => request,
            Errand::Post(body) => request.body(body.clone()),
        })
    }

    /// Sends a request, and gives what answers it once its headers have come.
    async fn send(&self, request: RequestBuilder) -> Result<Response, FetchError> {
        let sent = timeout(self.limits.deadline, request.send()).await;
        sent.map_err(|_| FetchError::Timeout)?.map_err(|error| failure(&error))
    }

    /// A request to a checked URL. A plain-http test host is called at its address, under its name.
    fn request(
        &self,
        method: Method,
        url: &Url,
        signer: Option<&Signer>,
    ) -> Result<RequestBuilder, FetchError> {
        let mut called = url.clone();
        let mut host = None;
        if let Some(test) = self.test_hosts.find(url).filter(|test| test.scheme == Scheme::Http) {
            called.set_ip_host(test.address.ip()).map_err(|()| AddressError::Host)?;
            called.set_port(Some(test.address.port())).map_err(|()| AddressError::Host)?;
            host = Some(authority(url));
        }
        let request = self.client.request(method, called).header(USER_AGENT, user_agent(signer));
        Ok(match host {
            Some(host) => request.header(HOST, host),
            None => request,
        })
    }
}

/// What is wanted of a host.
enum Errand {
    Get(Accept),
    Post(Bytes),
}

/// `Clocher/0.1.0 (+https://example.org/)`, where the signer's key says who asks.
fn user_agent(signer: Option<&Signer>) -> String {
    let version = concat!("Clocher/", env!("CARGO_PKG_VERSION"));
    match signer.and_then(|signer| Url::parse(&signer.key_id).ok()) {
        Some(key) if key.has_host() => format!("{version} (+{}://{}/)", key.scheme(), authority(&key)),
        _ => version.to_owned(),
    }
}

fn with_headers(request: RequestBuilder, lines: Vec<(String, String)>) -> RequestBuilder {
    // `host` is written by the connection itself, or was set with the test host.
    let lines = lines.into_iter().filter(|(name, _)| name != "host");
    lines.fold(request, |request, (name, value)| request.header(name, value))
}

fn location(response: &Response, from: &Url) -> Result<Url, FetchError> {
    let mut lines = response.headers().get_all(LOCATION).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else { return Err(FetchError::BadRedirect) };
    let text = line.to_str().map_err(|_| FetchError::BadRedirect)?;
    join(from, text).ok_or(FetchError::BadRedirect)
}

async fn take_document(
    mut response: Response,
    final_url: Url,
    accept: Accept,
    limits: &Limits,
) -> Result<Fetched, FetchError> {
    let mut types = response.headers().get_all(CONTENT_TYPE).iter();
    let believed = match (types.next(), types.next()) {
        (Some(line), None) => line.to_str().is_ok_and(|text| accept.takes(text)),
        _ => false,
    };
    if !believed {
        return Err(FetchError::ContentType);
    }
    let most = accept.most_bytes(limits.body);
    let announced = response.headers().get(CONTENT_LENGTH).and_then(|line| line.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > most) {
        return Err(FetchError::TooLarge);
    }
    let links = response.headers().get_all(LINK).iter();
    let links = links.filter_map(|line| line.to_str().ok()).map(str::to_owned).collect();
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + chunk.len() > most {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Fetched { final_url, body: body.freeze(), links })
}

fn failure(error: &reqwest::Error) -> FetchError {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(inner) = cause {
        if let Some(refusal) = inner.downcast_ref::<AddressError>() {
            return FetchError::Address(refusal.clone());
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        FetchError::Timeout
    } else if error.is_decode() {
        FetchError::Broken
    } else if error.is_builder() {
        FetchError::Address(AddressError::Malformed)
    } else {
        FetchError::Connection(root_cause(error))
    }
}

fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// Resolves names and lets only checked addresses through, so that what was checked is what is
/// connected to (S15): the connection is made to these addresses and the name is not asked again.
struct CheckedResolver {
    test_hosts: TestHosts,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let known = self.test_hosts.addresses(name.as_str());
        Box::pin(async move {
            if !known.is_empty() {
                return Ok(Box::new(known.into_iter()) as Addrs);
            }
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<_> = found.into_iter().filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(AddressError::Blocked.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn s15_a_name_that_leads_to_the_loopback_is_not_connected_to() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let http = Http::new(TestHosts::default()).unwrap();
        // Past the check of URLs, as a public name would be that was given a private address.
        let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
        let error = http.client.get(url).send().await.unwrap_err();
        assert_eq!(failure(&error), FetchError::Address(AddressError::Blocked));
        assert!(!failure(&error).is_transient());
        assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }
}
