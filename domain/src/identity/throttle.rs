//! Failed logins delay further ones, by account from one network and by network; nobody is locked out for good, and the
//! account's owner still gets in from elsewhere.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use crate::kernel::error::{Error, Result};

/// Failures an account may have from one network before it is delayed.
const FREE_FOR_ACCOUNT: i32 = 5;
/// Failures a network may have before it is delayed.
const FREE_FOR_NETWORK: i32 = 30;
/// The longest delay.
const LONGEST: TimeDelta = TimeDelta::minutes(15);
/// Failures older than this are forgotten.
const MEMORY: TimeDelta = TimeDelta::hours(24);

/// Who tries, from where.
pub struct Attempt {
    account: String,
    network: String,
}

impl Attempt {
    /// An attempt for an address from an IP.
    pub fn new(email: &str, ip: Option<IpAddr>) -> Self {
        let network = network(ip);
        Self { account: format!("account {email} from {network}"), network: format!("network {network}") }
    }

    /// Refuses an attempt that comes too soon.
    pub async fn check(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
        let until = sqlx::query_scalar!(
            r#"SELECT max(blocked_until) AS "until" FROM platform.login_throttle WHERE key IN ($1, $2) AND blocked_until > $3"#,
            self.account,
            self.network,
            now,
        )
        .fetch_one(conn)
        .await?;
        match until {
            Some(until) => Err(Error::Limited { retry_after: (until - now).num_seconds().unsigned_abs() + 1 }),
            None => Ok(()),
        }
    }

    /// Counts a failure.
    pub async fn failed(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
        for (key, free) in [(&self.account, FREE_FOR_ACCOUNT), (&self.network, FREE_FOR_NETWORK)] {
            let failures = sqlx::query_scalar!(
                r#"INSERT INTO platform.login_throttle AS t (key, failures, blocked_until, updated_at) VALUES ($1, 1, $2, $2)
                   ON CONFLICT (key) DO UPDATE SET updated_at = $2,
                     failures = CASE WHEN t.updated_at < $3 THEN 1 ELSE t.failures + 1 END
                   RETURNING failures"#,
                key,
                now,
                now - MEMORY,
            )
            .fetch_one(&mut *conn)
            .await?;
            sqlx::query!("UPDATE platform.login_throttle SET blocked_until = $2 WHERE key = $1", key, now + delay(failures - free))
                .execute(&mut *conn)
                .await?;
        }
        Ok(())
    }

    /// A success forgives the account's failures from this network.
    pub async fn succeeded(&self, conn: &mut PgConnection) -> Result<()> {
        sqlx::query!("DELETE FROM platform.login_throttle WHERE key = $1", self.account).execute(conn).await?;
        Ok(())
    }
}

/// Doubles with each failure beyond the free ones.
fn delay(beyond: i32) -> TimeDelta {
    match u32::try_from(beyond) {
        Err(_) | Ok(0) => TimeDelta::zero(),
        Ok(beyond) => TimeDelta::seconds(1 << beyond.min(12)).min(LONGEST),
    }
}

/// The /24 of an IPv4 address, the /48 of an IPv6 one: what one subscriber holds.
fn network(ip: Option<IpAddr>) -> String {
    match ip.map(|ip| ip.to_canonical()) {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(v4)) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Some(IpAddr::V6(v6)) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_and_end() {
        assert_eq!(delay(0), TimeDelta::zero());
        assert_eq!(delay(1), TimeDelta::seconds(2));
        assert_eq!(delay(4), TimeDelta::seconds(16));
        assert_eq!(delay(45), LONGEST);
    }

    #[test]
    fn neighbours_share_a_network() {
        assert_eq!(network("203.0.113.9".parse().ok()), network("::ffff:203.0.113.77".parse().ok()));
        assert_ne!(network("203.0.113.9".parse().ok()), network("203.0.114.9".parse().ok()));
    }
}
