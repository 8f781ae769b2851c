//! The files planned so far.

use super::render::{Defect, Language, Renderer, View, check};
use crate::workspace::{Ownership, Planned};

/// Collects planned files.
#[derive(Default)]
pub struct Output {
    renderer: Renderer,
    files: Vec<Planned>,
}

impl Output {
    /// A rendered file of ours.
    pub fn ours<V: View>(&mut self, path: &str, view: V) -> Result<(), Defect> {
        self.rendered(path, Ownership::Ours, view)
    }

    /// A rendered file that its owner goes on with.
    pub fn theirs<V: View>(&mut self, path: &str, view: V) -> Result<(), Defect> {
        self.rendered(path, Ownership::Theirs, view)
    }

    /// A rendered manifest.
    pub fn shared_toml<V: View>(&mut self, path: &str, view: V) -> Result<(), Defect> {
        debug_assert_eq!(V::LANGUAGE, Language::Toml);
        self.rendered(path, Ownership::Shared, view)
    }

    fn rendered<V: View>(
        &mut self,
        path: &str,
        ownership: Ownership,
        view: V,
    ) -> Result<(), Defect> {
        let text = self.renderer.render(view)?;
        self.push(path, ownership, text.into_bytes(), V::TEMPLATE);
        Ok(())
    }

    /// A real file that is copied as it is.
    pub fn real(&mut self, path: &str, text: &'static str) {
        debug_assert!(!path.ends_with(".rs") || check(Language::Rust, text).is_ok());
        self.push(path, Ownership::Ours, text.as_bytes().to_vec(), path);
    }

    /// A file that was made elsewhere.
    pub fn push(&mut self, path: &str, ownership: Ownership, bytes: Vec<u8>, template: &str) {
        self.files.push(Planned {
            path: path.to_owned(),
            ownership,
            bytes,
            template: template.to_owned(),
        });
    }

    /// All of them.
    pub fn into_files(self) -> Vec<Planned> {
        self.files
    }
}
