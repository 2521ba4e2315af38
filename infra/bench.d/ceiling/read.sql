-- One order.
\set n random(10001, 10000 + :rows)
EXECUTE who(NULL, '@session@', '@slug@');
BEGIN READ ONLY\; SET LOCAL ROLE millwright_tenant\; SET LOCAL app.tenant_id='@tenant@'\; SET LOCAL app.actor='@admin@'\;
  SET LOCAL app.request='00000000-0000-7000-8000-:k'\; SET LOCAL app.agent='pgbench'\; SET LOCAL app.ip='127.0.0.1';
EXECUTE find('@tenant@', '00000000-0000-7000-8000-0000000:n')\; ROLLBACK;
