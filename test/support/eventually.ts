import assert from 'node:assert/strict'

/** Waits until something is so that others have to bring about. */
export const eventually = async (isSo: () => Promise<boolean> | boolean, withinMs = 20_000): Promise<void> => {
  const end = performance.now() + withinMs
  while (!(await isSo())) {
    assert.ok(performance.now() < end, `it did not come about within ${withinMs} ms`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
