import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client } from '../../../src/cli/client/client.ts'
import { selectedByFields } from '../../../src/cli/resources/field-selector.ts'
import { BY_KIND } from '../../../src/cli/resources/kinds.ts'
import type { Resource, ResourceKind } from '../../../src/cli/resources/resource.ts'

const listener = (name: string, spec: object, status = 'Ready'): Resource =>
  ({ metadata: { name, namespace: 'west' }, spec, status: { status } }) as unknown as Resource

const ALL = [
  listener('a', { routingKey: 'x,y', host: 'a', port: 80, tlsCredentials: null }),
  listener('b', { routingKey: 'b', host: 'b', port: 81, tlsCredentials: 'certs' }, 'Error'),
]

const kind: ResourceKind = { ...BY_KIND.Listener, list: async () => [...ALL] } as ResourceKind

const selected = async (selector: string): Promise<string[]> =>
  (await selectedByFields(kind, selector).list(undefined as unknown as Client, {})).map(({ metadata }) => metadata.name)

describe('selectedByFields', () => {
  for (const [selector, names] of [
    ['', ['a', 'b']],
    ['metadata.name=a', ['a']],
    ['metadata.name==a', ['a']],
    ['metadata.name!=a', ['b']],
    ['metadata.namespace=west,spec.port=81', ['b']],
    ['spec.port!=80,spec.port!=81', []],
    ['status.status=Error', ['b']],
    ['spec.tlsCredentials=', ['a']],
    ['spec.tlsCredentials!=', ['b']],
    ['spec.routingKey=x\\,y', ['a']],
    [' spec.host=a , spec.port=80', ['a']],
  ] as const) {
    it(`selects ${names.join(', ') || 'nothing'} by "${selector}"`, async () =>
      assert.deepEqual(await selected(selector), names))
  }

  for (const [selector, message] of [
    ['spec.prot=80', /^listeners cannot be selected by 'spec\.prot': use metadata\.name, .*spec\.port/],
    ['spec.prot!=80', /^listeners cannot be selected by 'spec\.prot'/],
    ['metadata.name', /^'metadata\.name' is invalid in --field-selector: must be FIELD=VALUE or FIELD!=VALUE$/],
    ['\\', /^'\\' is invalid in --field-selector/],
    ['metadata.name=a,\\', /^'\\' is invalid in --field-selector/],
    ['=a', /^'=a' is invalid in --field-selector/],
  ] as const) {
    it(`rejects "${selector}"`, () => assert.throws(() => selectedByFields(kind, selector), { message, status: 2 }))
  }

  it('lists again after each change, because a change may make a resource match', () => {
    const scope = { namespace: 'west' }
    assert.notEqual(BY_KIND.Listener.live(scope).change, undefined)
    assert.equal(selectedByFields(kind, 'status.status=Error').live(scope).change, undefined)
    assert.equal(selectedByFields(kind, undefined), kind)
  })
})
