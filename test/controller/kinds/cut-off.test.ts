import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isCutOff } from '../../../src/controller/kinds/cut-off.ts'
import type { ReportContext } from '../../../src/controller/kinds/kind.ts'

interface Network {
  readonly isAlone?: boolean
  /** Identities of connectors by routing key. */
  readonly connectors?: Readonly<Record<string, readonly string[]>>
}

const contextOf = ({ isAlone = true, connectors = {} }: Network): ReportContext =>
  ({
    isAlone: () => isAlone,
    site: { connection: () => ({ connection: 'Connected', id: 'west' }) },
    network: {
      routers: () => [
        { name: '0/west', identity: 'w:0' },
        { name: '0/east', identity: 'e:0' },
      ],
    },
    index: { identities: (_: string, key: string) => connectors[key] ?? [] },
  }) as unknown as ReportContext

const KEYS = ['first', 'second']

describe('isCutOff', () => {
  it('is true if all connectors of all routing keys are at other routers', () => {
    assert.equal(isCutOff(contextOf({ connectors: { first: ['e:1'], second: ['e:2'] } }), KEYS), true)
    assert.equal(isCutOff(contextOf({ connectors: { second: ['e:2'] } }), KEYS), true)
  })

  it('is false with a connector of one routing key at the router itself', () => {
    assert.equal(isCutOff(contextOf({ connectors: { first: ['e:1'], second: ['w:2'] } }), KEYS), false)
  })

  it('is false with a link, and without connectors', () => {
    assert.equal(isCutOff(contextOf({ isAlone: false, connectors: { first: ['e:1'] } }), KEYS), false)
    assert.equal(isCutOff(contextOf({}), KEYS), false)
  })
})
