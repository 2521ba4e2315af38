//! Figures drawn by the server: plain SVG coordinates, so that a chart needs no script.

use serde::Serialize;

use super::Week;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 240.0;
/// Room for the figures of the scale and the names of the weeks.
const LEFT: f64 = 36.0;
const BOTTOM: f64 = 24.0;
const TOP: f64 = 8.0;
/// Lines of the scale above zero.
const STEPS: u32 = 4;
/// Names of weeks that fit side by side in the longest language.
const NAMES: usize = 7;

/// Created and completed work by week, as bars in a 720 × 240 box.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Chart {
    /// The weeks, oldest first.
    pub weeks: Vec<Bars>,
    /// The scale, zero first.
    pub scale: Vec<Line>,
}

/// The two bars of a week.
#[derive(Clone, Debug, Serialize)]
pub struct Bars {
    /// The figures themselves.
    #[serde(flatten)]
    pub week: Week,
    /// Middle of the week.
    pub x: f64,
    /// Whether its name is written under it.
    pub named: bool,
    /// Work created.
    pub first: Bar,
    /// Work completed.
    pub second: Bar,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Bar {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// A line of the scale.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Line {
    /// Height of the line.
    pub y: f64,
    /// What it stands for.
    pub value: u32,
}

impl Chart {
    /// Lays the weeks out, oldest first.
    pub fn new(weeks: &[Week]) -> Self {
        let most = weeks.iter().map(|week| week.created.max(week.completed)).max().unwrap_or(0);
        let step = round_step(most);
        let top = f64::from(step * STEPS);
        let height = HEIGHT - TOP - BOTTOM;
        let y = |value: u32| HEIGHT - BOTTOM - height * f64::from(value) / top;
        let count = u32::try_from(weeks.len().max(1)).unwrap_or(u32::MAX);
        let slot = (WIDTH - LEFT) / f64::from(count);
        let width = (slot * 0.28).min(14.0);
        let bar = |x: f64, value: u32| Bar { x: tidy(x), y: tidy(y(value)), width: tidy(width), height: tidy(HEIGHT - BOTTOM - y(value)) };
        let every = weeks.len().div_ceil(NAMES).max(1);
        let weeks = (0..count).zip(weeks).map(|(index, week)| {
            let x = LEFT + slot * (f64::from(index) + 0.5);
            Bars {
                week: *week,
                x: tidy(x),
                named: (index as usize).is_multiple_of(every),
                first: bar(x - width - 1.0, week.created),
                second: bar(x + 1.0, week.completed),
            }
        });
        let scale = (0..=STEPS).map(|index| Line { y: tidy(y(index * step)), value: index * step });
        Self { weeks: weeks.collect(), scale: scale.collect() }
    }
}

/// A round distance between lines such that all of them reach over `most`.
fn round_step(most: u32) -> u32 {
    let mut unit = 1;
    loop {
        for factor in [1, 2, 5] {
            if unit * factor * STEPS >= most {
                return unit * factor;
            }
        }
        unit *= 10;
    }
}

/// A figure over time in a 96 × 36 box: a line, and the area under it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Spark {
    /// Path of the line; empty where there is nothing to draw.
    pub line: String,
    /// Path of the area.
    pub area: String,
}

impl Spark {
    /// Draws the values, oldest first.
    pub fn new(values: &[u32]) -> Self {
        let (Some(&most), Some(&least)) = (values.iter().max(), values.iter().min()) else {
            return Self::default();
        };
        let gaps = u32::try_from(values.len() - 1).unwrap_or(u32::MAX).max(1);
        let span = f64::from((most - least).max(1));
        let points: Vec<String> = (0u32..)
            .zip(values)
            .map(|(index, value)| {
                let x = tidy(96.0 * f64::from(index) / f64::from(gaps));
                let y = tidy(34.0 - 32.0 * f64::from(value - least) / span);
                format!("{x} {y}")
            })
            .collect();
        let line = format!("M{}", points.join("L"));
        Self { area: format!("{line}L96 36L0 36Z"), line }
    }
}

/// One decimal is finer than a pixel.
fn tidy(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn week(created: u32, completed: u32) -> Week {
        Week { start: NaiveDate::from_ymd_opt(2026, 11, 16).expect("a date"), created, completed }
    }

    #[test]
    fn scale_is_round_and_reaches_over_the_highest_bar() {
        for (most, top) in [(0, 4), (3, 4), (5, 8), (18, 20), (29, 40), (81, 200), (1_000, 2_000)] {
            let chart = Chart::new(&[week(most, 0)]);
            assert_eq!(chart.scale.last().map(|line| line.value), Some(top), "{most}");
        }
    }

    #[test]
    fn bars_stand_on_the_zero_line_and_do_not_overlap() {
        let chart = Chart::new(&[week(10, 4); 13]);
        let zero = chart.scale[0].y;
        for bars in &chart.weeks {
            for bar in [bars.first, bars.second] {
                assert!((bar.y + bar.height - zero).abs() < 0.2);
            }
            assert!(bars.first.x + bars.first.width <= bars.second.x);
        }
        assert!(chart.weeks.windows(2).all(|pair| pair[0].second.x + pair[0].second.width <= pair[1].first.x));
        assert!(chart.weeks.iter().filter(|bars| bars.named).count() <= NAMES);
    }

    #[test]
    fn a_spark_of_nothing_draws_nothing_and_a_flat_one_stays_inside() {
        assert_eq!(Spark::new(&[]).line, "");
        assert_eq!(Spark::new(&[7]).line, "M0 34");
        assert_eq!(Spark::new(&[7, 7]).line, "M0 34L96 34");
        assert_eq!(Spark::new(&[0, 4]).area, "M0 34L96 2L96 36L0 36Z");
    }
}
