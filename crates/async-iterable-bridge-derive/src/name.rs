//! The names that JavaScript sees.

use convert_case::{Boundary, Case, Casing as _};
use syn::{Error, Ident, Result};

/// The cases of `rename_all`, as serde names them.
const CASINGS: [(&str, Casing); 8] = [
    ("camelCase", Casing::CAMEL),
    ("PascalCase", Casing::Words(Case::Pascal)),
    ("snake_case", Casing::Words(Case::Snake)),
    ("SCREAMING_SNAKE_CASE", Casing::Words(Case::Constant)),
    ("kebab-case", Casing::Words(Case::Kebab)),
    ("SCREAMING-KEBAB-CASE", Casing::Words(Case::Cobol)),
    ("lowercase", Casing::Lower),
    ("UPPERCASE", Casing::Upper),
];

/// The way in which a name of Rust becomes one of JavaScript.
#[derive(Clone, Copy)]
pub(crate) enum Casing {
    /// As `#[napi(object)]` does it, so that a type can have both attributes: digits are words.
    Napi,
    /// As serde does it: digits belong to the word before them.
    Words(Case<'static>),
    Lower,
    Upper,
}

impl Casing {
    /// The default: `file_size` and `FileSize` become `fileSize`.
    pub(crate) const CAMEL: Casing = Casing::Napi;

    pub(crate) fn of(name: &str) -> Option<Casing> {
        let known = CASINGS.iter().find(|(known, _)| *known == name);
        known.map(|(_, casing)| *casing)
    }

    /// Lists the names, for an error.
    pub(crate) fn names() -> String {
        CASINGS.map(|(name, _)| format!("`{name}`")).join(", ")
    }

    /// Returns the name for JavaScript.
    pub(crate) fn convert(self, ident: &Ident) -> String {
        let name = ident.to_string();
        let name = name.strip_prefix("r#").unwrap_or(&name);
        match self {
            Casing::Napi => name.trim_start_matches('_').to_case(Case::Camel),
            Casing::Words(case) => name.remove_boundaries(&Boundary::digits()).to_case(case),
            Casing::Lower => name.to_lowercase(),
            Casing::Upper => name.to_uppercase(),
        }
    }
}

/// Refuses a name that occurs twice, because JavaScript would see one property instead of two.
pub(crate) fn check_unique<'a>(
    names: impl IntoIterator<Item = (&'a str, &'a Ident)>,
) -> Result<()> {
    let mut earlier = Vec::new();
    for (name, ident) in names {
        if earlier.contains(&name) {
            let message = format!("there are two `{name}` in JavaScript; rename one of them");
            return Err(Error::new(ident.span(), message));
        }
        earlier.push(name);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::Span;

    fn convert(name: &str, casing: &str) -> String {
        let casing = Casing::of(casing).expect("it is known");
        casing.convert(&Ident::new(name, Span::call_site()))
    }

    #[test]
    fn names_become_camel_case() {
        for (rust, javascript) in [
            ("id", "id"),
            ("file_size", "fileSize"),
            ("sha_256_sum", "sha256Sum"),
            ("sha256sum", "sha256Sum"),
            ("_private", "private"),
            ("NotFound", "notFound"),
            ("trailing_", "trailing"),
            ("HTTP", "http"),
            ("IOError", "ioError"),
            ("Ünlü", "ünlü"),
        ] {
            assert_eq!(convert(rust, "camelCase"), javascript);
        }
    }

    #[test]
    fn names_become_what_rename_all_says() {
        for (casing, field, variant) in [
            ("PascalCase", "FileSize", "NotFound"),
            ("snake_case", "file_size", "not_found"),
            ("SCREAMING_SNAKE_CASE", "FILE_SIZE", "NOT_FOUND"),
            ("kebab-case", "file-size", "not-found"),
            ("SCREAMING-KEBAB-CASE", "FILE-SIZE", "NOT-FOUND"),
            ("lowercase", "file_size", "notfound"),
            ("UPPERCASE", "FILE_SIZE", "NOTFOUND"),
        ] {
            assert_eq!(convert("file_size", casing), field);
            assert_eq!(convert("NotFound", casing), variant);
        }
        assert_eq!(convert("utf8_len", "snake_case"), "utf8_len");
        assert_eq!(convert("x1", "kebab-case"), "x1");
        assert_eq!(convert("V1", "snake_case"), "v1");
        assert!(Casing::of("Title Case").is_none());
    }
}
