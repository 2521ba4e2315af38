//! Mail kept in a folder.

use crate::browser::Site;

const LETTER: &str = "From: Millwright <no-reply@example.kz>\r\n\
To: =?utf-8?b?0KHQtdGA0ZbQug==?= <serik@north.example>\r\n\
Subject: =?utf-8?b?0KjQsNKb0YvRgNGD?= <script>\r\n\
Date: Fri, 20 Nov 2026 05:05:00 +0000\r\n\
MIME-Version: 1.0\r\n\
Content-Type: multipart/alternative; boundary=\"b\"\r\n\r\n\
--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
=D0=A1=D3=99=D0=BB=D0=B5=D0=BC <b>\r\n\r\nhttp://127.0.0.1:8080/invite/3vQ9\r\n\
--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n\
PHAgc3R5bGU9ImNvbG9yOnJlZCI+0KHTmdC70LXQvDwvcD48c2NyaXB0PmFsZXJ0KDEpPC9zY3JpcHQ+\r\n--b--\r\n";

const ID: &str = "01938700-0000-7000-8000-00000000000a";

#[tokio::test]
async fn letters_are_listed_and_read() {
    let site = Site::new().await;
    let browser = site.browser();
    browser.get("/dev/mail").await.expect(200).says(&["No messages yet."]);
    std::fs::write(site.mail.path().join(format!("{ID}.eml")), LETTER).expect("writes");
    std::fs::write(site.mail.path().join("secret.txt"), "secret").expect("writes");
    let list = browser.get("/dev/mail").await.expect(200);
    list.says(&["Шақыру &lt;script&gt;", "Серік &lt;serik@north.example&gt;", &format!("/dev/mail/{ID}")]).hides(&["secret"]);
    let letter = browser.get(&format!("/dev/mail/{ID}")).await.expect(200);
    letter.says(&["Сәлем &lt;b&gt;", "href=\"http://127.0.0.1:8080/invite/3vQ9\"", &format!("/dev/mail/{ID}/html")]);
    let html = browser.get(&format!("/dev/mail/{ID}/html")).await.expect(200);
    html.says(&["<p style=\"color:red\">Сәлем</p>"]);
    let policy = html.header("content-security-policy");
    assert!(policy.contains("sandbox") && policy.contains("default-src 'none'") && !policy.contains("script-src"), "{policy}");
}

#[tokio::test]
async fn nothing_outside_the_folder_is_read() {
    let site = Site::new().await;
    std::fs::write(site.mail.path().join("secret.eml"), LETTER).expect("writes");
    let browser = site.browser();
    for id in ["secret", "..%2Fsecret", "%2Fetc%2Fpasswd", "01938700-0000-7000-8000-00000000000b"] {
        browser.get(&format!("/dev/mail/{id}")).await.expect(404);
        browser.get(&format!("/dev/mail/{id}/html")).await.expect(404);
    }
}

#[tokio::test]
async fn without_a_folder_there_is_no_such_page() {
    let site = Site::new().await;
    let config = api::Config { dev_mail: None, ..site.config.clone() };
    let http = poem::test::TestClient::new(api::endpoint(site.world.app.clone(), &config));
    http.get("/dev/mail").send().await.assert_status(poem::http::StatusCode::NOT_FOUND);
}
