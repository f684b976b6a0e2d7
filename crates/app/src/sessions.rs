//! Signing in and out: one-time links, passwords, sessions.

use crate::app::Deed;
use crate::{App, Error, Result, accounts, secret};
use clocher_domain::Refusal;
use clocher_domain::time::DAY;
use clocher_storage::accounts::{self as account_rows, AccountRow};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::sessions::{self, SessionRow, SignInLinkRow};

/// How long a session lasts, in milliseconds.
pub const SESSION: i64 = 90 * DAY;
/// How long a sign-in link lasts, in milliseconds.
pub const LINK: i64 = 7 * DAY;

/// Whoever is signed in.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The person.
    pub actor: ActorRow,
    /// The account.
    pub account: AccountRow,
}

/// A one-time sign-in link: the address to open.
#[derive(Clone, Debug)]
pub struct SignInLink {
    /// `https://DOMAIN/sign-in/SECRET`.
    pub address: String,
}

/// Makes a one-time sign-in link for an account.
///
/// # Errors
/// Those of storage.
pub async fn make_link(app: &App, account_id: i64) -> Result<SignInLink> {
    app.write(move |deed| make_link_in(deed, account_id)).await
}

pub(crate) fn make_link_in(deed: &mut Deed<'_>, account_id: i64) -> Result<SignInLink> {
    let token = secret::token()?;
    let now = deed.now();
    let row = SignInLinkRow {
        token_hash: secret::hash_token(&token),
        account_id,
        created_at: now,
        expires_at: now + LINK,
    };
    sessions::put_link(deed.conn, &row)?;
    Ok(SignInLink { address: deed.app.site().address(&format!("/sign-in/{token}")) })
}

/// The person whom a link would sign in, without using it up: what the page shows before the button.
///
/// # Errors
/// `NotFound` where the link is used up, expired or false.
pub async fn peek_link(app: &App, token: &str) -> Result<ActorRow> {
    let (hash, now) = (secret::hash_token(token), app.now().0);
    app.read(move |conn| {
        let link = sessions::find_link(conn, &hash, now)?.ok_or(Refusal::NotFound)?;
        Ok::<_, Error>(actors::find(conn, link.account_id)?.ok_or(Refusal::NotFound)?)
    })
    .await
}

/// Signs in by link, once. Gives the secret of the new session.
///
/// # Errors
/// `NotFound` where the link is used up, expired or false; `Suspended`.
pub async fn use_link(app: &App, token: &str) -> Result<String> {
    let hash = secret::hash_token(token);
    app.write(move |deed| {
        let account = sessions::take_link(deed.conn, &hash, deed.now())?.ok_or(Refusal::NotFound)?;
        begin(deed, account)
    })
    .await
}

/// Signs in by name or mail address and password. Gives the secret of the new session.
///
/// # Errors
/// `NotFound` where the two do not fit, whichever is wrong; `Suspended`.
pub async fn use_password(app: &App, name_or_mail: &str, password: String) -> Result<String> {
    let account = match accounts::find(app, name_or_mail).await {
        Ok((account, _)) => Some(account),
        Err(Error::Refused(Refusal::NotFound)) => None,
        Err(error) => return Err(error),
    };
    let hash = account.as_ref().and_then(|account| account.password_hash.clone());
    let fits = secret::in_turn(move || secret::verify_password(&password, hash.as_deref())).await?;
    match account {
        Some(account) if fits => app.write(move |deed| begin(deed, account.actor_id)).await,
        _ => Err(Refusal::NotFound.into()),
    }
}

fn begin(deed: &mut Deed<'_>, account_id: i64) -> Result<String> {
    let actor = actors::find(deed.conn, account_id)?.ok_or(Refusal::NotFound)?;
    if !actor.is_active() {
        return Err(Refusal::Suspended.into());
    }
    let token = secret::token()?;
    let now = deed.now();
    let row = SessionRow {
        token_hash: secret::hash_token(&token),
        account_id,
        created_at: now,
        expires_at: now + SESSION,
    };
    sessions::put(deed.conn, &row)?;
    Ok(token)
}

/// Whoever has that session secret; none where it is false, ended, or the person is suspended.
///
/// # Errors
/// Those of storage.
pub async fn find_viewer(app: &App, token: &str) -> Result<Option<Viewer>> {
    let (hash, now) = (secret::hash_token(token), app.now().0);
    app.read(move |conn| {
        let Some(session) = sessions::find(conn, &hash, now)? else { return Ok(None) };
        let account = account_rows::find(conn, session.account_id)?;
        let actor = actors::find(conn, session.account_id)?;
        let viewer = account.zip(actor).map(|(account, actor)| Viewer { actor, account });
        Ok::<_, Error>(viewer.filter(|viewer| viewer.actor.is_active()))
    })
    .await
}

/// Ends a session.
///
/// # Errors
/// Those of storage.
pub async fn end(app: &App, token: &str) -> Result<()> {
    let hash = secret::hash_token(token);
    app.write(move |deed| sessions::remove(deed.conn, &hash)).await
}

/// A token that a form of this session carries, so that no other site can send it: the hash of the session
/// secret and the instance's.
///
/// # Errors
/// Those of storage.
pub async fn form_token(app: &App, session: &str) -> Result<String> {
    let secret = &app.instance().await?.secret;
    Ok(secret::hash_token(&format!("form:{secret}:{session}")))
}
