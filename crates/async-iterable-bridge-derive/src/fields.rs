//! The fields of a struct or of a variant.

use crate::name::{check_unique, Casing};
use crate::options::FieldOptions;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Field, Ident, Result, Token, Type};

/// The fields that cross, in order.
pub(crate) struct RowFields<'a>(Vec<RowField<'a>>);

struct RowField<'a> {
    ident: &'a Ident,
    ty: &'a Type,
    name: String,
    is_number: bool,
}

impl<'a> RowFields<'a> {
    /// Reads the fields. `tag` is the name of a property that comes before them.
    pub(crate) fn of(
        fields: &'a Punctuated<Field, Token![,]>,
        casing: Casing,
        tag: Option<(&str, &Ident)>,
    ) -> Result<Self> {
        let mut crossing = Vec::new();
        for field in fields {
            let ident = field.ident.as_ref().expect("the field is named");
            let options = FieldOptions::of(&field.attrs)?;
            if !options.is_skipped {
                crossing.push(RowField {
                    ident,
                    ty: &field.ty,
                    name: options.rename.unwrap_or_else(|| casing.convert(ident)),
                    is_number: options.is_number,
                });
            }
        }
        let names = crossing.iter().map(|field| (&*field.name, field.ident));
        check_unique(tag.into_iter().chain(names))?;
        Ok(RowFields(crossing))
    }

    /// Returns the properties, for `Layout::object`.
    pub(crate) fn properties(&self) -> Vec<TokenStream> {
        self.map(|field, tr| {
            let (name, ty) = (&field.name, field.ty);
            // With the span of the type, so that the compiler's error points at the type.
            let layout = quote_spanned!(ty.span()=> <#ty as #tr>::layout());
            quote!((#name, #layout))
        })
    }

    /// Returns the weights of the fields, which `value` leads to.
    pub(crate) fn bytes(&self, value: impl Fn(&Ident) -> TokenStream) -> Vec<TokenStream> {
        self.map(|field, tr| {
            let value = value(field.ident);
            quote!(#tr::bytes(#value))
        })
    }

    /// Returns the statements that encode the fields.
    pub(crate) fn encode(&self, value: impl Fn(&Ident) -> TokenStream) -> Vec<TokenStream> {
        self.map(|field, tr| {
            let value = value(field.ident);
            quote!(#tr::encode(#value, columns);)
        })
    }

    /// Returns the conditions under which encoding the fields runs no code of an author.
    pub(crate) fn are_plain(&self) -> Vec<TokenStream> {
        self.map(|field, tr| {
            let ty = field.ty;
            quote!(<#ty as #tr>::IS_PLAIN)
        })
    }

    /// Returns the types of the fields that cross as items.
    pub(crate) fn item_types(&self) -> Vec<Type> {
        let items = self.0.iter().filter(|field| !field.is_number);
        items.map(|field| field.ty.clone()).collect()
    }

    /// Returns the names of the fields in Rust.
    pub(crate) fn idents(&self) -> Vec<&Ident> {
        self.0.iter().map(|field| field.ident).collect()
    }

    /// Calls `make` with each field, and with the trait by which it crosses.
    fn map(&self, make: impl Fn(&RowField<'_>, &TokenStream) -> TokenStream) -> Vec<TokenStream> {
        let traits = [
            quote!(::async_iterable_bridge::Item),
            quote!(::async_iterable_bridge::RowNumber),
        ];
        let fields = self.0.iter();
        fields
            .map(|field| make(field, &traits[usize::from(field.is_number)]))
            .collect()
    }
}
