// States the type of a value: `isExactly<number>()(value)` compiles if it is this and no other.

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export function isExactly<T>() {
  return <U,>(_value: U, ..._proof: Equal<T, U> extends true ? [] : ['not this type']): void => {};
}
