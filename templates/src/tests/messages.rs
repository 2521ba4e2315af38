//! Messages that leave the application.

use super::html;
use crate::i18n::{self, Locale};
use crate::message::keys;
use crate::telegram::{self, Press, Reply};
use crate::{Kind, Own, Params, mail, notice};

const HOSTILE: &str = "<script>alert(1)</script>&\r\nBcc: x@example.kz";

fn params(value: &'static str) -> Vec<(&'static str, &'static str)> {
    let names = [
        "company",
        "inviter",
        "role",
        "until",
        "key",
        "number",
        "title",
        "actor",
        "reason",
        "name",
        "what",
        "date",
        "overdue",
        "due",
        "warranties",
        "host",
        "person",
        "address",
        "group",
        "list",
        "format",
        "rows",
    ];
    let mut params: Vec<_> = names.iter().map(|name| (*name, value)).collect();
    params.push(("url", "https://millwright.example/dala/work-orders/WO-1042?a=1&b=2"));
    params
}

fn each(mut check: impl FnMut(Kind<'_>, Locale)) {
    for key in keys() {
        let kind = Kind::new(&key);
        assert!(kind.is_known());
        for locale in Locale::ALL {
            check(kind, locale);
            let missing = i18n::missing::take();
            assert!(missing.is_empty(), "{kind:?} asks for {missing:?}");
        }
    }
}

#[test]
fn every_value_a_text_mentions_is_filled_in() {
    each(|kind, locale| {
        let params = params("x");
        let mail = mail::render(kind, locale, &params).expect("it renders");
        let telegram = telegram::render(kind, locale, &params);
        for text in [mail.subject, mail.text, mail.html, telegram, notice::render(kind, locale, &params)] {
            assert!(!text.contains("%{"), "{kind:?} in {locale:?}: {text}");
        }
    });
}

#[test]
fn mail_is_escaped_and_sound() {
    each(|kind, locale| {
        let mail = mail::render(kind, locale, &params(HOSTILE)).expect("it renders");
        assert!(!mail.subject.contains(['\r', '\n']), "{:?}", mail.subject);
        assert!(!mail.html.contains("<script"), "{kind:?}");
        assert_eq!(html::faults(&mail.html), Vec::<String>::new(), "{kind:?} in {locale:?}");
        assert!(mail.html.contains("a=1&amp;b=2"), "the link is in the page");
        assert!(mail.text.contains("https://millwright.example/dala/work-orders/WO-1042?a=1&b=2"), "and in the text");
    });
}

#[test]
fn a_reason_and_a_name_are_said_only_where_they_are_known() {
    let with: &Params<'_> = &[
        ("number", "WO-7"),
        ("title", "Сорғы"),
        ("actor", "Айгерім"),
        ("company", "Дала"),
        ("url", "/"),
        ("reason", "Қымбат"),
        ("name", "Серік"),
    ];
    let mail = mail::render(Kind::new("work_order.rejected"), Locale::Kk, with).expect("it renders");
    assert!(mail.text.starts_with("Сәлеметсіз бе, Серік!\n"), "{}", mail.text);
    assert!(mail.text.contains("\n\nСебебі: Қымбат\n\n"), "{}", mail.text);
    let without = mail::render(Kind::new("work_order.rejected"), Locale::Kk, &with[..5]).expect("it renders");
    assert!(without.text.starts_with("Сәлеметсіз бе!\n") && !without.text.contains("Себебі"), "{}", without.text);
}

#[test]
fn telegram_gets_its_html() {
    each(|kind, locale| {
        let text = telegram::render(kind, locale, &params(HOSTILE));
        assert!(text.starts_with("<b>") && text.matches('<').count() == 2, "{text}");
    });
}

#[test]
fn a_letter_one_may_act_from_says_what_each_link_does_and_how_long() {
    for locale in Locale::ALL {
        let presses = [Press::Approve, Press::Reject, Press::Start, Press::Complete]
            .map(|press| (press.label(locale), format!("https://millwright.example/act/{press:?}?a=1&b=2")));
        let links = mail::Links { presses: &presses, until: "<soon>", unsubscribe: Some("https://millwright.example/unsubscribe/x") };
        let mail = mail::render_with(Kind::new("work_order.approval_requested"), locale, &params(HOSTILE), links).expect("it renders");
        assert_eq!(i18n::missing::take(), Vec::<String>::new());
        assert_eq!(html::faults(&mail.html), Vec::<String>::new(), "{locale:?}");
        for (label, address) in &presses {
            assert!(mail.text.contains(&format!("{label}:\n{address}\n")), "{}", mail.text);
            assert!(mail.html.contains(&format!(">{label}</a>")), "{}", mail.html);
        }
        assert!(mail.text.contains("<soon>") && !mail.html.contains("<soon>"), "{}", mail.html);
        assert!(mail.text.ends_with("https://millwright.example/unsubscribe/x\n"), "{}", mail.text);
    }
}

#[test]
fn a_companys_own_words_take_the_place_of_ours_and_are_escaped_like_them() {
    let own = Own { subject: "Қара:\r\nBcc: x@example.kz <b>", body: "Бірінші <script>\n\n  Екінші\n" };
    let kind = Kind::new("work_order.rejected").saying(Some(own));
    let mail = mail::render(kind, Locale::Kk, &params("x")).expect("it renders");
    assert_eq!(mail.subject, "Қара: Bcc: x@example.kz <b>");
    assert!(mail.text.contains("\n\nБірінші <script>\n\nЕкінші\n\n") && !mail.text.contains("Себебі"), "{}", mail.text);
    assert!(!mail.html.contains("<script") && mail.html.contains("Бірінші &lt;script&gt;"), "{}", mail.html);
    let telegram = telegram::render(kind, Locale::Kk, &params("x"));
    assert_eq!(telegram, "<b>Қара: Bcc: x@example.kz &lt;b&gt;</b>\n\nБірінші &lt;script&gt;\n\nЕкінші");
}

#[test]
fn a_long_text_still_fits_into_a_telegram_message() {
    let long: &'static str = Box::leak("ұзын ".repeat(2_000).into_boxed_str());
    let params: &Params<'_> = &[("number", "WO-7"), ("title", long), ("actor", "x"), ("reason", long), ("company", "x"), ("url", "/")];
    for key in keys() {
        let text = telegram::render(Kind::new(&key), Locale::Kk, params);
        assert!(text.chars().count() < 4_096, "{key}: {}", text.chars().count());
    }
}

#[test]
fn the_bot_answers_in_every_language() {
    let (number, name, company, by) = ("WO-7 <x>", "Серік", "A & B", "Айгерім");
    let replies = [
        Reply::Linked { name, company },
        Reply::LinkExpired,
        Reply::ChatTaken,
        Reply::ButtonExpired,
        Reply::AskReason { number },
        Reply::Done { number },
        Reply::AlreadyDecided { number, by },
        Reply::NotAllowed { number },
        Reply::Changed { number },
        Reply::GroupLinked { company },
        Reply::GroupLinkExpired,
        Reply::Stranger { profile: "https://millwright.example/profile" },
        Reply::AskedApart { number },
        Reply::DoneInGroup { number, by },
        Reply::Help,
        Reply::Unlinked,
    ];
    for locale in Locale::ALL {
        for reply in replies {
            let text = telegram::reply(reply, locale);
            assert!(!text.contains("%{") && !text.contains('<'), "{locale:?} {reply:?}: {text}");
            assert!(
                matches!(reply, Reply::Linked { .. } | Reply::GroupLinked { .. }) || text.chars().count() <= 200,
                "fits an alert: {text}"
            );
        }
    }
    assert!(i18n::missing::take().is_empty());
}

#[test]
fn a_notice_is_one_line() {
    each(|kind, locale| {
        let line = notice::render(kind, locale, &params(HOSTILE));
        assert!(!line.contains(char::is_control) && !line.is_empty(), "{kind:?} in {locale:?}: {line}");
    });
}

#[test]
fn a_letter_lists_several_messages_and_says_how_many_more_there_are() {
    let line = mail::Line { text: HOSTILE.to_owned(), url: "https://millwright.example/dala/work-orders/WO-1?a=1&b=2".to_owned() };
    for locale in Locale::ALL {
        let lines = vec![line.clone(); 3];
        let digest = mail::Digest {
            name: "Серік <b>",
            company: "A & B",
            lines: &lines,
            total: 25,
            url: "https://millwright.example/dala",
            unsubscribe: Some("https://millwright.example/unsubscribe/x"),
        };
        let letter = mail::digest(locale, &digest).expect("it renders");
        assert!(letter.subject.contains("25") && !letter.subject.contains(['\r', '\n']), "{}", letter.subject);
        assert!(letter.text.contains("22") && letter.text.matches("WO-1?a=1&b=2").count() == 3, "{}", letter.text);
        assert!(letter.text.ends_with(": https://millwright.example/unsubscribe/x\n"), "{}", letter.text);
        assert!(!letter.html.contains("<script") && letter.html.matches("a=1&amp;b=2").count() == 3, "{}", letter.html);
        assert!(letter.html.contains("unsubscribe") && letter.html.contains("</h1>"), "{}", letter.html);
        assert!(letter.html.lines().all(|line| !line.trim().is_empty()), "no gaps: {}", letter.html);
        assert_eq!(html::faults(&letter.html), Vec::<String>::new(), "{locale:?}");
        let few = mail::digest(locale, &mail::Digest { total: 3, unsubscribe: None, ..digest }).expect("it renders");
        assert!(!few.html.contains("%{") && !few.html.contains("unsubscribe"), "{}", few.html);
        assert!(!few.text.contains("\n\n\n"), "no gap where there is no more: {}", few.text);
    }
    assert!(i18n::missing::take().is_empty());
}
