//! The implementation of `Item` for a struct or an enum.

use crate::fields::RowFields;
use crate::name::{check_unique, Casing};
use crate::options::{TypeOptions, VariantOptions};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{format_ident, quote, ToTokens};
use syn::{Data, DataEnum, DataStruct, DeriveInput, Error, Fields, Ident, Result, Type, Variant};

/// The property that names the variant, unless `#[row(tag = "...")]` names another one.
const TAG: &str = "type";

/// The methods that a row implements.
struct Methods {
    layout: TokenStream,
    bytes: TokenStream,
    encode: TokenStream,
    is_plain: TokenStream,
    /// The types of the fields that cross as items.
    types: Vec<Type>,
}

pub(crate) fn expand(input: DeriveInput) -> Result<TokenStream> {
    let ident = &input.ident;
    let Methods {
        layout,
        bytes,
        encode,
        is_plain,
        types,
    } = match &input.data {
        Data::Struct(data) => of_struct(data, &input)?,
        Data::Enum(data) => of_enum(data, &input)?,
        Data::Union(data) => {
            let message = "a union cannot be a row; use a struct";
            return Err(Error::new(data.union_token.span, message));
        }
    };
    let mut generics = input.generics.clone();
    for parameter in generics.type_params_mut() {
        if types
            .iter()
            .any(|ty| mentions(ty.to_token_stream(), &parameter.ident))
        {
            parameter
                .bounds
                .push(syn::parse_quote!(::async_iterable_bridge::Item));
        }
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

/// Returns whether the tokens of a type have this identifier.
fn mentions(tokens: TokenStream, parameter: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *parameter,
        TokenTree::Group(group) => mentions(group.stream(), parameter),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
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
    let options = TypeOptions::of(&input.attrs, false)?;
    let fields = RowFields::of(fields, options.rename_all.unwrap_or(Casing::CAMEL), None)?;
    let of_self = |ident: &Ident| quote!(&self.#ident);
    let properties = fields.properties();
    let (bytes, encode) = (fields.bytes(of_self), fields.encode(of_self));
    let are_plain = fields.are_plain();
    Ok(Methods {
        layout: row(&properties),
        bytes: quote!(0 #(+ #bytes)*),
        encode: quote!(#(#encode)*),
        is_plain: quote!(true #(&& #are_plain)*),
        types: fields.item_types(),
    })
}

/// Returns a layout of these properties, which refuses a type that contains itself.
fn row(properties: &[TokenStream]) -> TokenStream {
    quote! {
        ::async_iterable_bridge::Layout::row(::core::any::type_name::<Self>(), || [#(#properties),*])
    }
}

fn of_enum(data: &DataEnum, input: &DeriveInput) -> Result<Methods> {
    if data.variants.is_empty() {
        let message = "an enum without variants has no values that could cross";
        return Err(Error::new(input.ident.span(), message));
    }
    let options = TypeOptions::of(&input.attrs, true)?;
    let casing = options.rename_all.unwrap_or(Casing::CAMEL);
    let mut variants = Vec::new();
    for variant in &data.variants {
        let options = VariantOptions::of(&variant.attrs)?;
        let rename = options.rename.clone();
        let name = rename.unwrap_or_else(|| casing.convert(&variant.ident));
        variants.push((variant, name, options));
    }
    check_unique(
        variants
            .iter()
            .map(|(variant, name, _)| (&**name, &variant.ident)),
    )?;
    let is_unit = |variant: &Variant| matches!(variant.fields, Fields::Unit);
    if let Some(tag) = options.tag {
        return of_objects(&variants, &tag.value());
    }
    if data.variants.iter().all(is_unit) {
        return Ok(of_strings(&variants));
    }
    of_objects(&variants, TAG)
}

/// A variant, its name in JavaScript, and its options.
type Named<'a> = (&'a Variant, String, VariantOptions);

/// Returns the methods of an enum without fields, which becomes a string.
fn of_strings(variants: &[Named<'_>]) -> Methods {
    let names = variants.iter().map(|(_, name, _)| name);
    let arms = variants.iter().zip(0_u32..).map(|((variant, ..), index)| {
        let ident = &variant.ident;
        quote!(Self::#ident => #index)
    });
    Methods {
        layout: quote!(::async_iterable_bridge::Layout::one_of([#(#names),*])),
        bytes: quote!(1),
        encode: quote! {
            let index: u32 = match self { #(#arms),* };
            columns.number(::core::convert::From::from(index));
        },
        is_plain: quote!(true),
        types: Vec::new(),
    }
}

/// Returns the methods of an enum with fields, which becomes an object with the variant's name and its fields.
fn of_objects(variants: &[Named<'_>], tag: &str) -> Result<Methods> {
    let (mut layouts, mut bytes, mut encode) = (Vec::new(), Vec::new(), Vec::new());
    let (mut are_plain, mut types) = (Vec::new(), Vec::new());
    for ((variant, name, options), index) in variants.iter().zip(0_u32..) {
        let ident = &variant.ident;
        let no_fields = syn::punctuated::Punctuated::new();
        let fields = match &variant.fields {
            Fields::Named(fields) => &fields.named,
            Fields::Unit => &no_fields,
            Fields::Unnamed(_) => {
                let message = "a variant with fields needs names for them, which JavaScript sees";
                return Err(Error::new_spanned(&variant.fields, message));
            }
        };
        let casing = options.rename_all.unwrap_or(Casing::CAMEL);
        let fields = RowFields::of(fields, casing, Some((tag, ident)))?;
        let mut properties = vec![quote!((#tag, ::async_iterable_bridge::Layout::constant(#name)))];
        properties.extend(fields.properties());
        layouts.push(row(&properties));
        are_plain.extend(fields.are_plain());
        types.extend(fields.item_types());
        // Under other names than those of the fields, one of which may be `columns`.
        let bound = |ident: &Ident| format_ident!("field_{}", ident, span = Span::call_site());
        let value = |ident: &Ident| {
            let bound = bound(ident);
            quote!(#bound)
        };
        let bindings = fields.idents().into_iter().map(|ident| {
            let bound = bound(ident);
            quote!(#ident: #bound)
        });
        let pattern = quote!(Self::#ident { #(#bindings,)* .. });
        let weights = fields.bytes(value);
        bytes.push(quote!(#pattern => 1 #(+ #weights)*));
        let statements = fields.encode(value);
        encode.push(quote! {
            #pattern => {
                columns.number(::core::convert::From::from(#index));
                #(#statements)*
            }
        });
    }
    Ok(Methods {
        layout: quote!(::async_iterable_bridge::Layout::any_of([#(#layouts),*])),
        bytes: quote!(match self { #(#bytes),* }),
        encode: quote!(match self { #(#encode)* }),
        is_plain: quote!(true #(&& #are_plain)*),
        types,
    })
}
