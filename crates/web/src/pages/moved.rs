//! The addresses that other programs use for persons and their messages: they lead to ours.

use super::{id, see_other};
use crate::error::Failure;
use actix_web::HttpResponse;
use actix_web::web::Path;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// `GET /@NAME`
pub async fn person(path: Path<String>) -> HttpResponse {
    let name = utf8_percent_encode(&path, NON_ALPHANUMERIC).to_string();
    see_other(format!(
        "/u/{}",
        name.replace("%40", "@").replace("%2D", "-").replace("%5F", "_").replace("%2E", ".")
    ))
}

/// `GET /@NAME/ID`
pub async fn post(path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    Ok(see_other(format!("/post/{}", id(&path.1)?)))
}
