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
        /^spec:\n {2}ha: false\n {2}linkAccess: default$/m,
      )
      assert.equal(await engine.done(`${remove} west ${namespace}`), 'site.skupper.io/west deleted\n')
    })

  for (const [grammar, rename] of [
    ['noun first', 'site rename'],
    ['verb first', 'rename site'],
  ] as const)
    it(`are renamed, ${grammar}, and keep one history`, async () => {
      const namespace = `-n renamed-${grammar.replace(' ', '-')}`
      await engine.done(`site create west ${namespace}`)
      await engine.done(`site update west ${namespace} --ha`)
      const renamed = 'site.skupper.io/west renamed to far-west\n'
      assert.equal(await engine.done(`${rename} west far-west ${namespace}`), renamed)
      const unchanged = 'site.skupper.io/far-west unchanged\n'
      assert.equal(await engine.done(`${rename} far-west far-west ${namespace}`), unchanged)
      for (const name of ['west', 'far-west']) {
        const history = await engine.done(`history site ${name} ${namespace}`)
        assert.match(history, /SiteCreated(?:.*\n)*.*SiteUpdated(?:.*\n)*.*SiteRenamed .*name west → far-west/)
        const last = await engine.done(`history site/${name} ${namespace} --tail 1`)
        assert.match(last, /^TIME.*\n.*SiteRenamed.*\n$/)
      }
      assert.match(await engine.done(`get site far-west ${namespace} -o yaml`), /^ {2}name: far-west$/m)
    })

  it('have a history apart from that of another site of their namespace', async () => {
    await engine.done('site create first -n followed')
    await engine.done('site delete first -n followed')
    await engine.done('site create second -n followed')
    const typesOf = async (name: string) => {
      const events = JSON.parse(await engine.done(`history site ${name} -n followed -o json`))
      return events.map(({ type }: { type: string }) => type)
    }
    assert.deepEqual(await typesOf('first'), ['SiteCreated', 'SiteDeleted'])
    assert.deepEqual(await typesOf('second'), ['SiteCreated'])
    assert.deepEqual(await engine.hark('history site third -n followed'), {
      status: 0,
      stdout: '',
      stderr: 'No events found about site third in namespace followed.\n',
    })
  })

  it('are not renamed if they do not exist', async () => {
    assert.deepEqual(await engine.hark('site rename east new -n nowhere'), {
      status: 1,
      stdout: '',
      stderr:
        'Error from server (NotFound): Site east not found in namespace nowhere, which has no declared site: create one with the name that it is to have\n',
    })
  })

  it('are created and generated with properties', async () => {
    await engine.done('site create south -n properties --ha --link-access default')
    const [first, second] = ['  linkAccess: default\n', '  ha: true\n']
    const manifest = await engine.done('get site south -n properties -o yaml')
    assert.ok(manifest.includes(`spec:\n${second}${first}`))
    assert.ok(
      (await engine.done('site generate south --ha --link-access default')).includes(`spec:\n${first}${second}`),
    )
  })

  it('are deleted after the other resources of manifests', async () => {
    const document = (kind: string, spec: string) =>
      `---\napiVersion: skupper.io/v2alpha1\nkind: ${kind}\nmetadata: {name: a}\nspec: {${spec}}\n`
    const input = document('Site', '') + document('Listener', 'routingKey: a, host: a, port: 80')
    await engine.hark('apply -f - -n files', { input })
    assert.deepEqual(await engine.hark('delete site a -n files'), {
      status: 1,
      stdout: '',
      stderr: 'Error from server (Conflict): Site a is in use: delete listeners (1) of namespace files first\n',
    })
    assert.deepEqual(await engine.hark('delete -f - -n files', { input }), {
      status: 0,
      stdout: 'listener.skupper.io/a deleted\nsite.skupper.io/a deleted\n',
      stderr: '',
    })
  })

  it('are not found by another name, also beside resources', async () => {
    await engine.done('site create south -n named')
    await engine.done('create listener a 80 -n named')
    assert.deepEqual(await engine.hark('site delete east -n named'), {
      status: 1,
      stdout: '',
      stderr: 'Error from server (NotFound): Site east not found in namespace named\n',
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

    it('are renamed where a router is attached only once they are created, as the error says', async () => {
      const url = 'amqp://south:5672'
      await engine.routerReports('far-south', [{ type: 'RouterAttached', data: { namespace: 'far-south', url } }])
      await engine.done(['wait', 'site/far-south', '-n', 'far-south', '--for=create'])
      const { status, stderr } = await engine.hark('site rename far-south new -n far-south')
      assert.equal(status, 1)
      assert.match(stderr, /which has no declared site: create one with the name that it is to have$/m)
      assert.equal(await engine.done('site create new -n far-south'), 'site.skupper.io/new created\n')
    })

    it('are created where a router is attached already', async () => {
      const url = 'amqp://north:5672'
      await engine.routerReports('north', [{ type: 'RouterAttached', data: { namespace: 'north', url } }])
      await engine.done(['wait', 'site/north', '-n', 'north', '--for=create'])
      assert.equal(await engine.done('site create far-north -n north'), 'site.skupper.io/far-north created\n')
      assert.deepEqual(await engine.hark('site create north -n north'), {
        status: 1,
        stdout: '',
        stderr: 'Error from server (AlreadyExists): namespace north has site far-north already\n',
      })
    })

    it('describe reports a site that does not exist', async () => {
      assert.deepEqual(await engine.hark('describe site east -n shown'), {
        status: 1,
        stdout: '',
        stderr: 'Error from server (NotFound): site east not found in namespace shown\n',
      })
    })
  })
})
