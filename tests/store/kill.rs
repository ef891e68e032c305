//! The real program, killed in the middle of writing: every answer that it acknowledged is there after a restart.

use std::{
    net::SocketAddr,
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::timeout,
};

/// Learners who answer at the same time.
const LEARNERS: usize = 12;
/// Acknowledged answers after which the program is killed, while others are under way.
const KILL_AFTER: usize = 40;
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_loses_no_acknowledged_answer() {
    let folder = tempfile::tempdir().unwrap();
    let (mut program, address) = run(folder.path()).await;
    let chapters: Vec<String> = meshwright::course::Course::embedded().unwrap().chapters.iter().map(|chapter| chapter.slug.clone()).collect();
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    for learner in 0..LEARNERS {
        let (acknowledged, tell, chapters) = (acknowledged.clone(), tell.clone(), chapters.clone());
        tokio::spawn(async move {
            let mut cookie = String::new();
            for slug in chapters.iter().cycle().skip(learner % chapters.len()).take(chapters.len()) {
                let Some(started) = ask(address, "POST", &format!("/quiz/{slug}"), &cookie, "").await else { return };
                if let Some(new) = started.cookie() {
                    cookie = new;
                }
                let attempt = started.header("location").rsplit_once('/').unwrap().0.to_owned();
                for number in 1..=10 {
                    let path = format!("{attempt}/{number}");
                    let Some(page) = ask(address, "GET", &path, &cookie, "").await else { return };
                    let Some(recorded) = ask(address, "POST", &path, &cookie, &some_answer(&page.body)).await else { return };
                    assert!(recorded.header("location").ends_with("#verdict"), "{}", recorded.head);
                    acknowledged.lock().unwrap().push((cookie.clone(), path));
                    tell.send(()).ok();
                }
            }
        });
    }
    for _ in 0..KILL_AFTER {
        timeout(PATIENCE, told.recv()).await.expect("answers arrive in time").expect("learners are still answering");
    }
    // SIGKILL: no handler runs, nothing is flushed.
    program.start_kill().unwrap();
    program.wait().await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;

    let (_program, address) = run(folder.path()).await;
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() >= KILL_AFTER);
    for (cookie, path) in acknowledged {
        let page = ask(address, "GET", &path, &cookie, "").await.expect("the restarted program answers");
        assert!(page.head.starts_with("HTTP/1.1 200") && page.body.contains("id=\"verdict\""), "{path} was acknowledged and is lost: {}", page.head);
    }
}

/// Starts the program on any free port and reads from its log which one it is.
async fn run(folder: &Path) -> (Child, SocketAddr) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_meshwright"))
        .args(["serve", "--listen", "127.0.0.1:0", "--log", "info", "--log-format", "json", "--data-dir"])
        .arg(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let (sender, mut lines) = tokio::sync::mpsc::unbounded_channel();
    let (out, err) = (program.stdout.take().unwrap(), program.stderr.take().unwrap());
    tokio::spawn(forward(BufReader::new(out), sender.clone()));
    tokio::spawn(forward(BufReader::new(err), sender));
    let listening = async {
        loop {
            let line = lines.recv().await.expect("the program runs");
            if let Some((_, rest)) = line.split_once("http://") {
                return rest.split('/').next().unwrap().parse().unwrap();
            }
        }
    };
    let address = timeout(PATIENCE, listening).await.expect("the program starts in time");
    (program, address)
}

/// Reads on after the address is found: a full pipe would stop the program.
async fn forward(mut from: impl tokio::io::AsyncBufRead + Unpin, to: tokio::sync::mpsc::UnboundedSender<String>) {
    let mut line = String::new();
    while from.read_line(&mut line).await.unwrap_or(0) > 0 {
        to.send(std::mem::take(&mut line)).ok();
    }
}

/// A form that answers whatever the page asks.
fn some_answer(page: &str) -> String {
    let attribute = |from: &str, name: &str| from.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next()).map(str::to_owned);
    if let Some((_, input)) = page.split_once("name=\"choice\"") {
        return format!("choice={}", attribute(input, "value").unwrap());
    }
    let places: Vec<_> = page.split("<select ").skip(1).enumerate().map(|(at, select)| format!("{}={}", attribute(select, "name").unwrap(), at + 1)).collect();
    if places.is_empty() { "text=any".to_owned() } else { places.join("&") }
}

struct Reply {
    head: String,
    body: String,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
    }

    fn cookie(&self) -> Option<String> {
        self.header("set-cookie").split(';').next().filter(|cookie| !cookie.is_empty()).map(str::to_owned)
    }
}

/// One request on a connection of its own; `None` once the program is gone.
async fn ask(address: SocketAddr, method: &str, path: &str, cookie: &str, body: &str) -> Option<Reply> {
    let mut connection = TcpStream::connect(address).await.ok()?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncookie: {cookie}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         sec-fetch-site: same-origin\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).await.ok()?;
    let mut reply = String::new();
    connection.read_to_string(&mut reply).await.ok()?;
    let (head, body) = reply.split_once("\r\n\r\n")?;
    Some(Reply { head: head.to_owned(), body: body.to_owned() })
}
