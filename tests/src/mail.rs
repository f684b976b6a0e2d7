//! Waiting for the mail of a network.

use crate::{Network, SETTLE};
use clocher_storage::{joints, ledger};
use std::time::{Duration, Instant};

impl Network {
    /// Waits until nobody owes anybody anything, and all mail that is due is sent.
    ///
    /// # Panics
    /// Where that does not come to be.
    pub async fn settle_mail(&self) {
        let until = Instant::now() + SETTLE;
        loop {
            self.settle().await;
            let mut owed = Vec::new();
            for node in self.nodes.iter().filter(|node| node.mails) {
                let now = node.app.now().0;
                let due = node.app.read(move |conn| {
                    let asks = joints::first_unmailed(conn, now)?.is_some();
                    Ok::<_, clocher_app::Error>((asks, ledger::first_due(conn, now)?))
                });
                let (asks, due) = due.await.expect("storage");
                if asks || due.is_some() {
                    node.app.wakers().ledger.notify_one();
                    owed.push(format!("{}: {due:?}", node.app.site().domain()));
                }
            }
            if owed.is_empty() && self.is_calm().await {
                return;
            }
            assert!(Instant::now() < until, "mail is not sent: {owed:#?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
