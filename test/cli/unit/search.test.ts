import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Client } from '../../../src/cli/client/client.ts'
import type { Resource, Scope } from '../../../src/cli/resources/resource.ts'
import { search } from '../../../src/cli/resources/search.ts'

const resource = (name: string) => ({ metadata: { name } }) as Resource

describe('search', () => {
  it('looks up thousands of names with few requests at once, in order, and lists the missing', async () => {
    const names = Array.from({ length: 2000 }, (_, index) => `l${index}`)
    let [now, most] = [0, 0]
    const list = async (_: Client, { name = '' }: Scope) => {
      now += 1
      most = Math.max(most, now)
      await setImmediate()
      now -= 1
      return name === 'l7' ? [] : [resource(name)]
    }
    const client = new Client(new URL('http://127.0.0.1:1'), 'none')
    const found = await search(client, { kind: { kind: 'Listener', list }, names }, { namespace: 'west' })
    assert.deepEqual(
      found.resources.map(({ metadata }) => metadata.name),
      names.filter(name => name !== 'l7'),
    )
    assert.deepEqual(found.missing, ['Error from server (NotFound): listener l7 not found in namespace west'])
    assert.equal(most, 16)
  })
})
