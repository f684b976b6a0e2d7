//! Finds the document that a page for people points to, for people who paste the address of the page.
//!
//! It deliberately does not fetch that document, and reads nothing else of a page than that one link: in the
//! header `Link` (RFC 8288), or in an element `link` of its head.

use std::cell::{Cell, RefCell};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, StartTag, Tag, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use url::Url;

use super::accept::{ACTIVITY_JSON, Accept};
use super::address::{join, same_origin};
use super::client::Http;
use super::error::FetchError;

/// The document of which that page is the form for people: on the same server, and another address. `now` in
/// seconds since 1970. One exchange; whoever asks for what is found does not come here again (S10).
pub async fn find_alternate(http: &Http, page: &Url, now: i64) -> Result<Url, FetchError> {
    let fetched = http.get_json(page, Accept::Page, None, now).await?;
    let in_header = fetched.links.iter().find_map(|line| of_header(line));
    let href = in_header.or_else(|| of_page(&String::from_utf8_lossy(&fetched.body)));
    let href = href.ok_or(FetchError::Lacks("a link to a document"))?;
    let mut found = join(&fetched.final_url, &href).ok_or(FetchError::BadRedirect)?;
    found.set_fragment(None);
    let found = http.test_hosts().check(found.as_str())?;
    if same_origin(&found, &fetched.final_url) && found != fetched.final_url && found != *page {
        Ok(found)
    } else {
        Err(FetchError::IdMismatch)
    }
}

fn is_alternate(rel: &str, kind: &str) -> bool {
    rel.split_ascii_whitespace().any(|rel| rel.eq_ignore_ascii_case("alternate"))
        && kind.trim().eq_ignore_ascii_case(ACTIVITY_JSON)
}

/// The target of the first such link of a `Link` header.
fn of_header(line: &str) -> Option<String> {
    let mut rest = line;
    while let Some((_, link)) = rest.split_once('<') {
        let (target, after) = link.split_once('>')?;
        let params = after.split('<').next().unwrap_or_default();
        let param = |wanted: &str| {
            let values = params.split(';').filter_map(|param| param.split_once('='));
            let mut named = values.filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
            named.next().map_or("", |(_, value)| value.trim_matches([' ', '\t', ',', '"']))
        };
        if is_alternate(param("rel"), param("type")) {
            return Some(target.to_owned());
        }
        rest = after;
    }
    None
}

/// The target of the first such link in the head of a page.
fn of_page(html: &str) -> Option<String> {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(Head::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.sink.found.take()
}

/// Reads the elements of a head, and nothing that follows it.
#[derive(Default)]
struct Head {
    found: RefCell<Option<String>>,
    is_over: Cell<bool>,
}

impl TokenSink for Head {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let TagToken(tag) = token else { return TokenSinkResult::Continue };
        if tag.kind != StartTag {
            return TokenSinkResult::Continue;
        }
        match &*tag.name {
            "body" => self.is_over.set(true),
            "link" if !self.is_over.get() && self.found.borrow().is_none() => {
                *self.found.borrow_mut() = target_of(&tag);
            }
            // What stands in these is text, whatever it looks like.
            "script" => return TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "noscript" | "template" => return TokenSinkResult::RawData(RawKind::Rawtext),
            "title" | "textarea" => return TokenSinkResult::RawData(RawKind::Rcdata),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn target_of(link: &Tag) -> Option<String> {
    let attribute = |wanted: &str| {
        let named = link.attrs.iter().find(|attribute| &*attribute.name.local == wanted);
        named.map_or("", |attribute| &attribute.value)
    };
    is_alternate(attribute("rel"), attribute("type")).then(|| attribute("href").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_to_a_document_is_found_in_a_header() {
        let line = r#"<https://a.example/feed>; rel="alternate"; type="application/rss+xml", <https://a.example/u/lea>; type="application/activity+json"; rel=alternate"#;
        assert_eq!(of_header(line).as_deref(), Some("https://a.example/u/lea"));
        for other in ["", "<", "<a>; rel=alternate", r#"<a>; rel="self"; type="application/activity+json""#] {
            assert_eq!(of_header(other), None, "{other}");
        }
    }

    #[test]
    fn the_link_to_a_document_is_found_in_the_head_of_a_page_and_nowhere_else() {
        let link =
            |href: &str| format!("<LINK rel='me Alternate' type=application/activity+json href=\"{href}\">");
        let page = |head: &str, body: &str| format!("<!doctype html><head>{head}</head><body>{body}</body>");
        let found = |html: &str| of_page(html);
        assert_eq!(found(&page(&link("/u/lea?a=1&amp;b=2"), "")).as_deref(), Some("/u/lea?a=1&b=2"));
        assert_eq!(found(&page("", &link("/u/lea"))), None);
        for hidden in ["script", "style", "noscript", "title", "template"] {
            assert_eq!(found(&page(&format!("<{hidden}>{}</{hidden}>", link("/x")), "")), None, "{hidden}");
        }
        assert_eq!(found(&format!("<!-- {} -->", link("/x"))), None);
        assert_eq!(found(&"<link <".repeat(100_000)), None);
    }
}
