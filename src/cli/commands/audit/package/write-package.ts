import type { StoreSetting } from '../../../../config/load.ts'
import type { EventStore } from '../../../../event-store/event-store.ts'
import type { PublicKey } from '../../../../integrity/keys/signing-key.ts'
import type { InclusionProof } from '../../../../integrity/proofs/inclusion-proof.ts'
import { proveEvents, Unprovable } from '../../../../integrity/proofs/prove.ts'
import { writeNewFile } from '../../../../lib/files/write-new-file.ts'
import { packZip, type ZipEntry } from '../../../archives/zip.ts'
import { withClient } from '../../../client/with-client.ts'
import { CliError } from '../../../errors.ts'
import { clock } from '../../../io.ts'
import { note } from '../../../output/print.ts'
import { type Work, withProgress } from '../../../runtime/with-progress.ts'
import { type StoreFlags, withOpenedStore } from '../../../runtime/with-store.ts'
import type { FilterOptions } from '../filters.ts'
import { keyFolder, keyInFolder } from '../public-key.ts'
import { csv } from '../report-formats/csv.ts'
import { fetchReport } from '../report-formats/fetch-report.ts'
import { html } from '../report-formats/html.ts'
import type { Report } from '../report-formats/records.ts'
import { checkpointFiles, proofFiles } from './proof-files.ts'
import { CHECK_SCRIPT, readme } from './texts.ts'

export interface PackageFlags extends StoreFlags, FilterOptions {}

const NO_SERVER = new URL('http://127.0.0.1')

const textOf = async (parts: AsyncIterable<string>): Promise<string> => (await Array.fromAsync(parts)).join('')

interface Rendered {
  readonly html: string
  readonly csv: string
  readonly eventIds: ReadonlySet<string>
}

const render = async (report: Report): Promise<Rendered> => {
  const eventIds = new Set<string>()
  const noting: Report = {
    ...report,
    entries: async function* () {
      for await (const page of report.entries()) {
        for (const { eventId } of page) eventIds.add(eventId)
        yield page
      }
    },
  }
  return { csv: await textOf(csv(noting)), html: await textOf(html(report)), eventIds }
}

const renderReport = (store: string, { from, to, actor, namespace, resource, action }: PackageFlags) =>
  withClient({ server: NO_SERVER, store }, client => {
    const request = { from, to, actor, namespace, resource, action }
    const work = async ({ signal, onProgress }: Work): Promise<Rendered> =>
      render(await fetchReport(client, request, { signal, onProgress, isOfStore: to === undefined }))
    return withProgress('auditing', work, 'interrupted before the report was complete')
  })

/** Only those by checkpoints of this key: check.sh follows no rotation of keys. */
const proofsOf = async (
  store: EventStore,
  publicKey: PublicKey,
  eventIds: ReadonlySet<string>,
): Promise<InclusionProof[]> => {
  const proofs = await withProgress(
    'proving',
    ({ signal, onProgress }) => {
      const options = {
        publicKey,
        signal,
        onProgress: (_: number, events: number) => onProgress(events, Math.max(events, eventIds.size), events),
      }
      return Array.fromAsync(proveEvents(store, ({ id }) => eventIds.has(id), options))
    },
    'interrupted before the events were proven',
  ).catch(error => {
    throw error instanceof Unprovable ? new CliError(error.message) : error
  })
  return proofs.filter(({ checkpoint }) => checkpoint.keyId === publicKey.id)
}

const nameOf = (named: string | undefined, setting: StoreSetting): string =>
  named ?? (setting.kind === 'sqlite' ? `sqlite:${setting.file}` : setting.connectionString)

const filesOf = (report: Rendered, key: PublicKey, proofs: readonly InclusionProof[]): readonly ZipEntry[] => {
  const contents = { keyId: key.id, entries: report.eventIds.size, proven: proofs.length }
  const checkpoints = new Map(proofs.map(proof => [proof.checkpoint.root, proof]))
  return [
    { name: 'README.txt', content: readme(contents) },
    { name: 'report.html', content: report.html },
    { name: 'report.csv', content: report.csv },
    { name: 'public-key.pem', content: key.pem },
    { name: 'check.sh', content: CHECK_SCRIPT },
    ...[...checkpoints.values()].flatMap(checkpointFiles),
    ...proofs.flatMap(proofFiles),
  ]
}

const packed = (files: readonly ZipEntry[]): Buffer => {
  try {
    return packZip(files, clock())
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new CliError('the report is too large for one archive: narrow it with --from and --to', undefined, error)
  }
}

export const writePackage = (file: string, flags: PackageFlags): Promise<void> =>
  withOpenedStore(flags, { mustExist: true, access: 'read' }, async (store, settings) => {
    const key = keyInFolder(keyFolder(flags, settings))
    if (key === undefined)
      throw new CliError('there is no public key of the log: pass the folder of its keys with --data')
    const report = await renderReport(nameOf(flags.store, settings.store), flags)
    const proofs = await proofsOf(store, key, report.eventIds)
    const archive = packed(filesOf(report, key, proofs))
    await writeNewFile(file, archive)
    const { size } = report.eventIds
    note(`Wrote ${file}: a report and proofs of ${proofs.length} of its ${size} entries.`)
  })
