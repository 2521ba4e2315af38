-- Companies and accounts belong to the platform; members, roles and invitations to a company.
CREATE TABLE platform.tenants (
  id uuid PRIMARY KEY,
  slug text NOT NULL CONSTRAINT tenants_slug UNIQUE CHECK (slug ~ '^[a-z0-9](-?[a-z0-9])*$' AND length(slug) BETWEEN 2 AND 40),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  contact_email text NOT NULL CHECK (contact_email = lower(contact_email)),
  seats integer NOT NULL CHECK (seats BETWEEN 1 AND 100000),
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'active', 'suspended')),
  locale text NOT NULL DEFAULT 'kk' CHECK (locale IN ('kk', 'ru', 'en', 'tr')),
  time_zone text NOT NULL DEFAULT 'Asia/Almaty',
  currency text NOT NULL DEFAULT 'KZT' CHECK (currency IN ('KZT', 'RUB', 'USD', 'TRY')),
  created_at timestamptz NOT NULL DEFAULT now(),
  version integer NOT NULL DEFAULT 1
);
SELECT app.replicate('platform.tenants');

CREATE TABLE platform.accounts (
  id uuid PRIMARY KEY,
  email text NOT NULL CONSTRAINT accounts_email UNIQUE CHECK (email = lower(email)),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  password_hash text NOT NULL,
  locale text NOT NULL DEFAULT 'kk' CHECK (locale IN ('kk', 'ru', 'en', 'tr')),
  theme text NOT NULL DEFAULT 'system' CHECK (theme IN ('system', 'light', 'dark')),
  operator boolean NOT NULL DEFAULT false,
  disabled_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Which companies an account may enter; the member row inside the company says as what.
CREATE TABLE platform.account_tenants (
  account_id uuid NOT NULL REFERENCES platform.accounts (id),
  tenant_id uuid NOT NULL REFERENCES platform.tenants (id),
  member_id uuid NOT NULL,
  PRIMARY KEY (account_id, tenant_id)
);

-- One key is shown to the operator, another lies in the letter to the contact: neither is ever read back. Whichever is used
-- first takes the company; `mailed` tells them apart.
CREATE TABLE platform.signup_keys (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES platform.tenants (id),
  email text NOT NULL,
  key_hash bytea NOT NULL,
  mailed boolean NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX signup_keys_email ON platform.signup_keys (email, created_at DESC);
CREATE INDEX signup_keys_tenant ON platform.signup_keys (tenant_id);

CREATE TABLE platform.sessions (
  token_hash bytea PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  account_id uuid NOT NULL REFERENCES platform.accounts (id),
  remember boolean NOT NULL,
  ip inet,
  agent text,
  created_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL
);
CREATE INDEX sessions_account ON platform.sessions (account_id);
CREATE INDEX sessions_ends ON platform.sessions (ends_at);

CREATE TABLE platform.password_resets (
  token_hash bytea PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES platform.accounts (id),
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);

-- Failed logins by account and by network; a block delays, it never locks for good.
CREATE TABLE platform.login_throttle (
  key text PRIMARY KEY,
  failures integer NOT NULL,
  blocked_until timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

-- What happened to accounts and companies at the level of the platform.
CREATE TABLE platform.log (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  account_id uuid,
  tenant_id uuid,
  kind text NOT NULL,
  data jsonb NOT NULL DEFAULT '{}',
  ip inet,
  request uuid
);
CREATE INDEX log_at ON platform.log (at);
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA platform TO millwright_app;
REVOKE UPDATE, DELETE ON platform.log FROM millwright_app;
GRANT SELECT ON platform.tenants, platform.accounts, platform.account_tenants, platform.sessions TO millwright_lookup;
-- A company reads its own row.
GRANT USAGE ON SCHEMA platform TO millwright_tenant;
GRANT SELECT ON platform.tenants TO millwright_tenant;
ALTER TABLE platform.tenants ENABLE ROW LEVEL SECURITY;
CREATE POLICY platform ON platform.tenants TO millwright_app, millwright_lookup USING (true) WITH CHECK (true);
CREATE POLICY own ON platform.tenants FOR SELECT TO millwright_tenant
  USING (id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE TABLE roles (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  key text,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  level integer NOT NULL CHECK (level BETWEEN 1 AND 100),
  permissions text[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT roles_key UNIQUE (tenant_id, key),
  CONSTRAINT roles_name UNIQUE (tenant_id, name)
);
SELECT app.distribute('roles');
ALTER TABLE roles ADD CONSTRAINT roles_tenant FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id);
SELECT app.tenant_table('roles');

CREATE TABLE members (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  account_id uuid,
  kind text NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'system')),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  email text,
  role_id uuid NOT NULL,
  -- NULL means every site; nobody is limited to none
  site_ids uuid[] CHECK (cardinality(site_ids) > 0),
  locale text NOT NULL DEFAULT 'kk' CHECK (locale IN ('kk', 'ru', 'en', 'tr')),
  telegram_chat bigint,
  active boolean NOT NULL DEFAULT true,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT members_account UNIQUE (tenant_id, account_id),
  CONSTRAINT members_telegram UNIQUE (tenant_id, telegram_chat),
  CHECK ((kind = 'system') = (account_id IS NULL))
);
SELECT app.distribute('members');
CREATE INDEX members_role ON members (tenant_id, role_id);
ALTER TABLE members ADD CONSTRAINT members_tenant FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id);
ALTER TABLE members ADD CONSTRAINT members_role FOREIGN KEY (tenant_id, role_id) REFERENCES roles (tenant_id, id);
SELECT app.tenant_table('members');

CREATE TABLE invitations (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  email text NOT NULL CHECK (email = lower(email)),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  role_id uuid,
  -- what the role was called, for when it is gone
  role_name text NOT NULL,
  site_ids uuid[] CHECK (cardinality(site_ids) > 0),
  locale text NOT NULL CHECK (locale IN ('kk', 'ru', 'en', 'tr')),
  token_hash bytea NOT NULL,
  expires_at timestamptz NOT NULL,
  accepted_at timestamptz,
  revoked_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CHECK (role_id IS NOT NULL OR accepted_at IS NOT NULL OR revoked_at IS NOT NULL)
);
SELECT app.distribute('invitations');
CREATE UNIQUE INDEX invitations_pending ON invitations (tenant_id, email) WHERE accepted_at IS NULL AND revoked_at IS NULL;
CREATE INDEX invitations_token ON invitations (token_hash);
ALTER TABLE invitations ADD CONSTRAINT invitations_tenant FOREIGN KEY (tenant_id) REFERENCES platform.tenants (id);
ALTER TABLE invitations ADD CONSTRAINT invitations_role FOREIGN KEY (tenant_id, role_id) REFERENCES roles (tenant_id, id);
SELECT app.tenant_table('invitations', hidden => '{token_hash}');

CREATE POLICY lookup ON roles FOR SELECT TO millwright_lookup USING (true);
CREATE POLICY lookup ON members FOR SELECT TO millwright_lookup USING (true);
CREATE POLICY lookup ON invitations FOR SELECT TO millwright_lookup USING (true);
GRANT SELECT ON roles, members, invitations TO millwright_lookup;

-- Who is this session or token, and what may they do in the company they ask for? One round trip before a tenant is known.
CREATE FUNCTION app.member_scope(account uuid, company text) RETURNS TABLE (
  tenant_id uuid, slug text, tenant_name text, tenant_status text, currency text, time_zone text,
  member_id uuid, member_name text, email text, locale text, site_ids uuid[],
  role_id uuid, role_key text, role_level integer, permissions text[]
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT t.id, t.slug, t.name, t.status, t.currency, t.time_zone, m.id, m.name, m.email, m.locale, m.site_ids,
      r.id, r.key, r.level, r.permissions
    FROM platform.tenants t
    JOIN platform.account_tenants at ON at.tenant_id = t.id AND at.account_id = account
    JOIN members m ON m.tenant_id = t.id AND m.id = at.member_id AND m.active
    JOIN roles r ON r.tenant_id = m.tenant_id AND r.id = m.role_id
    WHERE t.slug = company;
END $$;
ALTER FUNCTION app.member_scope(uuid, text) OWNER TO millwright_lookup;
REVOKE ALL ON FUNCTION app.member_scope(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.member_scope(uuid, text) TO millwright_app, millwright_worker;

-- The same by member, for work done on a member's behalf away from a session (a Telegram button, a signed link); without
-- a member, the company's system actor.
CREATE FUNCTION app.member_scope_by_id(tenant uuid, member uuid) RETURNS TABLE (
  tenant_id uuid, slug text, tenant_name text, tenant_status text, currency text, time_zone text,
  member_id uuid, member_name text, email text, locale text, site_ids uuid[],
  role_id uuid, role_key text, role_level integer, permissions text[]
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT t.id, t.slug, t.name, t.status, t.currency, t.time_zone, m.id, m.name, m.email, m.locale, m.site_ids,
      r.id, r.key, r.level, r.permissions
    FROM platform.tenants t
    JOIN members m ON m.tenant_id = t.id AND m.active
    JOIN roles r ON r.tenant_id = m.tenant_id AND r.id = m.role_id
    WHERE t.id = tenant AND (m.id = member OR (member IS NULL AND m.kind = 'system'));
END $$;
ALTER FUNCTION app.member_scope_by_id(uuid, uuid) OWNER TO millwright_lookup;
REVOKE ALL ON FUNCTION app.member_scope_by_id(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.member_scope_by_id(uuid, uuid) TO millwright_app, millwright_worker;

-- The companies of an account with its name in each, for the chooser and the switch.
CREATE FUNCTION app.companies_of(account uuid) RETURNS TABLE (tenant_id uuid, slug text, name text, member_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT t.id, t.slug, t.name, m.id
    FROM platform.account_tenants at
    JOIN platform.tenants t ON t.id = at.tenant_id AND t.status = 'active'
    JOIN members m ON m.tenant_id = t.id AND m.id = at.member_id AND m.active
    WHERE at.account_id = account ORDER BY t.name;
END $$;
ALTER FUNCTION app.companies_of(uuid) OWNER TO millwright_lookup;
REVOKE ALL ON FUNCTION app.companies_of(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.companies_of(uuid) TO millwright_app;

-- A mailed token names its company only by its hash.
CREATE FUNCTION app.invitation_tenant(hash bytea) RETURNS TABLE (tenant_id uuid, invitation_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT i.tenant_id, i.id FROM invitations i WHERE i.token_hash = hash;
END $$;
ALTER FUNCTION app.invitation_tenant(bytea) OWNER TO millwright_lookup;
REVOKE ALL ON FUNCTION app.invitation_tenant(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.invitation_tenant(bytea) TO millwright_app;

-- Seats a company has taken: its active people, and the invitations that may still be accepted. For operators, who see no
-- company's rows.
CREATE FUNCTION app.seats_used(tenant uuid, moment timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (SELECT count(*) FROM members m WHERE m.tenant_id = tenant AND m.kind = 'person' AND m.active)
    + (SELECT count(*) FROM invitations i WHERE i.tenant_id = tenant AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > moment);
END $$;
ALTER FUNCTION app.seats_used(uuid, timestamptz) OWNER TO millwright_lookup;
REVOKE ALL ON FUNCTION app.seats_used(uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.seats_used(uuid, timestamptz) TO millwright_app;
