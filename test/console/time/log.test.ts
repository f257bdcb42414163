import assert from 'node:assert/strict'
import { after, before, describe, mock, test } from 'node:test'

const STUBS = {
  location: { pathname: '/', search: '', href: 'http://localhost/' },
  history: { pushState: () => undefined, replaceState: () => undefined },
  localStorage: { getItem: () => null },
}

const position = (number: number): string => String(number).padStart(16, '0')

describe('the log of the console', () => {
  before(() => {
    // The address is written later.
    mock.timers.enable({ apis: ['setTimeout'] })
    Object.assign(globalThis, STUBS)
  })
  after(() => {
    mock.timers.reset()
    for (const name of Object.keys(STUBS)) Reflect.deleteProperty(globalThis, name)
  })

  test('shows an event of a list though earlier events arrive after it', async () => {
    const { head, isPast, recordGrew, recordIs, showEvent } = await import('../../../src/console/time/log.ts')
    const { at } = await import('../../../src/console/routes/navigation.ts')
    recordIs(position(3), { first: 1000, last: 3000 })
    showEvent(position(5), 5000)
    recordGrew(position(4), 4000)
    assert.deepEqual([at.value, head.value, isPast.value], [position(5), position(5), true])
  })
})
