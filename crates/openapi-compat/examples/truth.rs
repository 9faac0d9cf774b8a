//! Holds the comparison against values, for many pairs of random schemas: `--pairs 20000 --seed 1`. With `--print`, prints
//! the pairs instead, each in one direction and on a line: what `tests/peers/run` reads.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a command for whoever works on the comparison"
)]

#[path = "../tests/truth/pairs.rs"]
mod pairs;

use fastrand::Rng;
use openapi_compat::Direction;
use pairs::{Pair, Truth};
use serde_json::{Value, json};

/// A document in which these schemas are only sent, or only received.
fn one_way(schemas: &Value, direction: Direction) -> Value {
    let content = json!({ "content": { "application/json": { "schema": { "$ref": "#/components/schemas/S" } } } });
    let mut operation =
        json!({ "operationId": "s", "tags": ["t"], "responses": { "204": { "description": "Done." } } });
    if direction == Direction::Request {
        operation["requestBody"] = content;
    } else {
        operation["responses"] = json!({ "200": { "description": "It.", "content": content["content"] } });
    }
    json!({
        "openapi": "3.1.0", "info": { "title": "t", "version": "1.0.0" },
        "paths": { "/s": { "post": operation } }, "components": { "schemas": schemas },
    })
}

/// Prints the pairs of which the truth is known.
fn print(pairs: u64, seed: u64) {
    for index in 0..pairs {
        let mut rng = Rng::with_seed(seed.wrapping_mul(1_000_003) + index);
        let pair = Pair::random(&mut rng);
        for direction in [Direction::Request, Direction::Response] {
            let breaks = match pair.truth(&mut rng, direction, 300) {
                Truth::Breaks(_) => true,
                Truth::Compatible => false,
                Truth::Lost => continue,
            };
            if pair.old != pair.new {
                let [old, new] = [&pair.old, &pair.new].map(|schemas| one_way(schemas, direction));
                let name = format!("{index} {direction}");
                println!("{}", json!({ "name": name, "breaks": breaks, "breaks_code": false, "old": old, "new": new }));
            }
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, otherwise: u64| {
        let at = arguments.iter().position(|it| it == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(otherwise)
    };
    let (pairs, seed, show) = (number("--pairs", 20_000), number("--seed", 1), number("--show", 0));
    if arguments.iter().any(|it| it == "--print") {
        return print(pairs, seed);
    }
    let (mut breaking, mut missed, mut compatible, mut alarms, mut shown) = (0_u32, 0_u32, 0_u32, 0_u32, 0);
    for index in 0..pairs {
        let mut rng = Rng::with_seed(seed.wrapping_mul(1_000_003) + index);
        let pair = Pair::random(&mut rng);
        let findings = pair.findings();
        for direction in [Direction::Request, Direction::Response] {
            let said = Pair::is_said_to_break(&findings, direction);
            match pair.truth(&mut rng, direction, 300) {
                Truth::Breaks(value) => {
                    breaking += 1;
                    if !said {
                        missed += 1;
                        println!("MISSED {index} {direction}: {value}\n  old {}\n  new {}", pair.old, pair.new);
                    }
                }
                Truth::Compatible => {
                    compatible += u32::from(pair.old != pair.new);
                    if said {
                        alarms += 1;
                        if shown < show {
                            shown += 1;
                            println!("ALARM {index} {direction}\n  old {}\n  new {}", pair.old, pair.new);
                            for finding in findings.iter().filter(|it| it.direction == direction) {
                                println!("    {finding}");
                            }
                        }
                    }
                }
                Truth::Lost => {}
            }
        }
    }
    println!("{pairs} pairs: {breaking} break, {missed} of them missed; {compatible} do not, {alarms} of them said to");
}
