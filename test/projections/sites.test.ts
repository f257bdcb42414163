import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sites } from '../../projections/sites.ts'
import { siteCreated, siteDeleted, siteRenamed, siteUpdated } from '../support/domain/event-builders.ts'
import { positionAt, tablesAfter, timeAt } from '../support/projections/recorded.ts'
import {
  routerAttached,
  routerConnected,
  routerDetached,
  routerLost,
  routerUnobserved,
} from '../support/projections/router-facts.ts'

describe('sites', () => {
  it('keys a site by its namespace', () => {
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

  it('applies changes of the spec, and keeps the creation time', () => {
    const row = tablesAfter(sites, siteCreated(), siteUpdated(2, {}, { ha: true })).sites.get('west')
    assert.deepEqual(row?.spec, { ha: true })
    assert.equal(row?.generation, 2)
    assert.equal(row?.resourceVersion, positionAt(1))
    assert.equal(row?.creationTimestamp, timeAt(0))
  })
})

describe('a renamed Site', () => {
  const renamed = [siteCreated({ ha: true }), siteRenamed('west-site', 'new')] as const
  const connectedAs = (id: string) => ({ type: 'RouterConnected', data: { namespace: 'west', id } }) as const
  const formerNames = (...events: Parameters<typeof tablesAfter>[1][]) =>
    [...tablesAfter(sites, ...events).renamed.keysWhere('namespace', 'west')].sort()

  it('has its new name, and keeps its uid, generation and spec', () => {
    const row = tablesAfter(sites, ...renamed).sites.get('west')
    assert.deepEqual(row, {
      namespace: 'west',
      name: 'new',
      uid: 'site-uid',
      generation: 1,
      creationTimestamp: timeAt(0),
      resourceVersion: positionAt(1),
      revision: 1,
      spec: { ha: true },
    })
  })

  it('keeps its former names until its router is connected with the new one', () => {
    const again = [...renamed, siteRenamed('new', 'newer'), routerAttached(), connectedAs('west-site')]
    assert.deepEqual(formerNames(...again), ['new', 'west-site'])
    assert.deepEqual(formerNames(...again, connectedAs('newer')), [])
  })

  it('loses a former name to a site that takes it, and all when it is deleted', () => {
    assert.deepEqual(formerNames(...renamed, siteRenamed('new', 'west-site')), ['new'])
    const other = siteCreated({}, { namespace: 'east', uid: 'other' })
    assert.deepEqual(formerNames(...renamed, other), [])
    assert.deepEqual(formerNames(...renamed, siteDeleted({ name: 'new' })), [])
  })

  it('leaves a name to a site of another namespace that has it already', () => {
    const other = siteCreated({}, { namespace: 'east', uid: 'other' })
    assert.deepEqual(formerNames(siteCreated(), other, siteRenamed('west-site', 'new')), [])
  })
})

describe('a deleted Site', () => {
  it('leaves its revision until the namespace has a site again', () => {
    const gone = tablesAfter(sites, siteCreated(), siteDeleted())
    assert.equal(gone.sites.get('west'), undefined)
    assert.equal(gone.undeclared.get('west'), undefined)
    assert.deepEqual(gone.deleted.get('site-west'), { revision: 1 })
    const again = tablesAfter(sites, siteCreated(), siteDeleted(), siteCreated({ ha: true }))
    assert.equal(again.deleted.get('site-west'), undefined)
    assert.deepEqual(again.sites.get('west')?.spec, { ha: true })
  })

  it('is undeclared while its router is attached', () => {
    const attached = tablesAfter(sites, siteCreated(), routerAttached(), siteDeleted())
    assert.equal(attached.undeclared.get('west')?.name, 'west')
    const detached = tablesAfter(sites, siteCreated(), routerAttached(), siteDeleted(), routerDetached())
    assert.equal(detached.undeclared.get('west'), undefined)
  })
})

describe('sites without a declared Site', () => {
  const undeclaredAfter = (...events: Parameters<typeof tablesAfter>[1][]) =>
    tablesAfter(sites, ...events).undeclared.get('west')
  const [attached, created, detached] = [routerAttached(), siteCreated(), routerDetached()]

  it('adds a site named after its namespace when a router is attached', () => {
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

  it('removes it when the router is detached or the site is declared', () => {
    assert.equal(undeclaredAfter(routerConnected(), routerLost()), undefined)
    assert.equal(undeclaredAfter(attached, detached), undefined)
    assert.equal(undeclaredAfter(attached, created), undefined)
    assert.equal(undeclaredAfter(created, attached), undefined)
    assert.equal(undeclaredAfter(attached, detached, attached)?.creationTimestamp, timeAt(2))
  })
})

describe('sites: gaps in observation', () => {
  const gapsAfter = (...events: Parameters<typeof tablesAfter>[1][]) => {
    const { unobserved } = tablesAfter(sites, ...events)
    return [...unobserved.keysWhere('namespace', 'west')].map(key => unobserved.get(key))
  }

  it('records a gap from the last observation to the event', () => {
    const gap = { namespace: 'west', from: Date.parse(timeAt(1)), to: Date.parse(timeAt(2)), since: timeAt(1) }
    assert.deepEqual(gapsAfter(routerAttached(), routerConnected(), routerUnobserved(timeAt(1)), routerLost()), [
      { ...gap, position: positionAt(2) },
    ])
  })

  it('records no gap if no time has passed, or without a router', () => {
    assert.deepEqual(gapsAfter(routerAttached(), routerUnobserved(timeAt(1))), [])
    assert.deepEqual(gapsAfter(routerUnobserved(timeAt(-1))), [])
  })
})

describe('sites: router connection', () => {
  const routerAfter = (...events: Parameters<typeof tablesAfter>[1][]) =>
    tablesAfter(sites, ...events).routers.get('west')
  const url = 'amqp://router:5672'

  it('is recorded with and without a declared site', () => {
    assert.equal(routerAfter(), undefined)
    assert.equal(routerAfter(routerAttached())?.url, url)
  })

  it('is Connecting once attached', () => {
    assert.deepEqual(routerAfter(routerAttached()), {
      connection: 'Connecting',
      url,
      message: 'Connecting',
      since: timeAt(0),
    })
  })

  it('is Connected with the id of the router', () => {
    assert.deepEqual(routerAfter(routerAttached(), routerConnected()), {
      connection: 'Connected',
      id: 'router-1',
      url,
      message: 'OK',
      since: timeAt(1),
    })
  })

  it('is Connecting with the reason after RouterLost', () => {
    assert.deepEqual(routerAfter(routerAttached(), routerConnected(), routerLost('no route')), {
      connection: 'Connecting',
      id: 'router-1',
      url,
      message: 'The router does not respond: no route',
      since: timeAt(2),
    })
  })

  it('is Detached after RouterDetached', () => {
    assert.deepEqual(routerAfter(routerAttached(), routerConnected(), routerDetached()), {
      connection: 'Detached',
      message: 'No router attached',
      since: timeAt(2),
    })
  })

  it('is separate for each site', () => {
    assert.equal(routerAfter(routerAttached({ namespace: 'east' })), undefined)
  })
})
