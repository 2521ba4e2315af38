//! The schema's rules, asked of PostgreSQL's own catalogue: a table added tomorrow is held to them today. Each rule is a query
//! whose rows break it: what, and where.

use crate::kernel::testing::World;

/// Tables that are no company's, or are told apart in another way, with the reason.
const NOT_TENANT_TABLES: &[(&str, &str)] = &[("public.schema_migrations", "says which migrations were applied")];

/// Tables outside `public` that carry a `tenant_id`, with the reason why no policy guards them.
const OUTSIDE: &[(&str, &str)] = &[
    ("platform.account_tenants", "the directory of who may enter where, read before a company is known"),
    ("platform.log", "what operators did; a company never reads it"),
    ("platform.press_codes", "found by a code's hash before a company is known"),
    ("platform.signup_keys", "exist before their company does"),
    ("platform.telegram_links", "found by a code's hash before a company is known"),
    ("queue.jobs", "the worker claims across companies; a company reaches it through queue.enqueue and queue.cancel alone"),
    ("queue.limits", "what a plan allows; a company never reads it"),
    ("queue.pace", "what the worker counts of each company"),
    ("queue.ticks", "what the calendar has queued, for the platform too"),
];

/// Tables without stamps or audit, with the reason.
const NOT_AUDITED: &[(&str, &str)] = &[
    ("approval_decisions", "is a log itself"),
    ("audit_log", "is the audit"),
    ("counters", "a number that only grows"),
    ("deliveries", "what became of a message; the message's cause is audited"),
    ("events", "is a log itself"),
    ("exports", "files of a week; what is in them is audited where it changed"),
    ("group_messages", "what became of a message; the message's cause is audited"),
    ("idempotency_keys", "answers kept for a day"),
    ("mail_refusals", "what a mail server said of an address"),
    ("notifications", "what a person was told; its cause is audited"),
    ("sla_runs", "what a service level counted is its own evidence; the steps that moved it are in the history"),
    ("timers", "what is due; what comes of it is in the history"),
    ("workflow_history", "is a log itself"),
];
/// Of these, the ones that still carry stamps.
const STAMPED: &[&str] = &["deliveries", "exports", "group_messages", "mail_refusals", "notifications", "sla_runs", "timers"];

/// Logs: rows are added and never changed.
const LOGS: &[&str] = &["approval_decisions", "audit_log", "events", "workflow_history"];

/// Functions that run with their owner's rights, with the reason.
const DEFINERS: &[(&str, &str)] = &[
    ("app.audit_partition", "makes the month's partition"),
    ("app.companies_of", "runs before a company is known"),
    ("app.companies_of_group", "runs before a company is known"),
    ("app.invitation_tenant", "runs before a company is known"),
    ("app.mail_figures", "operators see how mail goes, and nothing that was said"),
    ("app.member_scope", "runs before a company is known"),
    ("app.member_scope_by_id", "runs before a company is known"),
    ("app.members_of_chat", "runs before a company is known"),
    ("app.prune_group_messages", "removes what has had its time, in every company"),
    ("app.prune_notifications", "removes what has had its time, in every company"),
    ("app.prune_timers", "removes what has had its time, in every company"),
    ("app.search_assets", "a trigram index is not used under row-level security"),
    ("app.search_work_orders", "a trigram index is not used under row-level security"),
    ("app.seats_used", "operators see how full a company is, and none of its rows"),
    ("app.stage_messages", "queues what is due, in every company"),
    ("app.stage_timers", "queues what is due, in every company"),
    ("app.tend_exports", "queues the removal of files that have had their time, in every company"),
    ("app.upkeep", "removes what has expired, in every company"),
    ("queue.board", "operators see the queue, which the application may not read"),
    ("queue.board_cancel", "operators cancel a job"),
    ("queue.board_discard", "operators remove a job"),
    ("queue.board_retry", "operators have a job done again"),
    ("queue.cancel", "a company cancels its own job"),
    ("queue.enqueue", "the one way into the queue from inside a company"),
    ("queue.enqueue_platform", "the one way into the queue for the platform"),
    ("queue.load", "operators and the worker see how much there is"),
    ("queue.tick", "the calendar queues a job for each company"),
    ("queue.upkeep", "removes what has had its time"),
    ("queue.zones", "the calendar's zones"),
];

/// Tenant tables, with the number of their `tenant_id` column.
macro_rules! tenant_tables {
    ($rest:literal) => {
        concat!(
            "WITH t AS (
               SELECT c.oid, c.relname::text AS relname, a.attnum AS tcol, c.relrowsecurity, c.relforcerowsecurity, c.relacl, c.relowner,
                 EXISTS (SELECT FROM pg_attribute s WHERE s.attrelid = c.oid AND s.attname = 'site_id' AND NOT s.attisdropped) AS located
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
               WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition) ",
            $rest
        )
    };
}

const RULES: &[(&str, &str)] = &[
    ("its primary key begins with tenant_id", tenant_tables!(
        "SELECT relname, '' FROM t WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = t.oid AND k.contype = 'p' AND k.conkey[1] = t.tcol)")),
    ("tenant_id is never null", tenant_tables!(
        "SELECT t.relname, '' FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = t.tcol WHERE NOT a.attnotnull")),
    ("every unique index holds tenant_id", tenant_tables!(
        "SELECT t.relname, i.indexrelid::regclass::text FROM t JOIN pg_index i ON i.indrelid = t.oid AND i.indisunique WHERE NOT t.tcol = ANY (i.indkey::int2[])")),
    ("every exclusion holds tenant_id with =", tenant_tables!(
        "SELECT t.relname, k.conname::text FROM t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'x' WHERE NOT EXISTS (
           SELECT FROM unnest(k.conkey, k.conexclop) u (a, o) JOIN pg_operator p ON p.oid = u.o WHERE u.a = t.tcol AND p.oprname = '=')")),
    ("it refers to tenant tables and to platform.tenants only", tenant_tables!(
        "SELECT t.relname, k.conname::text FROM t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
         WHERE k.confrelid NOT IN (SELECT oid FROM t) AND k.confrelid <> 'platform.tenants'::regclass")),
    ("a reference between tenant tables carries tenant_id", tenant_tables!(
        "SELECT t.relname, k.conname::text FROM t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f' JOIN t f ON f.oid = k.confrelid
         WHERE NOT EXISTS (SELECT FROM unnest(k.conkey, k.confkey) u (a, b) WHERE u.a = t.tcol AND u.b = f.tcol)")),
    ("a reference deletes nothing and sets nothing", tenant_tables!(
        "SELECT t.relname, k.conname::text FROM t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f' WHERE k.confdeltype <> 'a' OR k.confupdtype <> 'a'")),
    ("every constraint has been validated", tenant_tables!("SELECT t.relname, k.conname::text FROM t JOIN pg_constraint k ON k.conrelid = t.oid WHERE NOT k.convalidated")),
    ("no other table refers to it", tenant_tables!(
        "SELECT k.conrelid::regclass::text, k.conname::text FROM pg_constraint k JOIN t ON t.oid = k.confrelid
         WHERE k.contype = 'f' AND k.conrelid NOT IN (SELECT oid FROM t) AND k.conparentid = 0")),
    ("row-level security is enabled and forced", tenant_tables!("SELECT relname, '' FROM t WHERE NOT (relrowsecurity AND relforcerowsecurity)")),
    ("the policy `tenant` holds the company's role to its rows, reading and writing", tenant_tables!(
        "SELECT relname, '' FROM t WHERE NOT EXISTS (SELECT FROM pg_policy y WHERE y.polrelid = t.oid AND y.polname = 'tenant' AND y.polcmd = '*' AND y.polpermissive
           AND y.polroles = ARRAY['millwright_tenant'::regrole::oid]
           AND pg_get_expr(y.polqual, t.oid) = '(tenant_id = ( SELECT (NULLIF(current_setting(''app.tenant_id''::text, true), ''''::text))::uuid AS \"nullif\"))'
           AND pg_get_expr(y.polwithcheck, t.oid) = pg_get_expr(y.polqual, t.oid))")),
    ("a located table carries the policy `site`", tenant_tables!(
        "SELECT relname, '' FROM t WHERE located AND NOT EXISTS (SELECT FROM pg_policy y WHERE y.polrelid = t.oid AND y.polname = 'site' AND y.polcmd = '*'
           AND NOT y.polpermissive AND y.polroles = ARRAY['millwright_tenant'::regrole::oid] AND pg_get_expr(y.polqual, t.oid) LIKE '%app.sites()%site_id%')")),
    ("other policies only let the look-up role read", tenant_tables!(
        "SELECT t.relname, y.polname::text FROM t JOIN pg_policy y ON y.polrelid = t.oid WHERE y.polname NOT IN ('tenant', 'site')
           AND NOT (y.polname = 'lookup' AND y.polcmd = 'r' AND y.polroles = ARRAY['millwright_lookup'::regrole::oid])")),
    ("no policy fails where a setting is missing", 
        "SELECT y.polrelid::regclass::text, y.polname::text FROM pg_policy y WHERE pg_get_expr(y.polqual, y.polrelid) ~ 'current_setting\\(''[^'']*''(::text)?\\)'"),
    ("no number is drawn from a sequence", tenant_tables!(
        "SELECT t.relname, a.attname::text FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE a.attidentity <> '' OR pg_get_serial_sequence(t.oid::regclass::text, a.attname) IS NOT NULL")),
    ("no trigger notifies", tenant_tables!(
        "SELECT t.relname, g.tgname::text FROM t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal JOIN pg_proc p ON p.oid = g.tgfoid WHERE p.prosrc ~* '\\m(pg_notify|notify)\\M'")),
    ("no trigger asks for the name of its table, which is a shard's on Citus", tenant_tables!(
        "SELECT t.relname, g.tgname::text FROM t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal JOIN pg_proc p ON p.oid = g.tgfoid
         WHERE p.prosrc ~* '\\mtg_(table_name|relname)\\M'")),
    ("an audit trigger is given the name of its own table", tenant_tables!(
        "SELECT t.relname, g.tgname::text FROM t JOIN pg_trigger g ON g.tgrelid = t.oid AND g.tgfoid = 'app.audit'::regproc
         WHERE g.tgnargs = 0 OR split_part(encode(g.tgargs, 'escape'), '\\000', 1) <> t.relname")),
    ("names leave room for a shard's number",
        "SELECT n.nspname || '.' || c.relname, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname IN ('public', 'platform', 'queue', 'app') AND length(c.relname) > 54
         UNION ALL SELECT k.conrelid::regclass::text, k.conname::text FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
           WHERE n.nspname IN ('public', 'platform', 'queue') AND length(k.conname) > 54"),
    ("no function in SQL with parameters reads a tenant table: it would be planned without its tenant", tenant_tables!(
        "SELECT t.relname, p.proname::text FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang AND l.lanname = 'sql'
         JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname IN ('public', 'app', 'queue') JOIN t ON p.prosrc ~ ('\\m' || t.relname || '\\M')
         WHERE p.pronargs > 0 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')")),
    ("a word of a closed list is text with a CHECK, not an enum",
        "SELECT n.nspname::text, y.typname::text FROM pg_type y JOIN pg_namespace n ON n.oid = y.typnamespace WHERE y.typtype = 'e' AND n.nspname IN ('public', 'platform', 'queue', 'app')"),
    ("a view obeys the policies of whoever reads it, and nothing is materialised",
        "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('public', 'platform', 'queue', 'app')
           AND (c.relkind = 'm' OR c.relkind = 'v' AND NOT 'security_invoker=true' = ANY (coalesce(c.reloptions, '{}')))"),
    ("roles of the program bypass nothing, own no table and do not log in by themselves",
        "SELECT r.rolname::text, '' FROM pg_roles r WHERE r.rolname LIKE 'millwright\\_%' AND (r.rolsuper OR r.rolbypassrls OR r.rolcanlogin OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication)
         UNION ALL SELECT r.rolname::text, c.relname::text FROM pg_roles r JOIN pg_class c ON c.relowner = r.oid WHERE r.rolname LIKE 'millwright\\_%'"),
    ("of the program's roles only the application's becomes another, and only a company's",
        "SELECT m.member::regrole::text, m.roleid::regrole::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid AND g.rolname LIKE 'millwright\\_%'
         JOIN pg_roles r ON r.oid = m.member AND r.rolname LIKE 'millwright\\_%' WHERE (r.rolname, g.rolname) <> ('millwright_app', 'millwright_tenant')"),
    ("in public only the company's role writes, and the look-up role reads",
        "SELECT c.relname::text, g.grantee::regrole::text || ' ' || g.privilege_type FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public',
           LATERAL aclexplode(c.relacl) g WHERE c.relkind IN ('r', 'p', 'v') AND g.grantee <> c.relowner
           AND NOT (g.grantee = 'millwright_tenant'::regrole AND g.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE') AND NOT c.relispartition)
           AND NOT (g.grantee = 'millwright_lookup'::regrole AND g.privilege_type = 'SELECT')"),
    ("of the platform a company reads its own row and workflow files",
        "SELECT c.relname::text, g.privilege_type FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN ('platform', 'queue'),
           LATERAL aclexplode(c.relacl) g WHERE c.relkind IN ('r', 'p', 'v') AND g.grantee IN ('millwright_tenant'::regrole, 0)
           AND NOT (c.relname IN ('tenants', 'workflow_definitions') AND g.privilege_type = 'SELECT')"),
    ("a function with its owner's rights names its schemas and is not for everybody",
        "SELECT n.nspname::text, p.proname::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname IN ('public', 'app', 'queue', 'platform')
         WHERE p.prosecdef AND (NOT EXISTS (SELECT FROM unnest(coalesce(p.proconfig, '{}')) s WHERE s LIKE 'search_path=%pg_temp')
           OR p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) g WHERE g.grantee = 0))"),
];

#[tokio::test]
async fn the_schema_keeps_every_rule() {
    let world = World::new().await;
    let mut conn = world.superuser().await;
    let mut broken = Vec::new();
    for (rule, sql) in RULES {
        let rows: Vec<(String, String)> = sqlx::query_as(*sql).fetch_all(&mut conn).await.unwrap_or_else(|error| panic!("{rule}: {error}"));
        broken.extend(rows.into_iter().map(|(table, what)| format!("{table} {what}: {rule}")));
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Each rule finds what breaks it: a rule that can find nothing guards nothing.
#[tokio::test]
async fn a_table_made_without_the_helper_breaks_the_rules() {
    let world = World::new().await;
    let mut conn = world.superuser().await;
    for statement in [
        "CREATE TABLE loose (id serial PRIMARY KEY, tenant_id uuid, site_id uuid, name text UNIQUE, account_id uuid REFERENCES platform.accounts (id))",
        "CREATE TABLE bound (tenant_id uuid NOT NULL, id uuid NOT NULL, loose_id integer REFERENCES loose (id) ON DELETE SET NULL, PRIMARY KEY (tenant_id, id))",
        "SELECT app.tenant_table('bound')",
        "CREATE TABLE platform.pointer (tenant_id uuid, id uuid, FOREIGN KEY (tenant_id, id) REFERENCES bound (tenant_id, id))",
        "CREATE POLICY everybody ON loose USING (current_setting('app.tenant_id') <> '')",
        "GRANT SELECT ON loose TO PUBLIC",
        "GRANT DELETE ON platform.accounts TO millwright_tenant",
        "CREATE TYPE mood AS ENUM ('good', 'bad')",
        "CREATE VIEW all_vendors AS SELECT * FROM vendors",
        "CREATE FUNCTION app.reads(t uuid) RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM vendors WHERE tenant_id = t'",
        "CREATE FUNCTION app.bold() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN 1; END'",
        "CREATE FUNCTION app.tell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_notify(''x'', TG_TABLE_NAME); RETURN NULL; END'",
        "CREATE TRIGGER tells AFTER INSERT ON bound EXECUTE FUNCTION app.tell()",
        "CREATE TRIGGER lies AFTER INSERT ON bound FOR EACH ROW EXECUTE FUNCTION app.audit('vendors')",
        "CREATE INDEX a_name_so_long_that_no_number_of_a_shard_would_fit_behind_it ON bound (id)",
        "ALTER TABLE bound ADD CONSTRAINT trusted CHECK (id IS NOT NULL) NOT VALID",
        "ALTER TABLE bound ADD CONSTRAINT apart EXCLUDE USING btree (id WITH =)",
        "GRANT CREATE ON SCHEMA public TO millwright_app",
        "ALTER TABLE loose OWNER TO millwright_app",
    ] {
        sqlx::query(statement).execute(&mut conn).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    for (rule, sql) in RULES {
        // to break it would change roles that other databases of the server share
        if rule.starts_with("of the program's roles") {
            continue;
        }
        let rows: Vec<(String, String)> = sqlx::query_as(*sql).fetch_all(&mut conn).await.expect("asks");
        assert!(!rows.is_empty(), "nothing breaks: {rule}");
    }
}

fn listed(reasons: &[(&str, &str)]) -> Vec<String> {
    reasons.iter().map(|(name, _)| (*name).to_owned()).collect()
}

async fn names(world: &World, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(&mut world.superuser().await).await.expect("asks")
}

#[tokio::test]
async fn every_table_is_a_companys_or_says_why_not() {
    let world = World::new().await;
    let without = names(&world,
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
           AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') ORDER BY 1").await;
    assert_eq!(without, listed(NOT_TENANT_TABLES));
    let outside = names(&world,
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname NOT IN ('public', 'pg_catalog', 'information_schema')
           AND c.relkind IN ('r', 'p') AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') ORDER BY 1").await;
    assert_eq!(outside, listed(OUTSIDE));
    let definers = names(&world,
        "SELECT n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.prosecdef AND n.nspname <> 'pg_catalog' ORDER BY 1").await;
    assert_eq!(definers, listed(DEFINERS));
}

#[tokio::test]
async fn every_tenant_table_is_stamped_and_audited_or_says_why_not() {
    let world = World::new().await;
    let unaudited = names(&world, tenant_tables!(
        "SELECT relname FROM t WHERE (SELECT count(*) FROM pg_trigger g WHERE g.tgrelid = t.oid AND g.tgname IN ('audit_row', 'audit_change') AND g.tgenabled = 'O'
           AND g.tgfoid = 'app.audit'::regproc) <> 2 ORDER BY 1")).await;
    assert_eq!(unaudited, listed(NOT_AUDITED));
    let unstamped = names(&world, tenant_tables!(
        "SELECT relname FROM t WHERE NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = t.oid AND g.tgname = 'stamp' AND g.tgfoid IN ('app.stamp'::regproc, 'app.stamp_timed'::regproc) AND g.tgenabled = 'O')
           OR 5 <> (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = t.oid AND NOT a.attisdropped
                    AND a.attname IN ('created_at', 'created_by', 'updated_at', 'updated_by', 'version')) ORDER BY 1")).await;
    let expected: Vec<String> = listed(NOT_AUDITED).into_iter().filter(|table| !STAMPED.contains(&table.as_str())).collect();
    assert_eq!(unstamped, expected);
}

#[tokio::test]
async fn logs_are_added_to_and_never_changed() {
    let world = World::new().await;
    let append_only = names(&world, tenant_tables!(
        "SELECT relname FROM t WHERE NOT EXISTS (SELECT FROM aclexplode(t.relacl) g WHERE g.grantee = 'millwright_tenant'::regrole AND g.privilege_type IN ('UPDATE', 'DELETE'))
         ORDER BY 1")).await;
    assert_eq!(append_only, LOGS);
    let platform_log = names(
        &world,
        "SELECT g.privilege_type FROM pg_class c, LATERAL aclexplode(c.relacl) g
         WHERE c.oid = 'platform.log'::regclass AND g.grantee = 'millwright_app'::regrole ORDER BY 1",
    )
    .await;
    assert_eq!(platform_log, ["INSERT", "SELECT"]);
}

#[tokio::test]
async fn the_audit_hides_secrets() {
    let world = World::new().await;
    let company = world.company("north").await;
    world.member(&company, "viewer", "vera").await;
    let leaks: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_log WHERE diff::text ~ 'hash|token|password'")
        .fetch_one(&mut world.superuser().await)
        .await
        .expect("counts");
    assert_eq!(leaks, 0);
}

#[tokio::test]
async fn migrations_are_applied_once_and_never_under_a_bound_role() {
    let world = World::with(None, 2).await;
    assert_eq!(crate::kernel::migrate::migrate(&world.url).await.expect("has nothing to do"), Vec::<String>::new());
    let mut conn = world.superuser().await;
    sqlx::query("UPDATE schema_migrations SET checksum = 'x' WHERE file = 1").execute(&mut conn).await.expect("tampers");
    let changed = crate::kernel::migrate::migrate(&world.url).await.expect_err("is another text");
    assert!(changed.to_string().contains("was changed after it was applied"), "{changed}");
}
