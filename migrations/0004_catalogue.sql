-- What a company owns and where it stands: enough for a work order; these tables grow.
CREATE TABLE counters (
  tenant_id uuid NOT NULL,
  name text NOT NULL,
  value bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, name)
) WITH (fillfactor = 50);
SELECT app.distribute('counters');
ALTER TABLE counters ENABLE ROW LEVEL SECURITY;
ALTER TABLE counters FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON counters TO millwright_tenant
  USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid))
  WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));
GRANT SELECT, INSERT, UPDATE ON counters TO millwright_tenant;

-- An answer is kept for a day so that a repeated request gets it instead of acting twice.
CREATE TABLE idempotency_keys (
  tenant_id uuid NOT NULL,
  member_id uuid NOT NULL,
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
  request_hash bytea NOT NULL,
  answer jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, member_id, key)
);
SELECT app.distribute('idempotency_keys');
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
SELECT app.tenant_log('idempotency_keys');
GRANT UPDATE ON idempotency_keys TO millwright_tenant;

-- Domain events: what happened, in the trade's words. They feed timelines now, rules and webhooks later.
CREATE TABLE events (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  actor uuid,
  kind text NOT NULL,
  subject text NOT NULL,
  record_id uuid NOT NULL,
  data jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, id)
);
SELECT app.distribute('events');
CREATE INDEX events_record ON events (tenant_id, subject, record_id, id);
CREATE INDEX events_recent ON events (tenant_id, at DESC, id DESC);
SELECT app.tenant_log('events');

CREATE TABLE categories (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  note text NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT categories_name UNIQUE (tenant_id, name)
);
SELECT app.distribute('categories');
ALTER TABLE categories ADD CONSTRAINT categories_tenant FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id);
SELECT app.tenant_table('categories');

CREATE TABLE asset_types (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  category_id uuid,
  note text NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT asset_types_name UNIQUE (tenant_id, name)
);
SELECT app.distribute('asset_types');
ALTER TABLE asset_types ADD CONSTRAINT asset_types_category FOREIGN KEY (tenant_id, category_id) REFERENCES categories (tenant_id, id);
SELECT app.tenant_table('asset_types');

CREATE TABLE vendors (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 160),
  kind text NOT NULL DEFAULT 'supplier' CHECK (kind IN ('supplier', 'service', 'manufacturer', 'insurer')),
  tax_id text NOT NULL DEFAULT '',
  contact_name text NOT NULL DEFAULT '',
  email text NOT NULL DEFAULT '',
  phone text NOT NULL DEFAULT '',
  website text NOT NULL DEFAULT '',
  address text NOT NULL DEFAULT '',
  note text NOT NULL DEFAULT '',
  active boolean NOT NULL DEFAULT true,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT vendors_name UNIQUE (tenant_id, name)
);
SELECT app.distribute('vendors');
CREATE INDEX vendors_kind ON vendors (tenant_id, kind, name, id);
ALTER TABLE vendors ADD CONSTRAINT vendors_tenant FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id);
SELECT app.tenant_table('vendors');

-- A tree. Its roots are sites: the unit a member may be limited to. `path` holds the names from the root down and sorts the tree.
CREATE TABLE locations (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  parent_id uuid,
  site_id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  code text NOT NULL DEFAULT '',
  kind text NOT NULL DEFAULT 'area' CHECK (kind IN ('site', 'building', 'area', 'room')),
  path text[] NOT NULL,
  address text NOT NULL DEFAULT '',
  active boolean NOT NULL DEFAULT true,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT locations_name UNIQUE NULLS NOT DISTINCT (tenant_id, parent_id, name),
  CHECK ((kind = 'site') = (parent_id IS NULL)),
  CHECK ((parent_id IS NULL) = (site_id = id))
);
SELECT app.distribute('locations');
CREATE INDEX locations_path ON locations (tenant_id, path, id);
CREATE INDEX locations_parent ON locations (tenant_id, parent_id);
ALTER TABLE locations ADD CONSTRAINT locations_tenant FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id);
ALTER TABLE locations ADD CONSTRAINT locations_parent FOREIGN KEY (tenant_id, parent_id) REFERENCES locations (tenant_id, id);
SELECT app.tenant_table('locations', located => true);

CREATE TABLE assets (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 160),
  tag text NOT NULL,
  serial text NOT NULL DEFAULT '',
  type_id uuid NOT NULL,
  location_id uuid NOT NULL,
  site_id uuid NOT NULL,
  manufacturer text NOT NULL DEFAULT '',
  model text NOT NULL DEFAULT '',
  criticality text NOT NULL DEFAULT 'medium' CHECK (criticality IN ('low', 'medium', 'high', 'critical')),
  purchased_on date,
  warranty_until date,
  note text NOT NULL DEFAULT '',
  active boolean NOT NULL DEFAULT true,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT assets_tag UNIQUE (tenant_id, tag)
);
SELECT app.distribute('assets');
CREATE INDEX assets_name ON assets (tenant_id, name, id);
CREATE INDEX assets_serial ON assets (tenant_id, serial) WHERE serial <> '';
CREATE INDEX assets_type ON assets (tenant_id, type_id);
CREATE INDEX assets_location ON assets (tenant_id, location_id);
CREATE INDEX assets_search ON assets USING gin (tenant_id, name gin_trgm_ops, tag gin_trgm_ops, serial gin_trgm_ops);
ALTER TABLE assets ADD CONSTRAINT assets_type FOREIGN KEY (tenant_id, type_id) REFERENCES asset_types (tenant_id, id);
ALTER TABLE assets ADD CONSTRAINT assets_location FOREIGN KEY (tenant_id, location_id) REFERENCES locations (tenant_id, id);
ALTER TABLE assets ADD CONSTRAINT assets_site FOREIGN KEY (tenant_id, site_id) REFERENCES locations (tenant_id, id);
SELECT app.tenant_table('assets', located => true);

-- Trigram indexes are not used under row-level security (their operators are not leakproof), so a search runs as a role
-- with a policy of its own, filters by the current company and the member's sites itself, so that the cap counts only what the
-- member sees, and returns ids only; the caller joins them under its policies.
CREATE POLICY lookup ON assets FOR SELECT TO millwright_lookup USING (true);
GRANT SELECT ON assets TO millwright_lookup;
CREATE FUNCTION app.search_assets(q text, cap integer) RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  RETURN QUERY SELECT a.id FROM assets a
    WHERE a.tenant_id = app.tenant_id() AND (app.sites() IS NULL OR a.site_id = ANY (app.sites()))
      AND (a.name ILIKE q OR a.tag ILIKE q OR a.serial ILIKE q) LIMIT cap;
END $$;
ALTER FUNCTION app.search_assets(text, integer) OWNER TO millwright_lookup;
REVOKE ALL ON FUNCTION app.search_assets(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.search_assets(text, integer) TO millwright_tenant;
