import type { LaneStatus, SiteDetailQuery } from '../api/generated.ts'
import { kindWords } from '../components/kind-words.ts'
import { StatusBadge } from '../components/status.tsx'
import { strategyText } from '../resources/strategy.ts'
import { hrefOf } from '../routes/navigation.ts'
import { type PageKind, resourcePath } from '../routes/route.ts'

interface Row {
  readonly kind: PageKind
  readonly name: string
  readonly status: LaneStatus
  readonly routingKeys: string
  readonly port: number
}

interface Received {
  readonly metadata: { readonly name: string }
  readonly spec: { readonly port: number }
  readonly status: { readonly laneStatus: LaneStatus }
}

const rowsOf = <Node extends Received>(
  kind: PageKind,
  edges: readonly { readonly node: Node }[],
  routingKeys: (node: Node) => string,
): readonly Row[] =>
  edges.map(({ node }) => ({
    kind,
    name: node.metadata.name,
    status: node.status.laneStatus,
    routingKeys: routingKeys(node),
    port: node.spec.port,
  }))

interface TableProperties {
  readonly title: 'Listeners' | 'Connectors'
  readonly namespace: string
  readonly rows: readonly Row[]
  /** More than the rows if not all are shown. */
  readonly total: number
}

const Table = ({ title, namespace, rows, total }: TableProperties) => (
  <section class="card">
    <div class="card-head">
      <h2>
        {title} <span class="soft">{total > rows.length ? `${rows.length} of ${total}` : total}</span>
      </h2>
      {total > rows.length && <a href={hrefOf(`/${title.toLowerCase()}`)}>All {title.toLowerCase()}</a>}
    </div>
    {rows.length > 0 && (
      <table class="data fitted site-resources">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Status</th>
            <th scope="col">Routing key</th>
            <th scope="col">Port</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ kind, name, status, routingKeys, port }) => (
            <tr key={`${kind}/${name}`}>
              <th scope="row">
                <a href={hrefOf(resourcePath(kind, namespace, name))}>{name}</a>
                {kind === 'MultiKeyListener' && <span class="soft"> {kindWords(kind)}</span>}
              </th>
              <td>
                <StatusBadge status={status} />
              </td>
              <td>{routingKeys}</td>
              <td>{port}</td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </section>
)

interface Properties {
  readonly namespace: string
  readonly detail: SiteDetailQuery
}

/** The listeners and connectors of a site. */
export const SiteResources = ({ namespace, detail: { listeners, multiKeyListeners, connectors } }: Properties) => (
  <>
    <Table
      title="Listeners"
      namespace={namespace}
      rows={[
        ...rowsOf('Listener', listeners.edges, ({ spec }) => spec.routingKey),
        ...rowsOf('MultiKeyListener', multiKeyListeners.edges, ({ spec }) => strategyText(spec.strategy)),
      ]}
      total={listeners.totalCount + multiKeyListeners.totalCount}
    />
    <Table
      title="Connectors"
      namespace={namespace}
      rows={rowsOf('Connector', connectors.edges, ({ spec }) => spec.routingKey)}
      total={connectors.totalCount}
    />
  </>
)
