-- What becomes of channels that fail, groups of Telegram, and codes bound to the question they answer.

-- A code answers the request it was made for: once that is void, the code is worth nothing. A code under a message to a group
-- belongs to nobody: whoever presses does so as themselves.
ALTER TABLE platform.press_codes ADD COLUMN request_id uuid;
ALTER TABLE platform.press_codes ALTER COLUMN member_id DROP NOT NULL;

-- A link may be for a group instead of a member's own chat.
ALTER TABLE platform.telegram_links ADD COLUMN for_group boolean NOT NULL DEFAULT false;

-- An outage, and an address that is refused again and again, are told of once.
ALTER TABLE mail_servers ADD COLUMN told_at timestamptz;
ALTER TABLE mail_refusals ADD COLUMN times integer NOT NULL DEFAULT 1, ADD COLUMN told_at timestamptz;

-- A group that is told what happens at the company, or at one of its sites.
CREATE TABLE telegram_groups (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  chat bigint NOT NULL CHECK (chat < 0),
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 300),
  locale text NOT NULL CHECK (locale IN ('kk', 'ru', 'en', 'tr')),
  kinds text[] NOT NULL DEFAULT '{}' CHECK (cardinality(kinds) <= 100),
  -- of which site alone; nothing for all of them
  about_site uuid,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT telegram_groups_chat UNIQUE (tenant_id, chat)
);
SELECT app.distribute('telegram_groups');
ALTER TABLE telegram_groups ADD CONSTRAINT telegram_groups_site FOREIGN KEY (tenant_id, about_site) REFERENCES locations (tenant_id, id);
SELECT app.tenant_table('telegram_groups');

-- A message to a group, and what became of it.
CREATE TABLE group_messages (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  group_id uuid NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  record_id uuid NOT NULL,
  params jsonb NOT NULL DEFAULT '{}',
  at timestamptz NOT NULL,
  -- One message a group for one happening, however often the happening is delivered, and to however many people.
  dedupe text NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'refused')),
  reason text,
  attempts integer NOT NULL DEFAULT 0,
  sent_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT group_messages_once UNIQUE (tenant_id, group_id, dedupe)
);
SELECT app.distribute('group_messages');
CREATE INDEX group_messages_newest ON group_messages (tenant_id, group_id, id DESC);
CREATE INDEX group_messages_old ON group_messages (at);
ALTER TABLE group_messages ADD CONSTRAINT group_messages_group FOREIGN KEY (tenant_id, group_id) REFERENCES telegram_groups (tenant_id, id);
SELECT app.tenant_table('group_messages', audited => false);

-- Which companies a group belongs to: a group that removes the bot, or becomes another chat, does so for all of them.
CREATE FUNCTION app.companies_of_group(group_chat bigint) RETURNS TABLE (tenant_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT g.tenant_id FROM telegram_groups g WHERE g.chat = group_chat;
END $$;
CREATE POLICY lookup ON telegram_groups FOR SELECT TO millwright_lookup USING (true);
GRANT SELECT ON telegram_groups TO millwright_lookup;
ALTER FUNCTION app.companies_of_group(bigint) OWNER TO millwright_lookup;
REVOKE ALL ON FUNCTION app.companies_of_group(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.companies_of_group(bigint) TO millwright_app;

-- What groups were told is forgotten when what people were told is.
CREATE FUNCTION app.prune_group_messages(moment timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  WITH old AS (
    SELECT m.tenant_id, m.id FROM group_messages m LEFT JOIN notification_settings s ON s.tenant_id = m.tenant_id
    WHERE m.at < moment - make_interval(days => coalesce(s.keep_days, 90)) AND m.at < moment - interval '7 days' LIMIT 5000)
  DELETE FROM group_messages m USING old WHERE m.tenant_id = old.tenant_id AND m.id = old.id;
END $$;
REVOKE ALL ON FUNCTION app.prune_group_messages(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.prune_group_messages(timestamptz) TO millwright_worker;
