import type { Figure } from '../figure.ts'
import { percentile } from '../scratch.ts'

const LOOKS = 20

/** Milliseconds since 1970. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Browsers accept these encodings from loopback and over TLS. */
const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json',
  'accept-encoding': 'gzip, deflate, br, zstd',
}

const post = async (url: string, query: string): Promise<string> => {
  const response = await fetch(url, { method: 'POST', headers: HEADERS, body: JSON.stringify({ query }) })
  const text = await response.text()
  if (text.includes('"errors"')) throw new Error(text)
  return text
}

/** Milliseconds over HTTP, the median of several requests; the first ones warm up. */
const answered = async (url: string, query: string): Promise<number> => {
  const times: number[] = []
  for (let look = 0; look < LOOKS; look += 1) {
    const begin = performance.now()
    await post(url, query)
    if (look >= LOOKS / 4) times.push(performance.now() - begin)
  }
  return percentile(times, 0.5)
}

const DENSITY = '{ eventDensity(buckets: 500) { from to counts total } }'

const lanesOf = ({ from, to }: Span, order: string): string => `{ statusLanes(
  from: { time: "${new Date(from).toISOString()}" }, to: { time: "${new Date(to).toISOString()}" },
  first: 100, orderBy: ${order}
) { totalCount edges { node { namespace name status notReadySeconds columns } } } }`

/** @param url of GraphQL, with 1,000,000 events of 1,000 listeners in a span of time */
export const overviews = async (url: string, span: Span): Promise<Figure[]> => [
  {
    name: 'density of 1,000,000 events, 500 buckets',
    unit: 'ms',
    value: await answered(url, DENSITY),
    bar: { at: 'most', of: 50 },
  },
  {
    name: 'lanes of 100 listeners over a month, 1,000,000 events',
    unit: 'ms',
    value: await answered(url, lanesOf(span, 'Name')),
    bar: { at: 'most', of: 100 },
  },
  {
    name: 'the same, of 1,000 listeners sorted by time not Ready',
    unit: 'ms',
    value: await answered(url, lanesOf(span, 'NotReady')),
    bar: { at: 'most', of: 500 },
  },
]
