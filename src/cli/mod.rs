//! The terminal: what the program does when it is called with words.
//!
//! Exit codes are a contract: 0 fine, 1 findings or refusals, 2 wrong usage or an unreadable file.

mod analyze;
mod content;
mod explain;
mod findings;
mod healthcheck;
mod input;
mod journey;
mod proxy_config;
mod replay;
mod send;
mod serve;
mod suite;
mod validate;

use std::process::ExitCode;

use clap::{Parser, Subcommand, error::ErrorKind};

/// A study portal for the Istio Certified Associate exam whose playground is a service mesh in one process.
#[derive(Debug, Parser)]
#[command(name = "meshwright", version, about, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Args,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the portal (also what happens without a command)
    Serve(serve::Args),
    /// Say what Kubernetes and istiod would accept or refuse
    Validate(validate::Args),
    /// Say what `istioctl analyze` would, and hint at more
    Analyze(analyze::Args),
    /// Print the page of a code that validate or analyze named
    Explain(explain::Args),
    /// Send a request through the mesh and explain where it goes
    Send(send::Args),
    /// Send it through a real Envoy as well, and say where the two differ
    Replay(send::Args),
    /// Become an Envoy within limits; what `replay` calls
    #[command(name = replay::LAUNCH, hide = true)]
    ReplayLaunch(replay::LaunchArgs),
    /// Print what istiod pushes to a proxy
    #[command(visible_alias = "pc")]
    ProxyConfig(proxy_config::Args),
    /// Work on the course content
    Content(content::Args),
    /// Ask a running portal whether it is alive
    Healthcheck(healthcheck::Args),
}

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Help and version, also where a subcommand is missing: clap prints them well.
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand) => {
            error.exit()
        }
        Err(error) => {
            input::complain(&one_line(&error.to_string()));
            return ExitCode::from(2);
        }
    };
    let result = match cli.command {
        None => serve::run(cli.serve),
        Some(Command::Serve(args)) => serve::run(args),
        Some(Command::Validate(args)) => validate::run(&args),
        Some(Command::Analyze(args)) => analyze::run(&args),
        Some(Command::Explain(args)) => explain::run(&args),
        Some(Command::Send(args)) => send::run(&args),
        Some(Command::Replay(args)) => replay::run(&args),
        Some(Command::ReplayLaunch(args)) => replay::launch(args),
        Some(Command::ProxyConfig(args)) => proxy_config::run(&args),
        Some(Command::Content(args)) => content::run(&args),
        Some(Command::Healthcheck(args)) => Ok(healthcheck::run(&args)),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            input::complain(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

/// What clap says of wrong usage, without its prefix and without the usage that follows it.
fn one_line(error: &str) -> String {
    let said = error.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"));
    let said: Vec<&str> = said.filter(|line| !line.is_empty()).collect();
    format!("{}; see --help", said.join(" ").trim_start_matches("error: "))
}
