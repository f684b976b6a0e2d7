//! The pages, a module each, and the frame that all of them stand in.

pub mod account;
pub mod address;
mod also;
pub mod claims;
pub mod community;
pub mod compose;
pub mod creation;
pub mod failure;
pub mod feed;
pub mod find;
pub mod hide;
pub mod home;
pub mod links;
pub mod mail_home;
mod map;
pub mod membership;
pub mod merging;
mod message;
pub mod moderate;
pub mod moderation;
pub mod moved;
pub mod moving;
pub mod notifications;
pub mod openness;
pub mod person;
pub mod placements;
mod preview;
pub mod reach;
pub mod remove;
pub mod report;
pub mod republish;
pub mod sign_in;
pub mod subscriptions;
pub mod thread;
mod threads;
pub mod timeline;
mod twin;
pub mod vote;

use crate::actor_name::ActorName;
use crate::assets::STYLE_ADDRESS;
use crate::error::Failure;
use crate::forms::Fields;
use crate::language::Lang;
use crate::session::Visit;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LANGUAGE, LOCATION, RETRY_AFTER};
use askama::Template;
use clocher_domain::{Id, Refusal};

/// What surrounds every page: its title, the instance, whoever is signed in, the other language.
pub struct Frame {
    title: String,
    instance: String,
    viewer: Option<ActorName>,
    /// How many notifications the viewer has not seen.
    unseen: i64,
    form_token: String,
    other_language: String,
    alternate: Option<String>,
    style: &'static str,
    attribution: &'static str,
    licence: &'static str,
}

impl Frame {
    /// The frame of a page with that title.
    pub fn new(visit: &Visit, title: impl Into<String>) -> Self {
        let data = clocher_cog::ATTRIBUTION;
        Self {
            title: title.into(),
            instance: visit.instance.name.clone(),
            viewer: visit.viewer.as_ref().map(|viewer| ActorName::new(&viewer.actor)),
            unseen: visit.unseen,
            form_token: visit.form_token.clone(),
            other_language: visit.other_language.clone(),
            alternate: None,
            style: STYLE_ADDRESS.as_str(),
            attribution: match visit.lang {
                Lang::Fr => data.fr,
                Lang::En => data.en,
            },
            licence: data.licence,
        }
    }

    /// The same, with the ActivityPub object that the page shows.
    #[must_use]
    pub fn of_object(self, ap_id: &str) -> Self {
        Self { alternate: Some(ap_id.to_owned()), ..self }
    }
}

/// Answers with a page.
fn answer(status: StatusCode, lang: Lang, page: &impl Template) -> Result<HttpResponse, Failure> {
    let body = page.render()?;
    let mut response = HttpResponse::build(status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((RETRY_AFTER, "30"));
    }
    Ok(response
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_LANGUAGE, lang.as_str()))
        .body(body))
}

/// Sends the browser to another page, which it opens with GET.
fn see_other(address: impl AsRef<str>) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, address.as_ref())).finish()
}

/// Where a form leads: to the page of ours that it was on, else to that one.
fn back_to(fields: &Fields, otherwise: &str) -> HttpResponse {
    let next = fields.get("next");
    see_other(if is_page_of_ours(next) { next } else { otherwise })
}

/// The id in a path; what is not one names nothing.
fn id(text: &str) -> Result<i64, Failure> {
    Ok(text.parse::<Id>().map_err(|_| Refusal::NotFound)?.0)
}

/// Whether an address leads nowhere but to a page of this instance.
fn is_page_of_ours(address: &str) -> bool {
    address.starts_with('/')
        && !address.starts_with("//")
        && !address.starts_with("/sign-")
        && address.len() <= 500
        && address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_to_pages_of_ours_only() {
        assert!(is_page_of_ours("/c/velo@beta.test:4000?before=3"));
        for elsewhere in [
            "",
            "https://evil.test/",
            "//evil.test",
            "/\\evil.test",
            "/\t/evil.test",
            "/a b",
            "/sign-out",
            "c/velo",
        ] {
            assert!(!is_page_of_ours(elsewhere), "{elsewhere}");
        }
    }
}
