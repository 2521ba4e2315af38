CREATE TABLE work_orders (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  number integer NOT NULL,
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
  description text NOT NULL DEFAULT '',
  kind text NOT NULL DEFAULT 'repair'
    CHECK (kind IN ('repair', 'scheduled_service', 'inspection', 'tyre_change', 'body_repair', 'recall')),
  priority text NOT NULL DEFAULT 'medium' CHECK (priority IN ('low', 'medium', 'high', 'critical')),
  state text NOT NULL,
  -- The state's category, kept beside it: what is finished in one company's file is finished for every list and figure.
  category text NOT NULL CHECK (category IN ('todo', 'doing', 'waiting', 'done', 'cancelled')),
  entry_seq integer NOT NULL DEFAULT 1,
  -- The worst of its service levels; NULL where none applies. Kept by steps and by the clock.
  sla_status text CHECK (sla_status IN ('ok', 'warning', 'critical')),
  definition text NOT NULL,
  asset_id uuid,
  location_id uuid NOT NULL,
  site_id uuid NOT NULL,
  vendor_id uuid,
  assignee_id uuid,
  due_at timestamptz,
  scheduled_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  resolution text,
  meter_reading bigint,
  estimated_cost numeric(14, 2),
  cost numeric(14, 2),
  -- The reference an import knows the row by, so that a second run adds nothing.
  external_ref text,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT work_orders_number UNIQUE (tenant_id, number),
  CONSTRAINT work_orders_external_ref UNIQUE (tenant_id, external_ref)
) WITH (fillfactor = 85);
SELECT app.distribute('work_orders');
CREATE INDEX work_orders_state ON work_orders (tenant_id, state, due_at, id);
CREATE INDEX work_orders_active ON work_orders (tenant_id, due_at, id) WHERE category IN ('todo', 'doing', 'waiting');
CREATE INDEX work_orders_assignee ON work_orders (tenant_id, assignee_id, due_at, id) WHERE category IN ('todo', 'doing', 'waiting');
CREATE INDEX work_orders_asset ON work_orders (tenant_id, asset_id, number);
CREATE INDEX work_orders_completed ON work_orders (tenant_id, completed_at) WHERE completed_at IS NOT NULL;
CREATE INDEX work_orders_sla ON work_orders (tenant_id, sla_status, due_at, id) WHERE sla_status IN ('warning', 'critical');
CREATE INDEX work_orders_search ON work_orders USING gin (tenant_id, title gin_trgm_ops);
ALTER TABLE work_orders ADD CONSTRAINT work_orders_tenant FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id);
ALTER TABLE work_orders ADD CONSTRAINT work_orders_asset FOREIGN KEY (tenant_id, asset_id) REFERENCES assets (tenant_id, id);
ALTER TABLE work_orders ADD CONSTRAINT work_orders_location FOREIGN KEY (tenant_id, location_id) REFERENCES locations (tenant_id, id);
ALTER TABLE work_orders ADD CONSTRAINT work_orders_site FOREIGN KEY (tenant_id, site_id) REFERENCES locations (tenant_id, id);
ALTER TABLE work_orders ADD CONSTRAINT work_orders_vendor FOREIGN KEY (tenant_id, vendor_id) REFERENCES vendors (tenant_id, id);
ALTER TABLE work_orders ADD CONSTRAINT work_orders_assignee FOREIGN KEY (tenant_id, assignee_id) REFERENCES members (tenant_id, id);
SELECT app.tenant_table('work_orders', located => true);

CREATE POLICY lookup ON work_orders FOR SELECT TO millwright_lookup USING (true);
GRANT SELECT ON work_orders TO millwright_lookup;
-- Finds an order by its title, or by the asset it is for, among the member's sites. An asset may have moved on since, so the
-- assets of a limited member's orders are not capped.
CREATE FUNCTION app.search_work_orders(q text, cap integer) RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  own uuid[] := app.sites();
BEGIN
  RETURN QUERY (SELECT o.id FROM work_orders o
      WHERE o.tenant_id = app.tenant_id() AND (own IS NULL OR o.site_id = ANY (own)) AND o.title ILIKE q LIMIT cap)
    UNION (SELECT o.id FROM work_orders o
      WHERE o.tenant_id = app.tenant_id() AND (own IS NULL OR o.site_id = ANY (own)) AND o.asset_id IN
        (SELECT a.id FROM assets a WHERE a.tenant_id = app.tenant_id() AND (a.name ILIKE q OR a.tag ILIKE q OR a.serial ILIKE q)
           LIMIT CASE WHEN own IS NULL THEN cap END)
      LIMIT cap);
END $$;
ALTER FUNCTION app.search_work_orders(text, integer) OWNER TO millwright_lookup;
REVOKE ALL ON FUNCTION app.search_work_orders(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.search_work_orders(text, integer) TO millwright_tenant;
