//! Every code the sources can answer has words in every language, with the values it is given; and no words are left over.
//! The codes are read from the sources, so that a new one is covered the moment it is written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use domain::identity::defaults::{ASSET_TYPES, CATEGORIES, ROLE_KEYS};
use domain::kernel::permission::Permission;
use domain::notify::Channel;
use domain::notify::kinds::{KINDS, Mode, OPTIONAL, to_members};
use domain::notify::reminder::FIELDS;
use templates::Locale;
use templates::i18n::{exists, keys, t};
use workflows::Blocker;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Text(String),
    Word(String),
    Mark(char),
}

use Token::{Mark, Text, Word};

/// What is made of a code said of a field.
const MADE: [&str; 2] = ["FieldError", "FieldProblem"];

struct Source {
    path: PathBuf,
    tokens: Vec<Token>,
}

/// What may be said of a field: code → the sets of values its sentence is given.
type Given = BTreeMap<String, Vec<BTreeSet<String>>>;

#[test]
fn every_error_is_told() {
    let mut codes = BTreeSet::new();
    for source in sources(&["domain/src", "api/src"]) {
        for call in [["Error", "Conflict"], ["Failure", "Edge"], ["Self", "Conflict"], ["Self", "Edge"]] {
            codes.extend(source.calls(&call).into_iter().flat_map(|(args, _)| source.code(args.last().map_or(&[], Vec::as_slice))));
        }
        for name in ["code", "code_of"] {
            codes.extend(source.texts_of(name));
        }
    }
    assert!(codes.len() > 20, "the sources were not read: {codes:?}");
    told("error.", &codes);
    told("error_title.", &codes);
    for code in &codes {
        let wanted = BTreeSet::from_iter((code == "wrong_state").then(|| "state".to_owned()));
        assert_eq!(placeholders(&format!("error.{code}")), wanted, "{code}");
        assert!(placeholders(&format!("error_title.{code}")).is_empty(), "{code}");
    }
}

#[test]
fn every_wrong_field_is_told() {
    let mut given = Given::new();
    for source in sources(&["domain/src", "api/src"]) {
        source.field_codes(&mut given);
    }
    assert!(given.len() > 25, "the sources were not read: {given:?}");
    // the fields of a step's form: their values are put together where no scan sees them
    let values = ["expected", "options", "min", "max"].map(str::to_owned);
    let mut form = Given::new();
    for source in sources(&["workflows/src"]) {
        source.field_codes(&mut form);
    }
    assert!(form.contains_key("bad_money") && form.contains_key("out_of_range"), "the sources were not read: {form:?}");
    for code in form.into_keys() {
        given.entry(code).or_default().push(values.clone().into());
    }
    // told of a refusal, not of a field
    given.entry("level_too_low".to_owned()).or_default().push(BTreeSet::new());
    for (code, calls) in &given {
        let needed = placeholders(&format!("field.{code}"));
        for values in calls {
            assert!(needed.is_subset(values), "field.{code} needs {needed:?} and gets {values:?}");
        }
    }
    told("field.", &given.into_keys().collect());
}

#[test]
fn every_type_a_field_may_want_has_a_name() {
    // those of JSON, which a body's schema names, and those of a step's form
    let mut types: BTreeSet<String> = ["string", "integer", "number", "boolean", "array", "object"].map(str::to_owned).into();
    for source in sources(&["workflows/src"]) {
        for (args, _) in source.calls(&["ReadError", "new"]) {
            if let [[Text(code)], [Text(expected)]] = [args[0].as_slice(), args[1].as_slice()]
                && code == "wrong_type"
            {
                types.insert(expected.clone());
            }
        }
    }
    told("field_type.", &types);
}

#[test]
fn every_obstacle_is_told() {
    let mut codes: BTreeSet<String> = Blocker::CODES.iter().map(|&code| code.to_owned()).collect();
    for code in &codes {
        let given = ["field", "need", "have", "alternatives"].map(str::to_owned).into();
        assert!(placeholders(&format!("blocker.{code}")).is_subset(&given), "{code}");
    }
    assert_eq!(placeholders("blocker.who_can"), BTreeSet::from(["roles".to_owned()]));
    codes.insert("who_can".to_owned());
    told("blocker.", &codes);
}

#[test]
fn every_event_is_told() {
    let calls = sources(&["domain/src"]).into_iter().flat_map(|source| source.calls(&["Event", "new"]));
    let kinds: BTreeSet<String> = calls.filter_map(|(args, _)| only_text(&args[0])).collect();
    assert!(kinds.len() > 5, "the sources were not read: {kinds:?}");
    told("event.", &kinds);
}

#[test]
fn rights_roles_and_first_rows_have_names() {
    let rights = Permission::grantable().map(|right| right.key().to_owned());
    let groups = Permission::grantable().map(|right| format!("group.{}", right.group()));
    told("permission.", &rights.chain(groups).collect());
    told("role.", &ROLE_KEYS.iter().map(|&role| role.to_owned()).collect());
    let categories = CATEGORIES.iter().map(|category| format!("category.{category}"));
    let types = ASSET_TYPES.iter().map(|(kind, _)| format!("asset_type.{kind}"));
    let rows = ["system", "site"].map(str::to_owned).into_iter();
    told("provision.", &rows.chain(categories).chain(types).collect());
}

#[test]
fn every_kind_of_message_has_its_texts_for_each_channel_in_every_language() {
    let declared: BTreeSet<String> = KINDS.iter().map(|kind| kind.key.to_owned()).collect();
    let written = templates::message::keys();
    assert!(declared.is_subset(&written), "{:?}", declared.difference(&written).collect::<Vec<_>>());
    // files of records that are still to come bring their texts already, for families of their own
    let family = |key: &str| key.split('.').next().unwrap_or_default().to_owned();
    let families: BTreeSet<String> = declared.iter().map(|key| family(key)).collect();
    let left: Vec<_> = written.difference(&declared).filter(|key| families.contains(&family(key))).collect();
    assert!(left.is_empty(), "nobody declares {left:?}");
    for kind in KINDS {
        let mut parts = vec!["subject", "body", "button", "why"];
        parts.extend(kind.takes(Channel::Bell).then_some("notice"));
        for part in parts {
            let own = format!("notify.{}.{part}", kind.key);
            let key = if exists(Locale::En, &own) { own } else { format!("notify.{}.{part}", kind.family()) };
            assert!(Locale::ALL.into_iter().all(|locale| exists(locale, &key)), "{key}");
            let known = |name: &String| kind.placeholders.iter().chain(OPTIONAL).any(|known| known == name);
            assert!(placeholders(&key).iter().all(known), "{key} mentions what {} does not declare", kind.key);
        }
    }
}

#[test]
fn every_kind_a_member_is_told_of_has_a_name_and_its_placeholders_are_explained() {
    let kinds: BTreeSet<String> = to_members().map(|kind| kind.key.to_owned()).collect();
    let families = to_members().map(|kind| kind.family().to_owned()).collect();
    told("kind.", &kinds);
    told("kind_family.", &families);
    told("reminder_field.", &FIELDS.iter().map(|field| field.key.to_owned()).collect());
    told("channel.", &Channel::ALL.iter().map(|channel| channel.as_str().to_owned()).collect());
    let modes = Mode::ALL.iter().map(|mode| mode.as_str().to_owned());
    told("mode.", &modes.chain(["always".to_owned()]).collect());
    let names = to_members().flat_map(|kind| kind.placeholders.iter().chain(OPTIONAL)).map(|name| (*name).to_owned());
    told("messages.placeholder.", &names.collect());
}

#[test]
fn the_reference_names_its_groups_and_places() {
    let spec: serde_json::Value = serde_json::from_str(&api::rest::spec()).expect("it is JSON");
    let operations = || spec["paths"].as_object().into_iter().flatten().flat_map(|(_, path)| path.as_object().into_iter().flatten());
    let tag = |operation: &serde_json::Value| operation["tags"][0].as_str().unwrap_or_default().to_owned();
    told("reference.group.", &operations().map(|(_, operation)| tag(operation)).collect());
    let parameters = operations().flat_map(|(_, operation)| operation["parameters"].as_array().into_iter().flatten());
    told("reference.place.", &parameters.filter_map(|parameter| parameter["in"].as_str()).map(str::to_owned).collect());
}

/// Each has words under the prefix in every language, and nothing else has.
fn told(prefix: &str, codes: &BTreeSet<String>) {
    for locale in Locale::ALL {
        let missing: Vec<_> = codes.iter().filter(|code| !exists(locale, &format!("{prefix}{code}"))).collect();
        assert!(missing.is_empty(), "{locale:?} has no words under {prefix} for {missing:?}");
    }
    let known = keys(Locale::En);
    let left: Vec<_> = known.iter().filter_map(|key| key.strip_prefix(prefix)).filter(|key| !codes.contains(*key)).collect();
    assert!(left.is_empty(), "nobody needs the words under {prefix} of {left:?}");
}

fn placeholders(key: &str) -> BTreeSet<String> {
    t(Locale::En, key, &[]).split("%{").skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

/// The sources of folders, without their tests.
fn sources(folders: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    let mut pending: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    while let Some(path) = pending.pop() {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if matches!(name.as_str(), "tests" | "tests.rs" | "testing.rs") {
            continue;
        }
        if path.is_dir() {
            pending.extend(std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source can be read");
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            found.push(Source { tokens: tokens(text), path });
        }
    }
    found
}

fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        if rest.starts_with("//") {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(open) = raw(rest) {
            let close = format!("\"{}", "#".repeat(open - 2));
            let (text, after) = rest[open..].split_once(&close).expect("a raw text ends");
            tokens.push(Text(text.to_owned()));
            rest = after;
        } else if word > 0 {
            tokens.push(Word(rest[..word].to_owned()));
            rest = &rest[word..];
        } else if first == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|c| {
                let closes = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                closes
            });
            let end = end.expect("a text ends");
            tokens.push(Text(rest[1..=end].to_owned()));
            rest = &rest[end + 2..];
        } else if let Some(length) = character(rest) {
            rest = &rest[length..];
        } else {
            if !first.is_whitespace() {
                tokens.push(Mark(first));
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    tokens
}

/// Where the text of `r"` or `r#"` begins.
fn raw(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes + 2)
}

/// The length of a character in quotes; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('\'')?;
    if after.starts_with('\\') {
        return after[2..].find('\'').map(|end| end + 4);
    }
    let length = after.chars().next()?.len_utf8();
    after[length..].starts_with('\'').then_some(length + 2)
}

fn only_text(argument: &[Token]) -> Option<String> {
    match argument {
        [Text(text)] => Some(text.clone()),
        _ => None,
    }
}

/// The arguments that begin here, and where they end.
fn arguments(tokens: &[Token], mut at: usize) -> (Vec<Vec<Token>>, usize) {
    let (mut depth, mut all) = (0, vec![Vec::new()]);
    while let Some(token) = tokens.get(at) {
        match token {
            Mark(')') if depth == 0 => break,
            Mark(',') if depth == 0 => all.push(Vec::new()),
            token => {
                depth += i32::from(matches!(token, Mark('(' | '[' | '{'))) - i32::from(matches!(token, Mark(')' | ']' | '}')));
                all.last_mut().expect("there is one").push(token.clone());
            }
        }
        at += 1;
    }
    (all, at + 1)
}

impl Source {
    /// Calls of `A::b(` or `f(`: the arguments, and where the call ends. A definition is none.
    fn calls(&self, path: &[&str]) -> Vec<(Vec<Vec<Token>>, usize)> {
        let mut wanted = Vec::new();
        for (at, word) in path.iter().enumerate() {
            wanted.extend((at > 0).then_some([Mark(':'), Mark(':')]).into_iter().flatten());
            wanted.push(Word((*word).to_owned()));
        }
        wanted.push(Mark('('));
        let starts = (0..self.tokens.len()).filter(|&at| self.tokens[at..].starts_with(&wanted));
        let starts = starts.filter(|&at| at == 0 || self.tokens[at - 1] != Word("fn".to_owned()));
        starts.map(|at| arguments(&self.tokens, at + wanted.len())).collect()
    }

    /// The values added to an error by `.with("name", …)` from here on.
    fn values(&self, mut at: usize) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        while let [Mark('.'), Word(with), Mark('('), Text(name), ..] = &self.tokens[at..]
            && with == "with"
        {
            names.insert(name.clone());
            at = arguments(&self.tokens, at + 3).1;
        }
        names
    }

    /// The codes an argument may be; none where it hands on one that is scanned elsewhere, or matches any.
    fn code(&self, argument: &[Token]) -> Vec<String> {
        let texts: Vec<String> = argument.iter().filter_map(|token| only_text(std::slice::from_ref(token))).collect();
        match argument.last() {
            _ if !texts.is_empty() => texts,
            Some(Word(name)) if name == "code" || name == "_" => Vec::new(),
            Some(Word(name)) if name.chars().all(|c| c.is_ascii_uppercase() || c == '_') => self.constant(name),
            other => panic!("{}: which codes may {other:?} of {argument:?} be? Write them out", self.path.display()),
        }
    }

    /// The texts of a constant of any source of the domain.
    fn constant(&self, name: &str) -> Vec<String> {
        let elsewhere = sources(&["domain/src", "api/src", "workflows/src"]);
        let found = std::iter::once(self).chain(&elsewhere).find_map(|source| {
            let named = [Word("const".to_owned()), Word(name.to_owned())];
            let at = (0..source.tokens.len()).find(|&at| source.tokens[at..].starts_with(&named))?;
            let value = source.tokens[at..].iter().take_while(|token| **token != Mark(';'));
            Some(value.filter_map(|token| only_text(std::slice::from_ref(token))).collect())
        });
        found.unwrap_or_else(|| panic!("{}: there is no constant {name}", self.path.display()))
    }

    /// Every text in the body of a function of this name.
    fn texts_of(&self, name: &str) -> Vec<String> {
        let named = [Word("fn".to_owned()), Word(name.to_owned())];
        let starts = (0..self.tokens.len()).filter(|&at| self.tokens[at..].starts_with(&named));
        let about_errors = ["error.rs", "failure.rs", "problem.rs"].iter().any(|file| self.path.ends_with(file));
        let mut texts = Vec::new();
        for at in starts.filter(|_| about_errors) {
            let mut depth = 0;
            for token in self.tokens[at..].iter().skip_while(|token| **token != Mark('{')) {
                depth += i32::from(*token == Mark('{')) - i32::from(*token == Mark('}'));
                texts.extend(only_text(std::slice::from_ref(token)));
                if depth == 0 {
                    break;
                }
            }
        }
        texts
    }

    /// Functions and closures of this source that make a field's error of a code: name, and which argument it is.
    fn makers(&self) -> Vec<(String, usize)> {
        let mut makers = Vec::new();
        let makes =
            |from: usize| self.tokens[from..].iter().take(16).any(|token| matches!(token, Word(name) if MADE.contains(&name.as_str())));
        let code = |parameters: &[Vec<Token>]| parameters.iter().position(|parameter| parameter.first() == Some(&Word("code".to_owned())));
        for at in 0..self.tokens.len() {
            let (name, parameters) = match &self.tokens[at..] {
                [Word(function), Word(name), Mark('('), ..] if function == "fn" && name != "new" && name != "field" => {
                    let (parameters, end) = arguments(&self.tokens, at + 3);
                    (name, if makes(end) { parameters } else { Vec::new() })
                }
                [Word(name), Mark('='), Mark('|'), ..] => {
                    let inside = self.tokens[at + 3..].iter().position(|token| *token == Mark('|')).unwrap_or_default();
                    (name, if makes(at + 3 + inside) { arguments(&self.tokens[..at + 3 + inside], at + 3).0 } else { Vec::new() })
                }
                _ => continue,
            };
            let this = usize::from(parameters.first().is_some_and(|first| first.contains(&Word("self".to_owned()))));
            makers.extend(code(&parameters).map(|position| (name.clone(), position - this)));
        }
        makers
    }

    /// The codes said of fields, with the values they are given.
    fn field_codes(&self, given: &mut Given) {
        let mut add = |codes: Vec<String>, values: &BTreeSet<String>| {
            for code in codes {
                given.entry(code).or_default().push(values.clone());
            }
        };
        let fixed: [(&[&str], usize); 3] = [(&["FieldError", "new"], 1), (&["Error", "field"], 1), (&["ReadError", "new"], 0)];
        let makers = self.makers();
        let own: Vec<([&str; 1], usize)> = makers.iter().map(|(name, at)| ([name.as_str()], *at)).collect();
        for (path, position) in fixed.into_iter().chain(own.iter().map(|(path, at)| (path.as_slice(), *at))) {
            for (args, end) in self.calls(path) {
                let code = args.get(position).unwrap_or_else(|| panic!("{}: {path:?} has no code", self.path.display()));
                add(self.code(code), &self.values(end));
            }
        }
        // what a broken constraint means: ("vendors_name", "name", "taken")
        for (args, _) in self.calls(&["or_field"]) {
            let texts = self.code(&args[0]);
            add(texts.into_iter().skip(2).step_by(3).collect(), &BTreeSet::new());
        }
        let written = self.tokens.windows(3).filter_map(|part| match part {
            [Word(code), Mark(':'), Text(text)] if code == "code" => Some(text.clone()),
            _ => None,
        });
        add(written.collect(), &BTreeSet::from(["options".to_owned()]));
    }
}

#[test]
fn the_scan_sees_what_it_should() {
    let text = r##"
        // FieldError::new("a", "comment")
        const LATE: &str = "late";
        fn made(field: &str, code: &'static str) -> FieldError {}
        let wrong = |fine: bool, code| (!fine).then(|| FieldError::new(path, code));
        FieldError::new(format!("{x}/a"), if c { "odd" } else { "even" }).with("min", f(1, 2)).with("max", 2);
        wrong(true, "closed"); made("x", "made"); Error::field('"', LATE);
        x.or_field(&[("c", "f", "taken"), ("d", "g", "gone")])?; Error::field("x", r#"raw"#); ReadError { code: "read", a };
    "##;
    let source = Source { path: PathBuf::from("x.rs"), tokens: tokens(text) };
    let mut given = Given::new();
    source.field_codes(&mut given);
    let codes: Vec<&str> = given.keys().map(String::as_str).collect();
    assert_eq!(codes, ["closed", "even", "gone", "late", "made", "odd", "raw", "read", "taken"]);
    assert_eq!(given["odd"], [BTreeSet::from(["max".to_owned(), "min".to_owned()])]);
}

/// Codes of mutants, which the command line alone tells.
const MUTANTS: &str = "WF97";

/// Every finding's code in the sources of the language, but those of mutants.
fn findings() -> BTreeSet<String> {
    fn read(folder: &Path, codes: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("is there").path();
            if path.is_dir() {
                read(&path, codes);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = std::fs::read_to_string(&path).expect("is text");
                let quoted = source.split("\"WF").skip(1).filter_map(|rest| rest.split_once('"')).map(|(digits, _)| digits);
                let whole = quoted.filter(|digits| digits.len() == 3 && digits.bytes().all(|digit| digit.is_ascii_digit()));
                codes.extend(whole.map(|digits| format!("WF{digits}")));
            }
        }
    }
    let mut codes = BTreeSet::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../workflows/src"), &mut codes);
    codes.retain(|code| code.as_str() < MUTANTS);
    codes
}

#[test]
fn every_finding_of_check_is_told_and_no_words_are_left_over() {
    let codes = findings();
    assert!(codes.len() > 90, "the sources were not read: {codes:?}");
    let told: BTreeSet<String> = keys(Locale::En)
        .iter()
        .filter_map(|key| Some(key.strip_prefix("finding.WF")?.split_once('.')?.0))
        .map(|code| format!("WF{code}"))
        .collect();
    assert_eq!(told, codes);
    let placed = workflows_placeholders();
    for locale in Locale::ALL {
        for code in &codes {
            let key = format!("finding.{code}.sentence");
            assert!(exists(locale, &key), "{locale:?} {key}");
            assert_eq!(placeholders(&key), placed(code, false), "{key}");
            let help = format!("finding.{code}.help");
            assert_eq!(exists(locale, &help), exists(Locale::En, &help), "{locale:?} {help}");
            if exists(locale, &help) {
                assert_eq!(placeholders(&help), placed(code, true), "{help}");
            }
        }
    }
}

/// The values the command line's own wording of a code mentions.
fn workflows_placeholders() -> impl Fn(&str, bool) -> BTreeSet<String> {
    let codes: BTreeMap<String, &'static str> = findings().into_iter().map(|code| (code.clone(), &*code.leak())).collect();
    move |code, help| {
        let finding = workflows::Diagnostic {
            code: codes[code],
            file: String::new(),
            line: 1,
            column: 1,
            params: BTreeMap::new(),
            source: String::new(),
        };
        let wording = if help { finding.help() } else { finding.message() };
        let names = wording.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
        names.filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')).map(str::to_owned).collect()
    }
}
