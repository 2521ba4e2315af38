-- A company's own versions of a workflow file. The text that runs is kept whole under its hash, which records carry; it is
-- reached by its company alone, whatever its hash. Numbers go on from the shipped version it was taken from.
CREATE TABLE workflow_versions (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  workflow text NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  -- a whole file, or a patch of the shipped version `base`
  kind text NOT NULL CHECK (kind IN ('full', 'overlay')),
  base integer NOT NULL CHECK (base > 0),
  source text NOT NULL CHECK (octet_length(source) <= 262144),
  merged text NOT NULL CHECK (octet_length(merged) <= 262144),
  definition text NOT NULL CHECK (length(definition) = 64),
  note text NOT NULL CHECK (length(note) <= 500),
  published_at timestamptz NOT NULL,
  published_by uuid NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT workflow_versions_number UNIQUE (tenant_id, workflow, number),
  -- the text holds its number, so that no two versions of a company are the same text
  CONSTRAINT workflow_versions_definition UNIQUE (tenant_id, definition)
);
SELECT app.distribute('workflow_versions');
ALTER TABLE workflow_versions ADD CONSTRAINT workflow_versions_publisher FOREIGN KEY (tenant_id, published_by) REFERENCES members (tenant_id, id);
SELECT app.tenant_table('workflow_versions', hidden => '{source,merged}');

-- What a company is writing, one text a workflow.
CREATE TABLE workflow_drafts (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  workflow text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('full', 'overlay')),
  base integer NOT NULL CHECK (base > 0),
  source text NOT NULL CHECK (octet_length(source) <= 262144),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT workflow_drafts_one UNIQUE (tenant_id, workflow)
);
SELECT app.distribute('workflow_drafts');
SELECT app.tenant_table('workflow_drafts', hidden => '{source}');

-- The workflows a company has taken over, and what new records follow; without a row they follow the shipped file.
CREATE TABLE workflow_takeovers (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  workflow text NOT NULL,
  definition text NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT workflow_takeovers_one UNIQUE (tenant_id, workflow)
);
SELECT app.distribute('workflow_takeovers');
ALTER TABLE workflow_takeovers ADD CONSTRAINT workflow_takeovers_version
  FOREIGN KEY (tenant_id, definition) REFERENCES workflow_versions (tenant_id, definition);
SELECT app.tenant_table('workflow_takeovers');

