import type { KeyShare } from './strategy.ts'

const PERCENT = 100

const shareWords = ({ share, isReachable }: KeyShare): string => {
  if (!isReachable) return 'none: no connector has it'
  if (share === 0) return 'none'
  return share === 1 ? 'all' : `${Math.round(share * PERCENT)} %`
}

/** The routing keys of a MultiKeyListener, and where its new connections go. */
export const RoutingKeys = ({ shares }: { readonly shares: readonly KeyShare[] }) => {
  const isWeighted = shares.some(({ weight }) => weight !== undefined)
  return (
    <table class="data fitted">
      <thead>
        <tr>
          <th scope="col">Routing key</th>
          <th scope="col">{isWeighted ? 'Weight' : 'Priority'}</th>
          <th scope="col">New connections</th>
        </tr>
      </thead>
      <tbody>
        {shares.map((key, index) => (
          <tr key={key.routingKey}>
            <th scope="row">{key.routingKey}</th>
            <td>{key.weight ?? index + 1}</td>
            <td>
              <span class="status" data-status={key.isReachable ? 'Ready' : 'Pending'}>
                {shareWords(key)}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
