//! Whether markup can be parsed in little time. A parser of HTML takes time with the square of how deep elements
//! nest, and what is not closed as it was opened nests without looking so.
//!
//! Judges only what a parser would cost; what markup may say is the sanitiser's.

/// Tags that may stand in any order: so few nest as deep as they like.
const FEW: usize = 1_000;
/// Elements that have no end.
const VOID: [&str; 3] = ["br", "hr", "img"];
/// Elements within which other rules of parsing hold.
const OTHERWISE: [&str; 12] = [
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "plaintext",
    "script",
    "style",
    "svg",
    "textarea",
    "title",
    "xmp",
];

/// Whether the markup has few tags, or is so plainly well-formed that nothing nests deeper than it looks: every
/// tag is closed, every value is quoted, and elements end in the order in which they began, at most `deepest`
/// within one another.
pub fn is_bearable(html: &str, deepest: usize) -> bool {
    let tags = html.split('<').skip(1);
    tags.clone().count() <= FEW || nests_plainly(tags, deepest)
}

fn nests_plainly<'a>(tags: impl Iterator<Item = &'a str>, deepest: usize) -> bool {
    let mut open: Vec<&str> = Vec::new();
    for tag in tags {
        let (is_end, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        if !is_end && !tag.starts_with(|c: char| c.is_ascii_alphabetic() || "!?".contains(c)) {
            // A sign in the text.
            continue;
        }
        let Some((tag, _)) = tag.split_once('>') else { return false };
        let name_end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(name_end);
        let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
            && !name.contains(|c: char| c.is_ascii_uppercase());
        let is_separate = attributes.is_empty() || attributes.starts_with([' ', '\n', '/']);
        if !is_name || !is_separate || OTHERWISE.contains(&name) || !are_quoted(attributes) {
            return false;
        }
        let follows = if is_end { ends(&mut open, name) } else { begins(&mut open, name) };
        if !follows || open.len() > deepest {
            return false;
        }
    }
    true
}

/// Whether every value of attributes is quoted.
fn are_quoted(attributes: &str) -> bool {
    let mut rest = attributes;
    while let Some(at) = rest.find(['=', '"', '\'']) {
        let (name, value) = rest.split_at(at);
        let Some(value) =
            value.strip_prefix('=').filter(|_| name.ends_with(|c: char| c.is_ascii_alphanumeric()))
        else {
            return false;
        };
        let quoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.split_once(*quote));
        let Some((_, after)) = quoted else { return false };
        rest = after;
    }
    true
}

fn begins<'a>(open: &mut Vec<&'a str>, name: &'a str) -> bool {
    // A paragraph ends the one before it, an item of a list too.
    let is_next = matches!(name, "p" | "li") && open.last() == Some(&name);
    if !is_next && !VOID.contains(&name) {
        open.push(name);
    }
    true
}

fn ends(open: &mut Vec<&str>, name: &str) -> bool {
    if matches!(name, "ul" | "ol" | "li" | "div" | "blockquote") {
        open.pop_if(|last| matches!(*last, "p" | "li") && *last != name);
    }
    open.pop() == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_of_good_servers_are_bearable() {
        for part in [
            "<p>Un <a href=\"https://a.example/?a=1&amp;b=>\" rel='nofollow'>lien</a><br>et <br/> 3 < 4</p>",
            "<ul><li><p>un</p></li><li>deux<li>trois</ul>",
            "<blockquote><p>cité</blockquote><p>un<p>deux</p>",
            "<div><img src=\"x\" alt=\"\"></div><h2 id=\"x\">T</h2><hr />",
        ] {
            let is_plain = !part.contains("=>");
            assert_eq!(is_bearable(&part.repeat(2_000), 100), is_plain, "{part}");
            assert!(is_bearable(part, 100), "{part}");
        }
    }

    #[test]
    fn s30_what_nests_deeper_than_it_looks_is_not() {
        for part in [
            "<b></x>",
            "<b>",
            "<b><p></b></p>",
            "<x a=\"</x>\">",
            "<x =\"=\"></x>\">",
            "<x a=b=\" c=\"></x>\">",
            "<b><br a='</b>'>",
            "<b><!--</b>-->",
            "<b></b<></b>",
            "<x-a></x-b>",
            "<xmp><b></xmp>",
            "<SCRIPT><b></SCRIPT>",
            "<b><br =></b",
        ] {
            assert!(!is_bearable(&part.repeat(2_000), 100), "{part}");
        }
    }
}
