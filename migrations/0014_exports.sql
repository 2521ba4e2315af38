-- Lists as files made in the background: what was asked, by whom, how far it is, where the file lies.
CREATE TABLE exports (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  member_id uuid NOT NULL,
  -- filter, search and order stand in `query` as on the screen; no columns named are all of them
  list text NOT NULL,
  query text NOT NULL DEFAULT '' CHECK (length(query) <= 20000),
  columns text[] NOT NULL DEFAULT '{}',
  format text NOT NULL CHECK (format IN ('csv', 'xlsx', 'pdf')),
  locale text NOT NULL,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'expired')),
  -- the run that may report: one that is done again takes over
  run uuid,
  cancelling boolean NOT NULL DEFAULT false,
  rows_done integer NOT NULL DEFAULT 0,
  rows_total integer,
  -- rows beyond what the format holds, left out and said so in the document
  truncated boolean NOT NULL DEFAULT false,
  file uuid NOT NULL,
  bytes bigint,
  reason text,
  -- what somebody must hold to be handed the file: it was made of what its member might see
  needs text[] NOT NULL DEFAULT '{}',
  sites uuid[],
  finished_at timestamptz,
  expires_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT exports_done_has_file CHECK (state <> 'done' OR bytes IS NOT NULL AND expires_at IS NOT NULL),
  CONSTRAINT exports_failed_says_why CHECK (state <> 'failed' OR reason IS NOT NULL)
);
SELECT app.distribute('exports');
CREATE INDEX exports_member ON exports (tenant_id, member_id, id DESC);
CREATE INDEX exports_live ON exports (tenant_id, id) WHERE state IN ('queued', 'running');
CREATE INDEX exports_expiring ON exports (expires_at) WHERE state = 'done';
CREATE INDEX exports_over ON exports (finished_at) WHERE state IN ('failed', 'cancelled', 'expired');
ALTER TABLE exports ADD CONSTRAINT exports_member_fk FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id);
SELECT app.tenant_table('exports', audited => false);

-- What the elected worker sees to in every company: files that have had their time are removed by a job each; what is over is
-- forgotten after a while; an export whose job is no more says so.
CREATE FUNCTION app.tend_exports(moment timestamptz) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  queued bigint;
BEGIN
  UPDATE exports e SET state = 'failed', reason = 'interrupted', finished_at = moment
    WHERE e.state IN ('queued', 'running') AND NOT EXISTS (
      SELECT FROM queue.jobs j WHERE j.tenant_id = e.tenant_id AND j.kind = 'export.run' AND j.unique_key = e.id::text
        AND j.state IN ('scheduled', 'ready', 'running'));
  DELETE FROM exports WHERE state IN ('failed', 'cancelled', 'expired') AND finished_at < moment - interval '30 days';
  SELECT count(*) FILTER (WHERE queue.insert_job(e.tenant_id, 'export.expire', 'bulk', jsonb_build_object('export', e.id), 100::smallint,
      now(), e.id::text, 20, gen_random_uuid()))
    INTO queued
    FROM (SELECT tenant_id, id FROM exports WHERE state = 'done' AND expires_at <= moment ORDER BY expires_at LIMIT 1000) e;
  RETURN queued;
END $$;
REVOKE ALL ON FUNCTION app.tend_exports(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.tend_exports(timestamptz) TO millwright_worker;
