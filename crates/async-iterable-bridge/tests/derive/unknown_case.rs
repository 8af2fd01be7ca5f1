use async_iterable_bridge::Row;

#[derive(Row)]
#[row(rename_all = "snakeCase")]
struct Person {
    name: String,
}

fn main() {}
