use async_iterable_bridge::Row;

#[derive(Row)]
enum Shape {
    #[row(skip)]
    Point,
}

fn main() {}
