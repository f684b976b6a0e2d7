//! The two backends behind one connection type. Every real difference between them is here.

use diesel::expression::ValidGrouping;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel::{
    AppearsOnTable, Expression, PgConnection, QueryResult, SelectableExpression, SqliteConnection,
    infix_operator,
};
use serde::Serialize;

/// A connection to either backend.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// SQLite, one file an instance.
    Sqlite(SqliteConnection),
    /// PostgreSQL, one schema an instance.
    Pg(PgConnection),
}

/// Runs one statement on whichever backend the connection is.
///
/// For statements that diesel cannot build on the joint type (`ON CONFLICT`), and for those run so often that it
/// counts: on the joint type diesel writes the text of a statement anew, several times, whenever it is run. Written
/// once, compiled twice.
macro_rules! on_backend {
    ($conn:expr, $inner:ident => $statement:expr) => {
        match $conn {
            $crate::Conn::Sqlite($inner) => $statement,
            $crate::Conn::Pg($inner) => $statement,
        }
    };
}
pub(crate) use on_backend;

/// As [`on_backend`], for a statement about rows whose column is one of a list of values: `$among` says so in it. It is
/// prepared once, whatever the length of the list.
macro_rules! among_on_backend {
    ($conn:expr, $column:expr, $values:expr, ($inner:ident, $among:ident) => $statement:expr) => {
        match $conn {
            $crate::Conn::Sqlite($inner) => {
                let $among = $crate::dialect::Among::new($column, $crate::dialect::JsonEach::of($values)?);
                $statement
            }
            $crate::Conn::Pg($inner) => {
                let $among = $column.eq_any($values.to_vec());
                $statement
            }
        }
    };
}
pub(crate) use among_on_backend;

infix_operator!(Among, " IN ", backend: Sqlite);

/// The values of a list, as SQLite reads them from one parameter.
#[derive(Clone, Debug, QueryId, ValidGrouping)]
pub struct JsonEach {
    json: String,
}

impl JsonEach {
    /// Those values.
    pub fn of(values: &[impl Serialize]) -> QueryResult<Self> {
        let json = serde_json::to_string(values);
        Ok(Self { json: json.map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))? })
    }
}

impl Expression for JsonEach {
    // The operator asks for no type: what is compared with the values stands on its left.
    type SqlType = Text;
}

impl QueryFragment<Sqlite> for JsonEach {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("(SELECT value FROM json_each(");
        out.push_bind_param::<Text, _>(&self.json)?;
        out.push_sql("))");
        Ok(())
    }
}

impl<Source> AppearsOnTable<Source> for JsonEach {}
impl<Source> SelectableExpression<Source> for JsonEach {}
