//! The drawing of what a community is linked with: what is above it, beside it and in it, as boxes and lines.
//!
//! An image for who sees it, of bounded size; everything in it stands in the list beside it too. Has no links and no
//! styles of its own: colours are those of the page.

use crate::language::Lang;
use clocher_domain::link::Relation;

/// Most boxes above, beside and below.
const ABOVE: usize = 4;
const BESIDE: usize = 3;
const BELOW: usize = 6;
/// Sizes, in units of the drawing.
const WIDTH: usize = 320;
const HALF: usize = 150;
const ROW: usize = 40;
const TALL: usize = 30;
/// Where the line runs between the two columns, and the one between a community and those beside it.
const TRUNK: usize = 160;
const TWIG: usize = 188;
const HOME: usize = 176;

/// A box with a name.
pub struct Tile {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
    /// The middle of the text.
    pub text_x: usize,
    pub text_y: usize,
    /// Whether it is the community itself.
    pub is_here: bool,
    /// As it is written in the box.
    pub text: String,
}

/// A straight line.
pub struct Stroke {
    pub path: String,
    pub is_beside: bool,
}

/// The drawing.
pub struct Map {
    pub width: usize,
    pub height: usize,
    pub tiles: Vec<Tile>,
    pub strokes: Vec<Stroke>,
    /// What it shows, in words.
    pub words: String,
}

/// The names of linked communities of one relation, and how many there are of them in all.
pub struct Group<'a> {
    pub relation: Relation,
    pub names: Vec<&'a str>,
}

impl Map {
    /// Draws a community and its neighbours; nothing where it has none.
    pub fn draw(lang: Lang, name: &str, groups: &[Group<'_>]) -> Option<Self> {
        let of = |relation: Relation| {
            groups
                .iter()
                .find(|group| group.relation == relation)
                .map_or(&[][..], |group| group.names.as_slice())
        };
        let (above, beside, below) = (of(Relation::Upper), of(Relation::Peer), of(Relation::Lower));
        if above.is_empty() && beside.is_empty() && below.is_empty() {
            return None;
        }
        let mut map =
            Self { width: WIDTH, height: 0, tiles: Vec::new(), strokes: Vec::new(), words: String::new() };
        let upper = map.columns(lang, above, ABOVE, 1);
        let top = upper + if above.is_empty() { 1 } else { 10 };
        let bottom = map.middle(lang, name, beside, top);
        if !above.is_empty() {
            map.trunk(TALL / 2, top);
        }
        map.height = bottom + 2;
        if !below.is_empty() {
            let first = bottom + 14;
            map.height = map.columns(lang, below, BELOW, first) - (ROW - TALL) + 2;
            map.trunk(bottom, map.height - TALL / 2 - 2);
        }
        let told = [("links-upper", above), ("links-peer", beside), ("links-lower", below)];
        let told: Vec<String> = told
            .iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(key, names)| format!("{} {}", lang.say(key), lang.count("map-communities", count(names))))
            .collect();
        map.words = format!("{} {}", lang.name("map-of", name), told.join(", "));
        Some(map)
    }

    /// Two columns of boxes, each tied to the line between them. Gives where the next row would begin.
    fn columns(&mut self, lang: Lang, names: &[&str], most: usize, top: usize) -> usize {
        let labels = labels(lang, names, most, 21);
        let rows = labels.len().div_ceil(2);
        for (index, text) in labels.into_iter().enumerate() {
            let (is_right, y) = (index % 2 == 1, top + index / 2 * ROW);
            let x = if is_right { WIDTH - HALF - 1 } else { 1 };
            let edge = if is_right { x } else { x + HALF };
            self.strokes.push(Stroke { path: format!("M{edge} {}H{TRUNK}", y + TALL / 2), is_beside: false });
            self.put((x, y, HALF, TALL), text, false);
        }
        top + rows * ROW
    }

    /// The community itself, and those beside it. Gives where it ends.
    fn middle(&mut self, lang: Lang, name: &str, beside: &[&str], top: usize) -> usize {
        let labels = labels(lang, beside, BESIDE, 16);
        let height = (labels.len().max(1) - 1) * ROW + TALL;
        let center = top + height / 2;
        let (width, longest) = if labels.is_empty() { (WIDTH - 2, 42) } else { (HOME, 24) };
        if !labels.is_empty() {
            let ends = (top + TALL / 2, top + height - TALL / 2);
            self.strokes.push(Stroke { path: format!("M{} {center}H{TWIG}", HOME + 1), is_beside: true });
            self.strokes.push(Stroke { path: format!("M{TWIG} {}V{}", ends.0, ends.1), is_beside: true });
        }
        self.put((1, top, width, height), shorten(name, longest), true);
        for (index, text) in labels.into_iter().enumerate() {
            let y = top + index * ROW;
            self.strokes.push(Stroke { path: format!("M{TWIG} {}h12", y + TALL / 2), is_beside: true });
            self.put((TWIG + 12, y, WIDTH - TWIG - 13, TALL), text, false);
        }
        top + height
    }

    fn trunk(&mut self, from: usize, to: usize) {
        self.strokes.push(Stroke { path: format!("M{TRUNK} {from}V{to}"), is_beside: false });
    }

    fn put(&mut self, (x, y, width, height): (usize, usize, usize, usize), text: String, is_here: bool) {
        let (text_x, text_y) = (x + width / 2, y + height / 2 + 4);
        self.tiles.push(Tile { x, y, width, height, text_x, text_y, is_here, text });
    }
}

fn count(names: &[&str]) -> i64 {
    i64::try_from(names.len()).unwrap_or(i64::MAX)
}

/// What stands in the boxes: the last one says how many more there are.
fn labels(lang: Lang, names: &[&str], most: usize, longest: usize) -> Vec<String> {
    let shown = if names.len() > most { most - 1 } else { names.len() };
    let mut labels: Vec<String> = names.iter().take(shown).map(|name| shorten(name, longest)).collect();
    if shown < names.len() {
        labels.push(lang.count("map-more", count(names) - i64::try_from(shown).unwrap_or_default()));
    }
    labels
}

fn shorten(name: &str, longest: usize) -> String {
    if name.chars().count() <= longest {
        return name.to_owned();
    }
    name.chars().take(longest - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(above: &[&str], beside: &[&str], below: &[&str]) -> Option<Map> {
        let groups = [(Relation::Upper, above), (Relation::Peer, beside), (Relation::Lower, below)]
            .map(|(relation, names)| Group { relation, names: names.to_vec() });
        Map::draw(Lang::Fr, "Lamastre", &groups)
    }

    #[test]
    fn a_community_without_links_has_no_map() {
        assert!(draw(&[], &[], &[]).is_none());
    }

    #[test]
    fn hundreds_of_children_leave_the_map_as_small_as_six() {
        let names: Vec<String> = (0..300).map(|number| format!("Commune {number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (six, many) = (draw(&["EPCI"], &[], &names[..6]).unwrap(), draw(&["EPCI"], &[], &names).unwrap());
        assert_eq!((six.height, six.tiles.len()), (many.height, many.tiles.len()));
        assert_eq!(many.tiles.last().unwrap().text, "et 295 autres");
        assert!(many.words.contains("300 communautés"), "{}", many.words);
    }

    #[test]
    fn boxes_stay_inside_the_drawing_and_apart_from_one_another() {
        let many = ["un", "deux", "trois", "quatre", "cinq", "six", "sept"];
        for above in [0, 1, 3, 7] {
            for beside in [0, 1, 3, 7] {
                for below in [0, 1, 7] {
                    let Some(map) = draw(&many[..above], &many[..beside], &many[..below]) else { continue };
                    for (index, one) in map.tiles.iter().enumerate() {
                        assert!(one.x + one.width < map.width && one.y + one.height < map.height + 1);
                        for other in &map.tiles[index + 1..] {
                            let apart = one.x + one.width <= other.x
                                || other.x + other.width <= one.x
                                || one.y + one.height <= other.y
                                || other.y + other.height <= one.y;
                            assert!(apart, "{} and {}", one.text, other.text);
                        }
                    }
                }
            }
        }
    }
}
