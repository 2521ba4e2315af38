//! The statements, apart for the test that looks at their plans.

/// Places a company of the claim's lane may take now: what its cap leaves beside what runs, and what its rate leaves of the minute.
/// The platform has neither. A company's own limits come before the configuration's; while there are none the table is not asked.
/// Without a limit it is the whole claim. `OFFSET 0` has it asked once.
macro_rules! free {
    ($tenant:literal) => {
        concat!(
            "SELECT least($3,
      CASE WHEN own.running IS NOT NULL THEN own.running - (
        SELECT count(*)::int FROM (SELECT FROM queue.jobs r
          WHERE r.queue = $1 AND r.tenant_id = ",
            $tenant,
            " AND r.state = 'running' LIMIT own.running) held) END,
      CASE WHEN own.per_minute IS NOT NULL THEN own.per_minute - coalesce((
        SELECT ceil(own.per_minute * greatest(0, extract(epoch FROM p.full_at - now())) / 60)::int
        FROM queue.pace p WHERE p.tenant_id = ",
            $tenant,
            " AND p.queue = $1), 0) END) AS free
    FROM (SELECT
      coalesce(CASE WHEN (SELECT own_limits FROM limited) THEN (
        SELECT l.running FROM queue.limits l WHERE l.tenant_id = ",
            $tenant,
            " AND l.queue = $1) END, $7) AS running,
      coalesce(CASE WHEN (SELECT own_limits FROM limited) THEN (
        SELECT l.per_minute FROM queue.limits l WHERE l.tenant_id = ",
            $tenant,
            " AND l.queue = $1) END, $8) AS per_minute
      WHERE ",
            $tenant,
            " <> '00000000-0000-0000-0000-000000000000'
      UNION ALL SELECT NULL, NULL WHERE ",
            $tenant,
            " = '00000000-0000-0000-0000-000000000000') own OFFSET 0"
        )
    };
}

/// Lane, tenant to start from, free places, token, lease in seconds, suspects wanted (0 or 1), jobs a company may have running,
/// jobs a company may begin a minute.
///
/// The steps from company to company name every column of their index in their order: by `tenant_id` alone the primary key would
/// do as well, as the planner sees it, which goes through all that is done.
/// Two processes that claim in the same instant see the same room below a cap: it is kept to within one claim of each. A rate is
/// kept over time, since what was begun too much is paid for later.
pub const CLAIM: &str = concat!(
    "
WITH RECURSIVE limited AS MATERIALIZED (
  SELECT EXISTS (SELECT FROM queue.limits) AS own_limits
), tenants AS (
  (SELECT first.tenant_id, room.free, (room.free > 0)::int AS n FROM (
    SELECT j.tenant_id FROM queue.jobs j
    WHERE j.queue = $1 AND j.state = 'ready' AND j.crashes = 0 AND j.tenant_id >= $2
    ORDER BY j.tenant_id, j.priority, j.run_at, j.id LIMIT 1) first
   CROSS JOIN LATERAL (",
    free!("first.tenant_id"),
    ") room)
  UNION ALL
  SELECT following.tenant_id, room.free, t.n + (room.free > 0)::int FROM tenants t CROSS JOIN LATERAL (
    SELECT j.tenant_id FROM queue.jobs j
    WHERE j.queue = $1 AND j.state = 'ready' AND j.crashes = 0 AND j.tenant_id > t.tenant_id
    ORDER BY j.tenant_id, j.priority, j.run_at, j.id LIMIT 1) following
   CROSS JOIN LATERAL (",
    free!("following.tenant_id"),
    ") room
  WHERE t.n < $3
), share AS (
  SELECT greatest(1, ceil($3::numeric / greatest(1, (SELECT count(*) FROM tenants WHERE free > 0)))::int) AS places
), fair AS (
  SELECT p.tenant_id, p.id FROM tenants t CROSS JOIN share CROSS JOIN LATERAL (
    SELECT j.tenant_id, j.id FROM queue.jobs j
    WHERE j.queue = $1 AND j.state = 'ready' AND j.crashes = 0 AND j.tenant_id = t.tenant_id
    ORDER BY j.priority, j.run_at, j.id LIMIT least(share.places, t.free) FOR UPDATE SKIP LOCKED) p
  WHERE t.free > 0
), suspect AS (
  SELECT j.tenant_id, j.id FROM queue.jobs j WHERE j.queue = $1 AND j.state = 'ready' AND j.crashes > 0
  ORDER BY j.run_at, j.id LIMIT $6 FOR UPDATE SKIP LOCKED
), picked AS (
  SELECT tenant_id, id FROM suspect UNION ALL (SELECT tenant_id, id FROM fair LIMIT $3)
), taken AS (
  UPDATE queue.jobs j
  SET state = 'running', attempt = j.attempt + 1, crashes = j.crashes + 1,
      lease_token = $4, lease_until = now() + make_interval(secs => $5)
  FROM picked p WHERE j.tenant_id = p.tenant_id AND j.id = p.id
  RETURNING j.tenant_id, j.id, j.kind, j.payload, j.version, j.priority, j.run_at, j.attempt, j.crashes, j.progress
), paced AS (
  INSERT INTO queue.pace AS p (tenant_id, queue, full_at)
  SELECT b.tenant_id, $1, now() + b.begun * interval '1 minute' / b.per_minute FROM (
    SELECT t.tenant_id, count(*) AS begun,
      coalesce((SELECT l.per_minute FROM queue.limits l WHERE l.tenant_id = t.tenant_id AND l.queue = $1), $8) AS per_minute
    FROM taken t WHERE t.tenant_id <> '00000000-0000-0000-0000-000000000000' AND ($8 IS NOT NULL OR (SELECT own_limits FROM limited))
    GROUP BY t.tenant_id ORDER BY t.tenant_id) b
  WHERE b.per_minute IS NOT NULL
  ON CONFLICT (tenant_id, queue) DO UPDATE SET full_at = greatest(p.full_at, now()) + (excluded.full_at - now())
)
SELECT taken.*, (SELECT count(*) FROM tenants WHERE free > 0) < $3 AS round_over FROM taken"
);

/// Tenants, ids, tokens, verdicts, delays in seconds, errors. No test of `state`: with stale statistics it costs a scan.
pub const ACKNOWLEDGE: &str = "
UPDATE queue.jobs j
SET state = CASE
      WHEN a.verdict IN ('done', 'dead', 'cancelled') THEN a.verdict
      WHEN j.cancel_requested THEN 'cancelled'
      WHEN a.verdict = 'retry' AND j.attempt >= j.max_attempts THEN 'dead'
      WHEN a.verdict IN ('retry', 'later') THEN 'scheduled'
      ELSE 'ready' END,
    attempt = CASE WHEN a.verdict IN ('later', 'released') THEN j.attempt - 1 ELSE j.attempt END,
    crashes = greatest(0, j.crashes - 1),
    run_at = CASE WHEN a.verdict IN ('retry', 'later') THEN now() + make_interval(secs => a.delay) ELSE j.run_at END,
    last_error = coalesce(a.error, CASE WHEN a.verdict = 'released' THEN j.last_error END),
    finished_at = CASE
      WHEN a.verdict IN ('done', 'dead', 'cancelled') OR j.cancel_requested OR (a.verdict = 'retry' AND j.attempt >= j.max_attempts)
      THEN now() END,
    lease_token = NULL, lease_until = NULL
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::float8[], $6::text[])
  AS a (tenant_id, id, token, verdict, delay, error)
WHERE j.tenant_id = a.tenant_id AND j.id = a.id AND j.lease_token = a.token";

/// Tenants, ids, tokens, lease in seconds. Answers those still ours.
pub const RENEW: &str = "
UPDATE queue.jobs j SET lease_until = now() + make_interval(secs => $4)
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS a (tenant_id, id, token)
WHERE j.tenant_id = a.tenant_id AND j.id = a.id AND j.lease_token = a.token
RETURNING j.tenant_id, j.id, j.lease_token";

/// Tenants, ids, tokens, what was reported.
pub const REPORT: &str = "
UPDATE queue.jobs j SET progress = a.progress
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::jsonb[]) AS a (tenant_id, id, token, progress)
WHERE j.tenant_id = a.tenant_id AND j.id = a.id AND j.lease_token = a.token";

/// Those running that somebody wants stopped, in whichever process.
pub const CANCELS: &str = "SELECT tenant_id, id, lease_token FROM queue.jobs WHERE cancel_requested AND state = 'running'";

/// Rows at most. Answers the lanes that have work now.
pub const PROMOTE: &str = "
WITH due AS (
  SELECT tenant_id, id FROM queue.jobs WHERE state = 'scheduled' AND run_at <= now()
  ORDER BY run_at LIMIT $1 FOR UPDATE SKIP LOCKED)
UPDATE queue.jobs j SET state = 'ready' FROM due WHERE j.tenant_id = due.tenant_id AND j.id = due.id RETURNING j.queue";

/// Rows at most, crashes that quarantine. The run that was cut short is not counted among the attempts.
pub const RESCUE: &str = "
WITH lost AS (
  SELECT tenant_id, id FROM queue.jobs WHERE state = 'running' AND lease_until < now()
  ORDER BY lease_until LIMIT $1 FOR UPDATE SKIP LOCKED)
UPDATE queue.jobs j
SET state = CASE WHEN j.cancel_requested THEN 'cancelled' WHEN j.crashes >= $2 THEN 'dead' ELSE 'ready' END,
    attempt = j.attempt - 1,
    last_error = CASE WHEN j.crashes >= $2 THEN 'quarantined: ' || j.crashes || ' workers vanished while running it'
                      ELSE 'the worker vanished while running it' END,
    finished_at = CASE WHEN j.cancel_requested OR j.crashes >= $2 THEN now() END,
    lease_token = NULL, lease_until = NULL
FROM lost WHERE j.tenant_id = lost.tenant_id AND j.id = lost.id RETURNING j.queue";

/// State, age in seconds, rows at most.
pub const PRUNE: &str = "
WITH old AS (
  SELECT tenant_id, id FROM queue.jobs
  WHERE state IN ('done', 'dead', 'cancelled') AND state = $1 AND finished_at < now() - make_interval(secs => $2)
  ORDER BY finished_at LIMIT $3 FOR UPDATE SKIP LOCKED)
DELETE FROM queue.jobs j USING old WHERE j.tenant_id = old.tenant_id AND j.id = old.id";
