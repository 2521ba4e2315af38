-- Names sort as people read them, not by the bytes they are stored in: letters of every alphabet by the root order of Unicode, which
-- is right or nearly so in Kazakh, Russian, English and Turkish. Ties are broken by the bytes, so that paging loses nothing.
CREATE COLLATION app.names (provider = icu, locale = 'und', deterministic = true);
DROP INDEX assets_name;
CREATE INDEX assets_name ON assets (tenant_id, name COLLATE app.names, id);
CREATE INDEX assets_tags ON assets (tenant_id, tag COLLATE app.names, id);
CREATE INDEX vendors_names ON vendors (tenant_id, name COLLATE app.names, id);
DROP INDEX locations_path;
CREATE INDEX locations_path ON locations (tenant_id, path COLLATE app.names, id);

-- The companies of an account with its name in each, for the chooser and the switch; whoever is kept out of one is told why.
DROP FUNCTION app.companies_of(uuid);
CREATE FUNCTION app.companies_of(account uuid) RETURNS TABLE (tenant_id uuid, slug text, name text, member_id uuid, suspended boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT t.id, t.slug, t.name, m.id, t.status = 'suspended'
    FROM platform.account_tenants at
    JOIN platform.tenants t ON t.id = at.tenant_id AND t.status IN ('active', 'suspended')
    JOIN members m ON m.tenant_id = t.id AND m.id = at.member_id AND m.active
    WHERE at.account_id = account ORDER BY t.name COLLATE app.names, t.id;
END $$;
ALTER FUNCTION app.companies_of(uuid) OWNER TO millwright_lookup;
REVOKE ALL ON FUNCTION app.companies_of(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.companies_of(uuid) TO millwright_app;
