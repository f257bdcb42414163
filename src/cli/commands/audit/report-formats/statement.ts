import type { Client, RequestOptions } from '../../../client/client.ts'
import { ServerError } from '../../../client/errors.ts'
import { AuditSignatureDocument, ViewerDocument } from '../../../client/generated.ts'
import { clock } from '../../../io.ts'
import { ownVersions } from '../../server-info/own-versions.ts'
import type { Report, SignatureRecord, Statement } from './records.ts'
import { positionText, scopeText, windowText } from './texts.ts'

const signatureFor = async (client: Client, options: RequestOptions): Promise<SignatureRecord | null | undefined> => {
  try {
    return (await client.request(AuditSignatureDocument, {}, options)).record.lastCheckpoint
  } catch (error) {
    if (error instanceof ServerError && error.isForbidden) return undefined
    throw error
  }
}

type Covered = Pick<Report, 'from' | 'to' | 'position' | 'scope' | 'isOfStore'>

export const fetchStatement = async (client: Client, report: Covered, options: RequestOptions): Promise<Statement> => {
  const signature = await signatureFor(client, options)
  const { from, to, position, scope } = report
  return {
    from,
    to,
    position,
    filters: scope,
    signature: signature ?? null,
    maySeeSignature: signature !== undefined,
    version: ownVersions().version,
    madeAt: clock().toISOString(),
    madeBy: (await client.request(ViewerDocument, {}, options)).viewer.name,
  }
}

const signatureText = ({ signature, maySeeSignature, position }: Statement): string => {
  if (!maySeeSignature) return 'not shown, as it requires permission to audit all namespaces'
  if (signature === null) return 'nothing: the log has no checkpoint'
  const rest = Number(signature.position) >= Number(position) ? '' : '; later events are not signed yet'
  return `all events before position ${positionText(signature.position)}, by key ${signature.keyId} at ${signature.time}${rest}`
}

export const statementRows = (report: Report, statement: Statement): readonly (readonly [string, string])[] => [
  ['Window', `${windowText(report)}, up to position ${positionText(statement.position)}`],
  ['Filters', scopeText(report)],
  ['Signed', signatureText(statement)],
  ['Version', `Hark ${statement.version}`],
  ['Made', `${statement.madeAt} by ${statement.madeBy}`],
]
