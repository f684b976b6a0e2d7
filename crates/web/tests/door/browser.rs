//! An instance on a database for tests, and a browser without JavaScript.

use crate::accessibility::check;
use actix_web::body::to_bytes;
use actix_web::cookie::Cookie;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::{ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY, HeaderMap, LOCATION, ORIGIN};
use actix_web::test::{TestRequest, init_service};
use actix_web::{HttpMessage, web};
use clocher_app::accounts::{self, NewAccount};
use clocher_app::founding::{Founding, found};
use clocher_app::ports::{Directory, Later};
use clocher_app::{App, Site, SystemClock, sessions};
use clocher_domain::Refusal;
use clocher_domain::actor::{ActorKind, Role};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::testing::{TestDb, backends, sqlite};
use futures_util::future::LocalBoxFuture;
use scraper::{ElementRef, Html, Selector};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

type Call = Rc<dyn Fn(TestRequest) -> LocalBoxFuture<'static, ServiceResponse>>;

/// Privas, with its administrator Marie, an ordinary member Paul and a community for cyclists.
pub struct Instance {
    pub app: App,
    call: Call,
    /// The administrator's one-time sign-in link.
    pub link: String,
    pub marie: ActorRow,
    pub paul: ActorRow,
    pub fetches: Arc<AtomicU32>,
    _db: TestDb,
}

/// Knows one community and one person of elsewhere, and counts how often it is asked.
struct Beta(Arc<AtomicU32>);

impl Directory for Beta {
    fn find<'a>(&'a self, app: &'a App, address: &'a str) -> Later<'a, clocher_app::Result<ActorRow>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            if address.contains("marche@beta.test") {
                return put_remote(app, ActorKind::Group, "marche", "beta.test", "Le marché").await;
            }
            if ["@lea@beta.test", "https://beta.test/u/lea"].contains(&address) {
                return put_remote(app, ActorKind::Person, "lea", "beta.test", "Léa Faure").await;
            }
            let name = address.trim_start_matches(&app.site().person(""));
            let name = name.trim_start_matches(&app.site().community("")).to_owned();
            let own = app.read(move |conn| actors::find_local(conn, &name)).await?;
            own.ok_or_else(|| Refusal::NotFound.into())
        })
    }

    fn learn_software<'a>(&'a self, app: &'a App, actor: &'a ActorRow) -> Later<'a, clocher_app::Result<()>> {
        let host = actor.host.clone();
        Box::pin(async move {
            let clocher = Some(("clocher".to_owned(), "0".to_owned()));
            clocher_app::delivering::record_software(app, host, clocher, true).await
        })
    }

    fn ask_again<'a>(
        &'a self,
        app: &'a App,
        actor: &'a ActorRow,
    ) -> Later<'a, clocher_app::Result<ActorRow>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let id = actor.id;
        Box::pin(async move {
            app.write(move |deed| {
                let row = actors::find(deed.conn, id)?.ok_or(Refusal::NotFound)?;
                if row.local {
                    return Ok(row);
                }
                // Nobody of beta has moved.
                let now = ActorRow { fetched_at: Some(deed.now()), moved_to: None, ..row };
                actors::update(deed.conn, &now)?;
                Ok::<_, clocher_app::Error>(now)
            })
            .await
        })
    }
}

/// An actor of another server, as federation would have recorded it.
pub async fn put_remote(
    app: &App,
    kind: ActorKind,
    name: &str,
    host: &str,
    display_name: &str,
) -> clocher_app::Result<ActorRow> {
    let place = if kind == ActorKind::Group { "c" } else { "u" };
    let ap_id = format!("https://{host}/{place}/{name}");
    let row = ActorRow {
        id: app.mint(),
        kind: kind.as_str().to_owned(),
        local: false,
        name: name.to_owned(),
        host: host.to_owned(),
        display_name: display_name.to_owned(),
        summary_html: String::new(),
        summary_source: None,
        url: ap_id.clone(),
        inbox: format!("{ap_id}/inbox"),
        shared_inbox: None,
        outbox: None,
        followers: None,
        public_key_id: String::new(),
        public_key_pem: String::new(),
        ed25519_public: None,
        fetched_at: Some(app.now().0),
        created_at: app.now().0,
        updated_at: app.now().0,
        suspended_at: None,
        deleted_at: None,
        handle: None,
        also_known_as: None,
        moved_to: None,
        moved_at: None,
        ap_id,
    };
    app.write(move |deed| {
        let row = actors::put_if_new(deed.conn, &row)?;
        if row.kind == ActorKind::Group.as_str() {
            let community = clocher_storage::communities::CommunityRow {
                actor_id: row.id,
                territory: None,
                posting: "everybody".to_owned(),
                members_claimed: Some(12),
                moderators_url: None,
                featured_url: None,
                default_reach: None,
                links_url: None,
                openness: "open".to_owned(),
            };
            clocher_storage::communities::put(deed.conn, &community)?;
        }
        Ok::<_, clocher_app::Error>(row)
    })
    .await
}

/// The password of both.
pub const PASSWORD: &str = "le pont est fermé";

impl Instance {
    /// On SQLite, over plain http.
    pub async fn new() -> Self {
        Self::over(sqlite(), "http", "alpha.test:4000").await
    }

    /// On every backend at hand.
    pub async fn on_each_backend() -> Vec<Self> {
        let mut all = Vec::new();
        for db in backends() {
            all.push(Self::over(db, "http", "alpha.test:4000").await);
        }
        all
    }

    pub async fn over(db: TestDb, scheme: &str, domain: &str) -> Self {
        let app = App::new(db.db.clone(), Site::new(scheme, domain), Arc::new(SystemClock));
        let account = |name: &str, display_name: &str| NewAccount {
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            mail: format!("{name}@exemple.fr"),
            password: Some(PASSWORD.to_owned()),
        };
        let founding = Founding {
            territory: Some("commune:07186".parse().unwrap()),
            name: "Privas".to_owned(),
            language: "fr".to_owned(),
            administrator: account("marie", "Marie Vernet"),
            neighbours: Vec::new(),
            communities: vec![("Vélo".to_owned(), "Pour rouler **ensemble**.".to_owned())],
        };
        let link = found(&app, founding).await.unwrap().address;
        let paul = accounts::add(&app, account("paul", "Paul Roux"), Role::Member).await.unwrap();
        let (_, marie) = accounts::find(&app, "marie").await.unwrap();
        let fetches = Arc::new(AtomicU32::new(0));
        let directory: Arc<dyn Directory> = Arc::new(Beta(Arc::clone(&fetches)));
        let served = app.clone();
        let service = init_service(
            actix_web::App::new()
                .app_data(web::Data::new(directory))
                .wrap_fn(move |request, next| {
                    request.extensions_mut().insert(served.clone());
                    next.call(request)
                })
                .configure(clocher_web::routes),
        )
        .await;
        let service = Rc::new(service);
        let call: Call = Rc::new(move |request| {
            let service = Rc::clone(&service);
            Box::pin(async move { service.call(request.to_request()).await.unwrap().map_into_boxed_body() })
        });
        Self { app, call, link, marie, paul, fetches, _db: db }
    }

    /// A browser of nobody.
    pub fn browser(&self) -> Browser {
        Browser {
            call: Rc::clone(&self.call),
            origin: self.app.site().address(""),
            fetch_site: None,
            language: "fr".to_owned(),
            cookies: BTreeMap::new(),
        }
    }

    /// A browser in which that person is signed in.
    pub async fn browser_of(&self, person: &ActorRow) -> Browser {
        let mut browser = self.browser();
        let link = sessions::make_link(&self.app, person.id).await.unwrap();
        let page = browser.open(self.path(&link.address)).await;
        let answer = browser.submit(&page, "/sign-in/", &[]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        browser
    }

    /// The path of an address of this instance.
    pub fn path<'a>(&self, address: &'a str) -> &'a str {
        address.strip_prefix(&self.app.site().address("")).unwrap()
    }
}

/// A browser without JavaScript.
#[derive(Clone)]
pub struct Browser {
    call: Call,
    /// What it says in `Origin`; nothing where empty.
    pub origin: String,
    /// What it says in `Sec-Fetch-Site`.
    pub fetch_site: Option<&'static str>,
    pub language: String,
    pub cookies: BTreeMap<String, String>,
}

/// What a browser got.
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
    pub set_cookies: Vec<Cookie<'static>>,
}

impl Browser {
    /// Opens a page.
    pub async fn open(&mut self, path: &str) -> Page {
        self.send(TestRequest::get().uri(path)).await
    }

    /// Fills in the form of a page whose address begins with `action`, and sends it.
    pub async fn submit(&mut self, page: &Page, action: &str, typed: &[(&str, &str)]) -> Page {
        let (address, mut fields) = page.form(action);
        for (name, value) in typed {
            fields.insert((*name).to_owned(), (*value).to_owned());
        }
        self.post(&address, &fields).await
    }

    /// Sends fields to an address, from a page of `origin`.
    pub async fn post(&mut self, address: &str, fields: &BTreeMap<String, String>) -> Page {
        let mut request = TestRequest::post().uri(address).set_form(fields);
        if !self.origin.is_empty() {
            request = request.insert_header((ORIGIN, self.origin.as_str()));
        }
        if let Some(site) = self.fetch_site {
            request = request.insert_header(("sec-fetch-site", site));
        }
        self.send(request).await
    }

    /// Goes where an answer leads.
    pub async fn follow(&mut self, answer: &Page) -> Page {
        assert_eq!(answer.status, 303, "{}", answer.body);
        let place = answer.location();
        self.open(place.split('#').next().unwrap()).await
    }

    pub async fn send(&mut self, mut request: TestRequest) -> Page {
        request = request.insert_header((ACCEPT_LANGUAGE, self.language.as_str()));
        for (name, value) in &self.cookies {
            request = request.cookie(Cookie::new(name.clone(), value.clone()));
        }
        let response = (self.call)(request).await;
        let set_cookies: Vec<Cookie<'static>> =
            response.response().cookies().map(Cookie::into_owned).collect();
        for cookie in &set_cookies {
            if cookie.value().is_empty() {
                self.cookies.remove(cookie.name());
            } else {
                self.cookies.insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = to_bytes(response.into_body()).await.unwrap();
        let page = Page { status, headers, body: String::from_utf8(body.to_vec()).unwrap(), set_cookies };
        page.check();
        page
    }
}

impl Page {
    /// What must hold of every answer.
    fn check(&self) {
        let policy = self.header(CONTENT_SECURITY_POLICY.as_str());
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        assert_eq!(self.header("referrer-policy"), "same-origin");
        if self.header("content-type").starts_with("text/html") {
            check(&self.body);
            assert!(!self.body.contains("Unknown localization"), "{}", self.body);
        }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub fn location(&self) -> String {
        self.headers.get(LOCATION).unwrap().to_str().unwrap().to_owned()
    }

    /// The text of the elements that a selector finds, on one line.
    pub fn text(&self, selector: &str) -> String {
        let document = Html::parse_document(&self.body);
        let found: Vec<String> =
            document.select(&Selector::parse(selector).unwrap()).map(|found| line(&found)).collect();
        found.join(" | ")
    }

    pub fn count(&self, selector: &str) -> usize {
        Html::parse_document(&self.body).select(&Selector::parse(selector).unwrap()).count()
    }

    /// The address of the form whose action begins with `action`, and the fields as they stand: of boxes, those that are
    /// ticked.
    pub fn form(&self, action: &str) -> (String, BTreeMap<String, String>) {
        let document = Html::parse_document(&self.body);
        let forms = Selector::parse("form").unwrap();
        let form = document
            .select(&forms)
            .find(|form| form.value().attr("action").is_some_and(|address| address.starts_with(action)))
            .unwrap_or_else(|| panic!("no form for {action} in {}", self.body));
        let fields = Selector::parse("input, textarea").unwrap();
        let filled = form.select(&fields).filter_map(|field| {
            let is_box = field.value().attr("type") == Some("checkbox");
            if is_box && field.value().attr("checked").is_none() {
                return None;
            }
            let name = field.value().attr("name")?.to_owned();
            let value = match field.value().name() {
                "textarea" => field.text().collect(),
                _ => field.value().attr("value").unwrap_or_default().to_owned(),
            };
            Some((name, value))
        });
        (form.value().attr("action").unwrap().to_owned(), filled.collect())
    }
}

fn line(element: &ElementRef<'_>) -> String {
    element.text().flat_map(|text| text.split_ascii_whitespace()).collect::<Vec<_>>().join(" ")
}
