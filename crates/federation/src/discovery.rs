//! How an instance is found: WebFinger, host-meta and NodeInfo.

use crate::error::Result;
use crate::routes::Instance;
use actix_web::web::Query;
use actix_web::{HttpResponse, http::StatusCode};
use clocher_app::{App, feeds, readers};
use clocher_cog::find_id;
use clocher_domain::territory::TerritoryId;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::{Conn, accounts, posts};
use serde::Deserialize;
use serde_json::{Value, json};

/// The parameters of WebFinger (RFC 7033, section 4.1).
#[derive(Debug, Deserialize)]
pub struct Question {
    resource: Option<String>,
}

/// `/.well-known/webfinger`: persons, communities, the instance itself and its root.
pub async fn webfinger(instance: Instance, question: Query<Question>) -> HttpResponse {
    let Some(resource) = question.into_inner().resource else { return plain(StatusCode::BAD_REQUEST) };
    match find(&instance.app, &resource).await {
        Ok(Some(actor)) => jrd(&instance.app, &actor),
        Ok(None) => plain(StatusCode::NOT_FOUND),
        Err(error) => error.response(),
    }
}

async fn find(app: &App, resource: &str) -> Result<Option<ActorRow>> {
    let site = app.site().clone();
    let is_root = resource == site.address("/") || resource == site.address("");
    let name = match resource
        .strip_prefix("acct:")
        .and_then(|handle| handle.trim_start_matches('@').rsplit_once('@'))
    {
        Some((name, host)) if host.eq_ignore_ascii_case(site.domain()) => Some(name.to_lowercase()),
        Some(_) => return Ok(None),
        None => None,
    };
    let ap_id = if is_root || name.as_deref() == Some(site.host_name()) {
        site.instance_actor()
    } else {
        resource.to_owned()
    };
    if let Some(feed) = feeds::find_by_name(app, name.as_deref().unwrap_or_default()).await? {
        return Ok(Some(feed.actor));
    }
    let row = app
        .read(move |conn| match name {
            Some(name) if name != site.host_name() => actors::find_local(conn, &name)
                .map_err(clocher_app::Error::from)
                .and_then(|row| known(conn, row)),
            _ => actors::find_by_ap_id(conn, &ap_id)
                .map_err(clocher_app::Error::from)
                .and_then(|row| known(conn, row)),
        })
        .await?;
    Ok(row.filter(|row| row.local && row.is_active()))
}

/// Of a hidden community nobody is told here.
fn known(conn: &mut Conn, row: Option<ActorRow>) -> clocher_app::Result<Option<ActorRow>> {
    match row {
        Some(row) if readers::may_know(conn, &row, None)? => Ok(Some(row)),
        _ => Ok(None),
    }
}

fn jrd(app: &App, actor: &ActorRow) -> HttpResponse {
    let site = app.site();
    let body = json!({
        "subject": format!("acct:{}@{}", actor.name, site.domain()),
        "aliases": [actor.ap_id],
        "links": [
            {
                "rel": "self",
                "type": "application/activity+json",
                "href": actor.ap_id,
                "properties": { "https://www.w3.org/ns/activitystreams#type": actor.kind },
            },
            { "rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": actor.url },
        ],
    });
    json_response("application/jrd+json", &body)
}

/// `/.well-known/host-meta` (RFC 6415).
pub async fn host_meta(instance: Instance) -> HttpResponse {
    let template = instance.app.site().address("/.well-known/webfinger?resource={uri}");
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<XRD xmlns=\"http://docs.oasis-open.org/ns/xri/xrd-1.0\">\n  \
         <Link rel=\"lrdd\" template=\"{template}\"/>\n</XRD>\n"
    );
    HttpResponse::Ok().content_type("application/xrd+xml").body(body)
}

/// `/.well-known/nodeinfo`, with the link to the `Application` (FEP-2677).
pub async fn nodeinfo_links(instance: Instance) -> HttpResponse {
    let site = instance.app.site();
    let link = |version: &str| {
        json!({
            "rel": format!("http://nodeinfo.diaspora.software/ns/schema/{version}"),
            "href": site.address(&format!("/nodeinfo/{version}")),
        })
    };
    let application =
        json!({ "rel": "https://www.w3.org/ns/activitystreams#Application", "href": site.instance_actor() });
    json_response("application/json", &json!({ "links": [link("2.1"), link("2.0"), application] }))
}

/// `/nodeinfo/2.0` and `/nodeinfo/2.1`.
pub async fn nodeinfo(instance: Instance, version: actix_web::web::Path<String>) -> HttpResponse {
    let version = version.into_inner();
    if version != "2.0" && version != "2.1" {
        return plain(StatusCode::NOT_FOUND);
    }
    match nodeinfo_document(&instance.app, &version).await {
        Ok(body) => {
            let profile = format!(
                "application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/{version}#\""
            );
            json_response(&profile, &body)
        }
        Err(error) => error.response(),
    }
}

async fn nodeinfo_document(app: &App, version: &str) -> Result<Value> {
    let instance = app.instance().await?.clone();
    let community = instance.community_id;
    let (users, (top, replies), community) = app
        .read(move |conn| {
            let community = community.map(|id| actors::find(conn, id)).transpose()?.flatten();
            Ok::<_, clocher_app::Error>((accounts::count(conn)?, posts::count_local(conn)?, community))
        })
        .await?;
    let mut software = json!({ "name": "clocher", "version": env!("CARGO_PKG_VERSION") });
    if let (Value::Object(fields), "2.1") = (&mut software, version) {
        fields.insert("repository".to_owned(), json!(env!("CARGO_PKG_REPOSITORY")));
    }
    let mut metadata = json!({ "nodeName": instance.name });
    let area =
        instance.territory.as_deref().and_then(|text| text.parse::<TerritoryId>().ok()).and_then(find_id);
    if let (Value::Object(fields), Some(area)) = (&mut metadata, area) {
        // Texts alone: Lemmy reads nothing of a NodeInfo whose metadata has anything else.
        fields.insert("territoryKind".to_owned(), json!(area.level().as_str()));
        fields.insert("territoryCode".to_owned(), json!(area.code()));
        fields.insert("territoryName".to_owned(), json!(area.name));
        if let Some(community) = community {
            fields.insert("territoryGroup".to_owned(), json!(community.ap_id));
        }
    }
    Ok(json!({
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": { "inbound": [], "outbound": [] },
        "openRegistrations": false,
        "usage": { "users": { "total": users }, "localPosts": top, "localComments": replies },
        "metadata": metadata,
    }))
}

fn json_response(content_type: &str, body: &Value) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header(("Access-Control-Allow-Origin", "*"))
        .body(body.to_string())
}

fn plain(status: StatusCode) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/plain; charset=utf-8")
        .body(status.canonical_reason().unwrap_or_default())
}
