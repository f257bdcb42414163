import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stringify } from 'yaml'
import { HarkError } from '../../schemas/errors.ts'
import { readManifest } from '../../schemas/resources/manifest.ts'
import { readDocuments } from '../../src/cli/manifests/documents.ts'
import { decodeEvent } from '../../src/engine/read-models/decode-event.ts'
import { anyCharacter } from '../support/any-character.ts'
import fc from '../support/fast-check.ts'
import { BACKEND, CONNECTOR, SITE } from '../support/operations.ts'
import { ALICE, TestEngine } from '../support/test-engine.ts'
import { fuzz } from './fuzz.ts'
import { anyValue, mutated, mutatedText } from './mutations.ts'

const RUNS = { read: 500, applied: 300 }

const OTHER = { apiVersion: 'v1', kind: 'List', items: [BACKEND, { apiVersion: 'apps/v1', kind: 'Deployment' }] }
const sound = fc.constantFrom<unknown>(BACKEND, CONNECTOR, SITE, OTHER)
const manifest = fc.oneof({ weight: 5, arbitrary: mutated(sound) }, { weight: 1, arbitrary: anyValue })

const asText = (value: unknown, isYaml: boolean): string => {
  if (!isYaml) return JSON.stringify(value) ?? ''
  return stringify(value ?? null)
}

const YAML = [stringify(BACKEND), `${stringify(SITE)}---\n${stringify(CONNECTOR)}`, 'a: &x [1]\nb: [*x, *x]\n<<: *x\n']
const text = fc.oneof(
  fc.tuple(manifest, fc.boolean()).map(([value, isYaml]) => asText(value, isYaml)),
  mutatedText(fc.constantFrom(...YAML)),
  fc.string({ unit: anyCharacter, maxLength: 200 }),
)

describe('manifests', () => {
  it('are parsed, or rejected with the location, whatever a file contains', async () => {
    await fuzz(text, RUNS.read, content => {
      for (const read of readDocuments({ name: 'file', text: content })) {
        if ('fault' in read) {
          assert.match(read.fault, /^file:\d+/)
          continue
        }
        const manifest = readManifest(read.document.value, 'west')
        if (manifest.outcome !== 'faulty') continue
        assert.ok(manifest.faults.length > 0)
        for (const { path } of manifest.faults) assert.match(read.document.where(path), /^file:\d+/)
      }
    })
  })

  it('leave valid events, and none if they are invalid', async () => {
    await using test = await TestEngine.start()
    let seen = 0
    const news = async () => {
      const events = []
      for await (const event of test.store.readAll({ from: seen })) events.push(event)
      seen = events.at(-1)?.position ?? seen
      return events
    }
    await fuzz(fc.array(manifest, { minLength: 1, maxLength: 3 }), RUNS.applied, async manifests => {
      try {
        await test.engine.apply(manifests, { caller: ALICE, dryRun: false, namespace: 'west' })
      } catch (error) {
        assert.ok(error instanceof HarkError, String((error as Error).stack))
        // Invalid input is rejected as a whole; a conflict may follow commands that were executed.
        if (error.code === 'BAD_USER_INPUT') assert.deepEqual(await news(), [])
      }
      for (const event of await news()) assert.ok(decodeEvent(event))
    })
  })
})
