use async_iterable_bridge::Row;

#[derive(Row)]
#[row(content = "value")]
enum Shape {
    Point,
}

fn main() {}
