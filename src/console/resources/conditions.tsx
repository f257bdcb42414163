import type { ConditionsFragment } from '../api/generated.ts'
import { conditionStatus } from '../components/status.tsx'
import { TimeText } from '../components/time-text.tsx'
import type { ResourceEvents } from '../events/resource-events.ts'
import { reportOf } from './condition-report.ts'

interface RowProperties {
  readonly condition: ConditionsFragment
  readonly events: ResourceEvents | undefined
}

const ConditionRow = ({ condition, events }: RowProperties) => {
  const { type, status, message, lastTransitionTime } = condition
  const report = events && reportOf(condition, events)
  return (
    <tr>
      <th scope="row">{type}</th>
      <td>
        <span class="status" data-status={conditionStatus(condition) ?? 'Absent'}>
          {status}
        </span>{' '}
        since <TimeText time={lastTransitionTime} />
        {status !== 'True' && (
          <span class="condition-message">
            {message}
            {report && report.time !== lastTransitionTime && (
              <span class="soft">
                , reported <TimeText time={report.time} />
              </span>
            )}
          </span>
        )}
      </td>
    </tr>
  )
}

interface Properties {
  readonly conditions: readonly ConditionsFragment[]
  readonly events: ResourceEvents | undefined
}

/** A condition may have been False for longer than for the reason that its message states. */
export const Conditions = ({ conditions, events }: Properties) => (
  <table class="data fitted">
    <thead>
      <tr>
        <th scope="col">Condition</th>
        <th scope="col">Status</th>
      </tr>
    </thead>
    <tbody>
      {conditions.map(condition => (
        <ConditionRow key={condition.type} condition={condition} events={events} />
      ))}
    </tbody>
  </table>
)
