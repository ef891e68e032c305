//! Scenes without end: configurations and calls by chance, through the engine and through a real Envoy, which must end alike.
//!
//! A seed makes the scenes, so that a difference comes again. Where chance decides within a call, its share may be off by 4 standard
//! deviations of 200 requests; 450 are sent, so that a right share fails once in 500 million. Nothing is sent again to make it pass.

mod case;
mod delegates;
mod gateway;
mod inbound;
mod localities;
mod nearness;
mod outbound;
mod resilience;
mod rules;
mod streams;
mod waypoints;

use std::{
    collections::BTreeSet,
    env,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use case::Case;
use meshwright::{
    engine::{
        envoy, istiod,
        manifest::{self, Manifest},
        mesh::Scene,
        source::SourceFile,
    },
    replay::{Bounds, Comparison, Replayer},
};

use super::{PATIENCE, find_envoy, replay_with, replayer_with};
use crate::dice::Dice;

/// Scenes and the seed of the first; for longer runs, see `scripts/replay-nights`.
const SCENES: usize = 32;
const SEED: u64 = 1;
/// Six standard deviations of so many are four of 200.
const SAMPLES: u32 = 450;
/// Calls that share an Envoy.
const CALLS_FOR_ONE: usize = 400;
/// How often pieces are left out in search of the smallest scene that still differs.
const SHRINKS: usize = 120;
/// Differences of one scene that are looked into, each of another kind.
const KINDS: usize = 3;

fn number(name: &str, usual: u64) -> u64 {
    env::var(name).ok().map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is {text:?}, which is no number")))
}

fn replayer(every_endpoint: bool) -> Replayer {
    let bounds = Bounds { time: PATIENCE, samples: SAMPLES, calls_for_one: CALLS_FOR_ONE, races: 0, every_endpoint, ..Bounds::default() };
    replayer_with(find_envoy(), bounds)
}

fn world() -> Manifest {
    manifest::read(&SourceFile::new("bookinfo", include_str!("../../../content/worlds/bookinfo.yaml")))
}

pub fn case_of(seed: u64) -> Case {
    let mut dice = Dice::new(seed);
    match seed % 8 {
        0 => inbound::case(&mut dice),
        1 => outbound::case(&mut dice),
        2 => gateway::case(&mut dice),
        3 => streams::case(&mut dice),
        4 => delegates::case(&mut dice),
        5 => localities::case(&mut dice),
        6 => waypoints::case(&mut dice),
        _ => resilience::case(&mut dice),
    }
}

/// Both answers to each call; none where something in the scene is refused.
fn answers(world: &Manifest, case: &Case) -> Result<Vec<Comparison>, String> {
    let text = case.text();
    let own = manifest::read(&SourceFile::new("scene", text.as_str()));
    let scene = Scene::of([world, &own], serde_json::from_value(case.mesh_config.clone()).unwrap());
    if let Some(refused) = scene.verdicts.iter().find(|verdict| !verdict.is_accepted()) {
        return Err(format!(
            "{} {}: {:?}\n{text}",
            refused.kind,
            refused.name,
            refused.diagnostics.iter().map(|said| format!("{}: {}", said.path, said.message)).collect::<Vec<_>>()
        ));
    }
    let config = istiod::push(&scene.cluster, &case.proxy);
    let pairs: Vec<_> = case.calls.iter().map(|call| (call.clone(), envoy::run(&config, call))).collect();
    replay_with(&replayer(case.every_endpoint), &config, &pairs).map_err(|error| error.to_string())
}

/// The smallest scene in which the one call still differs.
fn smallest(world: &Manifest, mut case: Case) -> (Case, Option<Comparison>) {
    let mut last = None;
    let differs = |case: &Case| answers(world, case).ok().and_then(|mut answers| answers.pop()).filter(|answer| answer.agrees == Some(false));
    let mut at = 0;
    for _ in 0..SHRINKS {
        if at >= case.pieces.len() {
            break;
        }
        let mut less = case.clone();
        less.pieces.remove(at);
        match differs(&less) {
            Some(answer) => {
                case = less;
                last = Some(answer);
            }
            None => at += 1,
        }
    }
    (case, last)
}

/// What came of the calls of some scenes.
#[derive(Default)]
struct Tally {
    calls: usize,
    /// How often they were sent.
    requests: usize,
    /// Those that end in something else than a 404.
    met: usize,
}

/// What came of a scene, and what is wrong with it, in its smallest form.
fn fault(world: &Manifest, seed: u64, case: &Case) -> (Tally, Option<String>) {
    let answers = match answers(world, case) {
        Ok(answers) => answers,
        Err(reason) => return (Tally::default(), Some(format!("seed {seed}: {reason}"))),
    };
    let tally = Tally {
        calls: answers.len(),
        requests: answers.iter().filter_map(|answer| answer.real.as_ref()?.requests).sum(),
        met: answers.iter().filter(|answer| !answer.computed.statuses.contains_key(&404)).count(),
    };
    let unasked: Vec<_> = answers.iter().filter(|answer| answer.agrees.is_none()).map(|answer| &answer.not_compared).collect();
    if !unasked.is_empty() {
        return (Tally::default(), Some(format!("seed {seed}: not replayed: {unasked:?}")));
    }
    let elsewhere = case.routes.iter().find(|(at, route)| answers[**at].computed.route != **route);
    if let Some((at, route)) = elsewhere {
        let told =
            format!("seed {seed}: {:?} takes the route {:?}, and its maker says {route:?}\n{}", case.calls[*at], answers[*at].computed.route, case.text());
        return (tally, Some(told));
    }
    let wrong: Vec<usize> = (0..answers.len()).filter(|&at| answers[at].agrees == Some(false)).collect();
    if wrong.is_empty() {
        return (tally, None);
    }
    let mut told = vec![format!("seed {seed}: {} of {} calls differ", wrong.len(), answers.len())];
    let mut known = BTreeSet::new();
    for at in wrong {
        let (call, answer) = (&case.calls[at], &answers[at]);
        told.push(format!("{} {} {}: {}", call.method, call.host, call.path, answer.differences.join("; ")));
        let kind: String = answer.differences[0].split(':').next().unwrap_or_default().to_owned();
        if known.len() < KINDS && known.insert(kind) {
            let (small, last) = smallest(world, Case { calls: vec![call.clone()], ..case.clone() });
            let differences = last.map_or_else(|| "not by itself".to_owned(), |last| last.differences.join("; "));
            told.push(format!("the smallest scene: {differences}\n{:?}\n{:?}\n{}\n{}", small.proxy, small.calls[0], small.mesh_config, small.text()));
        }
    }
    (tally, Some(told.join("\n")))
}

/// The seeds are fixed here, so that the same scenes come on every machine.
#[test]
fn scenes_end_as_computed() {
    let (scenes, seed) = (number("MESHWRIGHT_REPLAY_SCENES", SCENES as u64), number("MESHWRIGHT_REPLAY_SEED", SEED));
    let world = world();
    let next = AtomicUsize::new(0);
    let results = Mutex::new((Tally::default(), Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::SeqCst) as u64;
                    if at >= scenes {
                        return;
                    }
                    let (of_scene, fault) = fault(&world, seed + at, &case_of(seed + at));
                    let mut results = results.lock().unwrap();
                    results.0.calls += of_scene.calls;
                    results.0.requests += of_scene.requests;
                    results.0.met += of_scene.met;
                    if let Some(fault) = fault {
                        println!("{fault}\n");
                        results.1.push(fault);
                    }
                }
            });
        }
    });
    let (Tally { calls, requests, met }, faults) = results.into_inner().unwrap();
    println!("{scenes} scenes from seed {seed}: {calls} calls, sent {requests} times, {met} of them answered with more than 404");
    assert!(faults.is_empty(), "{} of {scenes} scenes from seed {seed} differ, each told above", faults.len());
    assert!(met * 2 > calls, "only {met} of {calls} calls meet something");
}
