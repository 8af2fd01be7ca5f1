const BATCH = 256;

/** Unpacks a native object whose `nextBatch()` returns a promise of an array. */
export async function* overBatches(native) {
  for (;;) {
    const batch = await native.nextBatch(BATCH);
    if (batch.length === 0) return;
    for (const item of batch) yield item;
  }
}
