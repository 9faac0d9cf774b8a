//! Whether two kinds of requests can be told apart by the time of their answers.

/// Pairs of requests, one of each kind.
pub(super) const PAIRS: usize = 64;

/// A difference that does not count, in seconds: the noise of a network is larger.
pub(super) const TOLERATED: f64 = 0.000_25;

/// The chance at most that two kinds are told apart although neither is slower by more than [`TOLERATED`].
pub(super) const ERROR_RATE: f64 = 1e-4;

/// Which of two kinds is slower, by a sign test: in each pair the first is slower, or it is not, and if the median of the
/// differences is at most [`TOLERATED`], it is slower by more in at most half of the pairs. It needs no assumption on how
/// times are distributed, only that the pairs do not depend on each other.
pub(super) fn slower(pairs: &[(f64, f64)]) -> Option<Slower> {
    let count = |is_slower: fn(f64) -> bool| pairs.iter().filter(|(first, second)| is_slower(first - second)).count();
    let first = count(|difference| difference > TOLERATED);
    let second = count(|difference| difference < -TOLERATED);
    // There are two ways to be wrong.
    let chance = |of: usize| 2.0 * upper_tail(pairs.len(), of);
    if chance(first) <= ERROR_RATE {
        Some(Slower::First(first))
    } else if chance(second) <= ERROR_RATE {
        Some(Slower::Second(second))
    } else {
        None
    }
}

/// Which kind is slower, and in how many of the pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slower {
    First(usize),
    Second(usize),
}

/// The chance of at least `least` heads when a coin is thrown `throws` times.
fn upper_tail(throws: usize, least: usize) -> f64 {
    let mut term = 0.5_f64.powi(i32::try_from(throws).unwrap_or(i32::MAX));
    let mut sum = 0.0;
    for heads in 0..=throws {
        if heads >= least {
            sum += term;
        }
        term *= (throws - heads) as f64 / (heads + 1) as f64;
    }
    sum
}

pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_of_a_coin_is_that_of_the_binomial_distribution() {
        for (throws, least, chance) in [(1, 1, 0.5), (2, 0, 1.0), (3, 2, 0.5), (10, 10, 1.0 / 1024.0)] {
            assert!((upper_tail(throws, least) - chance).abs() < 1e-12, "{throws} {least}");
        }
    }

    #[test]
    fn equal_kinds_are_told_apart_no_more_often_than_the_error_rate_says() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut noise = || 0.001 + 0.02 * random.f64().powi(8);
        let runs = 20_000;
        let wrong = (0..runs)
            .filter(|_| {
                // The largest difference that is tolerated.
                let pairs: Vec<_> = (0..PAIRS).map(|_| (noise() + TOLERATED, noise())).collect();
                slower(&pairs).is_some()
            })
            .count();
        assert!(wrong as f64 <= 10.0 * ERROR_RATE * f64::from(runs), "{wrong} of {runs}");
    }

    #[test]
    fn a_kind_that_takes_three_milliseconds_more_is_found() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut noise = || 0.001 + 0.002 * random.f64();
        let pairs: Vec<_> = (0..PAIRS).map(|_| (noise(), noise() + 0.003)).collect();
        assert_eq!(slower(&pairs), Some(Slower::Second(PAIRS)));
    }
}
