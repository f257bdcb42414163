import type { ConditionsFragment } from '../api/generated.ts'
import { conditionStatus } from '../components/status.tsx'
import { TimeText } from '../components/time-text.tsx'

export const Conditions = ({ conditions }: { readonly conditions: readonly ConditionsFragment[] }) => (
  <table class="data fitted">
    <thead>
      <tr>
        <th scope="col">Condition</th>
        <th scope="col">Status</th>
        <th scope="col">Message</th>
        <th scope="col" class="minor">
          Since
        </th>
      </tr>
    </thead>
    <tbody>
      {conditions.map(condition => (
        <tr key={condition.type}>
          <th scope="row">{condition.type}</th>
          <td>
            <span class="status" data-status={conditionStatus(condition) ?? 'Absent'}>
              {condition.status}
            </span>
          </td>
          <td>{condition.status === 'True' ? '' : condition.message}</td>
          <td class="minor">
            <TimeText time={condition.lastTransitionTime} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)
