//! The scripts that an environment evaluates once, and the functions that they return to Rust.

use super::napi::{Environment, Persistent, Value};

const OBSERVERS: &str = include_str!("scripts/observers.js");
const STACK_RESERVE: &str = include_str!("scripts/stack-reserve.js");
const BATCHES: &str = include_str!("scripts/batches.js");
const ITERATOR: &str = include_str!("scripts/iterator.js");
const NATIVE_SOURCE: &str = include_str!("scripts/native-source.js");
const HANDLER: &str = include_str!("scripts/handler.js");

/// Declares the functions of `native-source.js` that Rust calls, with their names there.
macro_rules! scripts {
    ($($field:ident: $name:literal,)*) => {
        /// The functions of `native-source.js`, which `release` must release before their environment goes away.
        pub(super) struct Scripts {
            $(pub(super) $field: Persistent,)*
        }

        impl Scripts {
            fn of(environment: Environment, functions: Value) -> napi::Result<Self> {
                Ok(Scripts {
                    $($field: environment.persist(environment.get(functions, $name)?)?,)*
                })
            }

            pub(super) fn release(&self, environment: Environment) {
                $(self.$field.release(environment);)*
            }
        }
    };
}

scripts! {
    behind: "behind",
    blank: "blank",
    create: "create",
    is_aborted: "isAborted",
    keep: "keep",
    listen: "listen",
    make_decoder: "makeDecoder",
    runtime: "runtime",
    share: "share",
    use_slab: "useSlab",
    wake: "wake",
}

impl Scripts {
    /// Evaluates the scripts, with the functions that `native-source.js` calls and the slab. Returns the number of the
    /// thread beside the functions.
    pub(super) fn evaluate(
        environment: Environment,
        natives: Value,
        slab: Value,
    ) -> napi::Result<(Self, f64)> {
        let observers = environment.call(environment.run_script(OBSERVERS)?, &[])?;
        let reserve = environment.call(environment.run_script(STACK_RESERVE)?, &[])?;
        let parts = [observers, reserve, environment.run_script(BATCHES)?];
        let iterator = environment.call(environment.run_script(ITERATOR)?, &parts)?;
        let source = environment.run_script(NATIVE_SOURCE)?;
        let functions = environment.call(source, &[iterator, natives, slab])?;
        let thread = environment.number_of(environment.get(functions, "threadId")?)?;
        Ok((Scripts::of(environment, functions)?, thread))
    }

    /// Evaluates `handler.js`, with the functions that it calls. Returns the function that makes a handler's object.
    pub(super) fn evaluate_handler(
        &self,
        environment: Environment,
        natives: Value,
    ) -> napi::Result<Value> {
        let keep = self.keep.value(environment)?;
        environment.call(environment.run_script(HANDLER)?, &[natives, keep])
    }
}
