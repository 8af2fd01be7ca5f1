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
        self.map(|field| {
            let (name, item) = (&field.name, field.item());
            // With the span of the type, so that the compiler's error points at the type.
            let layout = quote_spanned! {
                field.ty.span()=> <#item as ::async_iterable_bridge::Item>::layout()
            };
            quote!((#name, #layout))
        })
    }

    /// Returns the weights of the fields. `value` leads to a field.
    pub(crate) fn bytes(&self, value: impl Fn(&Ident) -> TokenStream) -> Vec<TokenStream> {
        self.map(|field| {
            let value = field.value(value(field.ident));
            quote!(::async_iterable_bridge::Item::bytes(#value))
        })
    }

    /// Returns the statements that encode the fields.
    pub(crate) fn encode(&self, value: impl Fn(&Ident) -> TokenStream) -> Vec<TokenStream> {
        self.map(|field| {
            let value = field.value(value(field.ident));
            quote!(::async_iterable_bridge::Item::encode(#value, columns);)
        })
    }

    /// Returns the conditions under which encoding the fields runs no code of an author.
    pub(crate) fn are_plain(&self) -> Vec<TokenStream> {
        self.map(|field| {
            let item = field.item();
            quote!(<#item as ::async_iterable_bridge::Item>::IS_PLAIN)
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

    fn map(&self, make: impl Fn(&RowField<'_>) -> TokenStream) -> Vec<TokenStream> {
        self.0.iter().map(make).collect()
    }
}

impl RowField<'_> {
    /// Returns the type of the item that the field crosses as.
    fn item(&self) -> TokenStream {
        let ty = self.ty;
        match self.is_number {
            true => quote!(<#ty as ::async_iterable_bridge::RowNumber>::Number),
            false => quote!(#ty),
        }
    }

    /// Returns a reference to that item. `value` is one to the field.
    fn value(&self, value: TokenStream) -> TokenStream {
        match self.is_number {
            true => quote!(&::async_iterable_bridge::RowNumber::number(#value)),
            false => value,
        }
    }
}
