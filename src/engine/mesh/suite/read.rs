//! Reading a file of requests: `docs/expectations.md` is its description.

use std::collections::BTreeMap;

use super::{
    Case, Suite,
    fields::{Fields, scalar},
};
use crate::engine::{
    manifest::{Document, Entry, Manifest, Node, Value},
    mesh::{Certificate, Expectation, Load, Request, Switches, Token, claims_from_lines, headers_from_lines},
};

/// Why a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}{}: {message}", if field.is_empty() { String::new() } else { format!(", {field}") })]
pub struct SuiteError {
    /// Line, from 1.
    pub line: usize,
    /// For example `requests[0].url`; empty for the whole file.
    pub field: String,
    /// What is wrong and how to mend it.
    pub message: String,
}

const FILE: [&str; 4] = ["about", "world", "switches", "requests"];
const SWITCHES: [&str; 3] = ["injection", "mtls", "outbound"];
const CASE: [&str; 13] =
    ["name", "from", "method", "url", "headers", "token", "certificate", "repeat", "concurrency", "pause", "upstream_status", "upstream_delay", "expect"];
const TOKEN: [&str; 6] = ["issuer", "subject", "audiences", "claims", "expired", "forged"];
const CERTIFICATE: [&str; 2] = ["identity", "unknown"];

impl Suite {
    /// Whether a file is meant as one of whole requests, not of calls through single proxies.
    pub fn is_meant(manifest: &Manifest) -> bool {
        manifest.documents.first().is_some_and(|document| document.root.get("requests").is_some())
    }

    /// Reads the file's text, of at most `most` requests.
    pub fn read(manifest: &Manifest, most: usize) -> Result<Self, SuiteError> {
        let whole = |line: usize, message: String| SuiteError { line, field: String::new(), message };
        if let Some(fault) = manifest.diagnostics.first() {
            return Err(whole(fault.position().line, fault.message.clone()));
        }
        let [document] = manifest.documents.as_slice() else {
            let line = manifest.documents.get(1).map_or(1, |document| document.position().line);
            return Err(whole(line, format!("a file of requests is one document with a list of requests; this one has {}", manifest.documents.len())));
        };
        let file = Fields::new(document, &document.root, String::new(), &FILE)?;
        let Some(list) = file.node("requests") else { return Err(file.wrong("requests", "there are no requests; write a list of them")) };
        if !matches!(list.value, Value::Seq(_)) {
            return Err(file.wrong("requests", format!("it is {}, not a list of requests", list.kind_name())));
        }
        let items = list.items();
        if items.len() > most {
            return Err(file.wrong("requests", format!("{} requests are more than the {most} that are taken at once", items.len())));
        }
        let cases = items.iter().enumerate().map(|(at, node)| case(document, node, at)).collect::<Result<_, _>>()?;
        Ok(Self { about: file.text("about")?, world: file.text("world")?, switches: switches(&file)?, cases })
    }
}

fn switches(file: &Fields<'_>) -> Result<Switches, SuiteError> {
    let Some(fields) = file.within("switches", &SWITCHES)? else { return Ok(Switches::default()) };
    let injection: BTreeMap<String, String> = fields.get("injection")?;
    let (mtls, outbound) = (fields.text("mtls")?, fields.text("outbound")?);
    let injection = injection.iter().map(|(namespace, mode)| (namespace.as_str(), mode.as_str()));
    Switches::read(injection, &mtls, &outbound).map_err(|error| fields.wrong(error.field, error.message))
}

fn case(document: &Document, node: &Node, at: usize) -> Result<Case, SuiteError> {
    let fields = Fields::new(document, node, format!("requests[{at}]"), &CASE)?;
    let request = Request {
        from: fields.text("from")?,
        method: fields.text("method")?,
        url: fields.text("url")?,
        headers: headers(&fields)?,
        token: token(&fields)?,
        certificate: certificate(&fields)?,
    };
    if request.from.is_empty() {
        return Err(fields.wrong("from", "it does not say who calls: a pod as name.namespace, or outside"));
    }
    if request.url.is_empty() {
        return Err(fields.wrong("url", "it does not say what is called, for example http://reviews:9080/"));
    }
    let load = Load {
        repeat: fields.get("repeat")?,
        concurrency: fields.get("concurrency")?,
        pause: fields.text("pause")?,
        status: stated(&fields, "upstream_status")?,
        delay: stated(&fields, "upstream_delay")?,
    };
    let mut expect = Vec::new();
    for (line, node) in fields.lines("expect")? {
        if line.trim().is_empty() || line.trim().starts_with('#') {
            continue;
        }
        Expectation::read(&line).map_err(|error| fields.wrong_at(node, "expect", error.to_string()))?;
        expect.push(line.trim().to_owned());
    }
    let name = Some(fields.text("name")?).filter(|name| !name.trim().is_empty()).unwrap_or_else(|| Case::name_of(&request));
    Ok(Case { name, request, load, expect })
}

/// What backends do, as one text or as a list for several of them.
fn stated(fields: &Fields<'_>, key: &str) -> Result<String, SuiteError> {
    Ok(fields.lines(key)?.into_iter().map(|(line, _)| line).collect::<Vec<_>>().join(";"))
}

/// A mapping, or lines as on the command line.
fn headers(fields: &Fields<'_>) -> Result<BTreeMap<String, String>, SuiteError> {
    let Some(node) = fields.node("headers") else { return Ok(BTreeMap::new()) };
    if matches!(node.value, Value::Map(_)) {
        let text = |entry: &Entry| {
            let fault = || fields.wrong_at(&entry.value, "headers", format!("the value is {}, not text; put it in quotes", entry.value.kind_name()));
            Ok((entry.key.to_lowercase().into_string(), scalar(&entry.value).ok_or_else(fault)?))
        };
        return node.entries().iter().map(text).collect();
    }
    let lines = fields.lines("headers")?;
    headers_from_lines(lines.iter().map(|(line, _)| line.as_str())).map_err(|error| fields.wrong("headers", error.to_string()))
}

fn token(fields: &Fields<'_>) -> Result<Option<Box<Token>>, SuiteError> {
    let Some(token) = fields.within("token", &TOKEN)? else { return Ok(None) };
    let claims = match token.node("claims") {
        Some(node) if matches!(node.value, Value::Map(_)) => token.get("claims")?,
        _ => {
            let lines = token.lines("claims")?;
            claims_from_lines(lines.iter().map(|(line, _)| line.as_str())).map_err(|error| token.wrong("claims", error.to_string()))?
        }
    };
    let audiences = token.lines("audiences")?.into_iter().flat_map(|(line, _)| line.split(',').map(|one| one.trim().to_owned()).collect::<Vec<_>>());
    Ok(Some(Box::new(Token {
        issuer: token.text("issuer")?,
        subject: token.text("subject")?,
        audiences: audiences.filter(|one| !one.is_empty()).collect(),
        claims,
        is_expired: token.get("expired")?,
        is_forged: token.get("forged")?,
    })))
}

fn certificate(fields: &Fields<'_>) -> Result<Option<Box<Certificate>>, SuiteError> {
    let Some(shown) = fields.within("certificate", &CERTIFICATE)? else { return Ok(None) };
    let identity = shown.text("identity")?.trim_start_matches("spiffe://").to_owned();
    Ok(Some(Box::new(Certificate { identity, is_unknown: shown.get("unknown")? })))
}
