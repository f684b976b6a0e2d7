//! What a page needs for a screen reader and a keyboard, as far as a machine can tell.

use scraper::{ElementRef, Html, Selector};
use std::collections::HashSet;

fn all<'a>(document: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    document.select(&Selector::parse(selector).unwrap()).collect()
}

fn has_text(element: &ElementRef<'_>) -> bool {
    let images = Selector::parse("img[alt]").unwrap();
    element.text().any(|text| !text.trim().is_empty())
        || element.value().attr("aria-label").is_some_and(|label| !label.trim().is_empty())
        || element.select(&images).any(|image| !image.value().attr("alt").unwrap_or_default().is_empty())
}

/// Fails where a page lacks a language, a title, one first heading, a label, a name or a unique id.
pub fn check(html: &str) {
    let document = Html::parse_document(html);
    assert!(all(&document, "html[lang=fr], html[lang=en]").len() == 1, "no language: {html}");
    assert!(all(&document, "head > title").iter().any(has_text), "no title: {html}");
    assert_eq!(all(&document, "h1").len(), 1, "not one h1: {html}");
    assert_eq!(all(&document, "main").len(), 1, "not one main: {html}");
    assert!(all(&document, "script, [onclick], [style], style, iframe").is_empty(), "active content: {html}");

    let mut ids = HashSet::new();
    for element in all(&document, "[id]") {
        assert!(ids.insert(element.value().attr("id").unwrap()), "an id twice: {html}");
    }
    for attribute in ["aria-labelledby", "aria-describedby"] {
        for element in all(&document, &format!("[{attribute}]")) {
            for id in element.value().attr(attribute).unwrap().split(' ') {
                assert!(ids.contains(id), "{attribute} names no id {id}: {html}");
            }
        }
    }
    let labels: HashSet<&str> =
        all(&document, "label[for]").iter().filter_map(|label| label.value().attr("for")).collect();
    for field in all(&document, "input:not([type=hidden]), textarea, select") {
        let id = field.value().attr("id").unwrap_or_default();
        assert!(labels.contains(id), "no label for {id:?}: {html}");
    }
    for named in all(&document, "a[href], button, summary, label, h1, h2, h3") {
        assert!(has_text(&named), "{} says nothing: {html}", named.html());
    }
    for image in all(&document, "img") {
        assert!(image.value().attr("alt").is_some(), "no alt: {html}");
    }
    let mut before = 1;
    for heading in all(&document, "h1, h2, h3, h4, h5, h6") {
        if heading
            .ancestors()
            .filter_map(ElementRef::wrap)
            .any(|above| above.value().attr("class") == Some("text"))
        {
            continue;
        }
        let level: u32 = heading.value().name()[1..].parse().unwrap();
        assert!(level <= before + 1, "a heading skips a level: {html}");
        before = level;
    }
    for form in all(&document, "form[method=post]") {
        let hidden = Selector::parse("input[name=form_token]").unwrap();
        let is_signing_in = form.value().attr("action").unwrap().starts_with("/sign-in");
        assert!(is_signing_in || form.select(&hidden).count() == 1, "no token: {html}");
    }
}
