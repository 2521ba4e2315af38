-- An order asked for by somebody who may approve it.
\set n random(10001, 10000 + :rows)
\set at random(12, 23)
\set site :at - :at % 6
BEGIN\; SET LOCAL ROLE millwright_tenant\; SET LOCAL app.tenant_id='@tenant@'\; SET LOCAL app.actor='@admin@'\;
  SET LOCAL app.request='00000000-0000-7000-8000-:k'\; SET LOCAL app.agent='pgbench'\; SET LOCAL app.ip='127.0.0.1';
EXECUTE asset('@tenant@', '00000000-0000-7000-9000-0000000:n');
EXECUTE created('@tenant@', '00000000-0000-7000-8004-:k', 'Hydraulic hose leaks', 'Oil under the boom', 'repair', 'high', 'open', 'todo',
  '@definition@', '00000000-0000-7000-9000-0000000:n', '00000000-0000-7000-a000-0000000000:at', '00000000-0000-7000-a000-0000000000:site',
  NULL, NULL, NULL, NULL, now(), NULL, now() + interval '7 days', NULL, NULL, NULL, NULL, NULL);
EXECUTE step('@tenant@', '00000000-0000-7000-8005-:k', now(), 'work_order', '00000000-0000-7000-8004-:k', '@definition@', NULL, NULL, 'open',
  '@admin@', NULL, '{}', '[{"read": {}, "holds": true, "condition": "actor.can(\"work_order.approve\")"}]', '00000000-0000-7000-8000-:k');
EXECUTE event('@tenant@', now(), '@admin@', ARRAY['00000000-0000-7000-8006-:k']::uuid[], '{workflow.created}', '{work_order}',
  ARRAY['00000000-0000-7000-8004-:k']::uuid[],
  ARRAY['{"asset": "Экскаватор 10500", "title": "Hydraulic hose leaks", "number": "WO-20001"}']::jsonb[]);
COMMIT;
