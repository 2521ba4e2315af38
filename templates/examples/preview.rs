//! Writes every sample of every page, and every mail, into a folder, in each language and theme: `cargo run -p templates --example preview -- out`.

use std::path::{Path, PathBuf};

use templates::{Engine, Kind, Locale, Shell, Source, Theme, mail, pages};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = PathBuf::from(std::env::args().nth(1).ok_or("name a folder to write to")?);
    let engine = Engine::new(&Source::Embedded);
    for locale in Locale::ALL {
        for theme in [Theme::Light, Theme::Dark] {
            let folder = out.join(locale.as_str()).join(theme.as_str());
            std::fs::create_dir_all(&folder)?;
            write_mails(&folder, locale)?;
            let shell = Shell::sample(locale, theme);
            for page in pages::bindings() {
                let name = page.file.trim_end_matches(".html").replace('/', "-");
                for (number, html) in (page.render)(&engine, &shell).into_iter().enumerate() {
                    std::fs::write(folder.join(format!("{name}-{number}.html")), html?)?;
                }
            }
        }
    }
    Ok(())
}

fn write_mails(folder: &Path, locale: Locale) -> Result<(), Box<dyn std::error::Error>> {
    let params = [
        ("company", "Дала Фудс"),
        ("inviter", "Айгерім Бекова"),
        ("role", "Техник"),
        ("until", "23.11.2026 14:45"),
        ("key", "MWK-7Q4F-9KD2-X1PA-88TN-ZC5V-3H"),
        ("number", "WO-1042"),
        ("title", "Компрессор С-3: май ағуы"),
        ("actor", "Серік Нұрланұлы"),
        ("name", "Айгерім"),
        ("reason", "Қосалқы бөлшек жоқ"),
        ("url", "https://millwright.example/dala-foods/work-orders/WO-1042"),
    ];
    for key in templates::message::keys() {
        let kind = Kind::new(&key);
        let mail = mail::render(kind, locale, &params)?;
        let name = kind.as_str().replace('.', "-");
        std::fs::write(folder.join(format!("mail-{name}.html")), mail.html)?;
        std::fs::write(folder.join(format!("mail-{name}.txt")), mail.text)?;
    }
    Ok(())
}
