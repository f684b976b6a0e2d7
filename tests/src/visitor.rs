//! Somebody at a browser without JavaScript: opens pages, fills the forms that stand on them, keeps cookies.

use scraper::{Html, Selector};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use url::form_urlencoded;

/// A browser at one instance.
pub struct Visitor {
    base: String,
    client: reqwest::Client,
    cookies: Mutex<Vec<(String, String)>>,
}

/// A page as it came.
#[derive(Clone, Debug)]
pub struct Page {
    /// The status of the answer.
    pub status: u16,
    /// The address it stands at, after redirects: path and query.
    pub path: String,
    /// `Retry-After`, where it stands there.
    pub retry_after: Option<String>,
    /// The HTML.
    pub html: String,
}

/// Why there is no page.
pub type Failure = reqwest::Error;

impl Visitor {
    /// A browser that opens pages of `http://HOST` at that address.
    ///
    /// # Panics
    /// Where no client can be made.
    pub fn new(host: &str, address: SocketAddr) -> Self {
        let name = host.split(':').next().unwrap_or(host);
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(20))
            .resolve(name, address)
            .build()
            .expect("a client");
        Self { base: format!("http://{host}"), client, cookies: Mutex::default() }
    }

    /// Opens a page, following redirects within the instance.
    ///
    /// # Errors
    /// Where there is no answer.
    pub async fn open(&self, path: &str) -> Result<Page, Failure> {
        let request = self.client.get(format!("{}{path}", self.base));
        self.follow(path, request).await
    }

    /// Sends a form to that path with these fields, and follows to the page that answers.
    ///
    /// # Errors
    /// Where there is no answer: whether it was taken is not known then.
    pub async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Result<Page, Failure> {
        let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self
            .client
            .post(format!("{}{path}", self.base))
            .header("Origin", &self.base)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body);
        self.follow(path, request).await
    }

    /// Fills the form of a page that goes to that action: its hidden fields as they stand, the others as given.
    ///
    /// # Errors
    /// Where there is no answer.
    ///
    /// # Panics
    /// Where the page has no such form.
    pub async fn fill(&self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Result<Page, Failure> {
        let hidden = page
            .hidden(action)
            .unwrap_or_else(|| panic!("no form to {action} on {}: {}", page.path, page.html));
        let mut all: Vec<(&str, &str)> =
            hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        all.extend(fields);
        self.send(action, &all).await
    }

    /// Signs in by name and password.
    ///
    /// # Errors
    /// Where there is no answer.
    pub async fn sign_in(&self, name: &str, password: &str) -> Result<Page, Failure> {
        let page = self.open("/sign-in").await?;
        self.fill(&page, "/sign-in", &[("name", name), ("password", password)]).await
    }

    async fn follow(&self, path: &str, request: reqwest::RequestBuilder) -> Result<Page, Failure> {
        let (mut path, mut request) = (path.to_owned(), request);
        for _ in 0..5 {
            let response =
                request.header("Cookie", self.cookie()).header("Accept", "text/html").send().await?;
            self.keep(&response);
            let header =
                |name| response.headers().get(name).and_then(|line| line.to_str().ok()).map(str::to_owned);
            let (location, retry_after) = (header("Location"), header("Retry-After"));
            let status = response.status().as_u16();
            let Some(location) = location.filter(|_| response.status().is_redirection()) else {
                return Ok(Page { status, path, retry_after, html: response.text().await? });
            };
            path = location.strip_prefix(&self.base).unwrap_or(&location).to_owned();
            request = self.client.get(format!("{}{path}", self.base));
        }
        panic!("redirected again and again, at last to {path}")
    }

    fn cookie(&self) -> String {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep(&self, response: &reqwest::Response) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for line in response.headers().get_all("Set-Cookie").iter().filter_map(|line| line.to_str().ok()) {
            let pair = line.split(';').next().and_then(|pair| pair.split_once('='));
            if let Some((name, value)) = pair {
                cookies.retain(|(known, _)| known != name);
                cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

impl Page {
    /// The hidden fields of the form that goes to that action.
    pub fn hidden(&self, action: &str) -> Option<Vec<(String, String)>> {
        let document = Html::parse_document(&self.html);
        let (forms, fields) = (select("form"), select("input[type=hidden]"));
        let form = document.select(&forms).find(|form| form.value().attr("action") == Some(action))?;
        let value = |field: scraper::ElementRef<'_>| {
            let name = field.value().attr("name").unwrap_or_default().to_owned();
            (name, field.value().attr("value").unwrap_or_default().to_owned())
        };
        Some(form.select(&fields).map(value).collect())
    }

    /// The addresses of the links whose text contains that text.
    pub fn links(&self, text: &str) -> Vec<String> {
        let document = Html::parse_document(&self.html);
        let anchors = select("a[href]");
        let links = document.select(&anchors).filter(|link| link.text().collect::<String>().contains(text));
        links.filter_map(|link| link.value().attr("href")).map(str::to_owned).collect()
    }

    /// The text of the page, without its markup, on one line.
    pub fn text(&self) -> String {
        let document = Html::parse_document(&self.html);
        let main = document.select(&select("main")).next();
        let text = main.map(|main| main.text().collect::<Vec<_>>().join(" ")).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn select(selector: &str) -> Selector {
    Selector::parse(selector).expect("a selector")
}
