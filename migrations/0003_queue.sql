-- The job queue. Infrastructure, not a tenant table: no foreign keys, no policies, local to one node, so that a claim
-- touches nothing but this table. Tenants reach it through queue.enqueue alone; the worker claims and finishes.
CREATE SCHEMA queue;

CREATE TABLE queue.jobs (
  tenant_id    uuid        NOT NULL,  -- the nil uuid is the platform's own work
  id           uuid        NOT NULL,
  queue        text        NOT NULL CONSTRAINT jobs_queue_known CHECK (queue IN ('interactive', 'bulk')),
  kind         text        NOT NULL CONSTRAINT jobs_kind_length CHECK (length(kind) BETWEEN 1 AND 100),
  payload      jsonb       NOT NULL,
  priority     smallint    NOT NULL,  -- the smaller runs first, within its tenant
  run_at       timestamptz NOT NULL,
  state        text        NOT NULL CONSTRAINT jobs_state_known CHECK (state IN ('scheduled', 'ready', 'running', 'done', 'dead')),
  attempt      integer     NOT NULL DEFAULT 0,  -- runs begun, without those a crash or a release cut short
  crashes      integer     NOT NULL DEFAULT 0 CONSTRAINT jobs_crashes_counted CHECK (crashes >= 0),
  max_attempts integer     NOT NULL CONSTRAINT jobs_max_attempts_range CHECK (max_attempts BETWEEN 1 AND 1000),
  lease_token  uuid,
  lease_until  timestamptz,
  unique_key   text        CONSTRAINT jobs_unique_key_length CHECK (length(unique_key) <= 300),
  progress     jsonb,
  last_error   text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  finished_at  timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT jobs_running_has_lease CHECK ((state = 'running') = (lease_token IS NOT NULL AND lease_until IS NOT NULL)),
  CONSTRAINT jobs_finished_has_time CHECK ((state IN ('done', 'dead')) = (finished_at IS NOT NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- the fair claim steps over tenants with this one
CREATE INDEX jobs_ready ON queue.jobs (queue, tenant_id, priority, run_at, id) WHERE state = 'ready' AND crashes = 0;
-- jobs a worker died with: claimed one at a time, so that a poisonous one takes no neighbour along
CREATE INDEX jobs_suspect ON queue.jobs (queue, run_at, id) WHERE state = 'ready' AND crashes > 0;
CREATE INDEX jobs_scheduled ON queue.jobs (run_at) WHERE state = 'scheduled';
CREATE INDEX jobs_lease ON queue.jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_finished ON queue.jobs (state, finished_at) WHERE state IN ('done', 'dead');
-- partial over rows that carry a key, or the claim would use it
CREATE UNIQUE INDEX jobs_unique ON queue.jobs (tenant_id, kind, unique_key)
  WHERE unique_key IS NOT NULL AND state IN ('scheduled', 'ready', 'running');

-- Both doors share this. True: a job was added. False: a live one carries the key already.
CREATE FUNCTION queue.insert_job(
  p_tenant uuid, p_kind text, p_queue text, p_payload jsonb, p_priority smallint, p_run_at timestamptz,
  p_unique_key text, p_max_attempts integer, p_id uuid
) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO queue.jobs (tenant_id, id, queue, kind, payload, priority, run_at, state, unique_key, max_attempts)
  VALUES (p_tenant, p_id, p_queue, p_kind, p_payload, p_priority, p_run_at,
          CASE WHEN p_run_at > clock_timestamp() THEN 'scheduled' ELSE 'ready' END, p_unique_key, p_max_attempts)
  ON CONFLICT (tenant_id, kind, unique_key) WHERE unique_key IS NOT NULL AND state IN ('scheduled', 'ready', 'running')
  DO NOTHING;
  RETURN FOUND;
END
$$;

-- A tenant's job: the tenant is the transaction's, never an argument.
CREATE FUNCTION queue.enqueue(
  p_kind text, p_queue text, p_payload jsonb, p_priority smallint, p_run_at timestamptz,
  p_unique_key text, p_max_attempts integer, p_id uuid
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  tenant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
BEGIN
  IF tenant IS NULL OR tenant = '00000000-0000-0000-0000-000000000000' THEN
    RAISE EXCEPTION 'queue.enqueue outside a tenant transaction' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN queue.insert_job(tenant, p_kind, p_queue, p_payload, p_priority, p_run_at, p_unique_key, p_max_attempts, p_id);
END
$$;

-- The platform's own job (sign-up mail, schedules): the nil tenant.
CREATE FUNCTION queue.enqueue_platform(
  p_kind text, p_queue text, p_payload jsonb, p_priority smallint, p_run_at timestamptz,
  p_unique_key text, p_max_attempts integer, p_id uuid
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN queue.insert_job('00000000-0000-0000-0000-000000000000', p_kind, p_queue, p_payload, p_priority, p_run_at,
                          p_unique_key, p_max_attempts, p_id);
END
$$;

REVOKE ALL ON SCHEMA queue FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA queue FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA queue FROM PUBLIC;
GRANT USAGE ON SCHEMA queue TO millwright_app, millwright_tenant, millwright_worker;
GRANT EXECUTE ON FUNCTION queue.enqueue(text, text, jsonb, smallint, timestamptz, text, integer, uuid) TO millwright_tenant;
GRANT EXECUTE ON FUNCTION queue.enqueue_platform(text, text, jsonb, smallint, timestamptz, text, integer, uuid) TO millwright_app;
-- who runs a job may not change whose it is or what it says
GRANT SELECT, DELETE ON queue.jobs TO millwright_worker;
GRANT UPDATE (run_at, state, attempt, crashes, lease_token, lease_until, progress, last_error, finished_at) ON queue.jobs TO millwright_worker;
