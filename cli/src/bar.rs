//! Progress over a known number of things.

use std::time::{Duration, Instant};

use crate::terminal::{Line, TICK, seconds};

/// A progress bar over a known number of things.
pub struct Bar {
    line: Line,
    name: String,
    total: u64,
    done: u64,
    started: Instant,
    drawn: Option<Instant>,
}

impl Bar {
    /// A bar for `total` things, drawn from the first [`Bar::advance`] on.
    pub fn new(name: impl Into<String>, total: u64) -> Self {
        Self { line: Line::new(), name: name.into(), total, done: 0, started: Instant::now(), drawn: None }
    }

    /// `count` more things are done.
    pub fn advance(&mut self, count: u64) {
        self.done += count;
        // a redraw a thing would cost more than many a thing itself
        if self.drawn.is_none_or(|drawn| drawn.elapsed() >= TICK) {
            self.drawn = Some(Instant::now());
            self.line.draw(&draw(&self.name, self.done, self.total, self.started.elapsed()));
        }
    }

    /// Leaves the last state standing.
    pub fn finish(mut self) {
        let text = draw(&self.name, self.done, self.total, self.started.elapsed());
        self.line.finish(&text);
    }
}

/// One state of a bar: `name [####    ] 50 / 100  50 %  10/s  5 s left`.
fn draw(name: &str, done: u64, total: u64, elapsed: Duration) -> String {
    const WIDTH: u64 = 24;
    let share = |of: u64| (done.min(total) * of).checked_div(total).unwrap_or(of);
    let filled = share(WIDTH);
    let bar: String = (0..WIDTH).map(|cell| if cell < filled { '#' } else { ' ' }).collect();
    let counts = format!("{name} [{bar}] {done} / {total}  {} %", share(100));
    let milliseconds = elapsed.as_millis().max(1);
    let per_second = u128::from(done) * 1000 / milliseconds;
    if done == 0 {
        return counts;
    }
    if done >= total {
        return format!("{counts}  {per_second}/s  {}", seconds(elapsed));
    }
    let left = u128::from(total - done) * milliseconds / u128::from(done) / 1000;
    format!("{counts}  {per_second}/s  {left} s left")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_shows_count_share_rate_and_what_is_left() {
        let text = draw("orders", 50, 200, Duration::from_secs(5));
        assert_eq!(text, "orders [######                  ] 50 / 200  25 %  10/s  15 s left");
    }

    #[test]
    fn a_full_bar_shows_how_long_it_took() {
        let text = draw("orders", 200, 200, Duration::from_millis(2500));
        assert_eq!(text, "orders [########################] 200 / 200  100 %  80/s  2.5 s");
    }

    #[test]
    fn a_bar_survives_nothing_to_do_and_more_than_announced() {
        assert_eq!(draw("x", 0, 0, Duration::ZERO), format!("x [{}] 0 / 0  100 %", "#".repeat(24)));
        assert!(draw("x", 3, 2, Duration::ZERO).contains("3 / 2  100 %"));
    }
}
