//! What the person at the terminal reads: results on standard output, progress on standard error.

use std::fmt::Display;
use std::future::Future;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// How often a running step shows its time.
pub const TICK: Duration = Duration::from_millis(100);
const SPINNER: [char; 4] = ['|', '/', '-', '\\'];

/// Writes a line of the result. A reader that went away (`| head`) is no error of ours.
pub fn say(line: impl Display) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Writes a line beside the result.
pub fn note(line: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Runs one step of a longer piece of work and shows that it runs, how it ended and how long it took. Where nobody
/// watches, only the end is written.
pub async fn step<T, E>(name: &str, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let started = Instant::now();
    let mut line = Line::new();
    let mut ticks = tokio::time::interval(TICK);
    let mut turn = 0;
    tokio::pin!(work);
    let result = loop {
        tokio::select! {
            result = &mut work => break result,
            _ = ticks.tick() => {
                line.draw(&format!("{} {name}  {}", SPINNER[turn % SPINNER.len()], seconds(started.elapsed())));
                turn += 1;
            }
        }
    };
    let mark = if result.is_ok() { "ok    " } else { "failed" };
    line.finish(&format!("{mark} {name}  {}", seconds(started.elapsed())));
    result
}

/// A time as steps and bars show it: `1.5 s`.
pub fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// A line that is drawn over and over on a terminal, and only once elsewhere.
pub struct Line {
    terminal: bool,
}

impl Line {
    /// A line of standard error.
    pub fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal() }
    }

    /// Puts this text in place of the last one, on a terminal.
    pub fn draw(&mut self, text: &str) {
        if self.terminal {
            let mut out = std::io::stderr().lock();
            let _ = write!(out, "\r\x1b[2K{text}");
            let _ = out.flush();
        }
    }

    /// Writes the text that stays.
    pub fn finish(&mut self, text: &str) {
        self.draw("");
        note(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_step_hands_back_what_its_work_gave() {
        assert_eq!(step("well", async { Ok::<_, &str>(7) }).await, Ok(7));
        assert_eq!(step("badly", async { Err::<u8, _>("why") }).await, Err("why"));
    }
}
