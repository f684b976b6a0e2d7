//! Somebody of the instance at a browser: signs in by a link, and opens threads by the form of a community.

use crate::town::Town;
use crate::{Outcome, load};
use clocher_app::{App, sessions};
use clocher_storage::actors::ActorRow;
use reqwest::Response;
use std::net::SocketAddr;

/// A browser in which somebody is signed in.
pub struct Browser {
    client: reqwest::Client,
    address: SocketAddr,
    domain: String,
    cookie: String,
    form_token: String,
}

impl Browser {
    /// Signs in the first of a town's people, at the process that listens there.
    ///
    /// # Errors
    /// Where that is refused.
    pub async fn of_town(town: &Town, address: SocketAddr) -> Outcome<Self> {
        let person = town.people.first().ok_or("nobody lives here")?;
        Self::sign_in(&town.app, person.id, address).await
    }

    /// Signs in somebody of an instance, at the process that listens there.
    ///
    /// # Errors
    /// Where that is refused.
    pub async fn sign_in(app: &App, person: i64, address: SocketAddr) -> Outcome<Self> {
        let link = sessions::make_link(app, person).await?.address;
        let path = link.strip_prefix(&app.site().address("")).ok_or("a link to elsewhere")?.to_owned();
        let mut browser = Self {
            client: load::client()?,
            address,
            domain: app.site().domain().to_owned(),
            cookie: String::new(),
            form_token: String::new(),
        };
        let answer = browser.send(&path, &[]).await?;
        let cookie = answer.headers().get("Set-Cookie").and_then(|line| line.to_str().ok());
        browser.cookie = cookie.and_then(|line| line.split(';').next()).ok_or("no session")?.to_owned();
        let page = browser.open("/account").await?;
        let (_, token) = page.split_once(r#"name="form_token" value=""#).ok_or("no form")?;
        token.split('"').next().unwrap_or_default().clone_into(&mut browser.form_token);
        Ok(browser)
    }

    async fn open(&self, path: &str) -> Outcome<String> {
        let request = self.client.get(format!("http://{}{path}", self.address)).header("Host", &self.domain);
        Ok(request.header("Cookie", &self.cookie).send().await?.text().await?)
    }

    async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Outcome<Response> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self
            .client
            .post(format!("http://{}{path}", self.address))
            .header("Host", &self.domain)
            .header("Origin", format!("http://{}", self.domain))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Cookie", &self.cookie)
            .body(body);
        let answer = request.send().await?;
        if answer.status() == 303 {
            return Ok(answer);
        }
        Err(format!("{path} answers {}", answer.status()).into())
    }

    /// Opens a thread in a community, of here or elsewhere, that may go to those of these numbers and, if `down`, to what is
    /// nested in it.
    ///
    /// # Errors
    /// Where that is refused.
    pub async fn open_travelling(&self, home: &ActorRow, title: &str, reach: &[i64], down: bool) -> Outcome {
        let text = "Le conseil municipal se réunit **jeudi** à la salle des fêtes.";
        let chosen: Vec<String> = reach.iter().map(|id| format!("reach-{id}")).collect();
        let mut fields = vec![("form_token", self.form_token.as_str()), ("title", title), ("text", text)];
        fields.push(("reach", "1"));
        fields.extend(chosen.iter().map(|name| (name.as_str(), "1")));
        if down {
            fields.push(("reach-down", "1"));
        }
        let name = if home.local { home.name.clone() } else { home.handle() };
        self.send(&format!("/c/{name}/post"), &fields).await?;
        Ok(())
    }

    /// Lets a thread in, as a moderator, at the communities of these numbers.
    ///
    /// # Errors
    /// Where that is refused.
    pub async fn let_in(&self, thread: i64, places: &[i64]) -> Outcome {
        let chosen: Vec<String> = places.iter().map(|id| format!("place-{id}")).collect();
        let mut fields = vec![("form_token", self.form_token.as_str()), ("answer", "accept")];
        fields.extend(chosen.iter().map(|name| (name.as_str(), "1")));
        self.send(&format!("/moderation/placements/{thread}"), &fields).await?;
        Ok(())
    }

    /// Opens a thread in a community.
    ///
    /// # Errors
    /// Where that is refused.
    pub async fn open_thread(&self, community: &ActorRow, title: &str) -> Outcome {
        let text = "Le conseil municipal se réunit **jeudi** à la salle des fêtes.";
        let fields = [("form_token", self.form_token.as_str()), ("title", title), ("text", text)];
        self.send(&format!("/c/{}/post", community.name), &fields).await?;
        Ok(())
    }
}
