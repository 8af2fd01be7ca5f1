use async_iterable_bridge::Row;

#[derive(Row)]
union Bits {
    integer: u32,
    float: f32,
}

fn main() {}
