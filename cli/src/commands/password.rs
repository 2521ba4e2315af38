//! A password handed over on standard input, where no list of processes shows it.

use std::io::Read;

use anyhow::Context;

/// The first line of standard input, without its end.
pub fn read() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().lock().read_to_string(&mut text).context("no password on standard input")?;
    let password = text.lines().next().unwrap_or_default();
    anyhow::ensure!(!password.is_empty(), "no password on standard input");
    Ok(password.to_owned())
}
