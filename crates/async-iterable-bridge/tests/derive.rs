//! The compiler's messages for structs and enums that cannot be rows. Only messages of the macro itself
//! are compared, because those of the compiler change with its version. The documentation of `Row` tests that
//! a field which is no item is refused.

#[test]
fn a_row_that_cannot_be_one_is_refused_where_it_is_wrong() {
    trybuild::TestCases::new().compile_fail("tests/derive/*.rs");
}
