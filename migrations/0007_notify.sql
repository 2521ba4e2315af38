-- What a person is told. The bell shows notifications; deliveries say what became of each message sent outside.
CREATE TABLE notifications (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  member_id uuid NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  record_id uuid NOT NULL,
  params jsonb NOT NULL DEFAULT '{}',
  at timestamptz NOT NULL,
  read_at timestamptz,
  -- One message a person for one happening, however often the happening is delivered.
  dedupe text NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT notifications_once UNIQUE (tenant_id, member_id, dedupe)
);
SELECT app.distribute('notifications');
CREATE INDEX notifications_unread ON notifications (tenant_id, member_id) WHERE read_at IS NULL;
CREATE INDEX notifications_member ON notifications (tenant_id, member_id, id DESC);
ALTER TABLE notifications ADD CONSTRAINT notifications_member FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id);
SELECT app.tenant_table('notifications', audited => false);

CREATE TABLE deliveries (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  notification_id uuid NOT NULL,
  channel text NOT NULL CHECK (channel IN ('email', 'telegram')),
  address text NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'refused')),
  reason text,
  sent_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT deliveries_once UNIQUE (tenant_id, notification_id, channel)
);
SELECT app.distribute('deliveries');
ALTER TABLE deliveries ADD CONSTRAINT deliveries_notification FOREIGN KEY (tenant_id, notification_id) REFERENCES notifications (tenant_id, id);
SELECT app.tenant_table('deliveries', audited => false);

-- A chat is linked by a deep link a member asked for; a button in a chat carries only a random code, which leads here.
CREATE TABLE platform.telegram_links (
  code_hash bytea PRIMARY KEY,
  tenant_id uuid NOT NULL,
  member_id uuid NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE TABLE platform.telegram_buttons (
  code_hash bytea PRIMARY KEY,
  tenant_id uuid NOT NULL,
  member_id uuid NOT NULL,
  chat bigint NOT NULL,
  subject text NOT NULL,
  record_id uuid NOT NULL,
  transition text NOT NULL,
  entry_seq integer NOT NULL,
  asked_message bigint,
  expires_at timestamptz NOT NULL
);
CREATE INDEX telegram_buttons_asked ON platform.telegram_buttons (chat, asked_message) WHERE asked_message IS NOT NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.telegram_links, platform.telegram_buttons TO millwright_app;

-- Whose chat is this, in every company: a person who stops the bot stops it everywhere.
CREATE FUNCTION app.members_of_chat(chat bigint) RETURNS TABLE (tenant_id uuid, member_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT m.tenant_id, m.id FROM members m WHERE m.telegram_chat = chat AND m.active;
END $$;
ALTER FUNCTION app.members_of_chat(bigint) OWNER TO millwright_lookup;
REVOKE ALL ON FUNCTION app.members_of_chat(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.members_of_chat(bigint) TO millwright_app;
