-- How people are told: what each of them chose, when they want quiet, the company's own texts, what became of every message, and
-- the company's rules for reminders.

-- How a person takes a kind of message by a channel; where nothing is written, the kind's own way holds.
CREATE TABLE notification_preferences (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  member_id uuid NOT NULL,
  kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 80),
  channel text NOT NULL CHECK (channel IN ('bell', 'email', 'telegram')),
  mode text NOT NULL CHECK (mode IN ('off', 'now', 'hourly', 'daily')),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT notification_preferences_choice UNIQUE (tenant_id, member_id, kind, channel)
);
SELECT app.distribute('notification_preferences');
ALTER TABLE notification_preferences ADD CONSTRAINT notification_preferences_member
  FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id);
SELECT app.tenant_table('notification_preferences');

-- Hours in which only what is urgent comes; the rest waits for their end. Without a zone they are the company's.
CREATE TABLE quiet_hours (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  member_id uuid NOT NULL,
  starts time NOT NULL,
  ends time NOT NULL CHECK (ends <> starts),
  zone text,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT quiet_hours_member UNIQUE (tenant_id, member_id)
);
SELECT app.distribute('quiet_hours');
ALTER TABLE quiet_hours ADD CONSTRAINT quiet_hours_of FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id);
SELECT app.tenant_table('quiet_hours');

-- A company's own words for a kind of message, with {{placeholders}}; for the bell the subject is the line.
CREATE TABLE notification_texts (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 80),
  channel text NOT NULL CHECK (channel IN ('bell', 'email', 'telegram')),
  locale text NOT NULL CHECK (locale IN ('kk', 'ru', 'en', 'tr')),
  subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 300),
  body text NOT NULL DEFAULT '' CHECK (length(body) <= 8000),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT notification_texts_of UNIQUE (tenant_id, kind, channel, locale)
);
SELECT app.distribute('notification_texts');
SELECT app.tenant_table('notification_texts');

-- How long a company keeps what people were told.
CREATE TABLE notification_settings (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  keep_days integer NOT NULL CHECK (keep_days BETWEEN 7 AND 730),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT notification_settings_one UNIQUE (tenant_id)
);
SELECT app.distribute('notification_settings');
SELECT app.tenant_table('notification_settings');

-- Whether the bell shows it: somebody may want a kind by mail alone.
ALTER TABLE notifications ADD COLUMN shown boolean NOT NULL DEFAULT true;
CREATE INDEX notifications_record ON notifications (tenant_id, record_id, at);
CREATE INDEX notifications_old ON notifications (at);

-- `wake_at`: the message waits for that moment, when the worker queues it. `digest`: it waits to be listed in one letter; `batch`
-- names the letter. `skipped`: the person has no address for the channel, which is no fault.
ALTER TABLE deliveries
  ADD COLUMN attempts integer NOT NULL DEFAULT 0,
  ADD COLUMN wake_at timestamptz,
  ADD COLUMN digest text CHECK (digest IN ('hourly', 'daily')),
  ADD COLUMN batch uuid,
  DROP CONSTRAINT deliveries_state_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_state CHECK (state IN ('pending', 'sent', 'refused', 'skipped'));
CREATE INDEX deliveries_wake ON deliveries (wake_at, id) WHERE wake_at IS NOT NULL;
CREATE INDEX deliveries_batch ON deliveries (tenant_id, batch) WHERE batch IS NOT NULL;

-- Turns messages whose moment has come into jobs, in every company; answers how many. What is to be listed in one letter becomes
-- one job a person. The rows are let go in the transaction that queues their jobs: neither is lost without the other.
CREATE FUNCTION app.stage_messages(moment timestamptz, cap integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
  until timestamptz;
  last uuid;
  staged bigint;
BEGIN
  SELECT t.wake_at, t.id INTO until, last
    FROM (SELECT wake_at, id FROM deliveries WHERE wake_at <= moment ORDER BY wake_at, id LIMIT cap) t ORDER BY t.wake_at DESC, t.id DESC LIMIT 1;
  IF until IS NULL THEN
    RETURN 0;
  END IF;
  WITH due AS (
    UPDATE deliveries d SET wake_at = NULL, batch = CASE WHEN d.digest IS NOT NULL THEN md5(n.member_id::text || d.channel || moment::text)::uuid END
    FROM notifications n WHERE n.tenant_id = d.tenant_id AND n.id = d.notification_id AND (d.wake_at, d.id) <= (until, last)
    RETURNING d.tenant_id, d.id, d.channel, d.batch),
  jobs AS (
    SELECT DISTINCT tenant_id,
      CASE WHEN batch IS NULL THEN 'notify.' || channel ELSE 'notify.digest' END AS kind,
      CASE WHEN batch IS NULL THEN jsonb_build_object('delivery', id) ELSE jsonb_build_object('batch', batch) END AS payload,
      coalesce(batch, id)::text AS key
    FROM due)
  SELECT count(*) FILTER (WHERE queue.insert_job(
      jobs.tenant_id, jobs.kind, 'interactive', jobs.payload, 100::smallint, now(), jobs.key, 40, gen_random_uuid()))
    INTO staged FROM jobs;
  RETURN staged;
END $$;
REVOKE ALL ON FUNCTION app.stage_messages(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.stage_messages(timestamptz, integer) TO millwright_worker;

-- What people were told is forgotten after a while: what the company says, or ninety days. What still waits to be sent is kept.
CREATE FUNCTION app.prune_notifications(moment timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  WITH old AS (
    SELECT n.tenant_id, n.id FROM notifications n LEFT JOIN notification_settings s ON s.tenant_id = n.tenant_id
    WHERE n.at < moment - make_interval(days => coalesce(s.keep_days, 90)) AND n.at < moment - interval '7 days'
      AND NOT EXISTS (SELECT FROM deliveries d WHERE d.tenant_id = n.tenant_id AND d.notification_id = n.id AND d.wake_at IS NOT NULL)
    LIMIT 5000),
  gone AS (DELETE FROM deliveries d USING old WHERE d.tenant_id = old.tenant_id AND d.notification_id = old.id)
  DELETE FROM notifications n USING old WHERE n.tenant_id = old.tenant_id AND n.id = old.id;
END $$;
REVOKE ALL ON FUNCTION app.prune_notifications(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.prune_notifications(timestamptz) TO millwright_worker;

-- How mail and messages go, company by company, for operators: counts and what servers answered, nothing that was said to whom.
CREATE FUNCTION app.mail_figures(since timestamptz) RETURNS TABLE (
  tenant_id uuid, channel text, pending bigint, sent bigint, refused bigint, skipped bigint, refusal text, refused_at timestamptz
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT d.tenant_id, d.channel,
    count(*) FILTER (WHERE d.state = 'pending'), count(*) FILTER (WHERE d.state = 'sent'),
    count(*) FILTER (WHERE d.state = 'refused'), count(*) FILTER (WHERE d.state = 'skipped'),
    (array_agg(d.reason ORDER BY d.updated_at DESC) FILTER (WHERE d.state = 'refused'))[1],
    max(d.updated_at) FILTER (WHERE d.state = 'refused')
  FROM deliveries d WHERE d.created_at >= since GROUP BY d.tenant_id, d.channel;
END $$;
CREATE POLICY lookup ON deliveries FOR SELECT TO millwright_lookup USING (true);
GRANT SELECT ON deliveries TO millwright_lookup;
ALTER FUNCTION app.mail_figures(timestamptz) OWNER TO millwright_lookup;
REVOKE ALL ON FUNCTION app.mail_figures(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.mail_figures(timestamptz) TO millwright_app;

-- A company's rule: remind these people so many days before a date of every record, or after it, and again every so many days.
CREATE TABLE reminder_rules (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  -- a field declared in the program, such as asset.warranty_until
  field text NOT NULL CHECK (length(field) BETWEEN 1 AND 80),
  before_days integer[] NOT NULL DEFAULT '{}' CHECK (cardinality(before_days) <= 10),
  after_days integer CHECK (after_days BETWEEN 1 AND 365),
  every_days integer CHECK (every_days BETWEEN 1 AND 365),
  times integer NOT NULL DEFAULT 1 CHECK (times BETWEEN 1 AND 30),
  at time NOT NULL DEFAULT '08:00',
  role_ids uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(role_ids) <= 40),
  assignee boolean NOT NULL DEFAULT false,
  active boolean NOT NULL DEFAULT true,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT reminder_rules_name UNIQUE (tenant_id, name),
  CONSTRAINT reminder_rules_when CHECK (cardinality(before_days) > 0 OR after_days IS NOT NULL),
  CONSTRAINT reminder_rules_whom CHECK (assignee OR cardinality(role_ids) > 0)
);
SELECT app.distribute('reminder_rules');
SELECT app.tenant_table('reminder_rules');
ALTER TABLE timers DROP CONSTRAINT timers_kind_check;
ALTER TABLE timers ADD CONSTRAINT timers_kind CHECK (kind IN ('timer', 'reminder', 'meter', 'sla', 'escalation', 'rule'));
CREATE INDEX timers_rule ON timers (tenant_id, rule) WHERE kind = 'rule';
-- Who runs a company may say what its messages say.
UPDATE roles SET permissions = permissions || 'notification.manage'::text WHERE key = 'admin' AND NOT 'notification.manage' = ANY (permissions);
