//! The two backends have one schema, and migrate it safely.

use clocher_storage::testing::{backends, describe, postgres, sqlite};
use clocher_storage::{Db, Error, instance};

#[tokio::test]
async fn both_backends_have_the_same_tables_columns_indexes_and_foreign_keys() {
    let lite = sqlite().db.read(describe).await.unwrap();
    assert!(lite.iter().any(|line| line == "posts.ap_id text not null"), "{lite:#?}");
    assert!(lite.iter().any(|line| line == "index deliveries_due"), "{lite:#?}");
    let Some(postgres) = postgres() else { return };
    let pg = postgres.db.read(describe).await.unwrap();
    let only = |some: &[String], others: &[String]| -> Vec<String> {
        some.iter().filter(|line| !others.contains(line)).cloned().collect()
    };
    assert_eq!(lite.iter().collect::<std::collections::BTreeSet<_>>().len(), lite.len(), "{lite:#?}");
    assert_eq!(pg.iter().collect::<std::collections::BTreeSet<_>>().len(), pg.len(), "{pg:#?}");
    assert_eq!((only(&lite, &pg), only(&pg, &lite)), (vec![], vec![]), "only on SQLite, only on PostgreSQL");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_that_start_at_once_migrate_once() {
    for test in backends() {
        let tries = (0..8).map(|_| {
            // A `Db` of its own for each: as separate processes, they share nothing but the database.
            let db = Db::new(test.db.location().clone());
            tokio::spawn(async move { db.read::<_, Error, _>(instance::find).await })
        });
        for done in futures_util::future::join_all(tries).await {
            assert!(done.unwrap().unwrap().is_none());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn contended_writes_all_succeed_and_count() {
    for test in backends() {
        let writes = (0..40).map(|n: i64| {
            let db = test.db.clone();
            tokio::spawn(async move {
                db.write::<_, Error, _>(move |conn| {
                    let host = clocher_storage::hosts::find(conn, "alpha.test")?.unwrap_or_default();
                    let next = clocher_storage::hosts::HostRow { host: format!("h{n}.test"), ..host };
                    clocher_storage::hosts::put(conn, &next)
                })
                .await
            })
        });
        for done in futures_util::future::join_all(writes).await {
            done.unwrap().unwrap();
        }
        let names: Vec<String> = (0..40).map(|n| format!("h{n}.test")).collect();
        let rows = test
            .db
            .read::<_, Error, _>(move |conn| clocher_storage::hosts::list(conn, &names))
            .await
            .unwrap();
        assert_eq!(rows.len(), 40, "{}", test.backend);
    }
}

#[tokio::test]
async fn a_write_that_fails_leaves_nothing() {
    for test in backends() {
        let failed: Result<(), Error> = test
            .db
            .write(|conn| {
                let host = clocher_storage::hosts::HostRow { host: "a.test".into(), ..Default::default() };
                clocher_storage::hosts::put(conn, &host)?;
                Err(Error::Unavailable("on purpose".into()))
            })
            .await;
        assert!(failed.is_err());
        let row =
            test.db.read::<_, Error, _>(|conn| clocher_storage::hosts::find(conn, "a.test")).await.unwrap();
        assert_eq!(row, None, "{}", test.backend);
    }
}
