//! Times contenders against each other and holds the ratios to their bars.

use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: u32 = 20_000;
/// Short, so that most samples end before anything interrupts them.
const SAMPLE: Duration = Duration::from_micros(20);
/// Every way that a frame can lie on the cache lines, a few times over.
const STACK_DEPTHS: u32 = 16;

/// A piece of work to be timed.
pub(crate) struct Contender<'a> {
    name: &'static str,
    time: Box<dyn FnMut(u32) -> Duration + 'a>,
    allocations: u64,
}

impl<'a> Contender<'a> {
    /// `work` is all that counts, and the drop of what it returns counts too.
    pub(crate) fn new<T>(name: &'static str, mut work: impl FnMut() -> T + 'a) -> Self {
        let allocations = allocation_counter::measure(|| drop(black_box(work()))).count_total;
        // The loop is inside the box, so that a sample pays for one dynamic call and not every repetition.
        let time = Box::new(move |repetitions| {
            let start = Instant::now();
            for _ in 0..repetitions {
                black_box(work());
            }
            start.elapsed()
        });
        Self { name, time, allocations }
    }

    /// How often the work has to be done to fill a sample.
    fn repetitions(&mut self) -> u32 {
        let mut repetitions = 1;
        while (self.time)(repetitions) < SAMPLE {
            repetitions *= 2;
        }
        repetitions
    }
}

/// A contender that the subject is held against.
pub(crate) struct Bar<'a> {
    against: Contender<'a>,
    max_ratio: f64,
}

impl<'a> Bar<'a> {
    /// The subject may take at most `max_ratio` times as long as `work`.
    pub(crate) fn new<T>(max_ratio: f64, name: &'static str, work: impl FnMut() -> T + 'a) -> Self {
        Self { against: Contender::new(name, work), max_ratio }
    }
}

/// The printed table, and whether all that it shows is within the bars.
pub(crate) struct Table {
    passed: bool,
}

impl Table {
    /// Prints the head.
    pub(crate) fn new() -> Self {
        println!("{:<42} {:>9} {:>7} {:>7} {:>12}", "", "ns", "ratio", "bar", "allocations");
        Self { passed: true }
    }

    /// Times the subject and what it is held against, and prints a row for each.
    pub(crate) fn compare<'a, const N: usize>(
        &mut self,
        mut subject: Contender<'a>,
        max_allocations: Option<u64>,
        mut bars: [Bar<'a>; N],
    ) {
        let contenders: Vec<_> =
            [&mut subject].into_iter().chain(bars.iter_mut().map(|bar| &mut bar.against)).collect();
        let mut times = fastest(contenders).into_iter();
        let subject_time = times.next().unwrap_or_default();

        let (bar, verdict) = match max_allocations {
            Some(max) => (format!("(bar {max})"), self.verdict(subject.allocations <= max)),
            None => Default::default(),
        };
        let Contender { name, allocations, .. } = subject;
        println!("{name:<42} {subject_time:>9.1} {:>7} {:>7} {allocations:>12}  {verdict:<6} {bar}", "", "");

        for (Bar { against, max_ratio }, time) in bars.iter().zip(times) {
            let ratio = subject_time / time;
            let verdict = self.verdict(ratio <= *max_ratio);
            let Contender { name, allocations, .. } = against;
            println!("  against {name:<32} {time:>9.1} {ratio:>7.2} {max_ratio:>7.2} {allocations:>12}  {verdict}");
        }
    }

    /// Whether no bar was missed.
    pub(crate) fn passed(&self) -> bool {
        self.passed
    }

    fn verdict(&mut self, within: bool) -> &'static str {
        self.passed &= within;
        if within { "ok" } else { "MISSED" }
    }
}

/// The nanoseconds that each takes when nothing disturbs it: the minimum of its samples. The contenders take turns, so
/// that a slower clock or a busy neighbour meets all of them.
fn fastest(mut contenders: Vec<&mut Contender<'_>>) -> Vec<f64> {
    let repetitions: Vec<_> = contenders.iter_mut().map(|contender| contender.repetitions()).collect();
    let mut fastest = vec![f64::INFINITY; contenders.len()];
    // The allocator costs the least when it does not count.
    allocation_counter::opt_out(|| {
        for round in 0..ROUNDS {
            at_depth(round % STACK_DEPTHS, &mut || {
                for ((contender, &repetitions), fastest) in contenders.iter_mut().zip(&repetitions).zip(&mut fastest) {
                    let sample = (contender.time)(repetitions);
                    *fastest = fastest.min(sample.as_secs_f64() * 1e9 / f64::from(repetitions));
                }
            });
        }
    });
    fastest
}

/// Works so many frames down the stack. Where the stack begins is random and changes a ratio by some hundredths; with
/// the minimum over several places every run is the same.
fn at_depth(frames: u32, work: &mut dyn FnMut()) {
    if frames == 0 {
        return work();
    }
    let frame = black_box([0_u8; 16]);
    at_depth(frames - 1, work);
    black_box(frame);
}
