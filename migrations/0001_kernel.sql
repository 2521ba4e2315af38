-- Roles, the tenant-table helper, stamps, audit. Statements are sent one at a time (Citus refuses several in one string).
CREATE SCHEMA app;
CREATE SCHEMA platform;

-- Roles belong to the whole server, which may hold several Millwright databases.
DO $$ BEGIN CREATE ROLE millwright_app NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN CREATE ROLE millwright_tenant NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN CREATE ROLE millwright_worker NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
-- Owns the few SECURITY DEFINER functions that must read before a tenant is known, or search past row-level security.
DO $$ BEGIN CREATE ROLE millwright_lookup NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
-- A connection sees a company only after SET ROLE: what it forgot to enter, it does not inherit.
DO $$ BEGIN
  IF (SELECT rolinherit FROM pg_roles WHERE rolname = 'millwright_app') THEN ALTER ROLE millwright_app NOINHERIT; END IF;
END $$;
GRANT millwright_tenant TO millwright_app;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public, app TO millwright_app, millwright_tenant, millwright_worker, millwright_lookup;
GRANT USAGE ON SCHEMA platform TO millwright_app, millwright_lookup;
-- A function's new owner must be able to create in its schema.
GRANT CREATE ON SCHEMA app TO millwright_lookup;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- '' is what a custom setting holds after the transaction that set it, hence nullif.
CREATE FUNCTION app.tenant_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;

CREATE FUNCTION app.actor() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.actor', true), '')::uuid $$;

-- The sites a member is limited to; NULL means all of them.
CREATE FUNCTION app.sites() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.sites', true), '')::uuid[] $$;

-- On Citus a tenant table becomes a shard set beside the others; on plain PostgreSQL nothing happens.
CREATE FUNCTION app.distribute(t text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE anchor text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    RETURN;
  END IF;
  EXECUTE 'SELECT min(logicalrelid::text) FROM pg_dist_partition WHERE partmethod = ''h''' INTO anchor;
  EXECUTE 'SET LOCAL citus.enable_unsafe_triggers = on';
  EXECUTE 'SET LOCAL citus.multi_shard_modify_mode = ''sequential''';
  EXECUTE format('SELECT create_distributed_table(%L, ''tenant_id'', colocate_with => %L)', t, coalesce(anchor, 'none'));
END $$;

-- The same for a table that every node keeps whole.
CREATE FUNCTION app.replicate(t text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    EXECUTE format('SELECT create_reference_table(%L)', t);
  END IF;
END $$;

CREATE FUNCTION app.stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.created_at := coalesce(NEW.created_at, now());
    NEW.created_by := coalesce(NEW.created_by, app.actor());
    NEW.version := 1;
  ELSE
    NEW.created_at := OLD.created_at;
    NEW.created_by := OLD.created_by;
    NEW.version := OLD.version + 1;
  END IF;
  NEW.updated_at := now();
  NEW.updated_by := app.actor();
  RETURN NEW;
END $$;

-- txid orders rows for the sealing job: rows below the oldest running transaction can no longer be joined by others.
CREATE TABLE audit_log (
  tenant_id uuid NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  actor uuid,
  request uuid,
  ip inet,
  agent text,
  tbl text NOT NULL,
  row_id uuid NOT NULL,
  op text NOT NULL CHECK (op IN ('insert', 'update', 'delete')),
  diff jsonb NOT NULL,
  PRIMARY KEY (tenant_id, at, id)
) PARTITION BY RANGE (at);
SELECT app.distribute('audit_log');
CREATE INDEX audit_log_row ON audit_log (tenant_id, row_id, at);
ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_log FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_log TO millwright_tenant
  USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid))
  WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));
-- Append only: nobody may change or remove a row.
GRANT SELECT, INSERT ON audit_log TO millwright_tenant;

-- A month's partition; the worker calls this ahead of time and a default partition catches what it missed.
CREATE FUNCTION app.audit_partition(month date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  first date := date_trunc('month', month);
BEGIN
  EXECUTE format('CREATE TABLE IF NOT EXISTS public.%I PARTITION OF public.audit_log FOR VALUES FROM (%L) TO (%L)',
    'audit_log_' || to_char(first, 'YYYY_MM'), first, first + interval '1 month');
END $$;
REVOKE ALL ON FUNCTION app.audit_partition(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.audit_partition(date) TO millwright_worker;
SELECT app.audit_partition(current_date);
SELECT app.audit_partition((current_date + interval '1 month')::date);
CREATE TABLE audit_log_default PARTITION OF audit_log DEFAULT;

-- TG_ARGV[0] is the table's name: on a shard TG_TABLE_NAME is the shard's. Columns named after it are left out of the
-- difference: hashes of secrets are of no use to a reader and of some use to a thief.
CREATE FUNCTION app.audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  hidden text[] := ARRAY['tenant_id', 'id', 'created_at', 'created_by', 'updated_at', 'updated_by', 'version'] || TG_ARGV[1:];
  before jsonb;
  after jsonb;
  diff jsonb;
  the_row jsonb;
BEGIN
  IF TG_OP <> 'INSERT' THEN before := to_jsonb(OLD); END IF;
  IF TG_OP <> 'DELETE' THEN after := to_jsonb(NEW); END IF;
  the_row := coalesce(after, before);
  IF TG_OP = 'UPDATE' THEN
    SELECT jsonb_object_agg(n.key, jsonb_build_array(o.value, n.value)) INTO diff
      FROM jsonb_each(after - hidden) n JOIN jsonb_each(before) o USING (key)
      WHERE n.value IS DISTINCT FROM o.value;
    IF diff IS NULL THEN RETURN NULL; END IF;
  ELSE
    diff := jsonb_strip_nulls(the_row - hidden);
  END IF;
  INSERT INTO public.audit_log (tenant_id, actor, request, ip, agent, tbl, row_id, op, diff) VALUES (
    (the_row->>'tenant_id')::uuid, app.actor(), nullif(current_setting('app.request', true), '')::uuid,
    nullif(current_setting('app.ip', true), '')::inet, nullif(current_setting('app.agent', true), ''),
    TG_ARGV[0], (the_row->>'id')::uuid, lower(TG_OP), diff);
  RETURN NULL;
END $$;

-- Everything a tenant table must have. `located` tables carry site_id and obey the sites a member is limited to;
-- `hidden` columns never enter the audit log; a table that is itself a log is not audited.
CREATE FUNCTION app.tenant_table(t text, located boolean DEFAULT false, audited boolean DEFAULT true, hidden text[] DEFAULT '{}')
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  col text;
  args text := quote_literal(t);
BEGIN
  EXECUTE format('ALTER TABLE public.%I
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(), ADD COLUMN created_by uuid,
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now(), ADD COLUMN updated_by uuid,
    ADD COLUMN version integer NOT NULL DEFAULT 1', t);
  EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', t);
  EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', t);
  EXECUTE format('CREATE POLICY tenant ON public.%I TO millwright_tenant
    USING (tenant_id = (SELECT nullif(current_setting(''app.tenant_id'', true), '''')::uuid))
    WITH CHECK (tenant_id = (SELECT nullif(current_setting(''app.tenant_id'', true), '''')::uuid))', t);
  IF located THEN
    EXECUTE format('CREATE POLICY site ON public.%I AS RESTRICTIVE TO millwright_tenant
      USING ((SELECT app.sites()) IS NULL OR site_id = ANY ((SELECT app.sites())::uuid[]))', t);
  END IF;
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON public.%I TO millwright_tenant', t);
  EXECUTE format('CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON public.%I FOR EACH ROW EXECUTE FUNCTION app.stamp()', t);
  IF audited THEN
    FOREACH col IN ARRAY hidden LOOP args := args || ', ' || quote_literal(col); END LOOP;
    EXECUTE format('CREATE TRIGGER audit_row AFTER INSERT OR DELETE ON public.%I FOR EACH ROW EXECUTE FUNCTION app.audit(%s)', t, args);
    EXECUTE format('CREATE TRIGGER audit_change AFTER UPDATE ON public.%I FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION app.audit(%s)', t, args);
  END IF;
END $$;

-- A log of a tenant: rows are added and never changed. No stamps, no audit of its own.
CREATE FUNCTION app.tenant_log(t text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', t);
  EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', t);
  EXECUTE format('CREATE POLICY tenant ON public.%I TO millwright_tenant
    USING (tenant_id = (SELECT nullif(current_setting(''app.tenant_id'', true), '''')::uuid))
    WITH CHECK (tenant_id = (SELECT nullif(current_setting(''app.tenant_id'', true), '''')::uuid))', t);
  EXECUTE format('GRANT SELECT, INSERT ON public.%I TO millwright_tenant', t);
END $$;
