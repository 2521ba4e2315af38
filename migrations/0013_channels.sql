-- Channels: one notion of a code that stands for a press, a company's own mail server, refused addresses.

-- A code under a button of a member's chat, or in the link of a letter to them, which has no chat.
ALTER TABLE platform.telegram_buttons RENAME TO press_codes;
ALTER TABLE platform.press_codes RENAME CONSTRAINT telegram_buttons_pkey TO press_codes_pkey;
ALTER INDEX platform.telegram_buttons_asked RENAME TO press_codes_asked;
ALTER TABLE platform.press_codes ALTER COLUMN chat DROP NOT NULL;
ALTER TABLE platform.press_codes ADD COLUMN used_at timestamptz;

-- The house forgets codes under their new name; what else it forgets stays as it is.
DO $$ BEGIN
  EXECUTE replace(pg_get_functiondef('app.upkeep()'::regprocedure), 'platform.telegram_buttons', 'platform.press_codes');
END $$;

-- A company's own mail server. The password is sealed with a key of the installation's secret.
CREATE TABLE mail_servers (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  host text NOT NULL CHECK (length(host) BETWEEN 1 AND 253),
  port integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
  security text NOT NULL CHECK (security IN ('tls', 'starttls', 'none')),
  username text NOT NULL DEFAULT '' CHECK (length(username) <= 320),
  password_sealed bytea,
  sender text NOT NULL CHECK (length(sender) BETWEEN 3 AND 320),
  -- since when letters wait for it, and why
  failing_since timestamptz,
  failure text,
  -- the last test letter: when it was asked for, and what the server answered
  test_asked_at timestamptz,
  tested_at timestamptz,
  test_passed boolean,
  test_answer text,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT mail_servers_one UNIQUE (tenant_id)
);
SELECT app.distribute('mail_servers');
SELECT app.tenant_table('mail_servers', hidden => '{password_sealed}');

-- Addresses a mail server refused: whose, and why. A letter that passes, or another address, ends it.
CREATE TABLE mail_refusals (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  member_id uuid NOT NULL,
  address text NOT NULL,
  reason text NOT NULL,
  refused_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT mail_refusals_member UNIQUE (tenant_id, member_id)
);
SELECT app.distribute('mail_refusals');
ALTER TABLE mail_refusals ADD CONSTRAINT mail_refusals_whose FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id);
SELECT app.tenant_table('mail_refusals', audited => false);
