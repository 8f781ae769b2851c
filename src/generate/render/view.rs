//! How views are declared and handed to minijinja.

use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object};

/// A view's fields on their way through minijinja.
#[derive(Debug)]
pub struct Fields(pub Box<[(&'static str, Value)]>);

impl Object for Fields {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.0
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.iter().map(|(name, _)| Value::from(*name)).collect())
    }
}

/// Declares views: parts (no template of their own), and those of a template, with its language and path.
macro_rules! views {
    ($($(#[$doc:meta])* $name:ident $(($language:ident $template:literal))? {
        $($(#[$field_doc:meta])* $field:ident: $ty:ty),* $(,)?
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name { $($(#[$field_doc])* pub $field: $ty),* }

        impl $crate::generate::render::Named for $name {
            const FIELDS: &'static [&'static str] = &[$(stringify!($field)),*];
        }

        impl From<$name> for $crate::generate::render::Value {
            fn from(view: $name) -> Self {
                Self::from_object($crate::generate::render::Fields(Box::new([
                    $((stringify!($field), view.$field.into())),*
                ])))
            }
        }

        $(impl $crate::generate::render::View for $name {
            const TEMPLATE: &'static str = $template;
            const SOURCE: &'static str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/", $template));
            const LANGUAGE: $crate::generate::render::Language = $crate::generate::render::Language::$language;
        })?
    )*};
}
pub(crate) use views;
