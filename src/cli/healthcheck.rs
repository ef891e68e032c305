//! `meshwright healthcheck`: asks a running portal whether it is alive, for a container that has no other program to ask with.
//!
//! Speaks just enough HTTP for one answer; knows nothing of the portal but its address.

use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, Result};

use super::input;

/// Longer than a busy machine needs, shorter than a supervisor waits.
const PATIENCE: Duration = Duration::from_secs(3);

/// Arguments of `healthcheck`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address that the portal listens on
    #[arg(long, env = "MESHWRIGHT_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
}

/// Runs the command: 0 where the portal answers that it is alive, else 1 with the reason.
pub(super) fn run(args: &Args) -> ExitCode {
    let address = reachable(args.listen);
    match status_line(address) {
        Ok(line) if line.starts_with("HTTP/1.1 200 ") => ExitCode::SUCCESS,
        Ok(line) => {
            input::complain(&format!("http://{address}/healthz answers {line:?}"));
            ExitCode::FAILURE
        }
        Err(error) => {
            input::complain(&format!("http://{address}/healthz does not answer: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Who listens on every address is asked on the loopback one.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn status_line(address: SocketAddr) -> Result<String> {
    let mut connection = TcpStream::connect_timeout(&address, PATIENCE).context("cannot connect")?;
    connection.set_read_timeout(Some(PATIENCE)).context("cannot limit the wait for an answer")?;
    connection.set_write_timeout(Some(PATIENCE)).context("cannot limit the wait for sending")?;
    // One piece: a server that answers at the first bytes and closes would reset what is still on its way.
    let question = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    connection.write_all(question.as_bytes()).context("cannot send the question")?;
    // The status stands in the first bytes; the cap keeps a stranger on that port from filling memory.
    let mut answer = Vec::new();
    connection.take(8 * 1024).read_to_end(&mut answer).context("cannot read the answer")?;
    Ok(String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn verdict(answer: &'static str) -> ExitCode {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            let mut question = Vec::new();
            while !question.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                connection.read_exact(&mut byte).unwrap();
                question.extend(byte);
            }
            assert!(question.starts_with(b"GET /healthz HTTP/1.1\r\n"));
            connection.write_all(answer.as_bytes()).unwrap();
        });
        let verdict = run(&Args { listen });
        server.join().unwrap();
        verdict
    }

    #[test]
    fn only_the_status_200_is_healthy() {
        assert_eq!(verdict("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nalive\n"), ExitCode::SUCCESS);
        assert_eq!(verdict("HTTP/1.1 503 Service Unavailable\r\n\r\n"), ExitCode::FAILURE);
        assert_eq!(verdict(""), ExitCode::FAILURE);
    }

    #[test]
    fn nobody_there_is_not_healthy() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_eq!(run(&Args { listen: port }), ExitCode::FAILURE);
    }

    #[test]
    fn every_address_means_the_loopback_one() {
        assert_eq!(reachable("0.0.0.0:3000".parse().unwrap()), "127.0.0.1:3000".parse().unwrap());
        assert_eq!(reachable("[::]:80".parse().unwrap()), "[::1]:80".parse().unwrap());
        assert_eq!(reachable("10.0.0.5:80".parse().unwrap()), "10.0.0.5:80".parse().unwrap());
    }
}
