//! Enumerations whose variants are words of the language.

/// Declares an enum whose variants are words of the language.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)]
        pub enum $name { $($variant),* }
        impl $name {
            /// All of them, in the order of the language reference.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The word in a drawing.
            #[must_use]
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => $word),* } }
            /// Reads the word of a drawing.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> { match name { $($word => Some(Self::$variant),)* _ => None } }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.name()) }
        }
    )*};
}
pub(crate) use words;
