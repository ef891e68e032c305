//! From `examples/index.yaml` and the files beside it to the gallery.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Backend, Exhibit, Probe, Promised, path, twin_path};
use crate::{
    course::{
        Files,
        reading::{Reading, line_of},
        trial,
    },
    engine::mesh::{Certificate, Load, Request, Token},
};

/// Where the list lies in `content/`.
pub(in crate::course) const INDEX: &str = "examples/index.yaml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    title: String,
    #[serde(default)]
    question: String,
    competency: String,
    #[serde(default = "default_world")]
    world: String,
    #[serde(default)]
    refused: bool,
    #[serde(default)]
    no_twin: Option<String>,
    requests: Vec<WrittenProbe>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenProbe {
    from: String,
    request: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    token: Option<WrittenToken>,
    #[serde(default)]
    certificate: Option<WrittenCertificate>,
    outcome: String,
    #[serde(default)]
    response: BTreeMap<String, String>,
    #[serde(default)]
    backend: Backend,
    #[serde(default)]
    pods: Vec<String>,
    #[serde(default)]
    mirrors: Vec<String>,
    #[serde(default)]
    load: Option<WrittenLoad>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLoad {
    #[serde(default)]
    repeat: u32,
    #[serde(default)]
    concurrency: u32,
    #[serde(default)]
    pause: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    delay: String,
    tally: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenToken {
    issuer: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    audiences: Vec<String>,
    #[serde(default)]
    claims: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    expired: bool,
    #[serde(default)]
    forged: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCertificate {
    #[serde(default)]
    identity: String,
    #[serde(default)]
    unknown: bool,
}

impl WrittenToken {
    fn token(self) -> Token {
        let Self { issuer, subject, audiences, claims, expired, forged } = self;
        Token { issuer, subject, audiences, claims, is_expired: expired, is_forged: forged }
    }
}

fn default_world() -> String {
    "bookinfo".to_owned()
}

/// Reads the gallery; a course without the list has none.
pub(in crate::course) fn read(files: &Files, reading: &mut Reading) -> Vec<Exhibit> {
    let Some(text) = files.text(INDEX) else { return Vec::new() };
    match serde_yaml::from_str::<Vec<Written>>(text) {
        Ok(written) => written.into_iter().filter_map(|written| exhibit(written, text, files, reading)).collect(),
        Err(error) => {
            reading.fault(INDEX, error.location().map_or(1, |place| place.line()), format!("the examples cannot be read: {error}"));
            Vec::new()
        }
    }
}

fn exhibit(written: Written, index: &str, files: &Files, reading: &mut Reading) -> Option<Exhibit> {
    let Written { name, title, question, competency, world, refused, no_twin, requests } = written;
    let line = line_of(index, &format!("name: {name}\n"));
    let Some(yaml) = files.text(&path(&name)) else {
        reading.fault(INDEX, line, format!("the example {name:?} has no file content/{}", path(&name)));
        return None;
    };
    let twin = files.text(&twin_path(&name)).map(str::to_owned);
    let probes = requests.into_iter().map(probe).collect();
    Some(Exhibit { name, title, question, competency, world, yaml: yaml.to_owned(), twin, no_twin, probes, is_refused: refused, line })
}

fn probe(written: WrittenProbe) -> Probe {
    let WrittenProbe { from, request, headers, token, certificate, outcome, response, backend, pods, mirrors, load } = written;
    let tally = load.as_ref().map(|load| load.tally.clone()).unwrap_or_default();
    let load = load.map(|WrittenLoad { repeat, concurrency, pause, status, delay, .. }| Load { repeat, concurrency, pause, status, delay });
    let request = Request {
        token: token.map(WrittenToken::token).map(Box::new),
        certificate: certificate.map(|shown| Box::new(Certificate { identity: shown.identity, is_unknown: shown.unknown })),
        ..trial::request(&from, &request, headers)
    };
    Probe { request, load, promise: Promised { outcome, response, backend, pods, mirrors, tally } }
}
