//! Every page, in every state, every language and both themes.

use std::collections::BTreeSet;

use super::{html, scan};
use crate::assets::Manifest;
use crate::pages::bindings;
use crate::pages::notifications::NotificationsPage;
use crate::pages::public::LoginPage;
use crate::{Engine, Locale, Page, Shell, Source, Theme, assets, embedded, i18n};

fn each_page(mut check: impl FnMut(&str, &str, Locale)) {
    let engine = Engine::new(&Source::Embedded);
    for locale in Locale::ALL {
        for theme in [Theme::Light, Theme::Dark] {
            let shell = Shell::sample(locale, theme);
            for page in bindings() {
                let rendered = (page.render)(&engine, &shell);
                assert!(!rendered.is_empty(), "{} has no samples", page.file);
                for html in rendered {
                    check(page.file, &html.unwrap_or_else(|error| panic!("{error}")), locale);
                }
            }
        }
    }
}

#[test]
fn every_sample_renders_with_all_its_words() {
    let mut missing = BTreeSet::new();
    each_page(|file, html, locale| {
        missing.extend(i18n::missing::take());
        assert!(!html.contains("%{"), "{file} in {locale:?} leaves a placeholder open");
        let lang = format!("<html lang=\"{}\"", locale.as_str());
        let fragment = !html.starts_with("<!doctype");
        assert!(fragment || html.contains(&lang), "{file} does not name its language");
    });
    assert!(missing.is_empty(), "there are no words for {missing:#?}");
}

#[test]
fn pages_are_sound_html() {
    each_page(|file, page, locale| {
        let faults = html::faults(page);
        assert!(faults.is_empty(), "{file} in {locale:?}: {faults:?}");
    });
}

#[test]
fn what_people_typed_is_escaped() {
    each_page(|file, html, _| {
        for raw in ["<b>", "<x>", "<ok>", "<б>", "<13>", "<ЖШС>", "<script>"] {
            assert!(!html.contains(raw), "{file} holds {raw} unescaped");
        }
    });
}

#[test]
fn every_form_that_changes_something_is_a_post() {
    each_page(|file, page, _| {
        let (tags, _) = html::parse(page);
        for tag in tags.iter().filter(|tag| tag.name == "form" && !tag.closing) {
            let method = tag.get("method").unwrap_or("get");
            assert!(matches!(method, "get" | "post"), "{file}: method {method}");
            let action = tag.get("action").unwrap_or_default();
            assert!(action.starts_with('/'), "{file}: a form goes to {action:?}");
        }
    });
}

#[test]
fn pages_work_where_the_front_end_has_not_been_built() {
    let engine = Engine::with_assets(&Source::Embedded, &Manifest::default());
    let shell = Shell::sample(Locale::Ru, Theme::System);
    for page in bindings() {
        for html in (page.render)(&engine, &shell) {
            let html = html.unwrap_or_else(|error| panic!("{error}"));
            let (tags, _) = html::parse(&html);
            let needs = tags.iter().find(|tag| matches!(tag.name, "script" | "use") || tag.get("rel") == Some("stylesheet"));
            assert!(needs.is_none(), "{} asks for {needs:?}", page.file);
        }
    }
}

#[test]
fn assets_are_only_what_the_build_made() {
    for path in ["manifest.json", "../src/icons.txt", "/etc/passwd", "no-such-file.js", "", "app", "x.html"] {
        assert!(assets::get(path).is_none(), "{path}");
    }
}

#[test]
fn no_template_is_an_orphan() {
    let mut used: BTreeSet<String> = bindings().map(|page| page.file.to_owned()).collect();
    used.extend(["emails/message.html", "emails/digest.html"].map(str::to_owned));
    for template in scan::templates() {
        used.extend(template.strings.into_iter().filter(|text| text.contains('/') && text.rsplit('.').next() == Some("html")));
    }
    let names: BTreeSet<String> = embedded::names().into_iter().collect();
    let orphans: Vec<_> = names.difference(&used).collect();
    assert!(orphans.is_empty(), "nobody uses {orphans:?}");
    let lost: Vec<_> = used.difference(&names).collect();
    assert!(lost.is_empty(), "there is no {lost:?}");
}

#[test]
fn a_block_is_the_part_of_its_page() {
    let engine = Engine::new(&Source::Embedded);
    let shell = Shell::sample(Locale::Tr, Theme::Light);
    for page in NotificationsPage::sample() {
        let whole = engine.page(&page, &shell).expect("the page renders");
        let part = engine.block(&page, &shell, "main").expect("the block renders");
        assert!(!part.trim().is_empty() && !part.contains("<html"), "{part}");
        assert!(whole.contains(&part), "the block differs from the page");
    }
    let login = &LoginPage::sample()[0];
    let error = engine.block(login, &shell, "nowhere").expect_err("there is no such block");
    assert!(error.to_string().contains("public/login.html"), "{error}");
}

#[test]
fn a_folder_is_read_again_and_mistakes_are_errors() {
    let folder = std::env::temp_dir().join(format!("millwright-templates-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("public")).expect("a temporary folder");
    let file = folder.join("public/login.html");
    let engine = Engine::new(&Source::Folder(folder.clone()));
    let shell = Shell::sample(Locale::En, Theme::System);
    let login = &LoginPage::sample()[0];
    for text in ["one", "two"] {
        std::fs::write(&file, text).expect("the file is written");
        assert_eq!(engine.page(login, &shell).expect("it renders"), text);
    }
    for wrong in ["{{ nothing }}", "{{ icon('no-such-icon') }}", "{{ 'x' | money('KZT') }}", "{% if a.b %}{% endif %}"] {
        std::fs::write(&file, wrong).expect("the file is written");
        let error = engine.page(login, &shell).expect_err("what is not there is a mistake");
        assert!(error.to_string().contains("public/login.html"), "{error}");
    }
    std::fs::remove_dir_all(&folder).expect("the folder is removed");
}
