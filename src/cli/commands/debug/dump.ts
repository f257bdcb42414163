import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { writeNewFile } from '../../../lib/files/write-new-file.ts'
import { packTar, type TarEntry } from '../../archives/tar.ts'
import { Client, overHttp, type Transport, tokenOf } from '../../client/client.ts'
import { Unreachable } from '../../client/errors.ts'
import { readMetricsText } from '../../client/metrics.ts'
import { readReadiness } from '../../client/readiness.ts'
import { lastEvents } from '../../history/events.ts'
import { io } from '../../io.ts'
import type { ServerOption } from '../../options.ts'
import { note, print } from '../../output/print.ts'
import { Progress } from '../../output/progress.ts'
import { KINDS } from '../../resources/kinds.ts'
import { plural, toManifest } from '../../resources/resource.ts'
import { redact } from '../../runtime/redact.ts'
import { settingsFrom } from '../../runtime/start.ts'
import { ownVersions } from '../server-info/own-versions.ts'
import { readStatus } from '../server-info/read-status.ts'

export interface DumpOptions extends ServerOption {
  readonly data?: string
}

const EVENTS = 1000
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g

const masked = (text: string): string => redact(text).replace(PRIVATE_KEY, '[hidden]')

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

const events = async (client: Client): Promise<string> => {
  let lines = ''
  for await (const page of lastEvents(client, { last: EVENTS }))
    for (const event of page) lines += `${JSON.stringify(event)}\n`
  return lines
}

const settings = async ({ data }: DumpOptions): Promise<string> =>
  json(await settingsFrom(data === undefined ? {} : { data }, io().env))

type Part = readonly [file: string, read: () => Promise<string>]

const partsOf = (client: Client, options: DumpOptions): readonly Part[] => [
  ['versions.json', async () => json(ownVersions())],
  ['status.json', async () => json(await readStatus(client))],
  ['readiness.json', async () => json(await readReadiness(client))],
  ['metrics.txt', () => readMetricsText(client)],
  ['settings.json', () => settings(options)],
  ...KINDS.map(
    (kind): Part => [
      `${plural(kind)}.json`,
      async () => json((await kind.list(client, {})).map(resource => toManifest(kind, resource))),
    ],
  ),
  ['events.jsonl', () => events(client)],
]

/** Waits once for an engine that does not respond, not for each part. */
const untilLost = (): Transport => {
  let lost: Unreachable | undefined
  return async (...request) => {
    if (lost !== undefined) throw lost
    try {
      return await overHttp(...request)
    } catch (error) {
      if (error instanceof Unreachable) lost = error
      throw error
    }
  }
}

/** Lists what cannot be read in a file of its own. */
export const dump = async (file: string, options: DumpOptions): Promise<void> => {
  const client = new Client(options.server, tokenOf(options), untilLost())
  const entries: TarEntry[] = []
  const faults: string[] = []
  const [parts, progress] = [partsOf(client, options), new Progress('collecting')]
  for (const [index, [name, read]] of parts.entries()) {
    progress.show(index, parts.length)
    try {
      entries.push({ name, text: masked(await read()) })
    } catch (error) {
      faults.push(masked(`${name}: ${(error as Error).message}`))
    }
  }
  progress.end()
  if (faults.length > 0) entries.push({ name: 'faults.txt', text: `${faults.join('\n')}\n` })
  const archive = await promisify(gzip)(packTar(entries, Date.now()))
  await writeNewFile(file, archive)
  for (const fault of faults) note(`not included: ${fault}`)
  print(`Wrote ${file}: ${entries.map(({ name }) => name).join(', ')}.`)
}
