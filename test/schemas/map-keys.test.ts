import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { commands } from '../../schemas/commands.ts'
import { toIssues } from '../../schemas/validation.ts'

const named = { namespace: 'west', name: 'a' }
const listener = { routingKey: 'a', host: 'a', port: 1 }
const map = (value: unknown): object => JSON.parse(`{"a": "b", "__proto__": ${JSON.stringify(value)}}`)

const COMMANDS = {
  'settings of a listener': { type: 'CreateListener', ...named, spec: { ...listener, settings: map('c') } },
  'settings of a connector': { type: 'CreateConnector', ...named, spec: { ...listener, settings: map('c') } },
  'settings of a MultiKeyListener': {
    type: 'CreateMultiKeyListener',
    ...named,
    spec: { host: 'a', port: 1, strategy: { priority: { routingKeys: ['a'] } }, settings: map('c') },
  },
  'settings of a site': { type: 'UpdateSite', ...named, spec: { settings: map('c') } },
  labels: { type: 'CreateListener', ...named, spec: listener, labels: map('c') },
  annotations: { type: 'CreateListener', ...named, spec: listener, annotations: map('c') },
  'changes of labels': { type: 'UpdateListenerMetadata', ...named, labels: map(null) },
  'changes of annotations': { type: 'UpdateSiteMetadata', ...named, annotations: map('c') },
} as const

describe('the key __proto__', () => {
  for (const [what, command] of Object.entries(COMMANDS))
    it(`is rejected in ${what}, rather than left out`, () => {
      const parsed = commands[command.type].safeParse(command)
      assert.ok(!parsed.success)
      const [issue, ...more] = toIssues(parsed.error)
      assert.deepEqual(more, [])
      assert.match(issue?.path ?? '', /(^|\.)(settings|labels|annotations)\.__proto__$/)
      assert.match(issue?.message ?? '', /^"__proto__" is not a key/)
    })
})
