//! Prepares what the binary carries: bundles `static/` with esbuild and writes `assets.rs`, which embeds the result.
//!
//! Sources are copied into `OUT_DIR` first, so that a build leaves no trace in the repository. Only paths that exist and that
//! the build does not write are watched: a second `cargo build` finds nothing to do.

use std::{
    env,
    fmt::Write as _,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// What the bundle is made from, relative to the repository.
const FILES: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];
const SOURCES: &str = "static";

fn main() -> ExitCode {
    for path in FILES.iter().chain(&["build.rs", SOURCES]) {
        println!("cargo::rerun-if-changed={path}");
    }
    // Embedded by macros that do not watch folders themselves.
    for path in ["content", "migrations"].into_iter().filter(|path| Path::new(path).exists()) {
        println!("cargo::rerun-if-changed={path}");
    }
    println!("cargo::rerun-if-env-changed=UI_DIST");
    println!("cargo::rerun-if-env-changed=NPM");
    println!("cargo::rerun-if-env-changed=MESHWRIGHT_PIE");
    link_at_a_fixed_address();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            for line in message.lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Each start of a position-independent program writes anew the 37,000 pointers of its constants, a fifth of what a check as a process
/// takes. Go links its programs at a fixed address too, istioctl and istiod among them; libraries, heap and stack still lie anywhere.
/// `MESHWRIGHT_PIE=1` leaves the address open, as for the image, whose program serves a network for weeks.
fn link_at_a_fixed_address() {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|given| given == value);
    // What is linked with the C library inside has start files of its own.
    let is_static = env::var("CARGO_CFG_TARGET_FEATURE").is_ok_and(|features| features.split(',').any(|feature| feature == "crt-static"));
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && !is_static && !is("MESHWRIGHT_PIE", "1") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}

fn run() -> Result<(), String> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let dist = out.join("dist");
    match env::var_os("UI_DIST") {
        Some(prebuilt) => {
            let prebuilt = PathBuf::from(prebuilt);
            println!("cargo::rerun-if-changed={}", prebuilt.display());
            remove(&dist)?;
            copy(&prebuilt, &dist)?;
        }
        None => bundle(&out.join("ui"), &dist)?,
    }
    write(&out.join("assets.rs"), &assets(&dist)?)
}

/// Installs what the lock names and runs esbuild, each only where its input has changed.
fn bundle(ui: &Path, dist: &Path) -> Result<(), String> {
    fs::create_dir_all(ui).map_err(|e| format!("cannot create {}: {e}", ui.display()))?;
    remove(&ui.join(SOURCES))?;
    let mut fingerprint = String::new();
    for file in FILES {
        copy(Path::new(file), &ui.join(file))?;
        fingerprint += &read(Path::new(file))?;
    }
    let installed = ui.join("installed.stamp");
    if read(&installed).ok().as_ref() != Some(&fingerprint) {
        let npm = env::var("NPM").unwrap_or_else(|_| if cfg!(windows) { "npm.cmd" } else { "npm" }.to_owned());
        call(Command::new(npm).args(["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"]).current_dir(ui))?;
        write(&installed, &fingerprint)?;
    }
    copy(Path::new(SOURCES), &ui.join(SOURCES))?;
    sources(Path::new(SOURCES), &mut fingerprint)?;
    let bundled = ui.join("bundled.stamp");
    if read(&bundled).ok().as_ref() != Some(&fingerprint) || !dist.join("manifest.txt").exists() {
        call(Command::new("node").arg("static/build.mjs").arg(dist).current_dir(ui))?;
        write(&bundled, &fingerprint)?;
    }
    Ok(())
}

/// Names and contents of all files, in order. Bytes that are not text count by their length and time of change.
fn sources(folder: &Path, into: &mut String) -> Result<(), String> {
    let mut entries = list(folder)?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, into)?;
            continue;
        }
        let _ = writeln!(into, "{}", path.display());
        match read(&path) {
            Ok(text) => *into += &text,
            Err(_) => {
                let _ = write!(into, "{:?}", fs::metadata(&path).map(|m| (m.len(), m.modified().ok())));
            }
        }
    }
    Ok(())
}

/// A table of assets: `Asset { name, file, media_type, raw, br, gz }` for each line of the manifest.
fn assets(dist: &Path) -> Result<String, String> {
    let manifest = read(&dist.join("manifest.txt"))?;
    let mut code = String::from("static ASSETS: &[Asset] = &[\n");
    for line in manifest.lines() {
        let [name, file, media_type] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(format!("{}: expected name, file and media type, found {line:?}", dist.join("manifest.txt").display()));
        };
        let embed = |suffix: &str| format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/dist/{file}{suffix}\"))");
        let packed = |suffix: &str| if dist.join(format!("{file}{suffix}")).exists() { format!("Some({})", embed(suffix)) } else { "None".to_owned() };
        let _ = writeln!(
            code,
            "    Asset {{ name: {name:?}, url: \"/assets/{file}\", media_type: {media_type:?}, raw: {}, br: {}, gz: {} }},",
            embed(""),
            packed(".br"),
            packed(".gz")
        );
    }
    code += "];\n";
    Ok(code)
}

fn call(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|e| match e.kind() {
        ErrorKind::NotFound => format!(
            "{name} was not found. The front end is bundled while building: install Node.js 20 or newer (with npm),\n\
             or set UI_DIST to a folder that `npm ci && npm run build` made elsewhere (its dist/)."
        ),
        _ => format!("cannot run {name}: {e}"),
    })?;
    if output.status.success() {
        return Ok(());
    }
    let arguments: Vec<_> = command.get_args().map(|a| a.to_string_lossy()).collect();
    Err(format!(
        "{name} {} failed ({})\n{}{}",
        arguments.join(" "),
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let fail = |e: std::io::Error| format!("cannot read the folder {}: {e}", folder.display());
    fs::read_dir(folder).map_err(fail)?.map(|entry| entry.map(|entry| entry.path()).map_err(fail)).collect()
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    if !from.is_dir() {
        return fs::copy(from, to).map(drop).map_err(|e| format!("cannot copy {} to {}: {e}", from.display(), to.display()));
    }
    fs::create_dir_all(to).map_err(|e| format!("cannot create {}: {e}", to.display()))?;
    for path in list(from)? {
        if let Some(name) = path.file_name() {
            copy(&path, &to.join(name))?;
        }
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(format!("cannot remove {}: {e}", folder.display())),
        _ => Ok(()),
    }
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    // An unchanged file keeps its time, so that nothing is compiled again for it.
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(path, text).map_err(|e| format!("cannot write {}: {e}", path.display()))
}
