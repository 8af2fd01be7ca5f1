//! What the compiler says of structs and enums that cannot be rows. Only messages of the macro itself
//! are compared, since those of the compiler change with its version; that a field which is no item is
//! refused, the documentation of `Row` tests.

#[test]
fn a_row_that_cannot_be_one_is_refused_where_it_is_wrong() {
    trybuild::TestCases::new().compile_fail("tests/derive/*.rs");
}
