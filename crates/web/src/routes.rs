//! Which address is answered by what.

use crate::forms::MAX_FORM;
use crate::headers::dress;
use crate::pages::{
    account, address, claims, community, compose, creation, failure, feed, find, hide, home, links,
    mail_home, membership, merging, moderate, moderation, moved, moving, notifications, openness, person,
    placements, reach, remove, report, republish, sign_in, subscriptions, thread, timeline, vote,
};
use crate::{assets, error::Failure};
use actix_web::dev::HttpServiceFactory;
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::web::{FormConfig, ServiceConfig, method, post, resource, to};
use actix_web::{Handler, Resource, Responder};

/// Mounts the pages. Each handler finds its `App` in the request's extensions, and what finds actors of
/// other servers in the application's data (`web::Data<Arc<dyn Directory>>`).
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(page(read("/", home::show)))
        .service(page(read("/find", find::show)))
        .service(page(read("/sign-in", sign_in::show).route(post().to(sign_in::by_password))))
        .service(page(read("/sign-in/{token}", sign_in::show_link).route(post().to(sign_in::by_link))))
        .service(page(read("/account", account::show)))
        .service(page(write("/account/password", account::choose_password)))
        .service(page(read("/account/moving", moving::show)))
        .service(page(write("/account/moving/add", moving::add)))
        .service(page(write("/account/moving/remove", moving::remove)))
        .service(page(write("/account/moving/ask", moving::ask)))
        .service(page(write("/account/moving/depart", moving::depart)))
        .service(page(write("/account/moving/return", moving::come_back)))
        .service(page(read("/account/subscriptions", subscriptions::show)))
        .service(page(write("/account/subscriptions/mode", subscriptions::choose_own_mode)))
        .service(page(write("/account/subscriptions/address", subscriptions::choose_address)))
        .service(page(read("/address/{token}", address::ask).route(post().to(address::confirm))))
        .service(page(write("/account/subscriptions/joints/{id}", mail_home::part)))
        .service(page(read("/mail-home/take", mail_home::show_ticket).route(post().to(mail_home::take))))
        .service(page(
            read("/mail-home/confirm/{token}", mail_home::show_question).route(post().to(mail_home::confirm)),
        ))
        .service(page(read("/mail-home/{token}", mail_home::show).route(post().to(mail_home::ask))))
        .service(page(read("/home", timeline::show)))
        .service(page(read("/notifications", notifications::show)))
        .service(page(write("/sign-out", sign_in::sign_out)))
        .service(page(read("/communities/new", creation::show).route(post().to(creation::make))))
        .service(page(read("/c/{name}", community::show)))
        .service(page(read("/c/{name}/openness", openness::show).route(post().to(openness::change))))
        .service(page(write("/c/{name}/join", membership::join)))
        .service(page(write("/c/{name}/leave", membership::leave)))
        .service(page(write("/c/{name}/decline", membership::decline)))
        .service(page(write("/c/{name}/mode", subscriptions::choose_mode)))
        .service(page(write("/c/{name}/quiet", subscriptions::set_quiet)))
        .service(page(write("/c/{name}/hear", subscriptions::hear_again)))
        .service(page(write("/c/{name}/post", compose::start)))
        .service(page(read("/m/{name}", feed::show)))
        .service(page(read("/u/{name}", person::show)))
        .service(page(write("/u/{name}/follow", membership::follow)))
        .service(page(write("/u/{name}/unfollow", membership::unfollow)))
        .service(page(write("/u/{name}/mute", subscriptions::mute)))
        .service(page(write("/post/{id}/follow", subscriptions::follow_thread)))
        .service(page(read("/post/{id}", thread::show)))
        .service(page(read("/comment/{id}", thread::show_reply)))
        .service(page(write("/post/{id}/reply", compose::reply)))
        .service(page(write("/comment/{id}/reply", compose::reply)))
        .service(page(write("/post/{id}/vote", vote::vote)))
        .service(page(write("/comment/{id}/vote", vote::vote)))
        .service(page(read("/post/{id}/edit", compose::show_edit).route(post().to(compose::edit))))
        .service(page(read("/comment/{id}/edit", compose::show_edit).route(post().to(compose::edit))))
        .service(page(read("/post/{id}/delete", remove::ask).route(post().to(remove::delete))))
        .service(page(read("/comment/{id}/delete", remove::ask).route(post().to(remove::delete))))
        .service(page(read("/post/{id}/report", report::ask).route(post().to(report::send))))
        .service(page(read("/comment/{id}/report", report::ask).route(post().to(report::send))))
        .service(page(read("/post/{id}/moderate", moderate::show)))
        .service(page(read("/comment/{id}/moderate", moderate::show)))
        .service(page(write("/post/{id}/moderate/{act}", moderate::act)))
        .service(page(write("/comment/{id}/moderate/{act}", moderate::act)))
        .service(page(read("/c/{name}/moderation", moderation::show)))
        .service(page(write("/c/{name}/moderation/{act}", moderation::act)))
        .service(page(read("/c/{name}/merging", merging::show)))
        .service(page(write("/c/{name}/merging/{act}", merging::act)))
        .service(page(read("/moderation/claims", claims::show).route(post().to(claims::judge))))
        .service(page(read("/c/{name}/links", links::show)))
        .service(page(read("/c/{name}/links/{what}", links::show_one).route(post().to(links::act))))
        .service(page(read("/c/{name}/reach", reach::show_default).route(post().to(reach::change_default))))
        .service(page(read("/moderation/placements", placements::show)))
        .service(page(write("/moderation/placements/{id}", placements::judge)))
        .service(page(read("/post/{id}/hide", hide::show).route(post().to(hide::act))))
        .service(page(read("/comment/{id}/hide", hide::show).route(post().to(hide::act))))
        .service(page(write("/post/{id}/withdraw", placements::withdraw)))
        .service(page(write("/post/{id}/share", placements::share)))
        .service(page(write("/post/{id}/republish", republish::act)))
        .service(page(read("/post/{id}/reach", reach::show).route(post().to(reach::change))))
        .service(page(read("/@{name}", moved::person)))
        .service(page(read("/@{name}/{id}", moved::post)))
        .service(page(read("/favicon.ico", assets::show)))
        .service(page(read("/assets/{file}", assets::show)))
        .default_service(to(failure::not_found));
}

/// An address that is opened.
fn read<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    resource(path).route(method(Method::GET).to(handler.clone())).route(method(Method::HEAD).to(handler))
}

/// An address that a form is sent to.
fn write<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    resource(path).route(post().to(handler))
}

fn page(resource: Resource) -> impl HttpServiceFactory + 'static {
    resource
        .app_data(FormConfig::default().limit(MAX_FORM))
        .default_service(to(|| async { Err::<&str, _>(Failure::NotAllowed) }))
        .wrap(from_fn(dress))
}
