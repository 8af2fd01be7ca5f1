//! Rows of an SQLite database, as a stream of objects.
//!
//! A cursor blocks its thread while it looks for the next row, so it has a thread of its own. It is at most
//! the capacity ahead of the consumer, so no table is ever in memory as a whole. When the consumer leaves,
//! the query is interrupted, even if it returns no row, and the database is closed.

use async_iterable_bridge::{AsyncIterableBridge, Error, Options, Producer, Row};
use napi_derive::napi;
use rusqlite::{Connection, OpenFlags};

const EVERY_PRODUCT: &str = "SELECT id, name, price FROM products ORDER BY id";

/// The number of instructions of SQLite's machine between two checks whether the consumer has left.
const INSTRUCTIONS: i32 = 1000;

/// `{ id: 1n, name: 'pen', price: 1.5 }`; the price is `null` if there is none.
#[derive(Row)]
pub struct Product {
    id: i64,
    name: String,
    price: Option<f64>,
}

/// Returns the products of a database, or those that a query selects. The first `next()` opens the database.
#[napi]
pub fn products(path: String, query: Option<String>) -> AsyncIterableBridge<Product> {
    AsyncIterableBridge::spawn(Options::new(), move |producer| {
        let query = query.as_deref().unwrap_or(EVERY_PRODUCT);
        let outcome = read(&path, query, &producer);
        log::debug!("{path} is closed");
        outcome.map_err(|error| error.with_code("ERR_SQLITE"))
    })
}

fn read(path: &str, query: &str, products: &Producer<Product>) -> Result<(), Error> {
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    log::debug!("{path} is open");
    // The next row may take long or never come, and the consumer may leave meanwhile.
    let token = products.closed_token();
    database.progress_handler(INSTRUCTIONS, Some(move || token.is_closed()))?;
    let mut statement = database.prepare(query)?;
    let rows = statement.query_map((), |row| {
        Ok(Product {
            id: row.get("id")?,
            name: row.get("name")?,
            price: row.get("price")?,
        })
    })?;
    for product in rows {
        products.blocking_send(product?)?;
    }
    Ok(())
}

/// Makes a database of `count` products. Every third product has no price.
#[napi]
pub fn create_products(path: String, count: u32) -> napi::Result<()> {
    write(&path, count).map_err(|error| napi::Error::from_reason(error.to_string()))
}

fn write(path: &str, count: u32) -> rusqlite::Result<()> {
    let mut database = Connection::open(path)?;
    let transaction = database.transaction()?;
    transaction.execute_batch(
        "CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price REAL)",
    )?;
    let mut insert = transaction.prepare("INSERT INTO products VALUES (?, ?, ?)")?;
    for id in 1..=count {
        let price = (id % 3 != 0).then_some(f64::from(id) / 4.0);
        insert.execute((id, format!("product {id}"), price))?;
    }
    drop(insert);
    transaction.commit()
}
