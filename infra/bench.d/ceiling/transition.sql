-- The start of an open order: of a hundred, load.sql opens those whose number times 7919 ends in 65 to 84. The step's number is
-- made up for the record, as pgbench cannot read a column of that name.
\set n 10000 + 100 * random(0, :rows / 100 - 1) + 79 * random(65, 84) % 100
\set seq random(1000, 2000000000)
EXECUTE who(NULL, '@session@', '@slug@');
BEGIN\; SET LOCAL ROLE millwright_tenant\; SET LOCAL app.tenant_id='@tenant@'\; SET LOCAL app.actor='@admin@'\;
  SET LOCAL app.request='00000000-0000-7000-8000-:k'\; SET LOCAL app.agent='pgbench'\; SET LOCAL app.ip='127.0.0.1';
EXECUTE lock('@tenant@', '00000000-0000-7000-8000-0000000:n');
EXECUTE step('@tenant@', '00000000-0000-7000-8007-:k', now(), 'work_order', '00000000-0000-7000-8000-0000000:n', '@definition@', 'start',
  'open', 'in_progress', '@admin@', NULL, '{}', '[{"read": {"actor.id": "@admin@", "doc.assignee": "@admin@"}, "holds": true,
  "condition": "doc.assignee == actor.id || actor.can(\"work_order.manage\")"}]', '00000000-0000-7000-8000-:k', NULL);
EXECUTE moved('@tenant@', '00000000-0000-7000-8000-0000000:n', 'in_progress', 'doing', :seq, '00000000-0000-7000-b000-000000000007',
  now() + interval '7 days', now(), NULL, NULL, NULL, NULL, NULL);
EXECUTE event('@tenant@', now(), '@admin@', ARRAY['00000000-0000-7000-8008-:k']::uuid[], '{workflow.moved}', '{work_order}',
  ARRAY['00000000-0000-7000-8000-0000000:n']::uuid[], ARRAY['{"to": "in_progress", "from": "open", "asset": "Погрузчик 12183",
  "title": "Hidrolik hortum değişimi 12183", "number": "WO-12183", "transition": "start"}']::jsonb[]);
COMMIT;
