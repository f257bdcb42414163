import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sites } from '../../projections/sites.ts'
import { siteCreated, siteUpdated } from '../support/domain/event-builders.ts'
import { positionAt, tablesAfter, timeAt } from '../support/projections/recorded.ts'
import {
  routerAttached,
  routerConnected,
  routerDetached,
  routerLost,
  routerUnobserved,
} from '../support/projections/router-facts.ts'

describe('a site', () => {
  it('is known by its namespace', () => {
    assert.deepEqual(tablesAfter(sites, siteCreated({ edge: true })).sites.get('west'), {
      namespace: 'west',
      name: 'west-site',
      uid: 'site-uid',
      generation: 1,
      creationTimestamp: timeAt(0),
      resourceVersion: positionAt(0),
      revision: 0,
      spec: { edge: true },
    })
  })

  it('has the spec of its last change, and its creation stays what it was', () => {
    const row = tablesAfter(sites, siteCreated(), siteUpdated(2, {}, { ha: true })).sites.get('west')
    assert.deepEqual(row?.spec, { ha: true })
    assert.equal(row?.generation, 2)
    assert.equal(row?.resourceVersion, positionAt(1))
    assert.equal(row?.creationTimestamp, timeAt(0))
  })
})

describe('a site that only its router tells of', () => {
  const undeclaredAfter = (...events: Parameters<typeof tablesAfter>[1][]) =>
    tablesAfter(sites, ...events).undeclared.get('west')
  const [attached, created, detached] = [routerAttached(), siteCreated(), routerDetached()]

  it('bears the name of its namespace, from when the router was first attached', () => {
    assert.deepEqual(undeclaredAfter(attached, routerConnected(), attached, routerLost()), {
      namespace: 'west',
      name: 'west',
      uid: '00000000-0000-4000-8000-000000000000',
      generation: 1,
      creationTimestamp: timeAt(0),
      resourceVersion: positionAt(0),
      revision: -1,
      spec: {},
    })
  })

  it('is there while the router is attached and nobody has declared the site', () => {
    assert.equal(undeclaredAfter(routerConnected(), routerLost()), undefined)
    assert.equal(undeclaredAfter(attached, detached), undefined)
    assert.equal(undeclaredAfter(attached, created), undefined)
    assert.equal(undeclaredAfter(created, attached), undefined)
    assert.equal(undeclaredAfter(attached, detached, attached)?.creationTimestamp, timeAt(2))
  })
})

describe('time in which no engine watched the router of a site', () => {
  const gapsAfter = (...events: Parameters<typeof tablesAfter>[1][]) => {
    const { unobserved } = tablesAfter(sites, ...events)
    return [...unobserved.keysWhere('namespace', 'west')].map(key => unobserved.get(key))
  }

  it('is from when it was last watched to when an engine said so', () => {
    const gap = { namespace: 'west', from: Date.parse(timeAt(1)), to: Date.parse(timeAt(2)), since: timeAt(1) }
    assert.deepEqual(gapsAfter(routerAttached(), routerConnected(), routerUnobserved(timeAt(1)), routerLost()), [
      { ...gap, position: positionAt(2) },
    ])
  })

  it('is none where no time had passed, or there is no router', () => {
    assert.deepEqual(gapsAfter(routerAttached(), routerUnobserved(timeAt(1))), [])
    assert.deepEqual(gapsAfter(routerUnobserved(timeAt(-1))), [])
  })
})

describe("a site's router", () => {
  const routerAfter = (...events: Parameters<typeof tablesAfter>[1][]) =>
    tablesAfter(sites, ...events).routers.get('west')
  const url = 'amqp://router:5672'

  it('is known whether or not the site is declared', () => {
    assert.equal(routerAfter(), undefined)
    assert.equal(routerAfter(routerAttached())?.url, url)
  })

  it('is being connected to from when it is attached', () => {
    assert.deepEqual(routerAfter(routerAttached()), {
      connection: 'Connecting',
      url,
      message: 'Connecting',
      since: timeAt(0),
    })
  })

  it('is connected, and says who it is', () => {
    assert.deepEqual(routerAfter(routerAttached(), routerConnected()), {
      connection: 'Connected',
      id: 'router-1',
      url,
      message: 'OK',
      since: timeAt(1),
    })
  })

  it('is being connected to again where it is lost, and why is told', () => {
    assert.deepEqual(routerAfter(routerAttached(), routerConnected(), routerLost('no route')), {
      connection: 'Connecting',
      id: 'router-1',
      url,
      message: 'The router does not answer: no route',
      since: timeAt(2),
    })
  })

  it('is none any more once it is detached', () => {
    assert.deepEqual(routerAfter(routerAttached(), routerConnected(), routerDetached()), {
      connection: 'Detached',
      message: 'No router attached',
      since: timeAt(2),
    })
  })

  it('is of its own site', () => {
    assert.equal(routerAfter(routerAttached({ namespace: 'east' })), undefined)
  })
})
