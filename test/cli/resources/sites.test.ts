import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { DomainEvent } from '../../../schemas/events/events.ts'
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

  it('are not found by another name, also beside resources', async () => {
    await engine.done('site create west -n named')
    await engine.done('create listener a 80 -n named')
    assert.deepEqual(await engine.hark('site delete east -n named'), {
      status: 1,
      stdout: '',
      stderr: 'error: Site east not found in namespace named\n',
    })
  })

  it('reject an update without changes', async () => {
    assert.equal((await engine.hark('site update west')).status, 2)
  })

  describe('with a router', () => {
    const site = { namespace: 'shown' }
    const contested = 'Another controller reverts it'
    const done = (command: string) => engine.done(`${command} -n shown`)
    /** Waits until the engine has projected the reports. */
    const reported = async (message: string, ...events: readonly DomainEvent[]) => {
      await engine.routerReports('shown', events)
      await engine.done(['wait', 'site/west', '-n', 'shown', `--for=jsonpath={.status.message}=${message}`])
    }

    before(() => engine.done('site create west -n shown'))

    it('have the status of Skupper, also in manifests', async () => {
      const status = async () => (await done('site status --no-headers')).trim().split(/ {2,}/)
      assert.deepEqual(await status(), ['west', 'Pending', 'Detached', 'No router attached'])
      await reported('Connecting', { type: 'RouterAttached', data: { ...site, url: 'amqp://west:5672' } })
      assert.deepEqual(await status(), ['west', 'Pending', 'Connecting', 'Connecting'])
      await reported('OK', { type: 'RouterConnected', data: { ...site, id: 'router-west' } })
      assert.deepEqual(await status(), ['west', 'Ready', 'Connected', 'OK'])
      assert.equal(await done('get site west -o jsonpath={.status.status}'), 'Ready\n')
      await reported(contested, { type: 'RouterContested', data: { ...site, message: contested } })
      assert.deepEqual(await status(), ['west', 'Error', 'Connected', contested])
      const lost = 'The router does not respond: timeout'
      await reported(lost, { type: 'RouterLost', data: { ...site, reason: 'timeout' } })
      assert.deepEqual(await status(), ['west', 'Pending', 'Connecting', lost])
    })

    it('are described with their router, what they reach and the latest events, also as of a moment', async () => {
      await reported(
        'OK',
        { type: 'RouterUncontested', data: site },
        { type: 'ConnectorSeen', data: { ...site, identity: '1', routingKey: 'api', site: 'east', name: 'api' } },
        { type: 'RouterConnected', data: { ...site, id: 'router-west' } },
      )
      const now = await done('describe site west')
      assert.match(now, /^Name: +west$/m)
      assert.match(now, /^Status: +Ready$/m)
      assert.match(now, /^Router: +Connected since \S+Z$/m)
      assert.match(now, /^Router URL: +amqp:\/\/west:5672$/m)
      assert.match(now, /^Reaches:\n {2}SITE +CONNECTORS\n {2}east +1$/m)
      assert.match(now, /^Latest events:\n.*\n.*SiteCreated(?:.*\n)*.*RouterContested(?:.*\n)*.*RouterConnected/m)
      assert.doesNotMatch(now, /ConnectorSeen/)

      const events: { readonly type: string; readonly position: string }[] = JSON.parse(await done('history -o json'))
      const attached = events.find(({ type }) => type === 'RouterAttached')?.position
      const then = await done(`describe site west --at ${attached}`)
      assert.match(then, /^Status: +Pending$/m)
      assert.match(then, /^Router: +Connecting since \S+Z$/m)
      assert.match(then, /^Reaches:\n {2}none$/m)
      assert.match(then, /RouterAttached/)
      assert.doesNotMatch(then, /RouterConnected|Router ID/)
    })

    it('describe reports a site that does not exist', async () => {
      assert.deepEqual(await engine.hark('describe site east -n shown'), {
        status: 1,
        stdout: '',
        stderr: 'error: site east not found in namespace shown\n',
      })
    })
  })
})
