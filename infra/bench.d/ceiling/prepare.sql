-- Each client prepares the program's statements once, as the role and in the company it will run them for, as the program does.
-- `infra/bench http` compares them with those the program sends and says so when they differ.
\if :ready = 0
\set ready 1
\set k :run * 100000000000 + :client_id * 1000000000
SET ROLE millwright_app\; SET plan_cache_mode = force_generic_plan\; SET jit = off;
PREPARE who AS SELECT s.id, s.account_id, s.remember, s.seen_at, s.ends_at, a.name, a.email, a.locale, a.theme, a.operator,
  m.tenant_id AS "tenant_id?", m.slug AS "slug?", m.tenant_name AS "tenant_name?", m.tenant_status AS "tenant_status?",
  m.currency AS "currency?", m.time_zone AS "time_zone?", m.member_id AS "member_id?", m.member_name AS "member_name?", m.email
  AS "member_email?", m.locale AS "member_locale?", m.site_ids AS "site_ids?", m.role_id AS "role_id?", m.role_key AS
  "role_key?", m.role_level AS "role_level?", m.permissions AS "permissions?" FROM platform.sessions s JOIN platform.accounts a
  ON a.id = s.account_id AND a.disabled_at IS NULL LEFT JOIN LATERAL app.member_scope(a.id, $3) m ON $3::text IS NOT NULL WHERE
  s.id = coalesce($2, (SELECT known.id FROM platform.sessions known WHERE known.token_hash = $1));
BEGIN\; SET LOCAL ROLE millwright_tenant\; SET LOCAL app.tenant_id='@tenant@';
PREPARE list AS SELECT o.id, o.number, o.title, o.kind, o.priority, o.state, o.category, o.sla_status, o.asset_id, a.name AS
  asset, l.name AS location, o.assignee_id, m.name AS assignee, o.due_at, o.completed_at, o.created_at, o.cost::text AS cost,
  t.currency, o.version, o.due_at::text AS sort_value, o.id AS sort_id FROM work_orders o JOIN platform.tenants t ON t.id =
  o.tenant_id JOIN locations l ON l.tenant_id = o.tenant_id AND l.id = o.location_id LEFT JOIN assets a ON a.tenant_id =
  o.tenant_id AND a.id = o.asset_id LEFT JOIN members m ON m.tenant_id = o.tenant_id AND m.id = o.assignee_id WHERE o.tenant_id
  = $1 AND o.category IN ('todo','doing','waiting') AND o.priority IN ('high','critical') AND o.due_at IS NOT NULL ORDER BY
  o.due_at ASC, o.id ASC LIMIT 51;
PREPARE find AS SELECT o.id, o.number, o.title, o.description, o.kind, o.priority, o.state, o.category, o.entry_seq,
  o.sla_status, o.definition, o.asset_id, (SELECT a.name FROM assets a WHERE a.tenant_id = o.tenant_id AND a.id = o.asset_id) AS
  "asset_name?", (SELECT a.tag FROM assets a WHERE a.tenant_id = o.tenant_id AND a.id = o.asset_id) AS "asset_tag?",
  o.location_id, (SELECT l.path FROM locations l WHERE l.tenant_id = o.tenant_id AND l.id = o.location_id) AS "location_path!",
  o.site_id, o.vendor_id, (SELECT v.name FROM vendors v WHERE v.tenant_id = o.tenant_id AND v.id = o.vendor_id) AS "vendor?",
  o.assignee_id, (SELECT m.name FROM members m WHERE m.tenant_id = o.tenant_id AND m.id = o.assignee_id) AS "assignee?",
  o.due_at, o.scheduled_at, o.started_at, o.completed_at, o.resolution, o.meter_reading, o.estimated_cost, o.cost,
  o.external_ref, o.created_by AS "created_by_id!", (SELECT m.name FROM members m WHERE m.tenant_id = o.tenant_id AND m.id =
  o.created_by) AS "created_by!", o.created_at, o.updated_at, (SELECT m.name FROM members m WHERE m.tenant_id = o.tenant_id AND
  m.id = o.updated_by) AS "updated_by?", o.version FROM work_orders o WHERE o.tenant_id = $1 AND o.id = $2;
PREPARE asset AS SELECT a.id, a.name, a.tag, a.serial, a.type_id, t.name AS type_name, a.location_id, l.path AS location_path, a.site_id,
  a.manufacturer, a.model, a.criticality, a.purchased_on, a.warranty_until, a.note, a.active, a.version
  FROM assets a
  JOIN asset_types t ON t.tenant_id = a.tenant_id AND t.id = a.type_id
  JOIN locations l ON l.tenant_id = a.tenant_id AND l.id = a.location_id
  WHERE a.tenant_id = $1 AND a.id = $2;
PREPARE takeover AS SELECT definition FROM workflow_takeovers WHERE tenant_id = $1 AND workflow = $2;
PREPARE created AS WITH counter AS (INSERT INTO counters AS c (tenant_id, name, value) VALUES ($1, 'work_order', 1001) ON
  CONFLICT (tenant_id, name) DO UPDATE SET value = c.value + 1 RETURNING value) INSERT INTO work_orders AS o (tenant_id, id,
  number, title, description, kind, priority, state, category, definition, asset_id, location_id, site_id, vendor_id,
  scheduled_at, estimated_cost, external_ref, created_at, assignee_id, due_at, started_at, completed_at, resolution,
  meter_reading, cost, sla_status) SELECT $1, $2, value, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
  $18, $19, $20, $21, $22, $23, $24, $25 FROM counter RETURNING o.id, o.number, o.title, o.description, o.kind, o.priority,
  o.state, o.category, o.entry_seq, o.sla_status, o.definition, o.asset_id, (SELECT a.name FROM assets a WHERE a.tenant_id =
  o.tenant_id AND a.id = o.asset_id) AS "asset_name?", (SELECT a.tag FROM assets a WHERE a.tenant_id = o.tenant_id AND a.id =
  o.asset_id) AS "asset_tag?", o.location_id, (SELECT l.path FROM locations l WHERE l.tenant_id = o.tenant_id AND l.id =
  o.location_id) AS "location_path!", o.site_id, o.vendor_id, (SELECT v.name FROM vendors v WHERE v.tenant_id = o.tenant_id AND
  v.id = o.vendor_id) AS "vendor?", o.assignee_id, (SELECT m.name FROM members m WHERE m.tenant_id = o.tenant_id AND m.id =
  o.assignee_id) AS "assignee?", o.due_at, o.scheduled_at, o.started_at, o.completed_at, o.resolution, o.meter_reading,
  o.estimated_cost, o.cost, o.external_ref, o.created_by AS "created_by_id!", (SELECT m.name FROM members m WHERE m.tenant_id =
  o.tenant_id AND m.id = o.created_by) AS "created_by!", o.created_at, o.updated_at, (SELECT m.name FROM members m WHERE
  m.tenant_id = o.tenant_id AND m.id = o.updated_by) AS "updated_by?", o.version;
PREPARE step AS INSERT INTO workflow_history (tenant_id, id, at, subject, record_id, seq, definition, transition, from_state,
  to_state, actor, reason, input, guards, request, on_behalf_of) SELECT $1, $2, $3, $4, $5, coalesce(max(h.seq), 0) + 1, $6, $7,
  $8, $9, $10, $11, $12, $13, $14, $15 FROM workflow_history h WHERE h.tenant_id = $1 AND h.record_id = $5 RETURNING seq;
PREPARE clock AS SELECT (SELECT calendar FROM calendars WHERE tenant_id = $1 AND key = $2) AS calendar, (SELECT
  jsonb_object_agg(sla, thresholds) FROM sla_thresholds WHERE tenant_id = $1 AND workflow = $3) AS thresholds;
PREPARE runs AS INSERT INTO sla_runs (tenant_id, id, subject, record_id, sla, number, run, phase, health, started_at, due_at,
  stopped_at) SELECT $1, n.id, $2, $3, n.sla, n.number, n.run, n.phase, n.health, n.started_at, n.due_at, n.stopped_at FROM
  unnest($4::uuid[], $5::text[], $6::integer[], $7::jsonb[], $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[],
  $12::timestamptz[]) AS n (id, sla, number, run, phase, health, started_at, due_at, stopped_at) ON CONFLICT (tenant_id, id) DO
  UPDATE SET run = excluded.run, phase = excluded.phase, health = excluded.health, due_at = excluded.due_at, stopped_at =
  excluded.stopped_at;
PREPARE timers AS WITH gone AS (DELETE FROM timers WHERE tenant_id = $1 AND record_id = $3 AND $4 AND kind IN ('timer',
  'reminder') AND wake_at IS NOT NULL AND key <> ALL ($8) AND (kind = 'timer' OR due_at > $11)) INSERT INTO timers (tenant_id,
  id, subject, record_id, kind, rule, key, entry_seq, due_at, wake_at) SELECT $1, n.id, $2, $3, n.kind, n.rule, n.key,
  n.entry_seq, n.due_at, n.due_at FROM unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::integer[], $10::timestamptz[])
  AS n (id, kind, rule, key, entry_seq, due_at) ON CONFLICT (tenant_id, record_id, key) DO UPDATE SET due_at = excluded.due_at,
  wake_at = excluded.wake_at, entry_seq = excluded.entry_seq WHERE (timers.kind IN ('sla', 'meter') AND timers.wake_at IS
  DISTINCT FROM excluded.wake_at) OR (timers.key = ANY ($12) AND timers.wake_at IS NOT NULL AND timers.due_at IS DISTINCT FROM
  excluded.due_at);
PREPARE rules AS SELECT id, name, field, before_days, after_days, every_days, times, to_char(at, 'HH24:MI') AS "at!", role_ids,
  assignee, active, version FROM reminder_rules WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id = $2) ORDER BY name LIMIT 200;
PREPARE event (uuid, timestamptz, uuid, uuid[], text[], text[], uuid[], jsonb[]) AS
  INSERT INTO events (tenant_id, id, at, actor, kind, subject, record_id, data)
  SELECT $1, e.id, $2, $3, e.kind, e.subject, e.record_id, e.data
  FROM unnest($4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::jsonb[]) AS e (id, kind, subject, record_id, data);
PREPARE lock AS SELECT o.id, o.number, o.title, o.description, o.kind, o.priority, o.state, o.category, o.entry_seq,
  o.sla_status, o.definition, o.asset_id, (SELECT a.name FROM assets a WHERE a.tenant_id = o.tenant_id AND a.id = o.asset_id) AS
  "asset_name?", (SELECT a.tag FROM assets a WHERE a.tenant_id = o.tenant_id AND a.id = o.asset_id) AS "asset_tag?",
  o.location_id, (SELECT l.path FROM locations l WHERE l.tenant_id = o.tenant_id AND l.id = o.location_id) AS "location_path!",
  o.site_id, o.vendor_id, (SELECT v.name FROM vendors v WHERE v.tenant_id = o.tenant_id AND v.id = o.vendor_id) AS "vendor?",
  o.assignee_id, (SELECT m.name FROM members m WHERE m.tenant_id = o.tenant_id AND m.id = o.assignee_id) AS "assignee?",
  o.due_at, o.scheduled_at, o.started_at, o.completed_at, o.resolution, o.meter_reading, o.estimated_cost, o.cost,
  o.external_ref, o.created_by AS "created_by_id!", (SELECT m.name FROM members m WHERE m.tenant_id = o.tenant_id AND m.id =
  o.created_by) AS "created_by!", o.created_at, o.updated_at, (SELECT m.name FROM members m WHERE m.tenant_id = o.tenant_id AND
  m.id = o.updated_by) AS "updated_by?", o.version FROM work_orders o WHERE o.tenant_id = $1 AND o.id = $2 FOR UPDATE;
PREPARE moved AS UPDATE work_orders SET state = $3, category = $4, entry_seq = $5, assignee_id = $6, due_at = $7, started_at =
  $8, completed_at = $9, resolution = $10, meter_reading = $11, cost = $12, sla_status = $13 WHERE tenant_id = $1 AND id = $2
  RETURNING version;
COMMIT;
\endif
\set k :k + 1
