//! The names that JavaScript sees.

use syn::{Attribute, Error, Ident, LitStr, Result};

/// The name of a field or variant: what `#[row(rename = "...")]` says, or else its own in camelCase.
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

/// Refuses a name that is there already: JavaScript would see one property instead of two.
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

/// `file_size` and `FileSize` become `fileSize`, and `IOError` becomes `ioError`; an underscore at the
/// beginning stays.
fn camel_case(name: &str) -> String {
    let stem = name.trim_start_matches('_');
    let mut camel = name[..name.len() - stem.len()].to_owned();
    let first_word = stem.len() - without_first_word(stem).len();
    camel += &stem[..first_word].to_lowercase();
    let mut is_start_of_word = false;
    for character in stem[first_word..].chars() {
        if character == '_' {
            is_start_of_word = true;
        } else if is_start_of_word {
            camel.extend(character.to_uppercase());
            is_start_of_word = false;
        } else {
            camel.push(character);
        }
    }
    camel
}

/// What follows the capitals at the beginning, the last of which begins the next word if small letters
/// follow it.
fn without_first_word(name: &str) -> &str {
    let rest = name.trim_start_matches(char::is_uppercase);
    let capitals = &name[..name.len() - rest.len()];
    match capitals.char_indices().last() {
        Some((last, _)) if last > 0 && rest.starts_with(char::is_lowercase) => &name[last..],
        Some(_) | None => rest,
    }
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
            ("_private", "_private"),
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
