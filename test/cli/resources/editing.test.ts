import assert from 'node:assert/strict'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../support/eventually.ts'
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

let editors = 0

/** An editor that runs one script on the file after the other, and keeps what it was shown. */
const editorOf = (...scripts: readonly string[]) => {
  editors += 1
  const [file, shown] = [join(folder.path, `editor-${editors}`), join(folder.path, `shown-${editors}`)]
  const runs = scripts.map((script, index) => `${index + 1}) sed -i '${script}' "$1";;`).join('\n')
  writeFileSync(
    file,
    `#!/bin/sh\ncp "$1" "${shown}"\nrun=$(($(cat "$0.run" 2>/dev/null || echo 0) + 1))\necho "$run" > "$0.run"\ncase $run in\n${runs}\nesac\n`,
  )
  chmodSync(file, 0o700)
  const edit = async (command: string, env: NodeJS.ProcessEnv = {}) => {
    const { status, stdout, stderr } = await engine.hark(command, {
      env: { VISUAL: '', EDITOR: file, TMPDIR: folder.path, ...env },
    })
    return [status, stdout, stderr]
  }
  return {
    edit,
    file,
    shown: () => readFileSync(shown, 'utf8'),
    runs: () => Number(readFileSync(`${file}.run`, 'utf8')),
  }
}

/** An editor that stays open until it is released. */
const openEditorOf = (...scripts: readonly string[]) => {
  const { edit, file } = editorOf(...scripts)
  const [open, released] = [`${file}.open`, `${file}.released`]
  writeFileSync(
    `${file}.sh`,
    `#!/bin/sh\ntouch "${open}"\nuntil [ -e "${released}" ]; do sleep 0.02; done\nexec "${file}" "$1"\n`,
  )
  chmodSync(`${file}.sh`, 0o700)
  return {
    edit: (command: string, env: NodeJS.ProcessEnv = {}) => edit(command, { VISUAL: `${file}.sh`, ...env }),
    opened: () => eventually(() => existsSync(open)),
    release: () => writeFileSync(released, ''),
  }
}

/** The engine behind a proxy, which deletes the listener before a manifest of it arrives. */
const deletingEngine = async (namespace: string, name: string) => {
  const proxy = createServer(async (request, response) => {
    const body = await text(request)
    if (body.includes('mutation Apply')) await engine.execute('DeleteListener', { namespace, name })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${engine.url}${request.url}`, { method: 'POST', headers, body })
    response.writeHead(answer.status).end(await answer.text())
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    [Symbol.dispose]: () => {
      proxy.closeAllConnections()
      proxy.close()
    },
  }
}

const portOf = async (namespace: string, name: string): Promise<string> =>
  (await engine.done(`get listener ${name} -n ${namespace} -o jsonpath={.spec.port}`)).trim()

describe('edit', { skip: process.platform === 'win32' }, () => {
  it('applies what the editor leaves', async () => {
    await engine.createListener('edit', 'a', 80)
    const { edit, shown } = editorOf('s/port: 80/port: 90/')
    assert.deepEqual(await edit('edit listener a -n edit'), [0, 'listener.skupper.io/a edited\n', ''])
    assert.match(shown(), /^# Lines that begin with #[\s\S]*\napiVersion: skupper\.io\/v2alpha1\nkind: Listener\n/)
    assert.doesNotMatch(shown(), /status:/)
    assert.equal(await portOf('edit', 'a'), '90')
  })

  it('edits several resources in one file', async () => {
    await engine.createListener('several', 'a', 80)
    await engine.createListener('several', 'b', 81)
    const { edit } = editorOf('s/port: 81/port: 91/')
    const both = 'listener.skupper.io/a unchanged\nlistener.skupper.io/b edited\n'
    assert.deepEqual(await edit('edit listeners -n several'), [0, both, ''])
  })

  it('applies nothing if nothing is changed', async () => {
    await engine.createListener('same', 'a', 80)
    for (const script of ['s/nothing/more/', 'd']) {
      const { edit } = editorOf(script)
      assert.deepEqual(await edit('edit listener a -n same'), [0, '', 'Edit cancelled: no changes made.\n'])
    }
  })

  it('opens again with the faults, until the manifests are accepted', async () => {
    await engine.createListener('again', 'a', 80)
    const { edit, shown, runs } = editorOf('s/port: 80/port: 0/', 's/port: 0/port: [/', 's/port: \\[/port: 92/')
    assert.deepEqual(await edit('edit listener/a -n again'), [0, 'listener.skupper.io/a edited\n', ''])
    assert.equal(runs(), 3)
    assert.match(shown(), /^# \S+manifests\.yaml:\d+: .*\n/m)
    assert.equal(await portOf('again', 'a'), '92')
  })

  it('keeps manifests that are rejected and not changed again', async () => {
    await engine.createListener('kept', 'a', 80)
    const { edit } = editorOf('s/port: 80/port: 0/')
    const [status, stdout, stderr] = await edit('edit listener a -n kept')
    assert.deepEqual([status, stdout], [1, ''])
    assert.match(String(stderr), /spec\.port: 0 is not a port/)
    const [, kept = ''] = /^error: nothing is applied: (\S+) has the manifests$/m.exec(String(stderr)) ?? []
    assert.match(readFileSync(kept, 'utf8'), /port: 0/)
    assert.equal(dirname(dirname(kept)), folder.path)
  })

  it('prefers VISUAL, with arguments, and reports an editor that fails', async () => {
    await engine.createListener('failing', 'a', 80)
    const { edit, file } = editorOf()
    const [status, , stderr] = await edit('edit listener a -n failing', { VISUAL: 'sh -c "exit 3"' })
    assert.equal(status, 1)
    assert.match(String(stderr), /^error: the editor 'sh -c "exit 3"' ended with status 3: \S+ is kept\n$/)
    assert.equal(existsSync(`${file}.run`), false)
  })

  it('replaces what cannot be changed with --replace', async () => {
    await engine.createListener('replaced', 'a', 80)
    const script = 's/^  port: 80/  port: 80\\n  tlsCredentials: certs/'
    assert.deepEqual(await editorOf(script).edit('edit listener a -n replaced --replace'), [
      0,
      'listener.skupper.io/a edited\n',
      '',
    ])
  })

  it('removes labels that the editor removes', async () => {
    await engine.createListener('unlabeled', 'a', 80)
    await engine.done('label listener a -n unlabeled app=shop')
    const { edit } = editorOf('/labels:/d;/app: shop/d')
    assert.deepEqual(await edit('edit listener a -n unlabeled'), [0, 'listener.skupper.io/a edited\n', ''])
    assert.equal(await engine.done('label listener a -n unlabeled --list'), '')
  })

  it('does not create a resource that was deleted meanwhile', async () => {
    await engine.createListener('gone', 'a', 80)
    const { edit, opened, release } = openEditorOf('s/port: 80/port: 90/')
    const edited = edit('edit listener a -n gone')
    await opened()
    await engine.execute('DeleteListener', { namespace: 'gone', name: 'a' })
    release()
    const [status, stdout, stderr] = await edited
    assert.deepEqual([status, stdout], [1, ''])
    assert.match(
      String(stderr),
      /^Error from server \(NotFound\): \S+manifests\.yaml:\d+: Listener a not found in namespace gone\n/,
    )
    assert.equal((await engine.hark('get listener a -n gone')).status, 1)
  })

  it('reports faults with their line in the file that opens again', async () => {
    await engine.createListener('lines', 'a', 80)
    const { edit, shown } = editorOf('s/port: 80/port: 0/')
    const [, , stderr] = await edit('edit listener a -n lines')
    const [, line] = /manifests\.yaml:(\d+): spec\.port/.exec(String(stderr)) ?? []
    assert.match(shown().split('\n')[Number(line) - 1] ?? '', /port: 0/)
  })

  it('names the file if the engine stopped meanwhile', async () => {
    const other = await TestEngine.startInScratchFolder()
    await other.createListener('lost', 'a', 80)
    const { edit, opened, release } = openEditorOf('s/port: 80/port: 90/')
    const edited = edit('edit listener a -n lost', { HARK_SERVER: other.url })
    await opened()
    await other.close()
    release()
    const [status, stdout, stderr] = await edited
    assert.deepEqual([status, stdout], [3, ''])
    const [, kept = ''] = /^error: (\S+) has the manifests$/m.exec(String(stderr)) ?? []
    assert.match(readFileSync(kept, 'utf8'), /port: 90/)
  })

  it('rejects names that do not exist', async () => {
    assert.deepEqual(await editorOf().edit('edit listener ghost -n edit'), [
      1,
      '',
      'Error from server (NotFound): listener ghost not found in namespace edit\n',
    ])
  })
})

describe('patch', () => {
  const patch = async (namespace: string, text: string, ...more: readonly string[]) => {
    const { status, stdout, stderr } = await engine.hark([
      'patch',
      'listener',
      'a',
      '-n',
      namespace,
      '-p',
      text,
      ...more,
    ])
    return [status, stdout, stderr]
  }

  it('merges JSON or YAML into the manifest', async () => {
    await engine.createListener('patch', 'a', 80)
    const line = 'listener.skupper.io/a patched'
    assert.deepEqual(await patch('patch', '{"spec":{"port":90}}', '--dry-run'), [0, `${line} (dry run)\n`, ''])
    assert.equal(await portOf('patch', 'a'), '80')
    assert.deepEqual(await patch('patch', '{"spec":{"port":90}}'), [0, `${line}\n`, ''])
    assert.deepEqual(await patch('patch', 'spec: {port: 90}', '--type', 'merge'), [0, `${line} (no change)\n`, ''])
    assert.equal(await portOf('patch', 'a'), '90')
  })

  it('sets and removes labels', async () => {
    await engine.createListener('marked', 'a', 80)
    await patch('marked', '{"metadata":{"labels":{"tier":"web","app":"shop"}}}')
    assert.deepEqual(await patch('marked', '{"metadata":{"labels":{"tier":null,"none":null}}}'), [
      0,
      'listener.skupper.io/a patched\n',
      '',
    ])
    assert.equal(await engine.done('label listener a -n marked --list'), 'app=shop\n')
  })

  it('removes a property by null, and reads a file', async () => {
    await engine.createConnector('null', 'c', 80)
    const file = join(folder.path, 'patch.yaml')
    writeFileSync(file, 'spec:\n  host: null\n  selector: app=c\n')
    assert.equal(
      await engine.done(`patch connector/c -n null --patch-file ${file}`),
      'connector.skupper.io/c patched\n',
    )
    assert.equal(await engine.done('get cnr c -n null -o jsonpath={.spec.selector}'), 'app=c\n')
  })

  it('patches each resource that is selected, and reports those that are rejected', async () => {
    await engine.createListener('some', 'a', 80)
    await engine.createListener('some', 'b', 81)
    const text = '{"spec":{"host":"shared","port":90}}'
    const { status, stdout, stderr } = await engine.hark([
      'patch',
      'listener/a',
      'listener/b',
      '-n',
      'some',
      '-p',
      text,
    ])
    assert.deepEqual([status, stdout], [1, 'listener.skupper.io/a patched\n'])
    assert.match(stderr, /^Error from server \(AlreadyExists\): .*host shared and port 90 are taken/)
  })

  it('removes all labels by null', async () => {
    await engine.createListener('unmarked', 'a', 80)
    await engine.done('label listener a -n unmarked tier=web app=shop')
    assert.deepEqual(await patch('unmarked', '{"metadata":{"labels":null}}'), [
      0,
      'listener.skupper.io/a patched\n',
      '',
    ])
    assert.equal(await engine.done('label listener a -n unmarked --list'), '')
  })

  for (const [flag, selector] of [
    ['-l', ''],
    ['--field-selector', ','],
    ['--field-selector', '\\'],
  ] as const) {
    it(`rejects ${flag} '${selector}' and changes nothing`, async () => {
      await engine.hark('create listener a 80 -n every')
      const { status, stdout } = await engine.hark([
        'patch',
        'listeners',
        '-n',
        'every',
        flag,
        selector,
        '-p',
        '{"spec":{"port":90}}',
      ])
      assert.deepEqual([status, stdout, await portOf('every', 'a')], [2, '', '80'])
    })
  }

  for (const [text, status, message] of [
    ['{"metadata":{"name":"b"}}', 2, /a patch cannot change the kind, name or namespace/],
    ['[1]', 2, /the patch must be a map/],
    ['{', 1, /^error: the patch cannot be read: /],
    ['{"spec":{"port":0}}', 1, /spec\.port: 0 is not a port/],
    ['{"spec":{"unknown":1}}', 1, /unknown/],
    ['{"spec":{"__proto__":{"port":90}}}', 1, /the body has the key __proto__/],
    ['{"metadata":{"labels":{"__proto__":"x"}}}', 1, /the body has the key __proto__/],
  ] as const) {
    it(`rejects ${text}`, async () => {
      await engine.hark('create listener a 80 -n wrong')
      const outcome = await patch('wrong', text)
      assert.deepEqual(outcome.slice(0, 2), [status, ''])
      assert.match(String(outcome[2]), message)
    })
  }
})

for (const command of [
  ['patch', 'listener', 'a', '-p', '{"spec":{"port":90}}'],
  ['update', 'listener', 'a', '--port', '90', '--host', 'b'],
] as const)
  it(`${command[0]} › does not create a resource that was deleted since it was read`, async () => {
    const namespace = `${command[0]}-deleted`
    await engine.createListener(namespace, 'a', 80)
    using deleting = await deletingEngine(namespace, 'a')
    const { status, stdout, stderr } = await engine.hark([...command, '-n', namespace], {
      env: { HARK_SERVER: deleting.url },
    })
    assert.deepEqual([status, stdout], [1, ''])
    assert.match(stderr, /^Error from server \(NotFound\): .*Listener a not found in namespace/)
    assert.equal((await engine.hark(`get listener a -n ${namespace}`)).status, 1)
  })

describe('create', () => {
  it('--dry-run creates nothing, and asks the engine unless it is client', async () => {
    const create = 'create listener a 80 -n dry'
    assert.equal(await engine.done(`${create} --dry-run`), 'listener.skupper.io/a created (dry run)\n')
    const nowhere = `${create} --dry-run=client -o yaml --server http://127.0.0.1:1`
    assert.match(await engine.done(nowhere), /^apiVersion: skupper\.io\/v2alpha1\nkind: Listener\n[\s\S]*port: 80\n$/)
    assert.equal((await engine.hark('get listener a -n dry')).status, 1)
    await engine.done(create)
    assert.deepEqual(await engine.hark(`${create} --dry-run=server`), {
      status: 1,
      stdout: '',
      stderr: 'Error from server (AlreadyExists): Listener a exists already\n',
    })
  })

  it('-o prints the resource, or its name', async () => {
    assert.equal(await engine.done('create listener n 80 -n printed -o name'), 'listener.skupper.io/n\n')
    const { kind, metadata, status } = JSON.parse(await engine.done('listener create j 81 -n printed -o json'))
    assert.deepEqual([kind, metadata.name, status.status], ['Listener', 'j', 'Pending'])
  })
})
