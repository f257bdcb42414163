import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import about from '../../../package.json' with { type: 'json' }
import { eventually } from '../../support/eventually.ts'
import { scratchFolder } from '../../support/scratch-folder.ts'
import { TestEngine } from '../engine.ts'
import { runInProcess } from '../hark.ts'

/** A message of a router that must not harm the reader of a report. */
const EVIL = '=HYPERLINK("http://evil")<script>alert(1)</script>|`x`\u001b[31m\u009b31m'

describe('hark audit report', { concurrency: 4 }, () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>
  let hark: TestEngine
  const report = async (args = '', status = 0) => {
    const outcome = await hark.hark(`audit report ${args}`.trim())
    assert.equal(outcome.status, status, outcome.stderr)
    return outcome.stdout
  }

  before(async () => {
    folder = await scratchFolder()
    hark = await TestEngine.start(folder.path)
    const uid = await hark.createListener('west', 'backend', 8080)
    await hark.createConnector('east', 'backend')
    await hark.execute('UpdatePort', { namespace: 'west', name: 'backend', port: 9090 })
    await hark.routerReports('west', [
      { type: 'RouterAttached', data: { namespace: 'west', url: 'amqp://router' } },
      {
        type: 'ListenerRefused',
        data: { namespace: 'west', name: 'backend', uid, generation: 2, message: EVIL },
      },
    ])
    assert.equal((await hark.hark('create listener backend 1 -n west')).status, 1)
    await hark.createListener('west', 'gone', 5000)
    // A listener of less than a millisecond has no availability.
    const created = Date.now()
    await eventually(() => Date.now() > created)
    await hark.execute('DeleteListener', { namespace: 'west', name: 'gone' })
  })
  after(async () => {
    await hark.close()
    await folder[Symbol.asyncDispose]()
  })

  it('prints a table with a summary', async () => {
    const text = await report()
    for (const line of [
      /^Audit report\n\S+ to \S+, up to position \d+; all namespaces\n8 entries: 5 changes, 1 refusal, 2 observations\n$/m,
      /^Changes by actor\nACTOR +CHANGES\ntest +5\n$/m,
      /^Changes by resource\n(.*\n)*west +listener\/backend +2$/m,
      /^Refusals\nACTOR +CODE +REFUSALS\nanonymous +ALREADY_EXISTS +1$/m,
      /^Availability of listeners\nNAMESPACE +LISTENER +READY +UNKNOWN +NOT-OBSERVED +TRANSITIONS\nwest +backend +\S+ % .*\nwest +gone /m,
      /^Entries\nTIME +POSITION +ACTOR +NAMESPACE +RESOURCE +ACTION +RESULT +CHANGE$/m,
      /^\S+Z +\d+ +test +west +listener\/backend +changed the port +Done +port 8080 → 9090$/m,
      / anonymous +west +listener\/backend +refused: create listener +Refused +ALREADY_EXISTS: Listener backend /,
      / listener\/gone +created +Done +expose pods by name false, host gone, port 5000, routing key gone,/,
      / listener\/gone +deleted +Done$/m,
    ])
      assert.match(text, line)
    assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}/u)
  })

  it('prints one document with -o json', async () => {
    const text = await report('-o json')
    const { summary, entries, from, to, position } = JSON.parse(text)
    assert.deepEqual([summary.entries, entries.length, entries.at(-1).position], [8, 8, position])
    assert.ok(from < to)
    assert.deepEqual(
      summary.availability.map(({ name }: { name: string }) => name),
      ['backend', 'gone'],
    )
    assert.deepEqual(entries[2].changes, [{ field: 'spec.port', before: 8080, after: 9090 }])
    assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}/u)
    const none = JSON.parse(await report('-n nowhere -o json'))
    assert.deepEqual([none.summary.entries, none.entries], [0, []])
  })

  it('ends with a statement of what it covers, when it was made and by whom, except as csv and jsonl', async () => {
    const now = () => new Date('2030-02-03T04:05:06.007Z')
    const made = async (args: string) => (await hark.hark(`audit report ${args}`, { now })).stdout
    const { position: last } = JSON.parse(await made('-o json'))
    const filters = `-n west --action create --to ${last}`
    const { statement, from, to, position } = JSON.parse(await made(`${filters} -o json`))
    assert.deepEqual(statement, {
      from,
      to,
      position,
      filters: ['namespace west', 'action create'],
      signature: null,
      maySeeSignature: true,
      version: about.version,
      madeAt: '2030-02-03T04:05:06.007Z',
      madeBy: 'anonymous',
    })
    const rows = [
      ['Window', `${from} to ${to}, up to position ${Number(position)}`],
      ['Filters', 'namespace west; action create'],
      ['Signed', 'nothing: the log has no checkpoint'],
      ['Version', `Hark ${about.version}`],
      ['Made', '2030-02-03T04:05:06.007Z by anonymous'],
    ] as const
    const [text, html, md] = await Promise.all(['table', 'html', 'md'].map(format => made(`${filters} -o ${format}`)))
    const end = (text: string, lines: readonly string[]) =>
      assert.equal(text.slice(-lines.join('').length), lines.join(''))
    end(text!, ['\nStatement\n', ...rows.map(([label, words]) => `${label.padEnd(7)}   ${words}\n`)])
    end(md!, ['\n## Statement\n\n', ...rows.map(([label, words]) => `- **${label}**: ${words}\n`)])
    end(html!, [
      '<h2>Statement</h2><dl>',
      ...rows.map(([label, words]) => `<dt>${label}</dt><dd>${words}</dd>`),
      '</dl></section>\n</body></html>\n',
    ])
    for (const format of ['csv', 'jsonl']) assert.doesNotMatch(await made(`-o ${format}`), /2030-02-03/)
  })

  it('explains the results of entries, and counts no change for what Hark itself did', async () => {
    const text = await report()
    assert.match(
      text,
      /^Results\nDone +a change that a client .*\nRefused +a request that .*\nObserved +a report of a router, /m,
    )
    assert.match(text, / agent +west +router\/west +attached +Observed +/)
    assert.match(await report('-o html'), /<dt>Observed<\/dt><dd>a report of a router, /)
    assert.match(await report('-o md'), /^- \*\*Observed\*\*: a report of a router, /m)
  })

  it('prints one line per entry with -o jsonl', async () => {
    const text = await report('-o jsonl')
    assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}/u)
    const entries = text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    assert.deepEqual(entries, JSON.parse(await report('-o json')).entries)
    assert.equal(entries.find(({ action }) => action === 'reject').message, EVIL)
    const { refusal } = entries.find(({ action }) => action === 'refuse')
    assert.deepEqual([refusal.command, refusal.asked.spec.port], ['createListener', 1])
    assert.equal(await report('-n nowhere -o jsonl'), '')
  })

  it('prints CSV without formulas with -o csv', async () => {
    const lines = (await report('-o csv')).split('\r\n')
    assert.match(lines[0] as string, /^time,position,actor,.*,before,after,/)
    assert.equal(lines.length, 10)
    assert.match(lines[3] as string, /,Done,"{""spec.port"":8080}","{""spec.port"":9090}",/)
    assert.match(lines[5] as string, /,"'=HYPERLINK\(""http:\/\/evil""\)<script>/)
    assert.doesNotMatch(lines.join(''), /\p{Cc}/u)
  })

  it('prints a single file that loads and runs nothing with -o html', async () => {
    const text = await report('-o html')
    assert.match(text, /^<!doctype html>[\s\S]*<\/html>\n$/)
    assert.match(text, /content="default-src 'none'; style-src 'unsafe-inline'"/)
    assert.match(text, /@media print/)
    assert.doesNotMatch(text, /<script|<link|<img|<iframe|@import|url\(|\b(src|href|on\w+)\s*=/i)
    assert.match(text, /=HYPERLINK\(&quot;http:\/\/evil&quot;\)&lt;script&gt;alert\(1\)&lt;\/script&gt;/)
    assert.match(text, /<span class="field">port<\/span> <del>8080<\/del> → <ins>9090<\/ins>/)
    const count = (pattern: RegExp): number => [...text.matchAll(pattern)].length
    for (const tag of [
      'table',
      'thead',
      'tbody',
      'tr',
      'td',
      'th',
      'section',
      'div',
      'span',
      'small',
      'dl',
      'dt',
      'dd',
    ])
      assert.equal(count(new RegExp(`<${tag}[ >]`, 'g')), count(new RegExp(`</${tag}>`, 'g')), tag)
    assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}/u)
  })

  it('escapes names and messages with -o md', async () => {
    const text = await report('-o md')
    assert.match(text, /^# Audit report\n/)
    assert.match(
      text,
      /^\| Namespace \| Listener \| Ready \| Unknown \| Not observed \| Transitions \|\n\| --- \| --- \| ---: \| ---: \| ---: \| ---: \|$/m,
    )
    assert.match(text, /\| changed the port \| Done \| port 8080 → 9090 \|$/m)
    assert.match(text, /&lt;script&gt;alert\(1\)&lt;\/script&gt;\\\|\\`x\\`/)
    const widths = text.split('\n').filter(line => /^\| \d{4}-/.test(line))
    assert.equal(widths.length, 8)
    for (const line of widths) assert.equal(line.split(/(?<!\\)\|/).length, 10, line)
    assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}/u)
  })

  it('filters by namespace, actor, resource, action and window', async () => {
    const words = async (args: string): Promise<string[]> =>
      (await report(`${args} -o jsonl`))
        .split('\n')
        .filter(line => line !== '')
        .map(line => `${JSON.parse(line).words} ${JSON.parse(line).resource.name}`)
    assert.deepEqual(await words('-n east'), ['created backend'])
    assert.deepEqual(await words('--actor anonymous'), ['refused: create listener backend'])
    assert.deepEqual(await words('-n west --resource gone --action delete,update'), ['deleted gone'])
    assert.deepEqual(await words('-A --resource connector/backend'), ['created backend'])
    const [, second] = JSON.parse(await report('-o json')).entries
    assert.deepEqual(await words(`--from ${second.position} --to ${second.position}`), ['created backend'])
  })

  it('reads a store without an engine with --store', async () => {
    const data = await scratchFolder()
    const other = await TestEngine.start(data.path)
    await other.createListener('west', 'backend')
    await other.close()
    const { stdout } = await runInProcess([
      'audit',
      'report',
      '--store',
      `sqlite:${data.path}/events.db`,
      '-o',
      'jsonl',
    ])
    assert.equal(JSON.parse(stdout).words, 'created')
    await data[Symbol.asyncDispose]()
  })

  it('reads a store whose log has no resource', async () => {
    await using other = await scratchFolder()
    const engine = await TestEngine.start(other.path)
    assert.equal((await engine.hark('delete listener missing -n west')).status, 1)
    await engine.close()
    for (const scope of [[], ['-n', 'west']]) {
      const outcome = await runInProcess(['audit', 'report', ...scope, '--store', `sqlite:${other.path}/events.db`])
      assert.equal(outcome.status, 0, outcome.stderr)
      assert.match(outcome.stdout, /^1 entry: 0 changes, 1 refusal, 0 observations$/m)
    }
  })

  it('exits with status 0 if its reader closes the pipe', async () => {
    const child = hark.startHark('audit report -o jsonl')
    let stderr = ''
    child.stderr?.on('data', chunk => {
      stderr += chunk
    })
    child.stdout?.destroy()
    const [status] = await once(child, 'close')
    assert.deepEqual([status, stderr], [0, ''])
  })

  for (const [args, complaint] of [
    ['--action explode', /must be one of: create, update/],
    ['--resource pods/x', /a kind and a name such as listener\/backend/],
    ['-n west -A', /cannot be used with option/],
    ['-o xml', /Allowed choices are table, json, jsonl, csv, html, md/],
    ['--from yesterday', /must be a time such as/],
  ] as const) {
    it(`rejects ${args}`, async () => {
      const { status, stdout, stderr } = await hark.hark(`audit report ${args}`)
      assert.deepEqual([status, stdout], [2, ''])
      assert.match(stderr, complaint)
    })
  }

  it('rejects a --to before --from, and exits with status 3 without an engine', async () => {
    const wrong = await hark.hark('audit report --from 2026-01-02 --to 2026-01-01')
    assert.equal(wrong.status, 2)
    assert.match(wrong.stderr, /^error: --to .* is before --from/)
    const none = await runInProcess(['audit', 'report', '--server', 'http://127.0.0.1:1'])
    assert.equal(none.status, 3)
  })
})
