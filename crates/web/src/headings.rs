//! Headings within what people wrote, lowered below those of the page, so that a page has one first heading.
//!
//! Reads only what the sanitiser writes: lower-case tags, and every `<` of a text escaped.

/// Lowers every heading of sanitised HTML by that many levels.
pub fn lower(html: &str, by: usize) -> String {
    let mut lowered = html.to_owned();
    if !html.contains("</h") {
        // As nearly everything that people write.
        return lowered;
    }
    for level in (1..=6).rev() {
        let below = (level + by).min(6);
        for (before, after) in [("<h", ">"), ("<h", " "), ("</h", ">")] {
            lowered = lowered.replace(&format!("{before}{level}{after}"), &format!("{before}{below}{after}"));
        }
    }
    lowered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_go_down_and_nothing_else_changes() {
        assert_eq!(
            lower("<h1>a</h1><h2 lang=\"fr\">b</h2><h6>c</h6><hr><p>&lt;h1&gt;</p>", 2),
            "<h3>a</h3><h4 lang=\"fr\">b</h4><h6>c</h6><hr><p>&lt;h1&gt;</p>"
        );
        assert_eq!(lower("<h5>a</h5>", 2), "<h6>a</h6>");
    }
}
