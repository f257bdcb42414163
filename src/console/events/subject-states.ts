import {
  ConnectorAroundDocument,
  type ConnectorStateFragment,
  MultiKeyListenerAroundDocument,
  type MultiKeyListenerStateFragment,
} from '../api/generated.ts'
import { request } from '../api/request.ts'
import { useLoad } from '../api/use-query.ts'
import { positionText } from '../lanes/lane.ts'
import { strategyText } from '../resources/strategy.ts'
import type { Subject } from './describe-event.ts'
import { type State, stateDifferences } from './difference.ts'
import type { DifferenceTable } from './difference-tables.ts'

interface States<Of> {
  readonly before?: Of | null
  readonly after?: Of | null
}

const keysWithConnector = ({ priority, weighted }: MultiKeyListenerStateFragment['status']['strategy']): string =>
  (priority?.routingKeysReachable ?? Object.keys(weighted?.routingKeysReachable ?? {})).join(', ')

const connectorState = ({ spec, status }: ConnectorStateFragment): State => ({ spec, status })

const multiKeyListenerState = ({ spec, status }: MultiKeyListenerStateFragment): State => ({
  spec: {
    ...spec,
    strategy: strategyText(spec.strategy),
    'routing keys with a connector': keysWithConnector(status.strategy),
  },
  status,
})

const tables = <Of>(
  { kind, name }: Subject,
  { before, after }: States<Of>,
  stateOf: (resource: Of) => State,
): readonly DifferenceTable[] => {
  const [earlier, later] = [before ?? null, after ?? null].map(resource => resource && stateOf(resource))
  const rows = stateDifferences(earlier ?? null, later ?? null)
  return rows.length === 0 ? [] : [{ caption: `${kind} ${name}`, rows }]
}

const load = async (subject: Subject, position: string, stop: AbortSignal): Promise<readonly DifferenceTable[]> => {
  const { namespace, name } = subject
  const [before, after] = [{ position: positionText(Number(position) - 1) }, { position }]
  const variables = { namespace, name, before, after }
  return subject.kind === 'Connector'
    ? tables(subject, await request(ConnectorAroundDocument, variables, stop), connectorState)
    : tables(subject, await request(MultiKeyListenerAroundDocument, variables, stop), multiKeyListenerState)
}

/** Whether changes of the kind's status are loaded by their own query; those of listeners are part of each change. */
export const hasOwnStates = (subject: Subject | undefined): subject is Subject =>
  subject?.kind === 'Connector' || subject?.kind === 'MultiKeyListener'

/** What an event changed in the status of the connector or MultiKeyListener that it is about. */
export const useSubjectTables = (subject: Subject | undefined, position: string) =>
  useLoad(
    hasOwnStates(subject) ? `${subject.kind}/${subject.namespace}/${subject.name} ${position}` : undefined,
    '',
    async stop => ({ position, tables: await load(subject as Subject, position, stop) }),
  )
