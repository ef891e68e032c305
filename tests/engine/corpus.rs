//! Where the conformance corpus is, for tests that can use it.

use std::path::PathBuf;

/// The corpus folder: `MESHWRIGHT_CONFORMANCE`, or `shared/conformance` beside the package or one of the folders above it.
/// A clone of the repository alone does not have one; the caller then says what it could not look at.
pub fn folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("MESHWRIGHT_CONFORMANCE") {
        return Some(PathBuf::from(folder));
    }
    let package = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().skip(1).map(|above| above.join("shared/conformance")).find(|folder| folder.join("cases").is_dir())
}
