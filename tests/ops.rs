//! What runs the portal in earnest: the image, the compose file, the options, the health check.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    path::Path,
    process::Command,
    time::Duration,
};

use serde::Deserialize;

use super::program::{self, Portal};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The part of the compose format that our file uses; a key that is not here is a slip or needs a thought.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Compose {
    name: String,
    services: BTreeMap<String, Service>,
    volumes: BTreeMap<String, Option<BTreeMap<String, String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    build: String,
    image: String,
    restart: String,
    ports: Vec<String>,
    environment: BTreeMap<String, String>,
    volumes: Vec<String>,
    read_only: bool,
    tmpfs: Vec<String>,
    cap_drop: Vec<String>,
    security_opt: Vec<String>,
    pids_limit: u32,
    stop_grace_period: String,
    healthcheck: HealthCheck,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HealthCheck {
    test: Vec<String>,
    interval: String,
    timeout: String,
    start_period: String,
    retries: u32,
}

/// `30s` as 30.
fn seconds(text: &str) -> u32 {
    text.strip_suffix('s').and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{text:?} is no number of seconds"))
}

#[test]
fn the_compose_file_locks_the_container_up() {
    let compose: Compose = serde_yaml::from_str(&read("docker-compose.yml")).unwrap();
    assert_eq!(compose.name, "meshwright");
    let service = &compose.services["meshwright"];
    assert_eq!((service.build.as_str(), service.restart.as_str()), (".", "unless-stopped"));
    assert_eq!(service.image, format!("meshwright:{}", env!("CARGO_PKG_VERSION")));
    assert_eq!(service.ports, ["127.0.0.1:3000:3000"], "reachable from this machine only");
    assert!(service.environment.contains_key("MESHWRIGHT_SECURE_COOKIES"), "HTTPS can be told without editing the file");
    assert!(service.read_only && service.pids_limit > 0);
    assert_eq!(service.tmpfs, ["/tmp"]);
    assert_eq!(service.cap_drop, ["ALL"]);
    assert_eq!(service.security_opt, ["no-new-privileges:true"]);
    assert!(seconds(&service.stop_grace_period) > 10, "longer than the portal gives to requests under way");
    for volume in &service.volumes {
        let (name, target) = volume.split_once(':').unwrap();
        assert!(compose.volumes.contains_key(name), "the volume {name} is not declared");
        assert!(read("Dockerfile").contains(&format!("\nVOLUME {target}\n")), "the image keeps nothing at {target}");
    }
    let check = &service.healthcheck;
    assert_eq!(check.test, ["CMD", "meshwright", "healthcheck"]);
    assert!(check.retries > 0 && seconds(&check.timeout) < seconds(&check.interval) && seconds(&check.start_period) > 0);
}

/// Docker's own opinion, where its client is there; it needs no engine for this.
#[test]
fn docker_accepts_the_compose_file() {
    let docker = |arguments: &[&str]| Command::new("docker").arg("compose").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    if !docker(&["version"]).is_ok_and(|output| output.status.success()) {
        println!("no docker client with compose here; the typed reading of the file stands alone");
        return;
    }
    let output = docker(&["config", "--quiet"]).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Instructions with their continuation lines joined.
fn instructions(dockerfile: &str) -> Vec<(String, String)> {
    let text: Vec<&str> = dockerfile.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    let joined = text.join("\n").replace("\\\n", " ");
    joined.lines().map(|line| line.split_once(' ').unwrap_or((line, ""))).map(|(word, rest)| (word.to_owned(), rest.trim().to_owned())).collect()
}

#[test]
fn the_image_is_built_by_the_steps_that_ci_runs() {
    let all = instructions(&read("Dockerfile"));
    let stages: Vec<&[(String, String)]> = all.split_inclusive(|(word, _)| word == "FROM").collect();
    let of = |stage: &[(String, String)], word: &str| stage.iter().filter(|(w, _)| w == word).map(|(_, rest)| rest.clone()).collect::<Vec<_>>();
    // Split after each FROM: [FROM node] [FROM rust] [build steps, FROM debian] [runtime steps].
    let [_, _, build, runtime] = stages[..] else { panic!("three stages were expected: node, build and runtime") };
    assert_eq!(
        of(build, "RUN"),
        ["ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm", "scripts/build-image-steps /image"],
        "a step of the build belongs in scripts/build-image-steps, where CI runs it too"
    );
    assert!(read("scripts/build-as-image").contains("scripts/build-image-steps") && read(".ci/run").contains("\nscripts/build-as-image\n"));
    assert!(of(runtime, "COPY").contains(&"--from=build /image/meshwright /usr/local/bin/".to_owned()));
    assert_eq!(of(runtime, "USER"), ["10001:10001"]);
    assert_eq!(of(runtime, "VOLUME"), ["/data"]);
    assert_eq!(of(runtime, "ENTRYPOINT"), [r#"["meshwright"]"#]);
    assert!(of(runtime, "HEALTHCHECK").iter().any(|check| check.ends_with(r#"CMD ["meshwright", "healthcheck"]"#)));
}

/// Names that tar and Docker read alike, none of which the build needs.
#[test]
fn the_image_context_leaves_out_only_whole_names_that_no_build_needs() {
    for line in read(".dockerignore").lines() {
        assert!(line.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)), "{line:?} is more than a name at the root");
        let needed = [
            "Cargo.toml",
            "Cargo.lock",
            "build.rs",
            "package.json",
            "package-lock.json",
            ".npmrc",
            "src",
            "static",
            "templates",
            "content",
            "migrations",
            "tests",
            "scripts",
        ];
        assert!(!needed.contains(&line), "the build needs {line}");
    }
}

/// Every variable that a file sets must be one that the program reads, else it changes nothing and nobody hears of it.
#[test]
fn settings_in_files_are_settings_of_the_program() {
    let help = String::from_utf8(program::run(&["serve", "--help"]).stdout).unwrap();
    let known = variables(&help);
    assert!(known.contains(&"MESHWRIGHT_LISTEN".to_owned()), "{help}");
    for path in ["Dockerfile", "docker-compose.yml"] {
        for name in variables(&read(path)) {
            assert!(known.contains(&name), "{path} sets {name}, which `meshwright serve --help` does not list");
        }
    }
    let readme = read("README.md");
    let (_, table) = readme.split_once("## Configuration").expect("the README has a chapter on configuration");
    let table: String = table.lines().skip(1).take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with('|')).collect::<Vec<_>>().join("\n");
    let mut told = variables(&table);
    told.sort();
    let mut known = known;
    known.sort();
    assert_eq!(told, known, "the README's table and `meshwright serve --help` name the same settings");
}

fn variables(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (at, _) in text.match_indices("MESHWRIGHT_") {
        let name: String = text[at..].chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[test]
fn the_health_check_agrees_with_the_portal() {
    let mut portal = Portal::start();
    let address = portal.address().to_owned();
    assert!(program::run(&["healthcheck", "--listen", &address]).status.success());
    portal.process().kill().unwrap();
    portal.process().wait().unwrap();
    let gone = program::run(&["healthcheck", "--listen", &address]);
    assert_eq!(gone.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&gone.stderr).contains("does not answer"));
}

/// What is under way when a supervisor stops the portal is answered first.
#[cfg(unix)]
#[test]
fn told_to_stop_it_answers_what_it_has_begun_and_ends_well() {
    let mut portal = Portal::start();
    let question = r#"{"text": "apiVersion: v1"}"#;
    let head = format!(
        "POST /api/v1/check HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        portal.address(),
        question.len()
    );
    let mut connection = TcpStream::connect(portal.address()).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    connection.write_all(head.as_bytes()).unwrap();
    let mut answer = BufReader::new(connection.try_clone().unwrap()).lines();
    let mut line = || answer.next().expect("there is a line").unwrap();
    // The portal waits for the body by now.
    assert_eq!((line().as_str(), line().as_str()), ("HTTP/1.1 100 Continue", ""));
    assert!(Command::new("kill").args(["-TERM", &portal.process().id().to_string()]).status().unwrap().success());
    portal.wait_until_it_says("stopping");
    connection.write_all(question.as_bytes()).unwrap();
    assert_eq!(line(), "HTTP/1.1 200 OK");
    assert!(portal.process().wait().unwrap().success());
}

/// As in the container: the data folder is the only one that the program may write in.
#[test]
fn the_portal_writes_in_its_data_folder_only() {
    let elsewhere = tempfile::tempdir().unwrap();
    let home = elsewhere.path().to_owned();
    let portal = Portal::start_with(|command| {
        command.current_dir(&home).env("HOME", &home).env("TMPDIR", home.join("tmp"));
    });
    assert!(program::run(&["healthcheck", "--listen", portal.address()]).status.success());
    assert_eq!(fs::read_dir(&home).unwrap().count(), 0, "something was written beside the data folder");
    assert!(portal.folder().is_dir());
}

#[test]
fn a_mistake_at_the_start_is_one_line_and_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let file = file.to_str().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (arguments, hint) in [
        (vec!["serve", "--listen", &taken, "--data-dir", data], "--listen"),
        (vec!["serve", "--listen", "127.0.0.1:0", "--data-dir", file], "--data-dir"),
        (vec!["serve", "--listen", "127.0.0.1:0", "--data-dir", data, "--database-url", "mysql://nowhere"], "mysql"),
    ] {
        let output = program::run(&arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.lines().count() == 1 && said.contains(hint), "{arguments:?}: {said}");
    }
    assert_eq!(program::run(&["serve", "--log", "chatty"]).status.code(), Some(2));
    assert_eq!(program::run(&["--no-such-option"]).status.code(), Some(2));
}
