-- Definitions are content-addressed: a record keeps the hash of the text it was created under, whoever published it.
CREATE TABLE platform.workflow_definitions (
  hash text PRIMARY KEY CHECK (length(hash) = 64),
  workflow text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  source text NOT NULL,
  shipped_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT workflow_definitions_version UNIQUE (workflow, version)
);
SELECT app.replicate('platform.workflow_definitions');
GRANT SELECT, INSERT ON platform.workflow_definitions TO millwright_app;
GRANT SELECT ON platform.workflow_definitions TO millwright_tenant, millwright_worker;

-- Every step of every record, with what was asked, answered and measured at that moment.
CREATE TABLE workflow_history (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  subject text NOT NULL,
  record_id uuid NOT NULL,
  seq integer NOT NULL,
  definition text NOT NULL,
  transition text,
  from_state text,
  to_state text NOT NULL,
  actor uuid NOT NULL,
  -- for whom the actor decided, where somebody had delegated to them
  on_behalf_of uuid,
  reason text,
  input jsonb NOT NULL DEFAULT '{}',
  guards jsonb NOT NULL DEFAULT '[]',
  request uuid,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT workflow_history_seq UNIQUE (tenant_id, record_id, seq)
);
SELECT app.distribute('workflow_history');
ALTER TABLE workflow_history ADD CONSTRAINT workflow_history_actor FOREIGN KEY (tenant_id, actor) REFERENCES members (tenant_id, id);
ALTER TABLE workflow_history ADD CONSTRAINT workflow_history_behalf FOREIGN KEY (tenant_id, on_behalf_of) REFERENCES members (tenant_id, id);
SELECT app.tenant_log('workflow_history');

-- An approval request opens when a record enters a state that an approved transition leaves.
CREATE TABLE approvals (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  subject text NOT NULL,
  record_id uuid NOT NULL,
  transition text NOT NULL,
  entry_seq integer NOT NULL,
  -- who asked: with `self: false` this person decides nothing
  requested_by uuid NOT NULL,
  -- levels whose escalation has come: those it names may decide as well
  escalated text[] NOT NULL DEFAULT '{}',
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'met', 'void')),
  PRIMARY KEY (tenant_id, id)
);
SELECT app.distribute('approvals');
CREATE UNIQUE INDEX approvals_open ON approvals (tenant_id, record_id) WHERE status = 'open';
ALTER TABLE approvals ADD CONSTRAINT approvals_requested_by FOREIGN KEY (tenant_id, requested_by) REFERENCES members (tenant_id, id);
SELECT app.tenant_table('approvals');

CREATE TABLE approval_decisions (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  approval_id uuid NOT NULL,
  level text NOT NULL,
  member_id uuid NOT NULL,
  -- whose seat it was, where they had delegated it
  on_behalf_of uuid,
  at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  -- One human never fills two seats.
  CONSTRAINT approval_decisions_once UNIQUE (tenant_id, approval_id, member_id)
);
SELECT app.distribute('approval_decisions');
-- And no seat is filled twice.
CREATE UNIQUE INDEX approval_decisions_seat ON approval_decisions (tenant_id, approval_id, coalesce(on_behalf_of, member_id));
ALTER TABLE approval_decisions ADD CONSTRAINT approval_decisions_behalf FOREIGN KEY (tenant_id, on_behalf_of) REFERENCES members (tenant_id, id);
ALTER TABLE approval_decisions ADD CONSTRAINT approval_decisions_approval FOREIGN KEY (tenant_id, approval_id) REFERENCES approvals (tenant_id, id);
ALTER TABLE approval_decisions ADD CONSTRAINT approval_decisions_member FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id);
SELECT app.tenant_log('approval_decisions');
