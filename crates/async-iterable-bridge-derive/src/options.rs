//! The options of `#[row(...)]`, on a type, on a variant and on a field.

use crate::name::Casing;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Error, LitStr, Result};

/// The options of a type: an enum has both, a struct only `rename_all`.
#[derive(Default)]
pub(crate) struct TypeOptions {
    pub(crate) rename_all: Option<Casing>,
    pub(crate) tag: Option<LitStr>,
}

/// The options of a variant. `rename_all` is for the names of its fields.
#[derive(Default)]
pub(crate) struct VariantOptions {
    pub(crate) rename: Option<String>,
    pub(crate) rename_all: Option<Casing>,
}

#[derive(Default)]
pub(crate) struct FieldOptions {
    pub(crate) rename: Option<String>,
    pub(crate) is_number: bool,
    pub(crate) is_skipped: bool,
}

impl TypeOptions {
    pub(crate) fn of(attributes: &[Attribute], is_enum: bool) -> Result<Self> {
        let mut options = TypeOptions::default();
        each(attributes, |meta| {
            if meta.path.is_ident("rename_all") {
                set(&mut options.rename_all, casing(meta)?, meta)
            } else if meta.path.is_ident("tag") && is_enum {
                set(&mut options.tag, meta.value()?.parse()?, meta)
            } else if is_enum {
                Err(meta.error("unknown option of an enum; there are `rename_all = \"...\"` and `tag = \"...\"`"))
            } else {
                Err(meta.error("unknown option of a struct; there is `rename_all = \"...\"`"))
            }
        })?;
        Ok(options)
    }
}

impl VariantOptions {
    pub(crate) fn of(attributes: &[Attribute]) -> Result<Self> {
        let mut options = VariantOptions::default();
        each(attributes, |meta| {
            if meta.path.is_ident("rename") {
                set(&mut options.rename, text(meta)?, meta)
            } else if meta.path.is_ident("rename_all") {
                set(&mut options.rename_all, casing(meta)?, meta)
            } else {
                let message = "unknown option of a variant; there are `rename = \"...\"` and `rename_all = \"...\"`";
                Err(meta.error(message))
            }
        })?;
        Ok(options)
    }
}

impl FieldOptions {
    pub(crate) fn of(attributes: &[Attribute]) -> Result<Self> {
        let mut options = FieldOptions::default();
        let mut first = None;
        each(attributes, |meta| {
            first.get_or_insert_with(|| meta.path.clone());
            if meta.path.is_ident("rename") {
                set(&mut options.rename, text(meta)?, meta)
            } else if meta.path.is_ident("number") {
                options.is_number = true;
                Ok(())
            } else if meta.path.is_ident("skip") {
                options.is_skipped = true;
                Ok(())
            } else {
                let message =
                    "unknown option of a field; there are `rename = \"...\"`, `number` and `skip`";
                Err(meta.error(message))
            }
        })?;
        let has_others = options.is_number || options.rename.is_some();
        match first {
            Some(first) if options.is_skipped && has_others => Err(Error::new_spanned(
                first,
                "a field that is skipped has no other options",
            )),
            Some(_) | None => Ok(options),
        }
    }
}

/// Calls `read` for each option of the `#[row(...)]` attributes.
fn each(
    attributes: &[Attribute],
    mut read: impl FnMut(&ParseNestedMeta<'_>) -> Result<()>,
) -> Result<()> {
    let rows = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("row"));
    for attribute in rows {
        attribute.parse_nested_meta(|meta| read(&meta))?;
    }
    Ok(())
}

fn set<T>(option: &mut Option<T>, value: T, meta: &ParseNestedMeta<'_>) -> Result<()> {
    match option.replace(value) {
        Some(_) => Err(meta.error("this option is given twice")),
        None => Ok(()),
    }
}

fn text(meta: &ParseNestedMeta<'_>) -> Result<String> {
    Ok(meta.value()?.parse::<LitStr>()?.value())
}

fn casing(meta: &ParseNestedMeta<'_>) -> Result<Casing> {
    let name: LitStr = meta.value()?.parse()?;
    Casing::of(&name.value()).ok_or_else(|| {
        let message = format!("unknown case; there are {}", Casing::names());
        Error::new(name.span(), message)
    })
}
