import { useRef } from 'preact/hooks'
import { statusWords } from '../components/status.tsx'
import { useSize } from '../components/use-canvas.ts'
import type { Tie } from './network-layout.ts'

const widthOf = (count: number): number => Math.min(1.5 + Math.log2(count) / 2, 6)

interface Properties {
  readonly ties: readonly Tie[]
  readonly height: number
  readonly emphasised: string | undefined
}

/** Explains the lines, as far as they occur. */
export const TieLegend = ({ ties }: Pick<Properties, 'ties'>) => (
  <ul class="legend tie-legend" aria-label="Legend">
    {[...new Set(ties.map(({ status }) => status))].map(status => (
      <li key={status}>
        <svg width="32" height="8" aria-hidden="true">
          <path class="tie" data-status={status} d="M0 4H32" stroke-width="2" />
        </svg>
        {statusWords(status)}
      </li>
    ))}
  </ul>
)

export const Ties = ({ ties, height, emphasised }: Properties) => {
  const frame = useRef<HTMLDivElement>(null)
  const { width } = useSize(frame).value
  return (
    <div class="ties" ref={frame} aria-hidden="true">
      <svg width={width} height={height}>
        {ties.map(({ fromY, toY, count, status, fromNamespace, toNamespace, routingKey }) => (
          <path
            key={`${fromY} ${toY}`}
            data-status={status}
            class={
              emphasised === undefined || emphasised === fromNamespace || emphasised === toNamespace
                ? 'tie'
                : 'tie faint'
            }
            d={`M0 ${fromY}C${width / 2} ${fromY} ${width / 2} ${toY} ${width} ${toY}`}
            stroke-width={widthOf(count)}
          >
            <title>{routingKey ?? `${count} routing keys`}</title>
          </path>
        ))}
      </svg>
    </div>
  )
}
