import type { StateChangeFragment } from '../api/generated.ts'
import { attributeDifferences, type Difference, stateDifferences } from './difference.ts'

const Value = ({ text, kind }: { readonly text: string | undefined; readonly kind: 'before' | 'after' }) =>
  text === undefined ? <span class="soft">–</span> : kind === 'before' ? <del>{text}</del> : <ins>{text}</ins>

const DifferenceTable = ({ caption, rows }: { readonly caption: string; readonly rows: readonly Difference[] }) => (
  <table class="differences">
    <caption>{caption}</caption>
    <thead class="visually-hidden">
      <tr>
        <th scope="col">Field</th>
        <th scope="col">Before</th>
        <th scope="col">After</th>
      </tr>
    </thead>
    <tbody>
      {rows.map(({ field, before, after }) => (
        <tr key={field}>
          <th scope="row">{field}</th>
          <td>
            <Value text={before} kind="before" />
          </td>
          <td>
            <Value text={after} kind="after" />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)

interface Table {
  readonly caption: string
  readonly rows: readonly Difference[]
}

const tablesOf = (change: StateChangeFragment, listener: string | undefined): readonly Table[] =>
  [
    ...change.listeners
      .filter(({ name }) => listener === undefined || name === listener)
      .map(({ name, before, after }) => ({
        caption: `Listener ${name}`,
        rows: stateDifferences(before ?? null, after ?? null),
      })),
    ...change.added.map(({ type, name, attributes }) => ({
      caption: `Router configuration: ${type} ${name} added`,
      rows: attributeDifferences(undefined, attributes),
    })),
    ...change.removed.map(({ type, name, attributes }) => ({
      caption: `Router configuration: ${type} ${name} removed`,
      rows: attributeDifferences(attributes, undefined),
    })),
    ...change.changed.map(({ type, name, before, after }) => ({
      caption: `Router configuration: ${type} ${name}`,
      rows: attributeDifferences(before, after),
    })),
  ].filter(({ rows }) => rows.length > 0)

/**
 * What an event changed in the status of listeners and in the configuration of the router.
 *
 * @param listener only this listener of the namespace
 */
export const Differences = ({
  change,
  listener,
}: {
  readonly change: StateChangeFragment
  readonly listener?: string | undefined
}) => {
  const tables = tablesOf(change, listener)
  return tables.length === 0 ? (
    <p class="soft">It changed neither the status of a listener nor the configuration of the router.</p>
  ) : (
    <div>
      {tables.map(table => (
        <DifferenceTable key={table.caption} {...table} />
      ))}
    </div>
  )
}
