import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { TestEngine } from '../engine.ts'

let engine: TestEngine
let folder: Awaited<ReturnType<typeof scratchFolder>>

before(async () => {
  folder = await scratchFolder()
  engine = await TestEngine.start(folder.path)
})
after(async () => {
  await engine.close()
  await folder[Symbol.asyncDispose]()
})

describe('sites', () => {
  for (const [grammar, update, remove] of [
    ['noun first', 'site update', 'site delete'],
    ['verb first', 'update site', 'delete site'],
  ] as const)
    it(`are updated and deleted, ${grammar}`, async () => {
      const namespace = `-n ${grammar.replace(' ', '-')}`
      await engine.done(`site create west ${namespace}`)
      const change = `${update} west ${namespace} --ha --link-access default`
      assert.equal(await engine.done(change), 'site.skupper.io/west configured\n')
      assert.equal(await engine.done(change), 'site.skupper.io/west unchanged\n')
      assert.equal(await engine.done(`${update} west ${namespace} --no-ha`), 'site.skupper.io/west configured\n')
      assert.match(
        await engine.done(`get site west ${namespace} -o yaml`),
        /^spec:\n {2}linkAccess: default\n {2}ha: false$/m,
      )
      assert.equal(await engine.done(`${remove} west ${namespace}`), 'site.skupper.io/west deleted\n')
    })

  it('are deleted after the other resources of manifests', async () => {
    const document = (kind: string, spec: string) =>
      `---\napiVersion: skupper.io/v2alpha1\nkind: ${kind}\nmetadata: {name: a}\nspec: {${spec}}\n`
    const input = document('Site', '') + document('Listener', 'routingKey: a, host: a, port: 80')
    await engine.hark('apply -f - -n files', { input })
    assert.deepEqual(await engine.hark('delete site a -n files'), {
      status: 1,
      stdout: '',
      stderr: 'error: Site a is in use: delete listeners (1) of namespace files first\n',
    })
    assert.deepEqual(await engine.hark('delete -f - -n files', { input }), {
      status: 0,
      stdout: 'listener.skupper.io/a deleted\nsite.skupper.io/a deleted\n',
      stderr: '',
    })
  })

  it('reject an update without changes', async () => {
    assert.equal((await engine.hark('site update west')).status, 2)
  })
})
