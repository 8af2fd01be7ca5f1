//! The implementation of `Item` for a struct or an enum.

use crate::name::{check_unique, javascript_name};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DataEnum, DataStruct, DeriveInput, Error, Fields, Result};

/// The methods that a row implements.
struct Methods {
    layout: TokenStream,
    bytes: TokenStream,
    encode: TokenStream,
    is_plain: TokenStream,
}

pub(crate) fn expand(input: DeriveInput) -> Result<TokenStream> {
    if let Some(attribute) = input
        .attrs
        .iter()
        .find(|attribute| attribute.path().is_ident("row"))
    {
        let message = "`#[row(...)]` stands on a field or a variant, not on the type";
        return Err(Error::new(attribute.path().span(), message));
    }
    let ident = &input.ident;
    let Methods {
        layout,
        bytes,
        encode,
        is_plain,
    } = match &input.data {
        Data::Struct(data) => of_struct(data, &input)?,
        Data::Enum(data) => of_enum(data, &input)?,
        Data::Union(data) => {
            let message = "a union cannot be a row; use a struct";
            return Err(Error::new(data.union_token.span(), message));
        }
    };
    let mut generics = input.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter
            .bounds
            .push(syn::parse_quote!(::async_iterable_bridge::Item));
    }
    let (parameters, arguments, bounds) = generics.split_for_impl();
    Ok(quote! {
        impl #parameters ::async_iterable_bridge::Item for #ident #arguments #bounds {
            const IS_PLAIN: bool = #is_plain;

            fn layout() -> ::async_iterable_bridge::Layout {
                #layout
            }

            fn bytes(&self) -> usize {
                #bytes
            }

            fn encode(&self, columns: &mut ::async_iterable_bridge::Columns<'_>) {
                #encode
            }
        }
    })
}

fn of_struct(data: &DataStruct, input: &DeriveInput) -> Result<Methods> {
    let fields = match &data.fields {
        Fields::Named(fields) => &fields.named,
        Fields::Unnamed(_) | Fields::Unit => {
            let message = "a row needs named fields; a tuple is an item by itself";
            return Err(Error::new(input.ident.span(), message));
        }
    };
    let mut named = Vec::new();
    for field in fields {
        let ident = field.ident.as_ref().expect("the field is named");
        named.push((javascript_name(ident, &field.attrs)?, ident));
    }
    check_unique(&named)?;
    let layouts = fields.iter().zip(&named).map(|(field, (name, _))| {
        let ty = &field.ty;
        // With the span of the type, so that the compiler's error points at the type.
        let layout = quote_spanned!(ty.span()=> <#ty as ::async_iterable_bridge::Item>::layout());
        quote!((#name, #layout))
    });
    let idents: Vec<_> = named.iter().map(|(_, ident)| ident).collect();
    let types = fields.iter().map(|field| &field.ty);
    Ok(Methods {
        layout: quote! {
            ::async_iterable_bridge::Layout::row(::core::any::type_name::<Self>(), || [#(#layouts),*])
        },
        bytes: quote!(0 #(+ ::async_iterable_bridge::Item::bytes(&self.#idents))*),
        encode: quote!(#(::async_iterable_bridge::Item::encode(&self.#idents, columns);)*),
        is_plain: quote!(true #(&& <#types as ::async_iterable_bridge::Item>::IS_PLAIN)*),
    })
}

fn of_enum(data: &DataEnum, input: &DeriveInput) -> Result<Methods> {
    if data.variants.is_empty() {
        let message = "an enum without variants has no values that could cross";
        return Err(Error::new(input.ident.span(), message));
    }
    let mut named = Vec::new();
    for variant in &data.variants {
        match variant.fields {
            Fields::Unit => {}
            Fields::Named(_) | Fields::Unnamed(_) => {
                let message =
                    "a variant of a row has no fields; use a struct with an `Option` of each";
                return Err(Error::new(variant.fields.span(), message));
            }
        }
        named.push((
            javascript_name(&variant.ident, &variant.attrs)?,
            &variant.ident,
        ));
    }
    check_unique(&named)?;
    let names = named.iter().map(|(name, _)| name);
    let places = 0_u32..;
    let arms = named
        .iter()
        .zip(places)
        .map(|((_, ident), place)| quote!(Self::#ident => #place));
    Ok(Methods {
        layout: quote!(::async_iterable_bridge::Layout::one_of([#(#names),*])),
        bytes: quote!(1),
        encode: quote! {
            let place: u32 = match self { #(#arms),* };
            columns.number(::core::convert::From::from(place));
        },
        is_plain: quote!(true),
    })
}
