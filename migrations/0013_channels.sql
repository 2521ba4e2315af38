-- Channels: one notion of a code that stands for a press, groups in Telegram, a company's own mail server, refused addresses.

-- A code under a button of a chat, or in a link of a letter. A letter's is a member's and has no chat; a group's button is
-- nobody's: whoever presses is found by their own chat, and may press as often as the workflow lets them.
ALTER TABLE platform.telegram_buttons RENAME TO press_codes;
ALTER TABLE platform.press_codes RENAME CONSTRAINT telegram_buttons_pkey TO press_codes_pkey;
ALTER INDEX platform.telegram_buttons_asked RENAME TO press_codes_asked;
ALTER TABLE platform.press_codes ALTER COLUMN chat DROP NOT NULL;
ALTER TABLE platform.press_codes ALTER COLUMN member_id DROP NOT NULL;
ALTER TABLE platform.press_codes ADD COLUMN used_at timestamptz;
ALTER TABLE platform.press_codes ADD CONSTRAINT press_codes_whose CHECK (chat IS NOT NULL OR member_id IS NOT NULL);

-- A link that adds the bot to a group instead of opening a private chat.
ALTER TABLE platform.telegram_links ADD COLUMN for_group boolean NOT NULL DEFAULT false;

-- The house forgets codes under their new name; what else it forgets stays as it is.
DO $$ BEGIN
  EXECUTE replace(pg_get_functiondef('app.upkeep()'::regprocedure), 'platform.telegram_buttons', 'platform.press_codes');
END $$;

-- A group that is told of what happens in the company, or at one of its sites.
CREATE TABLE telegram_groups (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  chat bigint NOT NULL,
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 255),
  locale text NOT NULL,
  kinds text[] NOT NULL DEFAULT '{}',
  -- one site's happenings alone; NULL is the whole company's. The group itself stands at no site.
  only_site uuid,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT telegram_groups_chat UNIQUE (tenant_id, chat)
);
SELECT app.distribute('telegram_groups');
ALTER TABLE telegram_groups ADD CONSTRAINT telegram_groups_only_site FOREIGN KEY (tenant_id, only_site) REFERENCES locations (tenant_id, id);
SELECT app.tenant_table('telegram_groups');
CREATE POLICY lookup ON telegram_groups FOR SELECT TO millwright_lookup USING (true);
GRANT SELECT ON telegram_groups TO millwright_lookup;

-- Whose group is this, in every company: a bot that was put out is put out everywhere.
CREATE FUNCTION app.groups_of_chat(wanted bigint) RETURNS TABLE (tenant_id uuid, group_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT g.tenant_id, g.id FROM telegram_groups g WHERE g.chat = wanted;
END $$;
ALTER FUNCTION app.groups_of_chat(bigint) OWNER TO millwright_lookup;
REVOKE ALL ON FUNCTION app.groups_of_chat(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.groups_of_chat(bigint) TO millwright_app;

-- A message on its way to a group: as a delivery is to a person.
CREATE TABLE group_messages (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  group_id uuid NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  record_id uuid NOT NULL,
  params jsonb NOT NULL DEFAULT '{}',
  at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'refused')),
  reason text,
  sent_at timestamptz,
  dedupe text NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT group_messages_once UNIQUE (tenant_id, group_id, dedupe)
);
SELECT app.distribute('group_messages');
ALTER TABLE group_messages ADD CONSTRAINT group_messages_group FOREIGN KEY (tenant_id, group_id) REFERENCES telegram_groups (tenant_id, id);
SELECT app.tenant_table('group_messages', audited => false);

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
