//! The pool of connections to PostgreSQL. It does not test a connection at each check-out, which costs a round trip. Once
//! one turns out to be lost, as after a restart of the server, every one that was opened before is looked at before it is
//! used again: of many that were lost, one caller hears.

use super::conn::Conn;
use crate::error::{AppError, AppResult};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, Pool, PooledConnection};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A statement is given up by the server itself before its caller gives it up, and one that waits for a lock still earlier;
/// keepalives notice a server whose machine has gone.
const PG_SESSION: &str = "SET statement_timeout = '7s'; SET lock_timeout = '5s'; \
    SET idle_in_transaction_session_timeout = '30s'; SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; \
    SET tcp_keepalives_count = 3; SET tcp_user_timeout = '20s'";

/// A connection of the pool.
pub(super) struct Pooled {
    pub(super) conn: Conn,
    /// How many losses there were when it was opened or last answered.
    proved: u64,
    lost: bool,
    losses: Arc<AtomicU64>,
}

impl Pooled {
    fn ask(&mut self) -> QueryResult<()> {
        diesel::sql_query("SELECT 1").execute(&mut self.conn).map(drop)
    }

    /// Whether it may be used: nothing was lost since it was proved, or it answers.
    fn holds(&mut self) -> bool {
        let losses = self.losses.load(Ordering::Acquire);
        if self.proved != losses {
            self.lost = self.ask().is_err();
            self.proved = losses;
        }
        !self.lost
    }

    /// Looks at it after a call that failed for a reason that passes. A read alone does not tell the pool that it is lost.
    pub(super) fn examine(&mut self) {
        if self.ask().is_err() {
            self.lost = true;
            self.losses.fetch_add(1, Ordering::AcqRel);
        }
    }
}

/// Takes a connection that holds; those that do not go, and the pool opens others.
pub(super) fn take(pool: &Pool<PgManager>) -> AppResult<PooledConnection<PgManager>> {
    loop {
        let mut pooled =
            pool.get().map_err(|e| AppError::Unavailable(format!("no PostgreSQL connection: {e}")))?;
        if pooled.holds() {
            return Ok(pooled);
        }
    }
}

/// Opens the pool's connections.
pub(super) struct PgManager {
    url: String,
    losses: Arc<AtomicU64>,
}

impl PgManager {
    pub(super) fn new(url: String) -> Self {
        Self { url, losses: Arc::default() }
    }
}

impl ManageConnection for PgManager {
    type Connection = Pooled;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Pooled, Self::Error> {
        let losses = self.losses.clone();
        let proved = losses.load(Ordering::Acquire);
        let mut conn = PgConnection::establish(&self.url).map_err(diesel::r2d2::Error::ConnectionError)?;
        conn.batch_execute(PG_SESSION).map_err(diesel::r2d2::Error::QueryError)?;
        Ok(Pooled { conn: Conn::Pg(conn), proved, lost: false, losses })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), Self::Error> {
        pooled.ask().map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        pooled.lost || std::thread::panicking() || diesel::r2d2::R2D2Connection::is_broken(&mut pooled.conn)
    }
}
