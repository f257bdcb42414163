import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { parse } from 'yaml'
import { z } from 'zod'
import { scratchFolder } from '../support/scratch-folder.ts'
import { ROOT, read } from '../support/tree.ts'

const RULES = 'deploy/monitoring/alerts.yaml'
const RULE_TESTS = 'deploy/monitoring/alerts.test.yaml'
const DASHBOARD = 'deploy/monitoring/dashboard.json'

const alert = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning', 'info']) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string().optional(), docs: z.string() }),
})
const alerts = z
  .object({ groups: z.array(z.object({ rules: z.array(alert) })) })
  .parse(parse(read(RULES)))
  .groups.flatMap(({ rules }) => rules)

const panel = z.object({
  id: z.number(),
  title: z.string(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  datasource: z.object({ uid: z.string() }).optional(),
  targets: z.array(z.object({ expr: z.string(), datasource: z.object({ uid: z.string() }) })).default([]),
})
const { panels } = z.object({ panels: z.array(panel) }).parse(JSON.parse(read(DASHBOARD)))

/** Labels by metric: those that Hark registers, and those of Node.js. */
const registered = new Map<string, readonly string[]>()
for (const [, name, type, labels] of read('test/fixtures/frozen/metrics.txt').matchAll(/^(\S+) (\w+)\((.*)\)$/gm)) {
  const names = labels === '' ? [] : (labels as string).split(', ')
  if (type !== 'Histogram') registered.set(name as string, names)
  else for (const part of ['_bucket', '_sum', '_count']) registered.set(`${name}${part}`, [...names, 'le'])
}
const processMetrics = new Registry()
collectDefaultMetrics({ register: processMetrics })
for (const { name } of processMetrics.getMetricsAsArray()) registered.set(name, [])
processMetrics.clear()
/** Prometheus adds it to each scrape. */
registered.set('up', [])
const LABELS_OF_SCRAPES = ['job', 'instance']

const METRIC = /\b(hark_\w+|process_\w+|nodejs_\w+|up)\b(?:\{([^}]*)\})?/g

/** What an expression uses that no engine has: metrics, and labels of metrics. */
const unknownIn = (expression: string): string[] => {
  const metrics = [...expression.matchAll(METRIC)]
  assert.notEqual(metrics.length, 0, expression)
  return metrics.flatMap(([, name = '', matchers = '']) => {
    const labels = registered.get(name)
    if (labels === undefined) return [name]
    const used = [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label as string)
    return used.filter(label => ![...labels, ...LABELS_OF_SCRAPES].includes(label)).map(label => `${name}{${label}}`)
  })
}

const anchorsOf = (page: string): string[] =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    (heading as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  )

const promtool = (...args: string[]) => spawnSync('promtool', args, { cwd: ROOT, encoding: 'utf8' })
const skip = promtool('--version').error !== undefined && 'promtool is not on the PATH'

describe(RULES, () => {
  for (const { alert: name, expr, annotations } of alerts) {
    test(`uses registered metrics and labels in ${name}`, () => {
      assert.deepEqual(unknownIn(expr), [])
    })

    test(`names an existing page and heading for ${name}`, () => {
      const [page = '', heading] = annotations.docs.split('#')
      assert.ok(existsSync(join(ROOT, page)), page)
      if (heading !== undefined) assert.ok(anchorsOf(page).includes(heading), annotations.docs)
    })
  }

  test('has a test of each alert', () => {
    const tested = read(RULE_TESTS)
    assert.deepEqual(
      alerts.map(({ alert: name }) => name).filter(name => !new RegExp(`\\b${name}\\b`).test(tested)),
      [],
    )
  })

  test('passes the tests of promtool', { skip }, () => {
    const { status, stdout, stderr } = promtool('test', 'rules', RULE_TESTS)
    assert.equal(status, 0, stdout + stderr)
  })
})

describe(DASHBOARD, () => {
  for (const { title, targets } of panels) {
    if (targets.length === 0) continue
    test(`uses registered metrics and labels in “${title}”`, () => {
      for (const { expr } of targets) {
        assert.deepEqual(unknownIn(expr), [])
      }
    })
  }

  test('has valid expressions', { skip }, async () => {
    await using folder = await scratchFolder()
    const file = join(folder.path, 'expressions.json')
    const rules = panels
      .flatMap(({ targets }) => targets)
      .map(({ expr }, index) => ({ record: `expression:${index}`, expr: expr.replaceAll('$__rate_interval', '1m') }))
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))
    const { status, stdout, stderr } = promtool('check', 'rules', file)
    assert.equal(status, 0, stdout + stderr)
  })

  test('has the data source that its user chooses', () => {
    const sources = panels.flatMap(({ datasource, targets }) => [datasource, ...targets.map(of => of.datasource)])
    assert.deepEqual([...new Set(sources.flatMap(source => source?.uid ?? []))], ['$datasource'])
  })

  test('has panels side by side, each with an id of its own', () => {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      assert.ok(x + w <= 24)
      return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`)
    })
    assert.equal(new Set(cells).size, cells.length)
  })

  test('shows each metric of Hark', () => {
    const shown = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n')
    const names = [...read('test/fixtures/frozen/metrics.txt').matchAll(/^\S+/gm)].map(([name]) => name)
    assert.deepEqual(
      names.filter(name => !new RegExp(`\\b${name}(_bucket)?\\b`).test(shown)),
      [],
    )
  })
})
