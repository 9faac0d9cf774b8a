//! What a call with the client costs compared with the same call with reqwest alone, on a server on this machine.
//!
//! `cargo bench -p freddy-client` fails if the ratio is above the bar. What counts is the processor time of the thread that
//! calls, the kernel's part of it included: how long a call takes depends on which cores the kernel gives to whom. For the
//! same reason everything runs on one core, where that can be had. Both take turns in short rounds, so that whatever slows
//! the machine slows both, and the ratio is the median of those of the rounds.

use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::Duration;
use std::{io, thread};

use freddy_client::Client;
use freddy_client::freddy_types::personal_connectors::DisconnectConnector;
use freddy_client::freddy_types::{Endpoint, NoContent, SuccessResponse, connector_id, headers};

const KEY: &str = "sk_benchmark";
const BAR: f64 = 1.10;
const ROUNDS: usize = 400;
/// Until caches and connections are warm.
const WARM_UP: usize = 20;
const CALLS: u32 = 50;

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    if thread_time().is_none() {
        println!("this system does not tell the time of a thread");
        return Ok(ExitCode::SUCCESS);
    }
    let cores = if stay_on_one_core() { "one core" } else { "any core" };
    let base_url = format!("http://{}", serve()?);
    let request = DisconnectConnector { connector_id: connector_id!("pcon_abc123") };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;

    let client = Client::builder().base_url(&base_url).api_key(KEY).build()?;
    let bare = reqwest::Client::builder()
        .no_proxy()
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(15))
        .redirect(reqwest::redirect::Policy::none())
        .build()?;

    let through_client = || -> Result<Duration, Box<dyn std::error::Error>> {
        runtime.block_on(async {
            let start = thread_time();
            for _ in 0..CALLS {
                black_box(client.send(&request).await?);
            }
            spent_since(start)
        })
    };
    let through_reqwest = || -> Result<Duration, Box<dyn std::error::Error>> {
        runtime.block_on(async {
            let start = thread_time();
            for _ in 0..CALLS {
                let url = format!("{base_url}{}", request.path());
                let response = bare.delete(url).header(headers::X_API_KEY, KEY).send().await?;
                if response.status().as_u16() != NoContent::STATUS || !response.bytes().await?.is_empty() {
                    return Err("the server did not do its part".into());
                }
            }
            spent_since(start)
        })
    };

    let (mut client_times, mut bare_times, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..WARM_UP + ROUNDS {
        // Whoever goes first finds colder caches.
        let (client_time, bare_time) = if round % 2 == 0 {
            let client_time = through_client()?;
            (client_time, through_reqwest()?)
        } else {
            let bare_time = through_reqwest()?;
            (through_client()?, bare_time)
        };
        if round >= WARM_UP {
            client_times.push(client_time.as_secs_f64());
            bare_times.push(bare_time.as_secs_f64());
            ratios.push(client_time.as_secs_f64() / bare_time.as_secs_f64());
        }
    }
    let a_call = |times| Duration::from_secs_f64(median(times) / f64::from(CALLS));
    let ratio = median(ratios);
    println!("reqwest {:>10.1?} of processor time a call, on {cores}", a_call(bare_times));
    println!("client  {:>10.1?}", a_call(client_times));
    println!("ratio   {ratio:>10.3}  (bar {BAR:.2})");
    Ok(if ratio <= BAR { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The processor time that this thread has used.
fn thread_time() -> Option<Duration> {
    #[cfg(unix)]
    return Duration::try_from(rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime)).ok();
    #[cfg(not(unix))]
    None
}

fn spent_since(start: Option<Duration>) -> Result<Duration, Box<dyn std::error::Error>> {
    let spent = thread_time().zip(start).and_then(|(end, start)| end.checked_sub(start));
    spent.ok_or_else(|| "the clock of the thread does not run".into())
}

/// Keeps this thread, and those that it starts, on the core that it is on. Whether that worked.
fn stay_on_one_core() -> bool {
    #[cfg(target_os = "linux")]
    {
        let mut cores = rustix::thread::CpuSet::new();
        cores.set(rustix::thread::sched_getcpu());
        rustix::thread::sched_setaffinity(None, &cores).is_ok()
    }
    #[cfg(not(target_os = "linux"))]
    false
}

/// Answers every request with a 204, in a thread per connection.
fn serve() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || -> io::Result<()> {
        loop {
            let (stream, _) = listener.accept()?;
            thread::spawn(move || -> io::Result<()> {
                stream.set_nodelay(true)?;
                let mut lines = BufReader::new(&stream);
                let mut line = String::new();
                while lines.read_line(&mut line)? > 0 {
                    if line == "\r\n" {
                        (&stream).write_all(b"HTTP/1.1 204 No Content\r\nX-Request-Id: req_1\r\n\r\n")?;
                    }
                    line.clear();
                }
                Ok(())
            });
        }
    });
    Ok(address)
}
