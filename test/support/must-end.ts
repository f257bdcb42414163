import { after } from 'node:test'

/** What ends in good order has ended by then, also on a busy machine. */
const PATIENCE_MS = 10_000

/**
 * To be called once in a file whose tests may leave something running where what they test is wrong: the file then fails,
 * and does not keep everybody waiting. Tests that may wait for ever have a `timeout` beside it.
 */
export const mustEnd = (): void =>
  after(() => {
    setTimeout(() => {
      console.error('something still runs after the last test')
      process.exit(1)
    }, PATIENCE_MS).unref()
  })
