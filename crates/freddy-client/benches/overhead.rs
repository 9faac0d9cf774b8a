//! What a call with the client costs compared with the same call with reqwest alone, on a server on this machine.
//!
//! `cargo bench -p freddy-client` fails if the ratio is above the bar. Both take turns in short rounds, so that
//! whatever slows the machine slows both. The ratio is that of the medians.

use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{io, thread};

use freddy_client::Client;
use freddy_client::freddy_types::personal_connectors::DisconnectConnector;
use freddy_client::freddy_types::{Endpoint, NoContent, SuccessResponse, connector_id, headers};

const KEY: &str = "sk_benchmark";
const BAR: f64 = 1.10;
const ROUNDS: usize = 300;
const CALLS: u32 = 50;

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
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
            let start = Instant::now();
            for _ in 0..CALLS {
                black_box(client.send(&request).await?);
            }
            Ok(start.elapsed())
        })
    };
    let through_reqwest = || -> Result<Duration, Box<dyn std::error::Error>> {
        runtime.block_on(async {
            let start = Instant::now();
            for _ in 0..CALLS {
                let url = format!("{base_url}{}", request.path());
                let response = bare.delete(url).header(headers::X_API_KEY, KEY).send().await?;
                if response.status().as_u16() != NoContent::STATUS || !response.bytes().await?.is_empty() {
                    return Err("the server did not do its part".into());
                }
            }
            Ok(start.elapsed())
        })
    };

    let (mut client_times, mut bare_times) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Whoever goes first finds colder caches.
        if round % 2 == 0 {
            client_times.push(through_client()?);
            bare_times.push(through_reqwest()?);
        } else {
            bare_times.push(through_reqwest()?);
            client_times.push(through_client()?);
        }
    }
    let (client_time, bare_time) = (median(client_times) / CALLS, median(bare_times) / CALLS);
    let ratio = client_time.as_secs_f64() / bare_time.as_secs_f64();
    println!("reqwest {bare_time:>10.1?} a call");
    println!("client  {client_time:>10.1?} a call");
    println!("ratio   {ratio:>10.3}  (bar {BAR:.2})");
    Ok(if ratio <= BAR { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
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
