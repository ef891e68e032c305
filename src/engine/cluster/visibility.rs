//! Which namespaces may see an object: `exportTo`.

/// `exportTo`, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visibility {
    /// As written, without repeats, in order of the alphabet.
    to: Vec<String>,
}

impl Visibility {
    /// Reads the list of an object.
    pub fn new<'a>(export_to: impl IntoIterator<Item = &'a str>) -> Self {
        let mut to: Vec<String> = export_to.into_iter().map(|e| e.trim().to_owned()).collect();
        to.sort();
        to.dedup();
        Self { to }
    }

    /// Only its own namespace.
    pub fn private() -> Self {
        Self { to: vec![".".into()] }
    }

    /// What holds where nothing is said, by the mesh's default, of which only `.` and `*` count (`exportToDefaults` in `push_context.go`).
    pub fn apply_default(&mut self, of_mesh: Option<&[String]>) {
        let Some(default) = of_mesh.filter(|_| self.is_unset()) else { return };
        let has = |word: &str| default.iter().any(|to| to == word);
        if has(".") {
            *self = Self::private();
        } else if !has("*") {
            self.to.push("~".into());
        }
    }

    /// Whether nothing is said, which means everywhere.
    pub fn is_unset(&self) -> bool {
        self.to.is_empty()
    }

    /// Whether every namespace sees it.
    pub fn is_public(&self) -> bool {
        self.to.is_empty() || self.has("*")
    }

    /// Whether no namespace sees it.
    pub fn is_none(&self) -> bool {
        !self.is_public() && self.has("~")
    }

    /// Whether the list names `namespace`, where `.` is that of the object itself.
    pub fn names(&self, namespace: &str, own: &str) -> bool {
        self.has(namespace) || namespace == own && self.has(".")
    }

    /// Whether objects in `namespace` may see an object of the namespace `own`.
    pub fn allows(&self, namespace: &str, own: &str) -> bool {
        self.is_public() || !self.is_none() && self.names(namespace, own)
    }

    /// Whether it is its own namespace's alone.
    pub fn is_private_to(&self, own: &str) -> bool {
        matches!(self.to.as_slice(), [only] if only == "." || only == own)
    }

    /// Whether it says all that `other` says.
    pub fn is_superset(&self, other: &Self) -> bool {
        other.to.iter().all(|to| self.has(to))
    }

    fn has(&self, word: &str) -> bool {
        self.to.iter().any(|to| to == word)
    }
}
