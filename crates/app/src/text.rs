//! Text: Markdown to HTML, and HTML from anywhere to the HTML that we show.

use crate::markup;
use ammonia::Builder;
use pulldown_cmark::{Event, Options, Parser, html};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Longest HTML taken from elsewhere, in bytes; what is longer is shown as its beginning, in plain text.
pub const MAX_HTML: usize = 200_000;
/// Deepest nesting of elements taken from elsewhere.
const MAX_DEPTH: usize = 100;

/// The elements and attributes that survive. Everything else is dropped, its text kept.
static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .tags(HashSet::from([
            "p",
            "br",
            "a",
            "em",
            "strong",
            "b",
            "i",
            "del",
            "s",
            "u",
            "code",
            "pre",
            "blockquote",
            "ul",
            "ol",
            "li",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "span",
            "sup",
            "sub",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
        ]))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"])), ("ol", HashSet::from(["start"]))]))
        .generic_attributes(HashSet::from(["lang", "dir"]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .link_rel(Some("nofollow noopener noreferrer ugc"));
    builder
});

/// The sanitiser without its tables: nothing but text remains.
static STRIPPER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder.tags(HashSet::new()).generic_attributes(HashSet::new());
    builder
});

/// HTML from anywhere, reduced to what we show: no script, no style, no class, no image, no form.
///
/// What comes out goes in again unchanged.
pub fn sanitise(html: &str) -> String {
    let html: Cow<'_, str> = if html.contains('\0') { html.replace('\0', "").into() } else { html.into() };
    if html.len() > MAX_HTML || depth(&html) > MAX_DEPTH || !markup::is_bearable(&html, MAX_DEPTH) {
        return as_paragraph(&html.chars().take(5_000).collect::<String>());
    }
    let once = SANITISER.clean(&html).to_string();
    if once == html {
        return once;
    }
    let twice = SANITISER.clean(&once).to_string();
    // Markup that changes when it is read again is markup that two parsers read differently.
    if once == twice { once } else { as_paragraph(&plain(&html)) }
}

/// Markdown written here, as HTML. Raw HTML in it is shown as text.
pub fn render(markdown: &str) -> String {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES;
    let events = Parser::new_ext(markdown, options).map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        Event::SoftBreak => Event::HardBreak,
        other => other,
    });
    let mut out = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut out, events);
    sanitise(out.trim_end())
}

/// The text of HTML, without its markup, on one line.
pub fn plain(html: &str) -> String {
    let spaced = html.replace("<br", " <br").replace("</p>", "</p> ").replace("</li>", "</li> ");
    let stripped = STRIPPER.clean(&spaced).to_string();
    let text = decode(&stripped);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The beginning of a text: whole words, at most `limit` characters, with an ellipsis where cut.
pub fn excerpt(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let head: String = text.chars().take(limit.saturating_sub(1)).collect();
    let cut = head.rfind(char::is_whitespace).filter(|cut| *cut > head.len() / 2).unwrap_or(head.len());
    format!("{}…", head.get(..cut).unwrap_or(&head).trim_end())
}

/// A line of plain text from elsewhere (a name, a title): no control characters, no characters that turn
/// or hide what is read, at most `limit` characters.
pub fn clean_line(text: &str, limit: usize) -> String {
    let visible = text.chars().filter(|c| {
        !matches!(*c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{00AD}')
    });
    let spaced: String =
        visible.map(|c| if c.is_control() { ' ' } else { c }).take(limit.saturating_mul(4)).collect();
    let joined = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = joined.chars().take(limit).collect();
    line.trim_end().to_owned()
}

/// Text as it stands, made safe to stand in HTML.
pub fn escape(text: &str) -> String {
    ammonia::clean_text(text).replace("&#32;", " ").replace("&#10;", "\n")
}

fn as_paragraph(text: &str) -> String {
    SANITISER.clean(&format!("<p>{}</p>", escape(text))).to_string()
}

/// How deep elements nest at the most, counted by their tags.
fn depth(html: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0_usize);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = rest.get(at + 1..).unwrap_or_default();
        if rest.starts_with('/') {
            open = open.saturating_sub(1);
        } else if rest.starts_with(|c: char| c.is_ascii_alphabetic())
            && !["br", "hr", "img", "p>", "li"].iter().any(|void| rest.starts_with(void))
        {
            open += 1;
            deepest = deepest.max(open);
        }
    }
    deepest
}

/// The five entities that the sanitiser writes.
fn decode(text: &str) -> String {
    text.replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html_and_raw_html_becomes_text() {
        assert_eq!(render("**Bonjour** à tous"), "<p><strong>Bonjour</strong> à tous</p>");
        assert_eq!(render("<b>x</b>"), "<p>&lt;b&gt;x&lt;/b&gt;</p>");
        assert!(!render("<script>alert(1)</script>").contains("<script"));
        assert!(!render("[x](javascript:alert(1))").contains("javascript"));
    }

    #[test]
    fn s68_what_comes_out_is_on_the_allow_list_and_reads_the_same_again() {
        let attacks = [
            "<p onclick=x class=y style=z>a</p><script>x</script>",
            "<a href='javascript:x'>a</a><a href='data:text/html,x'>b</a>",
            "<svg><style><img src=x onerror=alert(1)></style></svg>",
            "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
            "<table><tr><td><table><tr><td>x</td></tr></table></td></tr></table>",
            "<form><input><iframe src=x></iframe><p>rest",
            "<p>a<!-- <b>--></p><![CDATA[x]]>",
        ];
        for attack in attacks {
            let clean = sanitise(attack);
            for banned in [
                "<script",
                "onclick",
                "onerror=",
                "style=",
                "class=",
                "javascript:",
                "data:",
                "<svg",
                "<math",
                "<iframe",
                "<form",
                "<img",
                "<input",
            ] {
                let escaped_only = !clean.replace("&lt;", "").contains(banned) || clean.contains("&lt;img");
                assert!(escaped_only, "{attack} -> {clean}");
            }
            assert_eq!(sanitise(&clean), clean, "{attack}");
        }
    }

    #[test]
    fn s30_hostile_markup_is_kept_as_text() {
        let deep = "<div><b>".repeat(50_000);
        assert!(sanitise(&deep).len() < 50_000);
        assert_eq!(sanitise("a\0b"), "ab");
        assert!(sanitise(&"<b>".repeat(400)).starts_with("<p>"));
        for deep in ["<b></x>", "<listing>", "<brx>", "<b><br a='</b>'>", "<b><!--</b>-->"] {
            let text = sanitise(&deep.repeat(9_000));
            assert!(text.starts_with("<p>&lt;") && text.len() < 30_000, "{deep}");
        }
    }

    #[test]
    fn plain_text_and_excerpts_keep_whole_words() {
        assert_eq!(
            plain("<p>Le <b>pont</b></p><p>est&nbsp;fermé &amp; gardé</p>"),
            "Le pont est fermé & gardé"
        );
        assert_eq!(excerpt("un deux trois quatre", 12), "un deux…");
        assert_eq!(excerpt("court", 12), "court");
    }

    #[test]
    fn s62_lines_lose_what_turns_or_hides_text() {
        assert_eq!(clean_line("ma\u{202E}irie\u{200B}\n de\u{7} X", 100), "mairie de X");
        assert_eq!(clean_line(&"x".repeat(900), 10), "xxxxxxxxxx");
        assert_eq!(clean_line("un deux", 3), "un", "a line that is cut has no blank at its end");
    }
}
