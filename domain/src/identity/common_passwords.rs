//! Passwords an attacker tries first. Lists of leaked passwords are mostly shorter than we allow, so the rule is about shape:
//! few different characters, runs along an alphabet, a row of digits or a keyboard, a repeated word, the person's own address.

/// Alphabets whose runs are no secret.
const RUNS: &[&str] = &[
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujm",
];

/// Words people build passwords from.
const WORDS: &[&str] = &[
    "password",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "administrator",
    "admin",
    "welcome",
    "letmein",
    "millwright",
    "qwerty",
    "iloveyou",
    "dragon",
    "monkey",
    "football",
    "master",
    "login",
    "secret",
    "changeme",
    "parola",
    "sifre",
    "şifre",
    "пароль",
    "құпиясөз",
    "qazaqstan",
    "kazakhstan",
    "қазақстан",
    "казахстан",
    "almaty",
    "астана",
    "istanbul",
    "galatasaray",
    "fenerbahce",
    "besiktas",
    "samsung",
    "computer",
    "internet",
];

/// Fewer different characters than this is no password.
const DIFFERENT: usize = 5;
/// What is left after words and runs are taken out must still be this long.
const OWN: usize = 5;

/// Whether the password is one of those tried first, for somebody with this address.
pub fn is_common(password: &str, email: &str) -> bool {
    let lower = password.to_lowercase();
    let different = lower.chars().collect::<std::collections::BTreeSet<_>>().len();
    different < DIFFERENT || own_part(&lower, email).chars().count() < OWN
}

/// What the person added to words and runs everybody knows.
fn own_part(lower: &str, email: &str) -> String {
    let local = email.split('@').next().unwrap_or_default().to_lowercase();
    let mut rest = lower.to_owned();
    for word in WORDS.iter().copied().chain((local.len() >= 4).then_some(local.as_str())) {
        rest = rest.replace(word, "");
    }
    without_runs(&rest)
}

/// Takes out stretches of four or more that follow a run, either way.
fn without_runs(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut kept = String::new();
    let mut at = 0;
    while at < chars.len() {
        let run = (at + 4..=chars.len()).rev().find(|end| follows_run(&chars[at..*end]));
        if let Some(end) = run {
            at = end;
        } else {
            kept.push(chars[at]);
            at += 1;
        }
    }
    kept
}

fn follows_run(part: &[char]) -> bool {
    let forward: String = part.iter().collect();
    let backward: String = part.iter().rev().collect();
    let same = part.windows(2).all(|pair| pair[0] == pair[1]);
    same || RUNS.iter().any(|run| run.contains(&forward) || run.contains(&backward))
}

#[cfg(test)]
mod tests {
    use super::is_common;

    #[test]
    fn what_attackers_try_first_is_common() {
        for password in
            ["password1234", "QWERTYuiop123", "123456789012", "aaaaaaaaaaaaaa", "1q2w3e4r5t6y", "Құпиясөз1234", "aigerim.bekova1"]
        {
            assert!(is_common(password, "aigerim.bekova@demo.example"), "{password}");
        }
    }

    #[test]
    fn a_sentence_is_not() {
        for password in ["ақ қайың түнде сыбдырлайды", "korrekt-stapel-9", "Kömür ocağı 1987"] {
            assert!(!is_common(password, "aigerim.bekova@demo.example"), "{password}");
        }
    }
}
