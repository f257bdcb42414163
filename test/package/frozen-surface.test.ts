import assert from 'node:assert/strict'
import { existsSync, globSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command, Option } from 'commander'
import { buildClientSchema, getIntrospectionQuery, lexicographicSortSchema, printSchema } from 'graphql'
import { type Metric, Registry } from 'prom-client'
import { z } from 'zod'
import { EVENTS, type EventType } from '../../schemas/events/events.ts'
import type { RecordedEvent } from '../../schemas/events/recorded-event.ts'
import * as streams from '../../schemas/events/streams.ts'
import { type Hark, startHark } from '../../src/app.ts'
import { createProgram } from '../../src/cli/program.ts'
import { loadSettings } from '../../src/config/load.ts'
import { HelloWorld } from '../../src/simulator/hello-world.ts'
import { runInProcess } from '../cli/hark.ts'
import { silentLogger } from '../fakes/silent-logger.ts'
import { scratchFolder } from '../support/scratch-folder.ts'
import { ROOT, read } from '../support/tree.ts'

const FOLDER = 'test/fixtures/frozen'
const isUpdate = process.env.UPDATE_FROZEN === '1'

/** Compares a text with the fixture of that name, or writes the fixture with UPDATE_FROZEN=1. */
const assertFrozen = (name: string, lines: readonly string[]): void => {
  const path = join(FOLDER, name)
  const actual = `${lines.join('\n').trimEnd()}\n`
  if (isUpdate) {
    mkdirSync(join(ROOT, FOLDER), { recursive: true })
    writeFileSync(join(ROOT, path), actual)
    return
  }
  const expected = existsSync(join(ROOT, path)) ? read(path) : ''
  if (actual === expected) return
  const [before, now] = [expected.split('\n'), actual.split('\n')]
  const difference = [
    ...before.filter(line => !now.includes(line)).map(line => `- ${line}`),
    ...now.filter(line => !before.includes(line)).map(line => `+ ${line}`),
  ]
  assert.fail(`${path} differs (see ${FOLDER}/README.md):\n${difference.join('\n') || 'the order of its lines'}`)
}

const optionLine = ({ flags, mandatory, defaultValue, defaultValueDescription, argChoices, envVar }: Option): string =>
  [
    `  ${flags}`,
    ...(mandatory ? ['required'] : []),
    ...(defaultValue === undefined ? [] : [`default ${defaultValueDescription ?? JSON.stringify(defaultValue)}`]),
    ...(argChoices === undefined ? [] : [`one of ${argChoices.join(', ')}`]),
    ...(envVar === undefined ? [] : [`or ${envVar}`]),
  ].join('; ')

const commandLines = (command: Command, path: string): string[] => {
  const args = command.registeredArguments.map(argument => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`
    const choices = argument.argChoices === undefined ? '' : ` (${argument.argChoices.join(', ')})`
    return argument.required ? ` <${name}>${choices}` : ` [${name}]${choices}`
  })
  return [
    `${path}${args.join('')}`,
    ...command.options.map(optionLine),
    ...command.commands.flatMap(sub => commandLines(sub, `${path} ${sub.name()}`)),
  ]
}

/** The variables that the error for an unknown one lists. */
const settingVariables = (): string[] => {
  try {
    loadSettings({}, { HARK_UNKNOWN: '1' })
  } catch (error) {
    return [...(error as Error).message.matchAll(/HARK_[A-Z_]+/g)].map(([name]) => name).slice(1)
  }
  return assert.fail('an unknown variable is accepted')
}

/** A JSON Schema in one line: `{ port: integer, routingKey?: string }`. */
const shape = (schema: z.core.JSONSchema.BaseSchema): string => {
  const { type, properties = {}, required = [], items, anyOf, additionalProperties } = schema
  if (anyOf !== undefined) return anyOf.map(each => shape(each as z.core.JSONSchema.BaseSchema)).join(' | ')
  if (schema.enum !== undefined) return schema.enum.map(each => JSON.stringify(each)).join(' | ')
  if (type === 'array') return `[${shape(items as z.core.JSONSchema.BaseSchema)}]`
  if (type !== 'object') return String(type ?? 'any')
  if (typeof additionalProperties === 'object') return `{ [key]: ${shape(additionalProperties)} }`
  const fields = Object.entries(properties).map(
    ([name, each]) => `${name}${required.includes(name) ? '' : '?'}: ${shape(each as z.core.JSONSchema.BaseSchema)}`,
  )
  return `{ ${fields.join(', ')} }`
}

const streamLines = (): string[] => [
  `listener: ${streams.listenerStream('NAMESPACE', 'NAME')}`,
  `connector: ${streams.connectorStream('NAMESPACE', 'NAME')}`,
  `site: ${streams.siteStream('NAMESPACE')}`,
  `router: ${streams.routerStream('NAMESPACE')}`,
  `lease: ${streams.leaseStream('NAMESPACE')}`,
  `endpoint: ${streams.endpointStream('NAMESPACE', 'host', 8080)}`,
  `rejected commands: ${streams.REFUSALS_STREAM}`,
  `tokens: ${streams.TOKENS_STREAM}`,
  `checkpoints: ${streams.CHECKPOINTS_STREAM}`,
  `imports: ${streams.IMPORTS_STREAM}`,
]

/** The type, version, stream and data of every event that a fixture records, in its newest version. */
const eventLines = (): string[] =>
  globSync('test/fixtures/events/*.json', { cwd: ROOT })
    .sort()
    .map(file => {
      const { type, stream, metadata } = JSON.parse(read(file)) as RecordedEvent
      const data = z.toJSONSchema(EVENTS[type as EventType].data, { unrepresentable: 'any' })
      return `${type} v${metadata.schemaVersion} in ${stream}: ${shape(data)}`
    })

describe('frozen surface', () => {
  const registered: Metric[] = []
  let folder: AsyncDisposable & { readonly path: string }
  let world: HelloWorld
  let hark: Hark

  before(async () => {
    const { registerMetric } = Registry.prototype
    Registry.prototype.registerMetric = function (metric) {
      registered.push(metric as Metric)
      registerMetric.call(this, metric)
    }
    folder = await scratchFolder()
    world = await HelloWorld.start()
    const router = [world.west, world.east].map(({ id, url }) => `hello-world-${id}=${url}`)
    hark = await startHark(loadSettings({ data: folder.path, port: '0', router }, {}), silentLogger)
    Registry.prototype.registerMetric = registerMetric
  })
  after(async () => {
    await hark?.close()
    await world?.[Symbol.asyncDispose]()
    await folder?.[Symbol.asyncDispose]()
  })

  it('keeps the types, fields, arguments and values of GraphQL', async () => {
    const query = getIntrospectionQuery({
      descriptions: false,
      specifiedByUrl: true,
      inputValueDeprecation: true,
      oneOf: true,
    })
    const response = await fetch(new URL('graphql', hark.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    const { data } = (await response.json()) as { data: Parameters<typeof buildClientSchema>[0] }
    assertFrozen('schema.graphql', printSchema(lexicographicSortSchema(buildClientSchema(data))).split('\n'))
  })

  it('keeps commands, arguments, flags, defaults and variables', async () => {
    assertFrozen('commands.txt', [...commandLines(await createProgram(), 'hark'), ...settingVariables()])
  })

  it('keeps the names, types and labels of metrics', () => {
    const lines = registered
      .map(metric => metric as Metric & { readonly name: string; readonly labelNames: readonly string[] })
      .filter(({ name }) => name.startsWith('hark_'))
      .map(metric => `${metric.name} ${metric.constructor.name}(${[...metric.labelNames].sort().join(', ')})`)
    assertFrozen('metrics.txt', lines.sort())
  })

  it('keeps streams and the types, versions and data of events', () => {
    assertFrozen('events.txt', [...streamLines(), ...eventLines()])
  })

  it('keeps the names of files in the data folder', async () => {
    const { status, stderr } = await runInProcess([
      'token',
      'create',
      'alice',
      '--role',
      'admin',
      '--data',
      folder.path,
    ])
    assert.equal(status, 0, stderr)
    while (!existsSync(join(folder.path, 'watched.json'))) await sleep(10)
    const names = readdirSync(folder.path).filter(name => !/-(wal|shm)$/.test(name))
    assertFrozen('data-files.txt', names.sort())
  })
})
