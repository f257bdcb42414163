import assert from 'node:assert/strict'

/** Polls a condition until it holds. */
export const eventually = async (isSo: () => Promise<boolean> | boolean, withinMs = 20_000): Promise<void> => {
  const end = performance.now() + withinMs
  while (!(await isSo())) {
    assert.ok(performance.now() < end, `it did not come about within ${withinMs} ms`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
