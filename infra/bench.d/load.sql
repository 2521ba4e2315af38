-- Fills every company with :rows assets and :rows work orders, as a superuser and past triggers and foreign keys, which would
-- take the better part of an hour. What is loaded keeps all of their promises. Ids count up as those the program makes do, and
-- are decimal digits so that a load generator can write them down; the same ids exist in every company.
BEGIN;
SET LOCAL session_replication_role = replica;
SET LOCAL maintenance_work_mem = '256MB';

CREATE FUNCTION pg_temp.nth(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
AS $$ SELECT ('00000000-0000-7000-' || kind || '-' || lpad(n::text, 12, '0'))::uuid $$;

CREATE TEMP TABLE companies ON COMMIT DROP AS
SELECT t.id AS tenant, m.id AS admin, m.role_id AS role, d.hash AS definition,
  (SELECT array_agg(y.id ORDER BY y.id) FROM asset_types y WHERE y.tenant_id = t.id) AS types
FROM platform.tenants t JOIN members m ON m.tenant_id = t.id AND m.kind = 'person'
CROSS JOIN platform.workflow_definitions d WHERE d.workflow = 'work_order';

-- four sites of five areas
INSERT INTO locations (tenant_id, id, parent_id, site_id, name, kind, path, created_by)
SELECT tenant, pg_temp.nth('a000', n), CASE WHEN n % 6 > 0 THEN pg_temp.nth('a000', n - n % 6) END, pg_temp.nth('a000', n - n % 6),
  format('Цех %s', n), CASE WHEN n % 6 > 0 THEN 'area' ELSE 'site' END,
  CASE WHEN n % 6 > 0 THEN ARRAY[format('Цех %s', n - n % 6), format('Цех %s', n)] ELSE ARRAY[format('Цех %s', n)] END, admin
FROM companies, generate_series(0, 23) n;

INSERT INTO members (tenant_id, id, account_id, name, email, role_id, created_by)
SELECT c.tenant, pg_temp.nth('b000', n), gen_random_uuid(), format('Техник %s', n), format('technician%s@bench.example', n), r.id, c.admin
FROM companies c JOIN roles r ON r.tenant_id = c.tenant AND r.key = 'technician', generate_series(0, 29) n;

INSERT INTO vendors (tenant_id, id, name, kind, created_by)
SELECT tenant, pg_temp.nth('c000', n), format('Поставщик %s', n), 'service', admin FROM companies, generate_series(0, 99) n;

INSERT INTO assets (tenant_id, id, name, tag, serial, type_id, location_id, site_id, manufacturer, model, criticality, purchased_on,
  created_at, created_by)
SELECT tenant, pg_temp.nth('9000', n),
  (ARRAY['Экскаватор', 'Гидравликалық сорғы', 'Forklift', 'Погрузчик', 'Kompresör', 'Дизель-генератор', 'Конвейер'])[1 + n % 7] || ' ' || n,
  format('TAG-%s', n), format('SN%s', lpad((n * 7919 % 100000000)::text, 8, '0')), types[1 + n % cardinality(types)],
  pg_temp.nth('a000', n % 24), pg_temp.nth('a000', n % 24 - n % 24 % 6), 'Maker ' || n % 40, 'Model ' || n % 200,
  (ARRAY['low', 'medium', 'high', 'critical'])[1 + n % 4], date '2020-01-01' + (n % 2000)::integer, now() - interval '2 years', admin
FROM companies, generate_series(10001, 10000 + :rows) n;

-- of a hundred orders 60 are done, 5 cancelled, 20 open, 8 in progress, 4 wait for parts, 3 for a decision
CREATE TEMP TABLE plan ON COMMIT DROP AS
SELECT n, CASE WHEN h < 45 THEN 'closed' WHEN h < 60 THEN 'completed' WHEN h < 65 THEN 'cancelled' WHEN h < 85 THEN 'open'
    WHEN h < 93 THEN 'in_progress' WHEN h < 97 THEN 'waiting_parts' ELSE 'on_hold' END AS state,
  CASE WHEN h < 60 THEN 'done' WHEN h < 65 THEN 'cancelled' WHEN h < 85 THEN 'todo' WHEN h < 93 THEN 'doing' WHEN h < 97 THEN 'waiting'
    ELSE 'todo' END AS category,
  (ARRAY['low', 'low', 'low', 'medium', 'medium', 'medium', 'medium', 'high', 'high', 'critical'])[1 + n / 3 % 10] AS priority,
  now() - interval '2 years' * (1 - (n - 10000.0) / :rows) AS asked_at
FROM (SELECT n, n * 7919 % 100 AS h FROM generate_series(10001, 10000 + :rows) n) numbered;

INSERT INTO work_orders (tenant_id, id, number, title, description, kind, priority, state, category, definition, asset_id, location_id,
  site_id, vendor_id, assignee_id, due_at, started_at, completed_at, resolution, cost, created_at, created_by, updated_by)
SELECT tenant, pg_temp.nth('8000', n), n,
  (ARRAY['Гидравликалық сорғы ағып тұр', 'Заменить ремень привода', 'Replace worn bucket teeth', 'Hidrolik hortum değişimi',
    'Шум в редукторе', 'Майлау және тексеру', 'Engine does not start'])[1 + n % 7] || ' ' || n,
  'Reported by the operator at the end of the shift; see the checklist.', CASE n % 5 WHEN 0 THEN 'inspection' ELSE 'repair' END,
  priority, state, category, definition, pg_temp.nth('9000', n), pg_temp.nth('a000', n % 24), pg_temp.nth('a000', n % 24 - n % 24 % 6),
  CASE WHEN n % 4 = 0 THEN pg_temp.nth('c000', n % 100) END,
  CASE WHEN n % 10 > 0 OR category = 'doing' THEN pg_temp.nth('b000', n / 7 % 30) END,
  CASE WHEN n % 11 = 0 THEN NULL WHEN category IN ('done', 'cancelled') THEN asked_at + interval '14 days'
    ELSE now() - interval '10 days' + n * 6151 % 57600 * interval '1 minute' END,
  CASE WHEN category IN ('doing', 'done') THEN asked_at + interval '2 days' END, CASE WHEN category = 'done' THEN asked_at + interval '5 days' END,
  CASE WHEN category = 'done' THEN 'Replaced and tested.' END, CASE WHEN category = 'done' THEN n % 9000 + 0.50 END, asked_at, admin, admin
FROM companies, plan ORDER BY tenant, n;

INSERT INTO workflow_history (tenant_id, id, at, subject, record_id, seq, definition, to_state, actor)
SELECT tenant, pg_temp.nth('8001', n), asked_at, 'work_order', pg_temp.nth('8000', n), 1, definition, state, admin FROM companies, plan;

INSERT INTO approvals (tenant_id, id, subject, record_id, transition, entry_seq, requested_by)
SELECT tenant, pg_temp.nth('8002', n), 'work_order', pg_temp.nth('8000', n), 'approve', 1, admin FROM companies, plan WHERE state = 'on_hold';

INSERT INTO events (tenant_id, id, at, actor, kind, subject, record_id, data)
SELECT tenant, pg_temp.nth('8003', n), asked_at, admin, 'workflow.created', 'work_order', pg_temp.nth('8000', n),
  jsonb_build_object('number', 'WO-' || n) FROM companies, plan;

INSERT INTO counters (tenant_id, name, value) SELECT tenant, 'work_order', 10000 + :rows FROM companies;
COMMIT;
VACUUM ANALYZE;
