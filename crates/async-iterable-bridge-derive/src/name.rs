//! The names that JavaScript sees.

use convert_case::{Case, Casing};
use syn::{Attribute, Error, Ident, LitStr, Result};

/// Returns the name of a field or variant: that of `#[row(rename = "...")]`, or else its own in camelCase.
pub(crate) fn javascript_name(ident: &Ident, attributes: &[Attribute]) -> Result<String> {
    let mut renamed = None;
    for attribute in attributes {
        if !attribute.path().is_ident("row") {
            continue;
        }
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("rename") {
                return Err(meta.error("unknown option; there is `rename = \"...\"`"));
            }
            if renamed.is_some() {
                return Err(meta.error("it is renamed already"));
            }
            renamed = Some(meta.value()?.parse::<LitStr>()?.value());
            Ok(())
        })?;
    }
    Ok(renamed.unwrap_or_else(|| camel_case(&unraw(ident))))
}

/// Refuses a name that occurs twice, because JavaScript would see one property instead of two.
pub(crate) fn check_unique(names: &[(String, &Ident)]) -> Result<()> {
    for (index, (name, ident)) in names.iter().enumerate() {
        if names[..index].iter().any(|(earlier, _)| earlier == name) {
            let message = format!("there are two `{name}` in JavaScript; rename one of them");
            return Err(Error::new(ident.span(), message));
        }
    }
    Ok(())
}

fn unraw(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

/// Converts a name as `#[napi(object)]` does, so that a type can have both attributes: `file_size` and `FileSize`
/// become `fileSize`.
fn camel_case(name: &str) -> String {
    name.trim_start_matches('_').to_case(Case::Camel)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(camel_case(rust), javascript);
        }
    }
}
