//! What reading costs: documents for other servers, pages for people.

use crate::Outcome;
use crate::figure::Figure;
use crate::load::{self, Address};
use crate::town::{SMALL, Town};

const ACTIVITY: &str = "application/activity+json";
const PAGE: &str = "text/html";

/// Measures it.
///
/// # Errors
/// Where something does not answer.
pub async fn measure() -> Outcome<Vec<Figure>> {
    let town = Town::build(SMALL).await?;
    let child = town.serve().await?;
    let thread = format!("/post/{}", town.thread.id);
    let context = format!("{thread}/context");
    let person = format!("/u/{}", town.people.first().ok_or("nobody lives here")?.name);
    let community = format!("/c/{}", town.community.name);
    let read = [
        ("actor_json_cpu_ms", person.as_str(), ACTIVITY, Some(0.15)),
        ("thread_300_json_cpu_ms", &context, ACTIVITY, Some(3.0)),
        ("thread_300_html_cpu_ms", &thread, PAGE, Some(6.0)),
        ("community_page_cpu_ms", &community, PAGE, None),
        ("front_page_cpu_ms", "/", PAGE, None),
    ];
    let mut figures = Vec::new();
    for (name, path, accept, at_most) in read {
        let address = Address { domain: town.domain(), path, accept };
        let (value, length) = load::cost(&child, address).await?;
        let limit = load::bare_cost(address, length).await?;
        figures.push(Figure { at_most, ..Figure::new(name, value, "ms").limit(limit) });
    }
    Ok(figures)
}
