import { ConnectorAroundDocument } from '../api/generated.ts'
import { request } from '../api/request.ts'
import { useLoad } from '../api/use-query.ts'
import { positionText } from '../lanes/lane.ts'
import type { Subject } from './describe-event.ts'
import { stateDifferences } from './difference.ts'
import type { DifferenceTable } from './difference-tables.ts'

const load = async (
  { namespace, name }: Subject,
  position: string,
  stop: AbortSignal,
): Promise<readonly DifferenceTable[]> => {
  const moments = { before: { position: positionText(Number(position) - 1) }, after: { position } }
  const { before, after } = await request(ConnectorAroundDocument, { namespace, name, ...moments }, stop)
  const rows = stateDifferences(before ?? null, after ?? null)
  return rows.length === 0 ? [] : [{ caption: `Connector ${name}`, rows }]
}

/** The query `changes` has no connectors. */
export const useConnectorChange = (subject: Subject | undefined, position: string) => {
  const isConnector = subject?.kind === 'Connector'
  const key = isConnector ? `${subject.namespace}/${subject.name} ${position}` : undefined
  return useLoad(key, '', async stop => ({ position, tables: await load(subject as Subject, position, stop) }))
}
