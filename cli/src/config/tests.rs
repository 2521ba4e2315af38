//! Every variable: what is taken, what is refused and how the refusal reads.

use super::*;

const GOOD: [(&str, &str); 9] = [
    (DATABASE_URL, "postgres://app:Hunter2@db.example.org:5432/millwright?sslmode=require"),
    (PUBLIC_URL, "https://millwright.example.org"),
    (SECRET, "0123456789abcdef0123456789abcdef"),
    (FILES, "s3://files/company"),
    (SMTP_URL, "smtps://mailer:Hunter2@mail.example.org"),
    (MAIL_FROM, "Millwright <no-reply@example.org>"),
    (TELEGRAM_TOKEN, "123456:AAE-x_y"),
    (METRICS_LISTEN, "127.0.0.1:9464"),
    (TRUSTED_PROXIES, "10.0.0.0/8, 127.0.0.1"),
];

fn good() -> Variables {
    GOOD.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn with(name: &str, value: &str) -> Variables {
    let mut variables = good();
    variables.set(name, value);
    variables
}

/// The whole error text of a configuration that must be refused.
fn refusal(variables: &Variables) -> String {
    everything(variables).expect_err("this configuration is wrong").to_string()
}

#[test]
fn a_good_configuration_is_read_whole() {
    let (core, edge, delivery) = everything(&good()).expect("every value is right");
    assert_eq!(core.database.url, core.database.migrate_url);
    assert_eq!(core.public_url.as_str(), "https://millwright.example.org/");
    assert_eq!(core.secret.expose(), "0123456789abcdef0123456789abcdef");
    assert_eq!(core.files, Place::Bucket { name: "files".into(), prefix: "company".into(), options: Vec::new() });
    assert_eq!(edge.listen, "127.0.0.1:8080".parse().expect("an address"));
    assert_eq!(edge.metrics_listen, Some("127.0.0.1:9464".parse().expect("an address")));
    assert_eq!(edge.trusted_proxies.len(), 2);
    assert!(matches!(delivery.mail, MailTransport::Server(_)));
    let telegram = delivery.telegram.expect("the token is set");
    assert_eq!(telegram.token.expose(), "123456:AAE-x_y");
    assert_eq!(telegram.api_url, None);
}

#[test]
fn what_a_company_may_ask_of_the_queue_is_read_by_lane() {
    use domain::kernel::jobs::Lane;
    let (_, delivery, metrics) = worker(&with(JOBS_RUNNING, "interactive=12, bulk=none")).expect("every value is right");
    let limit = |lane, jobs| LaneLimit { lane, jobs };
    assert_eq!(delivery.limits.running, [limit(Lane::Interactive, Some(12)), limit(Lane::Bulk, None)]);
    assert_eq!(delivery.limits.per_minute, []);
    assert_eq!(metrics, Some("127.0.0.1:9464".parse().expect("an address")));
}

#[test]
fn a_wrong_value_is_one_line_that_names_the_variable() {
    let cases = [
        (DATABASE_URL, "mysql://host/db"),
        (DATABASE_URL, "postgres://host"),
        (DATABASE_URL, "host=localhost dbname=x"),
        (MIGRATE_DATABASE_URL, "localhost"),
        (LISTEN, "8080"),
        (LISTEN, "127.0.0.1:99999"),
        (LISTEN, "127.0.0.1:0"),
        (METRICS_LISTEN, "localhost"),
        (METRICS_LISTEN, "127.0.0.1:8080"),
        (PUBLIC_URL, "millwright.example.org"),
        (PUBLIC_URL, "https://example.org/millwright"),
        (PUBLIC_URL, "https://user@example.org"),
        (PUBLIC_URL, "http://millwright.example.org"),
        (PUBLIC_URL, "ftp://example.org"),
        (SECRET, "tooshort"),
        (SMTP_URL, "mail.example.org:25"),
        (SMTP_URL, "https://mail.example.org"),
        (MAIL_FROM, "Millwright"),
        (MAIL_FROM, "Millwright <no-reply@example.org"),
        (MAIL_FROM, "a b@example.org"),
        (MAIL_FROM, "one@example.org, two@example.org"),
        (TELEGRAM_TOKEN, "AAE"),
        (TELEGRAM_TOKEN, "bot:AAE"),
        (TELEGRAM_TOKEN, "123:AA/../x"),
        (TELEGRAM_API_URL, "api.telegram.org"),
        (FILES, "/var/lib/millwright"),
        (FILES, "file:///"),
        (FILES, "s3://"),
        (FILES, "gs://bucket"),
        (JOBS_RUNNING, "24"),
        (JOBS_RUNNING, "interactive=0"),
        (JOBS_RUNNING, "slow=3"),
        (JOBS_PER_MINUTE, "bulk=many"),
        (TRUSTED_PROXIES, "10.0.0.0/33"),
        (TRUSTED_PROXIES, "proxy.example.org"),
    ];
    for (name, value) in cases {
        let text = refusal(&with(name, value));
        assert!(text.starts_with(&format!("{name} must be ")), "{name}={value}: {text}");
        assert_eq!(text.lines().count(), 1, "{name}={value}: {text}");
    }
}

#[test]
fn a_missing_value_is_one_line_that_names_the_variable() {
    for name in [DATABASE_URL, PUBLIC_URL, SECRET, FILES, SMTP_URL, MAIL_FROM] {
        let text = refusal(&with(name, "  "));
        assert!(text.starts_with(&format!("{name} is missing; it must be ")), "{text}");
        assert_eq!(text.lines().count(), 1, "{text}");
    }
}

#[test]
fn every_mistake_is_told_at_once() {
    let problems = everything(&Variables::default()).expect_err("nothing is set");
    let names: Vec<_> = problems.0.iter().map(|problem| problem.name).collect();
    assert_eq!(names, [DATABASE_URL, PUBLIC_URL, SECRET, FILES, SMTP_URL, MAIL_FROM]);
}

#[test]
fn an_error_never_shows_the_value() {
    for name in [DATABASE_URL, MIGRATE_DATABASE_URL, SMTP_URL, SECRET, TELEGRAM_TOKEN] {
        let text = refusal(&with(name, "x://u:Hunter2@h"));
        assert!(!text.contains("Hunter2"), "{text}");
    }
}

#[test]
fn each_part_asks_for_its_own_variables_only() {
    let without = |names: &[&str]| {
        let mut variables = good();
        for name in names {
            variables.set(name, "");
        }
        variables
    };
    assert!(api(&without(&[SMTP_URL, MAIL_FROM, TELEGRAM_TOKEN])).is_ok());
    assert!(worker(&with(LISTEN, "nonsense")).is_ok());
    assert!(core(&without(&[SMTP_URL, MAIL_FROM])).is_ok());
    assert!(migration(&without(&[PUBLIC_URL, SECRET, FILES, SMTP_URL, MAIL_FROM])).is_ok());
}

#[test]
fn migrations_prefer_their_own_address() {
    let variables = with(MIGRATE_DATABASE_URL, "postgres://owner@db/millwright");
    assert_eq!(migration(&variables).expect("both are right").username(), "owner");
    assert_eq!(migration(&good()).expect("one is enough").username(), "app");
    let text = migration(&Variables::default()).expect_err("neither is set").to_string();
    assert!(text.starts_with("DATABASE_URL is missing"), "{text}");
}

#[test]
fn half_of_the_credentials_of_s3_is_a_mistake() {
    let text = refusal(&with("AWS_ACCESS_KEY_ID", "AKIA"));
    assert_eq!(text, "AWS_SECRET_ACCESS_KEY is missing; AWS_ACCESS_KEY_ID is set");
}

#[test]
fn a_bucket_is_reached_by_the_usual_variables_and_shows_none_of_them() {
    let mut variables = with("AWS_ACCESS_KEY_ID", "AKIA");
    variables.set("AWS_SECRET_ACCESS_KEY", "Hunter2");
    variables.set("AWS_REGION", "eu-central-1");
    let (core, ..) = everything(&variables).expect("all of them are right");
    let Place::Bucket { options, .. } = &core.files else { panic!("{:?}", core.files) };
    let expected = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_REGION", "eu-central-1"), ("AWS_SECRET_ACCESS_KEY", "Hunter2")];
    assert_eq!(*options, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(!format!("{core:?}").contains("Hunter2"));
}

#[test]
fn plain_http_is_for_this_machine_only() {
    for url in ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"] {
        assert!(everything(&with(PUBLIC_URL, url)).is_ok(), "{url}");
    }
}

#[test]
fn mail_and_files_may_be_folders() {
    let mut variables = with(SMTP_URL, "file:///var/mail/kept");
    variables.set(FILES, "file:///var/lib/mill%20wright");
    let (core, _, delivery) = everything(&variables).expect("folders are fine");
    assert_eq!(core.files, Place::Folder("/var/lib/mill wright".into()));
    assert_eq!(delivery.mail, MailTransport::Folder("/var/mail/kept".into()));
}

#[test]
fn the_summary_masks_secrets_and_names_what_it_does_not_know() {
    let mut variables = with("MILLWRIGHT_LISTN", "127.0.0.1:9");
    variables.set(MIGRATE_DATABASE_URL, "postgres://owner@db/millwright?password=Hunter2&sslmode=require");
    let text = summary(&variables).join("\n");
    for secret in ["Hunter2", "0123456789abcdef", "AAE-x_y"] {
        assert!(!text.contains(secret), "{text}");
    }
    assert!(text.contains("postgres://app:••••••@db.example.org:5432/millwright?sslmode=require"), "{text}");
    assert!(text.contains("?password=••••••&sslmode=require"), "{text}");
    assert!(text.contains("smtps://mailer:••••••@mail.example.org"), "{text}");
    assert!(text.contains("MILLWRIGHT_LISTN"), "{text}");
    assert!(!text.contains(TELEGRAM_API_URL), "only what is set is shown: {text}");
}

#[test]
fn debug_output_shows_no_secret() {
    let (core, _, delivery) = everything(&good()).expect("every value is right");
    let text = format!("{core:?} {delivery:?}");
    assert!(!text.contains("Hunter2") && !text.contains("0123") && !text.contains("AAE"), "{text}");
}
