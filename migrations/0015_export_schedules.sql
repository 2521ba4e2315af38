-- Lists sent as files by the calendar: what, when, to whom. A schedule reads with the rights its owner has by then.
CREATE TABLE export_schedules (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  member_id uuid NOT NULL,
  list text NOT NULL,
  query text NOT NULL DEFAULT '' CHECK (length(query) <= 20000),
  columns text[] NOT NULL DEFAULT '{}',
  format text NOT NULL CHECK (format IN ('csv', 'xlsx', 'pdf')),
  every text NOT NULL CHECK (every IN ('day', 'week', 'month')),
  -- 1 is Monday
  weekday integer CHECK (weekday BETWEEN 1 AND 7),
  -- in a shorter month, its last day
  month_day integer CHECK (month_day BETWEEN 1 AND 31),
  at time NOT NULL,
  recipients uuid[] NOT NULL CHECK (cardinality(recipients) BETWEEN 1 AND 50),
  active boolean NOT NULL DEFAULT true,
  -- why it stopped of itself
  stopped text,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT export_schedules_day CHECK ((every = 'week') = (weekday IS NOT NULL) AND (every = 'month') = (month_day IS NOT NULL)),
  CONSTRAINT export_schedules_stopped CHECK (stopped IS NULL OR NOT active)
);
SELECT app.distribute('export_schedules');
ALTER TABLE export_schedules ADD CONSTRAINT export_schedules_member_fk FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id);
SELECT app.tenant_table('export_schedules');

-- An export made by a schedule, and whom its file was sent to.
ALTER TABLE exports ADD COLUMN schedule_id uuid, ADD COLUMN recipients uuid[] NOT NULL DEFAULT '{}';

-- The next time of each schedule is a row of `timers`, set forward as it comes.
ALTER TABLE timers DROP CONSTRAINT timers_kind;
ALTER TABLE timers ADD CONSTRAINT timers_kind CHECK (kind IN ('timer', 'reminder', 'meter', 'sla', 'escalation', 'rule', 'export'));
