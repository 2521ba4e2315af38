//! A company's own mail server, as its administrators set it.

use crate::browser::Site;

const PAGE: &str = "/north/settings/mail";
const SERVER: [(&str, &str); 6] = [
    ("host", "smtp.north.example"),
    ("port", "587"),
    ("security", "starttls"),
    ("username", "mail@north.example"),
    ("password", "sesam-sesam"),
    ("sender", "Север <mail@north.example>"),
];

fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    SERVER.iter().map(|(name, value)| changes.iter().find(|(known, _)| known == name).copied().unwrap_or((*name, *value))).collect()
}

#[tokio::test]
async fn the_password_is_kept_sealed_and_never_shown() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    admin.get(PAGE).await.expect(200).hides(&["Send a test letter"]);
    let page = admin.complete(PAGE, &SERVER).await;
    page.says(&["smtp.north.example", "A password is saved", "Send a test letter"]).hides(&["sesam"]);
    let mut conn = site.world.superuser().await;
    let sealed: Vec<u8> = sqlx::query_scalar("SELECT password_sealed FROM mail_servers").fetch_one(&mut conn).await.expect("is kept");
    assert!(!sealed.windows(5).any(|part| part == b"sesam"));
    let audited: String = sqlx::query_scalar("SELECT coalesce(string_agg(diff::text, ' '), '') FROM audit_log WHERE tbl = 'mail_servers'")
        .fetch_one(&mut conn)
        .await
        .expect("is audited");
    assert!(audited.contains("smtp.north.example") && !audited.contains("password"), "{audited}");
    // left empty it stays; for another server or login it has to be typed again
    admin.complete(PAGE, &with(&[("password", ""), ("port", "465"), ("security", "tls")])).await.says(&["A password is saved"]);
    let kept: Vec<u8> = sqlx::query_scalar("SELECT password_sealed FROM mail_servers").fetch_one(&mut conn).await.expect("is kept");
    assert_eq!(kept, sealed);
    for change in [("host", "smtp.evil.example"), ("username", "other")] {
        admin.submit(PAGE, &with(&[("password", ""), change])).await.expect(422).says(&["f-password-error"]);
    }
    admin.complete(&format!("{PAGE}/test"), &[]).await.says(&["The test letter is on its way"]);
    admin.complete(&format!("{PAGE}/remove"), &[]).await.hides(&["Send a test letter"]);
    admin.submit(&format!("{PAGE}/test"), &[]).await.expect(404);
}

#[tokio::test]
async fn a_server_that_cannot_be_one_is_refused_by_field() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    for (field, value) in [
        ("host", "localhost"),
        ("host", "127.0.0.1"),
        ("host", "[::1]"),
        ("host", "smtp.north.example:22"),
        ("port", "5432"),
        ("port", "x"),
        ("security", "none"),
        ("security", "ssl"),
        ("sender", "nobody"),
        ("sender", "a@b.example\r\nBcc: c@d.example"),
    ] {
        admin.submit(PAGE, &with(&[(field, value)])).await.expect(422).says(&[&format!("f-{field}-error")]).hides(&["sesam"]);
    }
    let technician = site.member(&company, "technician", "serik").await;
    technician.get(PAGE).await.expect(403);
    technician.submit(PAGE, &SERVER).await.expect(403);
}
