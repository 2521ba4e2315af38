-- The queue, complete: limits of a company, cancelling, the payload's version, schedules, and what operators see of it.

ALTER TABLE queue.jobs
  ADD COLUMN version smallint NOT NULL DEFAULT 1 CONSTRAINT jobs_version_range CHECK (version >= 1),
  ADD COLUMN cancel_requested boolean NOT NULL DEFAULT false;
ALTER TABLE queue.jobs DROP CONSTRAINT jobs_state_known;
ALTER TABLE queue.jobs ADD CONSTRAINT jobs_state_known CHECK (state IN ('scheduled', 'ready', 'running', 'done', 'dead', 'cancelled'));
ALTER TABLE queue.jobs DROP CONSTRAINT jobs_finished_has_time;
ALTER TABLE queue.jobs ADD CONSTRAINT jobs_finished_has_time CHECK ((state IN ('done', 'dead', 'cancelled')) = (finished_at IS NOT NULL));
DROP INDEX queue.jobs_finished;
CREATE INDEX jobs_finished ON queue.jobs (state, finished_at) WHERE state IN ('done', 'dead', 'cancelled');
-- how many a company has running, asked by the claim
CREATE INDEX jobs_running ON queue.jobs (queue, tenant_id) WHERE state = 'running';
-- nearly always empty, asked twice a second
CREATE INDEX jobs_cancel ON queue.jobs (tenant_id, id) WHERE cancel_requested AND state = 'running';

-- What one company may do at once, where it is not what the configuration says for everybody.
CREATE TABLE queue.limits (
  tenant_id  uuid NOT NULL,
  queue      text NOT NULL CONSTRAINT limits_queue_known CHECK (queue IN ('interactive', 'bulk')),
  running    integer CONSTRAINT limits_running_range CHECK (running BETWEEN 1 AND 100000),      -- at once; null: the configuration's
  per_minute integer CONSTRAINT limits_per_minute_range CHECK (per_minute BETWEEN 1 AND 1000000), -- begun; null: the configuration's
  PRIMARY KEY (tenant_id, queue)
);
-- A bucket for each company and lane that has a rate: it holds a minute's worth of starts, and fills as time passes.
CREATE TABLE queue.pace (
  tenant_id uuid NOT NULL,
  queue     text NOT NULL,
  full_at   timestamptz NOT NULL,  -- when it will be full again, nothing being taken
  PRIMARY KEY (tenant_id, queue)
) WITH (fillfactor = 50);
GRANT SELECT, INSERT, UPDATE, DELETE ON queue.limits TO millwright_app;
GRANT SELECT ON queue.limits TO millwright_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON queue.pace TO millwright_worker;

-- Both doors take the payload's version now.
DROP FUNCTION queue.enqueue(text, text, jsonb, smallint, timestamptz, text, integer, uuid);
DROP FUNCTION queue.enqueue_platform(text, text, jsonb, smallint, timestamptz, text, integer, uuid);
DROP FUNCTION queue.insert_job(uuid, text, text, jsonb, smallint, timestamptz, text, integer, uuid);

CREATE FUNCTION queue.insert_job(
  p_tenant uuid, p_kind text, p_queue text, p_payload jsonb, p_priority smallint, p_run_at timestamptz,
  p_unique_key text, p_max_attempts integer, p_id uuid, p_version smallint DEFAULT 1
) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO queue.jobs (tenant_id, id, queue, kind, payload, version, priority, run_at, state, unique_key, max_attempts)
  VALUES (p_tenant, p_id, p_queue, p_kind, p_payload, p_version, p_priority, p_run_at,
          CASE WHEN p_run_at > clock_timestamp() THEN 'scheduled' ELSE 'ready' END, p_unique_key, p_max_attempts)
  ON CONFLICT (tenant_id, kind, unique_key) WHERE unique_key IS NOT NULL AND state IN ('scheduled', 'ready', 'running')
  DO NOTHING;
  RETURN FOUND;
END
$$;

CREATE FUNCTION queue.enqueue(
  p_kind text, p_queue text, p_payload jsonb, p_priority smallint, p_run_at timestamptz,
  p_unique_key text, p_max_attempts integer, p_id uuid, p_version smallint DEFAULT 1
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  tenant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
BEGIN
  IF tenant IS NULL OR tenant = '00000000-0000-0000-0000-000000000000' THEN
    RAISE EXCEPTION 'queue.enqueue outside a tenant transaction' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN queue.insert_job(tenant, p_kind, p_queue, p_payload, p_priority, p_run_at, p_unique_key, p_max_attempts, p_id, p_version);
END
$$;

CREATE FUNCTION queue.enqueue_platform(
  p_kind text, p_queue text, p_payload jsonb, p_priority smallint, p_run_at timestamptz,
  p_unique_key text, p_max_attempts integer, p_id uuid, p_version smallint DEFAULT 1
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN queue.insert_job('00000000-0000-0000-0000-000000000000', p_kind, p_queue, p_payload, p_priority, p_run_at,
                          p_unique_key, p_max_attempts, p_id, p_version);
END
$$;

-- What waits is cancelled at once; what runs is asked to stop, which its worker hears within a second. Null: it is over already.
CREATE FUNCTION queue.cancel_job(p_tenant uuid, p_id uuid) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  became text;
BEGIN
  UPDATE queue.jobs
  SET cancel_requested = true,
      state = CASE WHEN state = 'running' THEN 'running' ELSE 'cancelled' END,
      finished_at = CASE WHEN state = 'running' THEN NULL ELSE now() END
  WHERE tenant_id = p_tenant AND id = p_id AND state IN ('scheduled', 'ready', 'running')
  RETURNING state INTO became;
  RETURN became;
END
$$;

-- A company cancels its own.
CREATE FUNCTION queue.cancel(p_id uuid) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN queue.cancel_job(nullif(current_setting('app.tenant_id', true), '')::uuid, p_id);
END
$$;

-- Schedules: one row a tick that was queued. Whoever comes second finds the row.
CREATE TABLE queue.ticks (
  name      text NOT NULL CONSTRAINT ticks_name_length CHECK (length(name) BETWEEN 1 AND 100),
  tenant_id uuid NOT NULL,  -- the nil uuid is the platform's own
  tick      timestamptz NOT NULL,
  at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (name, tenant_id, tick)
);

-- Queues a job for everybody the tick is for and who has none of it yet, at most p_cap; answers how many. p_zone null: for the
-- platform itself; else for the companies of that zone. A tick older than one that was queued is past.
CREATE FUNCTION queue.tick(
  p_name text, p_zone text, p_tick timestamptz, p_kind text, p_queue text, p_payload jsonb, p_max_attempts integer,
  p_version smallint, p_cap integer
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  ticked bigint;
BEGIN
  WITH due AS (
    SELECT '00000000-0000-0000-0000-000000000000'::uuid AS tenant_id WHERE p_zone IS NULL
    UNION ALL
    SELECT t.id FROM platform.tenants t WHERE t.time_zone = p_zone AND t.status = 'active' AND t.created_at <= p_tick
  ), fresh AS (
    INSERT INTO queue.ticks (name, tenant_id, tick)
    SELECT p_name, due.tenant_id, p_tick FROM due
    WHERE NOT EXISTS (SELECT FROM queue.ticks k WHERE k.name = p_name AND k.tenant_id = due.tenant_id AND k.tick >= p_tick)
    LIMIT p_cap
    ON CONFLICT DO NOTHING
    RETURNING tenant_id
  )
  SELECT count(queue.insert_job(fresh.tenant_id, p_kind, p_queue, p_payload, 100::smallint, now(),
                                p_name || ':' || extract(epoch FROM p_tick), p_max_attempts, gen_random_uuid(), p_version))
    INTO ticked FROM fresh;
  RETURN ticked;
END
$$;

-- The zones companies are in.
CREATE FUNCTION queue.zones() RETURNS TABLE (zone text) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT DISTINCT t.time_zone FROM platform.tenants t WHERE t.status = 'active';
END
$$;

-- How much there is of what, and since when the oldest has been due; not what is done, of which there is much. Each part goes
-- through an index of its own.
CREATE FUNCTION queue.load() RETURNS TABLE (tenant_id uuid, queue text, state text, jobs bigint, oldest timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
BEGIN
  RETURN QUERY
    SELECT j.tenant_id, j.queue, 'ready', count(*), min(j.run_at) FROM queue.jobs j
      WHERE j.state = 'ready' AND j.crashes = 0 GROUP BY 1, 2
    UNION ALL
    SELECT j.tenant_id, j.queue, 'ready', count(*), min(j.run_at) FROM queue.jobs j
      WHERE j.state = 'ready' AND j.crashes > 0 GROUP BY 1, 2
    UNION ALL
    SELECT j.tenant_id, j.queue, j.state, count(*), min(j.run_at) FROM queue.jobs j WHERE j.state = 'scheduled' GROUP BY 1, 2, 3
    UNION ALL
    SELECT j.tenant_id, j.queue, j.state, count(*), min(j.run_at) FROM queue.jobs j WHERE j.state = 'running' GROUP BY 1, 2, 3
    UNION ALL
    SELECT j.tenant_id, j.queue, j.state, count(*), min(j.finished_at) FROM queue.jobs j WHERE j.state = 'dead' GROUP BY 1, 2, 3;
END
$$;

-- The operator's board, newest first; p_before and p_before_id say where the page before ended.
CREATE FUNCTION queue.board(
  p_state text, p_kind text, p_tenant uuid, p_id uuid, p_before timestamptz, p_before_id uuid, p_limit integer
) RETURNS TABLE (
  tenant_id uuid, id uuid, queue text, kind text, payload jsonb, version smallint, priority smallint, run_at timestamptz, state text,
  attempt integer, crashes integer, max_attempts integer, lease_until timestamptz, cancel_requested boolean, progress jsonb,
  last_error text, created_at timestamptz, finished_at timestamptz
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  RETURN QUERY SELECT j.tenant_id, j.id, j.queue, j.kind, j.payload, j.version, j.priority, j.run_at, j.state, j.attempt, j.crashes,
      j.max_attempts, j.lease_until, j.cancel_requested, j.progress, j.last_error, j.created_at, j.finished_at
    FROM queue.jobs j
    WHERE (p_state IS NULL OR j.state = p_state) AND (p_kind IS NULL OR starts_with(j.kind, p_kind)) AND (p_tenant IS NULL OR j.tenant_id = p_tenant)
      AND (p_id IS NULL OR j.id = p_id) AND (p_before IS NULL OR (j.created_at, j.id) < (p_before, p_before_id))
    ORDER BY j.created_at DESC, j.id DESC LIMIT p_limit;
END
$$;

-- Once more from the beginning: what is dead or cancelled, or waits for its back-off. `duplicate`: a live one bears its key.
CREATE FUNCTION queue.board_retry(p_tenant uuid, p_id uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE queue.jobs SET state = 'ready', run_at = now(), attempt = 0, crashes = 0, cancel_requested = false, finished_at = NULL
  WHERE tenant_id = p_tenant AND id = p_id AND state IN ('dead', 'cancelled', 'scheduled');
  RETURN CASE WHEN FOUND THEN 'ready' END;
EXCEPTION WHEN unique_violation THEN
  RETURN 'duplicate';
END
$$;

CREATE FUNCTION queue.board_discard(p_tenant uuid, p_id uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM queue.jobs WHERE tenant_id = p_tenant AND id = p_id AND state IN ('dead', 'cancelled');
  RETURN FOUND;
END
$$;

CREATE FUNCTION queue.board_cancel(p_tenant uuid, p_id uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN queue.cancel_job(p_tenant, p_id);
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA queue FROM PUBLIC;
GRANT EXECUTE ON FUNCTION queue.enqueue(text, text, jsonb, smallint, timestamptz, text, integer, uuid, smallint) TO millwright_tenant;
GRANT EXECUTE ON FUNCTION queue.enqueue_platform(text, text, jsonb, smallint, timestamptz, text, integer, uuid, smallint) TO millwright_app;
GRANT EXECUTE ON FUNCTION queue.cancel(uuid) TO millwright_tenant;
GRANT EXECUTE ON FUNCTION queue.tick(text, text, timestamptz, text, text, jsonb, integer, smallint, integer) TO millwright_worker;
GRANT EXECUTE ON FUNCTION queue.zones() TO millwright_worker;
GRANT EXECUTE ON FUNCTION queue.load() TO millwright_app, millwright_worker;
GRANT EXECUTE ON FUNCTION queue.board(text, text, uuid, uuid, timestamptz, uuid, integer) TO millwright_app;
GRANT EXECUTE ON FUNCTION queue.board_retry(uuid, uuid) TO millwright_app;
GRANT EXECUTE ON FUNCTION queue.board_discard(uuid, uuid) TO millwright_app;
GRANT EXECUTE ON FUNCTION queue.board_cancel(uuid, uuid) TO millwright_app;

-- Of ticks the newest says what has been; a bucket that is full is as good as none.
CREATE FUNCTION queue.upkeep() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM queue.ticks k WHERE k.tick < now() - interval '30 days'
    AND EXISTS (SELECT FROM queue.ticks n WHERE n.name = k.name AND n.tenant_id = k.tenant_id AND n.tick > k.tick);
  DELETE FROM queue.pace WHERE full_at < now() - interval '1 hour';
END
$$;
REVOKE ALL ON FUNCTION queue.upkeep() FROM PUBLIC;

-- Housekeeping is a scheduled job of the platform now.
GRANT EXECUTE ON FUNCTION queue.upkeep(), app.upkeep() TO millwright_app;
REVOKE EXECUTE ON FUNCTION app.upkeep() FROM millwright_worker;
