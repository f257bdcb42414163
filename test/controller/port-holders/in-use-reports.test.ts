import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InUseReports } from '../../../src/controller/port-holders/in-use-reports.ts'
import type { FindPortHolder, PortHolder } from '../../../src/controller/port-holders/port-holder.ts'

const MESSAGE = 'Address already in use - listen on backend:7070'
const FAILED = { state: 'failed', message: MESSAGE } as const
const OPENED = { state: 'opened', message: 'OK' } as const

const setUp = (find: FindPortHolder) => {
  const found = Promise.withResolvers<string>()
  let expire = () => {}
  const reports = new InUseReports({
    find,
    clock: {
      setTimeout: work => {
        expire = work
        return { cancel: () => undefined }
      },
    },
    onFound: found.resolve,
  })
  return { reports, found: found.promise, expire: () => expire() }
}

describe('InUseReports.amend', () => {
  it('adds the process that holds the address, after one search for each failure', async () => {
    const searched: unknown[] = []
    const { reports, found } = setUp(async ({ host, port }) => {
      searched.push([host, port])
      return { name: 'report-server', pid: 4711 }
    })
    assert.equal(reports.amend('backend', FAILED), 'undecided')
    assert.equal(await found, 'backend')
    const message = `${MESSAGE} (held by report-server, process 4711)`
    for (let time = 0; time < 2; time += 1) assert.deepEqual(reports.amend('backend', FAILED), { ...FAILED, message })
    assert.deepEqual(searched, [['backend', 7070]])
    assert.equal(reports.amend('backend', OPENED), OPENED)
    assert.equal(reports.amend('backend', FAILED), 'undecided')
    assert.equal(searched.length, 2)
  })

  it('shows control characters and bidirectional formatting of a name as text', async () => {
    const { reports, found } = setUp(async () => ({ name: 'a\u001b[31m\u202eb', pid: 1 }))
    reports.amend('backend', FAILED)
    await found
    const report = reports.amend('backend', FAILED)
    assert.equal(report !== 'undecided' && report.message, `${MESSAGE} (held by a [31m<U+202E>b, process 1)`)
  })

  it('leaves the report as it is if the search finds nothing, fails or takes too long', async () => {
    const searches: FindPortHolder[] = [async () => undefined, () => Promise.reject(new Error('denied'))]
    for (const find of searches) {
      const { reports, found } = setUp(find)
      reports.amend('backend', FAILED)
      await found
      assert.equal(reports.amend('backend', FAILED), FAILED)
    }
    const { reports, found, expire } = setUp(() => new Promise<PortHolder>(() => {}))
    reports.amend('backend', FAILED)
    expire()
    await found
    assert.equal(reports.amend('backend', FAILED), FAILED)
  })

  it('searches for nothing after other failures', () => {
    const { reports } = setUp(() => assert.fail('searched'))
    const refused = { state: 'refused', message: MESSAGE } as const
    const denied = { state: 'failed', message: 'Permission denied - listen on backend:80' } as const
    for (const report of [refused, denied]) assert.equal(reports.amend('backend', report), report)
  })
})
