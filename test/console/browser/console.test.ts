import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { withoutChromium } from './chromium.ts'
import { OpenConsole } from './open-console.ts'
import { appearanceTests } from './stories/appearance.ts'
import { momentsTests } from './stories/moments.ts'
import { placesTests } from './stories/places.ts'
import { resourcesTests } from './stories/resources.ts'
import { timelineTests } from './stories/timeline.ts'
import { updatesTests } from './stories/updates.ts'

describe('the console', { skip: withoutChromium() }, () => {
  const shared = new OpenConsole()

  before(() => shared.start())
  after(() => shared[Symbol.asyncDispose]())

  timelineTests(shared)
  momentsTests(shared)
  resourcesTests(shared)
  placesTests(shared)
  appearanceTests(shared)
  // Last, because they add resources.
  updatesTests(shared)

  test('no request leaves the origin, and nothing breaks the policy of the page', () => {
    assert.deepEqual(shared.foreign, [])
    assert.deepEqual(shared.problems, [])
  })
})
