import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isRefusedByClients, REFUSED_PORTS } from '../../../src/cli/runtime/start.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { runInProcess } from '../hark.ts'

describe('REFUSED_PORTS', () => {
  it('equals the ports that fetch refuses', async () => {
    for (const port of REFUSED_PORTS) {
      const error = await fetch(`http://127.0.0.1:${port}/`).catch((reason: Error) => reason)
      assert.equal(((error as Error).cause as Error).message, 'bad port', String(port))
    }
    for (const port of [80, 443, 4000, 8080, 8443]) assert.ok(!isRefusedByClients(port))
  })

  it('makes serve log a warning', async () => {
    await using folder = await scratchFolder()
    // Rejected because of the host, so that nothing listens.
    const args = ['serve', '--host', '0.0.0.0', '--port', '10080', '--data', folder.path]
    const { status, stderr } = await runInProcess(args)
    assert.equal(status, 2)
    const [line] = /^.*HTTP clients refuse this port.*$/m.exec(stderr) ?? []
    assert.equal(JSON.parse(line ?? '').level, 40)
  })
})
