-- An order asked for by somebody who may approve it.
\set n random(10001, 10000 + :rows)
\set at random(12, 23)
\set site :at - :at % 6
EXECUTE who(NULL, '@session@', '@slug@');
BEGIN\; SET LOCAL ROLE millwright_tenant\; SET LOCAL app.tenant_id='@tenant@'\; SET LOCAL app.actor='@admin@'\;
  SET LOCAL app.request='00000000-0000-7000-8000-:k'\; SET LOCAL app.agent='pgbench'\; SET LOCAL app.ip='127.0.0.1';
EXECUTE asset('@tenant@', '00000000-0000-7000-9000-0000000:n');
EXECUTE takeover('@tenant@', 'work_order');
EXECUTE created('@tenant@', '00000000-0000-7000-8004-:k', 'Hydraulic hose leaks', 'Oil under the boom', 'repair', 'high', 'open', 'todo',
  '@definition@', '00000000-0000-7000-9000-0000000:n', '00000000-0000-7000-a000-0000000000:at', '00000000-0000-7000-a000-0000000000:site',
  NULL, NULL, NULL, NULL, now(), NULL, now() + interval '7 days', NULL, NULL, NULL, NULL, NULL, 'ok');
EXECUTE step('@tenant@', '00000000-0000-7000-8005-:k', now(), 'work_order', '00000000-0000-7000-8004-:k', '@definition@', NULL, NULL, 'open',
  '@admin@', NULL, '{}', '[{"read": {}, "holds": true, "condition": "actor.can(\"work_order.approve\")"}, {"read": {"tenant.currency": "KZT",
  "doc.estimated_cost": null}, "holds": true,
  "condition": "(doc.estimated_cost == null || tenant.currency != \"KZT\" || doc.estimated_cost <= money(\"5000000 KZT\"))"}]', '00000000-0000-7000-8000-:k', NULL);
EXECUTE clock('@tenant@', 'default', 'work_order');
EXECUTE runs('@tenant@', 'work_order', '00000000-0000-7000-8004-:k', ARRAY['00000000-0000-7000-8009-:k']::uuid[], '{resolution}', '{1}',
  ARRAY['{"terms": {"sla": "resolution", "warn": 80, "clock": "business", "breach": ["PT0S", "PT4H"], "format": 1, "target": "P2D",
  "calendar": {"zone": "Asia/Almaty", "hours": {"fri": ["09:00-13:00", "14:00-18:00"], "mon": ["09:00-13:00", "14:00-18:00"], "thu":
  ["09:00-13:00", "14:00-18:00"], "tue": ["09:00-13:00", "14:00-18:00"], "wed": ["09:00-13:00", "14:00-18:00"]}}, "definition":
  "@definition@"}, "number": 1, "stopped": null, "segments": [{"to": null, "from": "2026-11-20T16:32:14.141611Z", "cause": {"state":
  "open"}, "counted": 0, "running": true}], "delivered": []}']::jsonb[], '{running}', '{ok}', ARRAY[now()], ARRAY[now() + interval
  '4 days'], ARRAY[NULL]::timestamptz[]);
EXECUTE timers('@tenant@', 'work_order', '00000000-0000-7000-8004-:k', false, ARRAY['00000000-0000-7000-800a-:k']::uuid[], '{sla}',
  '{resolution}', '{sla:resolution:1}', '{1}', ARRAY[now() + interval '4 days'], now(), '{}');
EXECUTE rules('@tenant@', NULL);
EXECUTE event('@tenant@', now(), '@admin@', ARRAY['00000000-0000-7000-8006-:k']::uuid[], '{workflow.created}', '{work_order}',
  ARRAY['00000000-0000-7000-8004-:k']::uuid[],
  ARRAY['{"asset": "Экскаватор 10500", "title": "Hydraulic hose leaks", "number": "WO-20001"}']::jsonb[]);
COMMIT;
