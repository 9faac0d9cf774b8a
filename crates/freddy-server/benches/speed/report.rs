//! Comparing, and telling what came of it.

use std::array;
use std::process::ExitCode;

/// Until caches and connections are warm.
const WARM_UP: usize = 1;

/// What two sides take, and the ratio of one to the other. Each is a median of the rounds.
pub(crate) struct Ratio {
    ours: f64,
    theirs: f64,
    ratio: f64,
}

/// Has both sides take turns. Each measures the same things in a round.
pub(crate) async fn compare<const N: usize>(
    rounds: usize,
    mut ours: impl AsyncFnMut() -> [f64; N],
    mut theirs: impl AsyncFnMut() -> [f64; N],
) -> [Ratio; N] {
    let mut measurements = Vec::new();
    for round in 0..WARM_UP + rounds {
        // Whoever goes first finds colder caches.
        let measured = if round % 2 == 0 {
            let ours = ours().await;
            (ours, theirs().await)
        } else {
            let theirs = theirs().await;
            (ours().await, theirs)
        };
        if round >= WARM_UP {
            measurements.push(measured);
        }
    }
    array::from_fn(|thing| {
        let median_of = |value: fn(f64, f64) -> f64| {
            median(measurements.iter().map(|(ours, theirs)| value(ours[thing], theirs[thing])).collect())
        };
        Ratio {
            ours: median_of(|ours, _| ours),
            theirs: median_of(|_, theirs| theirs),
            ratio: median_of(|ours, theirs| ours / theirs),
        }
    })
}

fn median(values: Vec<f64>) -> f64 {
    percentile(values, 50)
}

pub(crate) fn percentile(mut values: Vec<f64>, percent: usize) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() * percent / 100]
}

/// What the two sides of a ratio are given in.
#[derive(Clone, Copy)]
pub(crate) enum Unit {
    /// Seconds, which are shown as microseconds.
    Time,
    /// A number in a second.
    Rate,
}

#[derive(Default)]
pub(crate) struct Report {
    is_missed: bool,
}

impl Report {
    pub(crate) fn title(&self, title: &str) {
        println!("{title}");
    }

    pub(crate) fn note(&self, note: &str) {
        println!("  {note}");
    }

    pub(crate) fn ratio_at_least(&mut self, what: &str, ratio: &Ratio, unit: Unit, bar: f64) {
        self.line(what, &sides(ratio, unit), ratio.ratio, &format!("≥ {bar}"), ratio.ratio >= bar);
    }

    pub(crate) fn ratio_at_most(&mut self, what: &str, ratio: &Ratio, unit: Unit, bar: f64) {
        self.line(what, &sides(ratio, unit), ratio.ratio, &format!("≤ {bar}"), ratio.ratio <= bar);
    }

    pub(crate) fn ratio_without_a_bar(&mut self, what: &str, ratio: &Ratio, unit: Unit) {
        self.line(what, &sides(ratio, unit), ratio.ratio, "", true);
    }

    pub(crate) fn at_least(&mut self, what: &str, value: f64, bar: f64) {
        self.line(what, "", value, &format!("≥ {bar}"), value >= bar);
    }

    pub(crate) fn at_most(&mut self, what: &str, value: f64, bar: f64) {
        self.line(what, "", value, &format!("≤ {bar}"), value <= bar);
    }

    fn line(&mut self, what: &str, sides: &str, value: f64, bar: &str, is_met: bool) {
        println!("  {what:<48}{sides:>24}{value:>8.2}{bar:>8}{}", if is_met { "" } else { "  missed" });
        self.is_missed |= !is_met;
    }

    pub(crate) fn end(self) -> ExitCode {
        ExitCode::from(u8::from(self.is_missed))
    }
}

fn sides(ratio: &Ratio, unit: Unit) -> String {
    let side = |value: f64| match unit {
        Unit::Time => format!("{:.1} µs", value * 1e6),
        Unit::Rate => format!("{value:.0}/s"),
    };
    format!("{} : {}", side(ratio.ours), side(ratio.theirs))
}
