//! What carries mail in a simulation: it keeps who got what.

use clocher_app::App;
use clocher_app::ports::{Channel, Later};
use clocher_app::sending::{Letter, Parcel};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

/// Everybody's mail.
#[derive(Debug, Default)]
pub struct PostOffice(Mutex<Boxes>);

#[derive(Debug, Default)]
struct Boxes {
    /// How many copies of each message an address got: by address and ActivityPub id.
    copies: HashMap<(String, String), u64>,
    /// What addresses got at once, and not in a digest: likewise.
    at_once: HashSet<(String, String)>,
    /// Which communities the footers for an address named, by their ActivityPub ids.
    named: HashMap<String, BTreeSet<String>>,
    /// How many parcels each instance handed over, by its host.
    parcels: HashMap<String, u64>,
    /// Confirmations that wait to be opened: the host that asks, and the link.
    asked: Vec<(String, String)>,
}

impl PostOffice {
    fn boxes(&self) -> std::sync::MutexGuard<'_, Boxes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many copies of a message an address got.
    pub fn copies(&self, mail: &str, ap_id: &str) -> u64 {
        self.boxes().copies.get(&(mail.to_owned(), ap_id.to_owned())).copied().unwrap_or_default()
    }

    /// Whether an address got a message at once, and not in a digest.
    pub fn at_once(&self, mail: &str, ap_id: &str) -> bool {
        self.boxes().at_once.contains(&(mail.to_owned(), ap_id.to_owned()))
    }

    /// The communities that footers for an address named, by their ActivityPub ids.
    pub fn named(&self, mail: &str) -> BTreeSet<String> {
        self.boxes().named.get(mail).cloned().unwrap_or_default()
    }

    /// How many copies there are in all.
    pub fn total(&self) -> u64 {
        self.boxes().copies.values().sum()
    }

    /// How many parcels an instance handed over.
    pub fn parcels(&self, host: &str) -> u64 {
        self.boxes().parcels.get(host).copied().unwrap_or_default()
    }

    /// Takes the confirmations that came: the host that asks, and the link that answers.
    pub fn take_asked(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.boxes().asked)
    }
}

impl Channel for PostOffice {
    fn carry<'a>(&'a self, app: &'a App, parcel: &'a Parcel) -> Later<'a, clocher_app::Result<()>> {
        Box::pin(async move {
            let mut boxes = self.boxes();
            *boxes.parcels.entry(app.site().domain().to_owned()).or_default() += 1;
            let items = match &parcel.letter {
                Letter::Message(item) => std::slice::from_ref(item.as_ref()),
                Letter::Digest { items, .. } => items.as_slice(),
                Letter::Confirmation { link } => {
                    boxes.asked.push((app.site().domain().to_owned(), link.clone()));
                    return Ok(());
                }
                Letter::Joining { .. } => return Ok(()),
            };
            for item in items {
                let copy = (parcel.to.clone(), item.post.ap_id.clone());
                if matches!(parcel.letter, Letter::Message(_)) {
                    boxes.at_once.insert(copy.clone());
                }
                let named = item.list.iter().chain(&item.also_in).map(|row| row.ap_id.clone());
                boxes.named.entry(parcel.to.clone()).or_default().extend(named);
                *boxes.copies.entry(copy).or_default() += 1;
            }
            Ok(())
        })
    }
}
