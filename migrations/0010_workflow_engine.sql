-- What the workflow engine keeps besides a record's state: the company's working hours, who decides for whom, service levels,
-- and everything that is to happen at a moment.

-- Working time, as the workflow language writes it: {"zone", "hours", "holidays"}. Files name a calendar `tenant.<key>`.
CREATE TABLE calendars (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  key text NOT NULL DEFAULT 'default' CHECK (key ~ '^[a-z][a-z0-9_]{0,39}$'),
  calendar jsonb NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT calendars_key UNIQUE (tenant_id, key)
);
SELECT app.distribute('calendars');
SELECT app.tenant_table('calendars');

-- For a while somebody decides in another's place. Both stay who they are in the history.
CREATE TABLE delegations (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  principal_id uuid NOT NULL,
  delegate_id uuid NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT delegations_two CHECK (principal_id <> delegate_id),
  CONSTRAINT delegations_span CHECK (starts_at < ends_at)
);
SELECT app.distribute('delegations');
CREATE INDEX delegations_delegate ON delegations (tenant_id, delegate_id, ends_at);
CREATE INDEX delegations_principal ON delegations (tenant_id, principal_id, ends_at);
ALTER TABLE delegations ADD CONSTRAINT delegations_principal FOREIGN KEY (tenant_id, principal_id) REFERENCES members (tenant_id, id);
ALTER TABLE delegations ADD CONSTRAINT delegations_delegate FOREIGN KEY (tenant_id, delegate_id) REFERENCES members (tenant_id, id);
SELECT app.tenant_table('delegations');

-- A company's own figures for a service level of a workflow, over those of the file.
CREATE TABLE sla_thresholds (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  workflow text NOT NULL,
  sla text NOT NULL,
  thresholds jsonb NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT sla_thresholds_sla UNIQUE (tenant_id, workflow, sla)
);
SELECT app.distribute('sla_thresholds');
SELECT app.tenant_table('sla_thresholds');

-- A service level at work on a record. `run` holds definition and calendar as they were at the start, and every stretch that
-- was counted or not: the evidence. The columns beside it are what of it is asked for.
CREATE TABLE sla_runs (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  subject text NOT NULL,
  record_id uuid NOT NULL,
  sla text NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  run jsonb NOT NULL,
  phase text NOT NULL CHECK (phase IN ('running', 'paused', 'stopped')),
  health text NOT NULL CHECK (health IN ('ok', 'warning', 'critical')),
  started_at timestamptz NOT NULL,
  due_at timestamptz,
  stopped_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT sla_runs_number UNIQUE (tenant_id, record_id, sla, number)
);
SELECT app.distribute('sla_runs');
SELECT app.tenant_table('sla_runs', audited => false);

-- Everything that is to happen at a moment: timers, reminders, service levels, escalations. A key names one happening of a
-- record, so that none comes twice. `wake_at` is when the worker looks at the row: at first `due_at`; later again, should what
-- it queued be lost; NULL once the row is done with.
CREATE TABLE timers (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  subject text NOT NULL,
  record_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('timer', 'reminder', 'meter', 'sla', 'escalation')),
  rule text NOT NULL,
  key text NOT NULL CHECK (length(key) <= 300),
  -- the state entry it belongs to: once the record has moved on it does nothing
  entry_seq integer NOT NULL,
  due_at timestamptz,
  wake_at timestamptz,
  -- for a meter: whether its condition held when it was last looked at
  held boolean NOT NULL DEFAULT false,
  fired_at timestamptz,
  -- why nothing came of it
  refused text,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT timers_key UNIQUE (tenant_id, record_id, key)
);
SELECT app.distribute('timers');
CREATE INDEX timers_wake ON timers (wake_at, id) WHERE wake_at IS NOT NULL;
CREATE INDEX timers_done ON timers (due_at) WHERE wake_at IS NULL;
SELECT app.tenant_table('timers', audited => false);

-- How a record's service levels stand is told by the clock, not by a person: it makes no new version of the record.
CREATE FUNCTION app.stamp_timed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.created_at := coalesce(NEW.created_at, now());
    NEW.created_by := coalesce(NEW.created_by, app.actor());
    NEW.version := 1;
  ELSE
    IF NEW.sla_status IS DISTINCT FROM OLD.sla_status THEN
      OLD.sla_status := NEW.sla_status;
      IF NEW IS NOT DISTINCT FROM OLD THEN
        RETURN NEW;
      END IF;
    END IF;
    NEW.created_at := OLD.created_at;
    NEW.created_by := OLD.created_by;
    NEW.version := OLD.version + 1;
  END IF;
  NEW.updated_at := now();
  NEW.updated_by := app.actor();
  RETURN NEW;
END $$;
DROP TRIGGER stamp ON work_orders;
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON work_orders FOR EACH ROW EXECUTE FUNCTION app.stamp_timed();

-- Turns what is due into jobs, in every company; answers how many. The elected worker calls it. A job that comes to nothing is
-- queued again after a while: a timer is done only when its own transaction says so.
CREATE FUNCTION app.stage_timers(moment timestamptz, cap integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
  until timestamptz;
  last uuid;
  staged bigint;
BEGIN
  -- by moment and id: at eight o'clock everybody's reminders share a moment, and more than the cap would never be done in time
  SELECT t.wake_at, t.id INTO until, last
    FROM (SELECT wake_at, id FROM timers WHERE wake_at <= moment ORDER BY wake_at, id LIMIT cap) t ORDER BY t.wake_at DESC, t.id DESC LIMIT 1;
  IF until IS NULL THEN
    RETURN 0;
  END IF;
  WITH due AS (
    UPDATE timers SET wake_at = moment + interval '10 minutes' WHERE (wake_at, id) <= (until, last) RETURNING tenant_id, id, due_at)
  SELECT count(*) FILTER (WHERE queue.insert_job(
      due.tenant_id, 'workflow.timer', 'interactive', jsonb_build_object('timer', due.id), 100::smallint, now(),
      due.id || ':' || extract(epoch FROM due.due_at), 20,
      gen_random_uuid()))
    INTO staged FROM due;
  RETURN staged;
END $$;
REVOKE ALL ON FUNCTION app.stage_timers(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.stage_timers(timestamptz, integer) TO millwright_worker;

-- What has happened is in the history. A row goes after three months, but a timer's not before its record has moved on: written
-- anew by an edit, it would come a second time.
CREATE FUNCTION app.prune_timers(moment timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM timers t WHERE t.wake_at IS NULL AND t.due_at < moment - interval '90 days' AND t.kind <> 'meter'
    AND (t.kind <> 'timer' OR EXISTS (SELECT FROM workflow_history h
      WHERE h.tenant_id = t.tenant_id AND h.record_id = t.record_id AND h.seq > t.entry_seq AND h.to_state IS DISTINCT FROM h.from_state));
END $$;
REVOKE ALL ON FUNCTION app.prune_timers(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.prune_timers(timestamptz) TO millwright_worker;
