-- Channels: one notion of a code that stands for a press, a company's own mail server, refused addresses.

-- A code under a button of a member's chat, or in the link of a letter to them, which has no chat.
ALTER TABLE platform.telegram_buttons RENAME TO press_codes;
ALTER TABLE platform.press_codes RENAME CONSTRAINT telegram_buttons_pkey TO press_codes_pkey;
ALTER INDEX platform.telegram_buttons_asked RENAME TO press_codes_asked;
ALTER TABLE platform.press_codes ALTER COLUMN chat DROP NOT NULL;
ALTER TABLE platform.press_codes ADD COLUMN used_at timestamptz;

-- The house forgets codes under their new name.
CREATE OR REPLACE FUNCTION app.upkeep() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  BEGIN
    PERFORM app.audit_partition((current_date + interval '1 month')::date);
  EXCEPTION WHEN check_violation THEN
    RAISE WARNING 'the default partition of audit_log holds rows of next month';
  END;
  DELETE FROM platform.sessions WHERE ends_at < now();
  DELETE FROM platform.login_throttle WHERE updated_at < now() - interval '2 days';
  DELETE FROM platform.password_resets WHERE expires_at < now() - interval '1 day';
  DELETE FROM platform.telegram_links WHERE expires_at < now() - interval '1 day';
  DELETE FROM platform.press_codes WHERE expires_at < now();
  -- an answer is kept for a day
  DELETE FROM idempotency_keys WHERE created_at < now() - interval '24 hours';
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
