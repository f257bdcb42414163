import { mergeRows } from './difference.ts'
import type { DifferenceTable } from './difference-tables.ts'

const Value = ({ text, kind }: { readonly text: string | undefined; readonly kind: 'before' | 'after' }) =>
  text === undefined ? <span class="soft">–</span> : kind === 'before' ? <del>{text}</del> : <ins>{text}</ins>

const Table = ({ caption, rows }: DifferenceTable) => (
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
      {mergeRows(rows).map(({ field, before, after }) => (
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

/** What an event changed. */
export const Differences = ({ tables }: { readonly tables: readonly DifferenceTable[] }) =>
  tables.length === 0 ? (
    <p class="soft">It changed neither a status nor the configuration of the router.</p>
  ) : (
    <div>
      {tables.map(table => (
        <Table key={table.caption} {...table} />
      ))}
    </div>
  )
