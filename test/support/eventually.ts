import assert from 'node:assert/strict'

/** Polls a condition until it holds. The limit only ends a test that hangs: a busy machine may take long. */
export const eventually = async (isSo: () => Promise<boolean> | boolean, withinMs = 60_000): Promise<void> => {
  const end = performance.now() + withinMs
  while (!(await isSo())) {
    assert.ok(performance.now() < end, `it did not come about within ${withinMs} ms`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
