//! The style sheet and the drawings, inside the program.
//!
//! The address of the style sheet holds a hash of it, so that it may be kept for a year and yet changes
//! with the program.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse};
use std::sync::LazyLock;

const STYLE: &str = include_str!("../assets/site.css");
const MARK: &str = include_str!("../assets/mark.svg");

/// The address of the style sheet.
pub static STYLE_ADDRESS: LazyLock<String> = LazyLock::new(|| {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, STYLE.as_bytes());
    let version =
        digest.as_ref().iter().take(6).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    format!("/assets/site.css?v={version}")
});

/// The asset of a path.
pub fn find(path: &str) -> Option<HttpResponse> {
    let (kind, body) = match path {
        "/assets/site.css" => ("text/css; charset=utf-8", STYLE),
        "/assets/mark.svg" | "/favicon.ico" => ("image/svg+xml", MARK),
        _ => return None,
    };
    Some(
        HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, kind))
            .insert_header((CACHE_CONTROL, "public, max-age=31536000"))
            .body(body),
    )
}

/// `GET /assets/…`, `GET /favicon.ico`.
pub async fn show(request: HttpRequest) -> HttpResponse {
    find(request.path()).unwrap_or_else(|| HttpResponse::NotFound().finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_stays_small_and_takes_nothing_from_elsewhere() {
        assert!(STYLE.len() <= 12_000, "{} bytes", STYLE.len());
        assert!(!STYLE.contains("http") && !STYLE.contains("@import"));
    }
}
