//! Who asks for a page, of which instance and in which language; and the cookie that says so.

use crate::error::Failure;
use crate::language::Lang;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::ACCEPT_LANGUAGE;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use clocher_app::ports::Directory;
use clocher_app::sessions::{self, SESSION, Viewer};
use clocher_app::{App, Error, Site, notifying};
use clocher_domain::time::SECOND;
use clocher_storage::instance::InstanceRow;
use futures_util::future::LocalBoxFuture;
use std::collections::HashMap;
use std::sync::Arc;

/// The cookie and the parameter by which a reader chooses a language.
pub const LANG: &str = "lang";

/// A request for a page.
#[derive(Clone)]
pub struct Visit {
    /// The instance.
    pub app: App,
    /// What the instance says of itself.
    pub instance: InstanceRow,
    /// Finds actors of other servers; none where the process does not federate.
    pub directory: Option<Arc<dyn Directory>>,
    /// The language of the page.
    pub lang: Lang,
    /// Whoever is signed in.
    pub viewer: Option<Viewer>,
    /// How many notifications whoever is signed in has not seen.
    pub unseen: i64,
    /// The secret of the session of whoever is signed in.
    pub session: Option<String>,
    /// What every form of this session carries; empty for strangers.
    pub form_token: String,
    /// Where the same page is in the other language.
    pub other_language: String,
    /// The parameters of the address.
    pub query: HashMap<String, String>,
}

impl Visit {
    /// The id of whoever is signed in.
    pub fn viewer_id(&self) -> Option<i64> {
        self.viewer.as_ref().map(|viewer| viewer.actor.id)
    }

    /// Whether whoever is signed in has moved away.
    pub fn has_moved(&self) -> bool {
        self.viewer.as_ref().is_some_and(|viewer| viewer.actor.moved_to.is_some())
    }

    /// Where a list of threads goes on.
    pub fn before(&self) -> Option<i64> {
        self.query.get("before").and_then(|before| before.parse().ok())
    }

    async fn read(request: HttpRequest) -> Result<Self, Failure> {
        let app = request.extensions().get::<App>().cloned();
        let app = app.ok_or_else(|| Error::Internal("a request without an instance".into()))?;
        let instance = app.instance().await?.clone();
        let session = request.cookie(cookie_name(app.site())).map(|cookie| cookie.value().to_owned());
        let viewer = match &session {
            Some(secret) => sessions::find_viewer(&app, secret).await?,
            None => None,
        };
        let unseen = match &viewer {
            Some(viewer) => notifying::count_unseen(&app, viewer.actor.id).await?,
            None => 0,
        };
        let session = session.filter(|_| viewer.is_some());
        let form_token = match &session {
            Some(secret) => sessions::form_token(&app, secret).await?,
            None => String::new(),
        };
        let query = parameters(&request);
        let own = viewer.as_ref().and_then(|viewer| viewer.account.language.as_deref());
        let lang = chosen_language(&request, &query)
            .or_else(|| own.and_then(Lang::parse))
            .or_else(|| accepted_language(&request))
            .or_else(|| Lang::parse(&instance.language))
            .unwrap_or(Lang::Fr);
        Ok(Self {
            directory: request
                .app_data::<web::Data<Arc<dyn Directory>>>()
                .map(|data| Arc::clone(data.get_ref())),
            other_language: in_language(&request, &query, lang.other()),
            app,
            instance,
            lang,
            viewer,
            unseen,
            session,
            form_token,
            query,
        })
    }
}

impl FromRequest for Visit {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        Box::pin(Self::read(request.clone()))
    }
}

/// The parameters of an address; of two with one name, the last.
pub fn parameters(request: &HttpRequest) -> HashMap<String, String> {
    web::Query::from_query(request.query_string()).map(web::Query::into_inner).unwrap_or_default()
}

/// The language that the reader chose, now or before.
fn chosen_language(request: &HttpRequest, query: &HashMap<String, String>) -> Option<Lang> {
    let now = query.get(LANG).and_then(|tag| Lang::parse(tag));
    now.or_else(|| request.cookie(LANG).and_then(|cookie| Lang::parse(cookie.value())))
}

/// The language that the browser asks for.
pub fn accepted_language(request: &HttpRequest) -> Option<Lang> {
    Lang::negotiate(request.headers().get(ACCEPT_LANGUAGE)?.to_str().ok()?)
}

/// This address in that language; for the answer to a form, which has none of its own, the home page.
fn in_language(request: &HttpRequest, query: &HashMap<String, String>, lang: Lang) -> String {
    let is_page = [Method::GET, Method::HEAD].contains(request.method());
    let kept = query.get("before").filter(|_| is_page).and_then(|before| before.parse::<i64>().ok());
    let before = kept.map(|before| format!("before={before}&")).unwrap_or_default();
    format!("{}?{before}{LANG}={}", if is_page { "" } else { "/" }, lang.as_str())
}

/// The name of the session cookie. Over https the browser itself keeps it to this host and to https.
pub fn cookie_name(site: &Site) -> &'static str {
    if site.scheme() == "https" { "__Host-clocher" } else { "clocher" }
}

/// The cookie that keeps a session; an empty secret ends it.
pub fn session_cookie(site: &Site, secret: &str) -> Cookie<'static> {
    let age = if secret.is_empty() { 0 } else { SESSION / SECOND };
    cookie(site, cookie_name(site), secret, age)
}

/// The cookie that keeps the choice of a language.
pub fn language_cookie(site: &Site, lang: Lang) -> Cookie<'static> {
    cookie(site, LANG, lang.as_str(), SESSION / SECOND)
}

fn cookie(site: &Site, name: &'static str, value: &str, seconds: i64) -> Cookie<'static> {
    Cookie::build(name, value.to_owned())
        .path("/")
        .http_only(true)
        .secure(site.scheme() == "https")
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(seconds))
        .finish()
}
