//! Reading variables so that one run reports every mistake, not only the first.

use std::collections::BTreeMap;
use std::fmt;

/// The environment, or what stands in for it. An empty value counts as not set.
#[derive(Debug, Clone, Default)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// The variables of this process. Those that are not UTF-8 are none of ours.
    pub fn of_process() -> Self {
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
    }

    /// The value of a variable that is set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Every name that has a value.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str).filter(|name| self.get(name).is_some())
    }

    /// Sets a variable whatever the environment said: an argument of the command line beats it.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Sets a variable that the environment did not.
    pub fn set_default(&mut self, name: &str, value: impl Into<String>) {
        if self.get(name).is_none() {
            self.set(name, value);
        }
    }
}

impl FromIterator<(String, String)> for Variables {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// What is wrong with one variable. Its value is never shown: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The variable.
    pub name: &'static str,
    /// What it should be, as the end of a sentence that begins with the name.
    pub what: String,
}

/// What is wrong with the configuration: one line a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let newline = if index == 0 { "" } else { "\n" };
            write!(out, "{newline}{} {}", problem.name, problem.what)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// What a parser expected, as the end of "NAME must be …".
pub(super) type Parsed<T> = Result<T, &'static str>;

/// Collects problems while a configuration is read.
pub(super) struct Reader<'a> {
    variables: &'a Variables,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(variables: &'a Variables) -> Self {
        Self { variables, problems: Vec::new() }
    }

    /// What is read.
    pub(super) fn variables(&self) -> &'a Variables {
        self.variables
    }

    /// The value of a variable that may be missing.
    pub(super) fn optional<T>(&mut self, name: &'static str, parse: fn(&str) -> Parsed<T>) -> Option<T> {
        match parse(self.variables.get(name)?) {
            Ok(value) => Some(value),
            Err(expected) => {
                self.wrong(name, &format!("must be {expected}"));
                None
            }
        }
    }

    /// The value of a variable that must be there.
    pub(super) fn required<T>(&mut self, name: &'static str, parse: fn(&str) -> Parsed<T>) -> Option<T> {
        if self.variables.get(name).is_none() {
            let expected = parse("").err().unwrap_or("set");
            self.wrong(name, &format!("is missing; it must be {expected}"));
            return None;
        }
        self.optional(name, parse)
    }

    /// The value of a variable that has a default; nothing only where it is wrong.
    pub(super) fn defaulted<T>(&mut self, name: &'static str, parse: fn(&str) -> Parsed<T>, default: fn() -> T) -> Option<T> {
        match self.variables.get(name) {
            Some(_) => self.optional(name, parse),
            None => Some(default()),
        }
    }

    /// Two variables that mean something only together.
    pub(super) fn pair(&mut self, one: &'static str, other: &'static str) {
        let missing = match (self.variables.get(one), self.variables.get(other)) {
            (Some(_), None) => other,
            (None, Some(_)) => one,
            _ => return,
        };
        let present = if missing == one { other } else { one };
        self.wrong(missing, &format!("is missing; {present} is set"));
    }

    pub(super) fn wrong(&mut self, name: &'static str, what: &str) {
        self.problems.push(Problem { name, what: what.to_owned() });
    }

    /// What was read, if nothing was wrong with it.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, Problems> {
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(Problems(self.problems)),
        }
    }
}
