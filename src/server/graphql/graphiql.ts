import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { renderGraphiQL } from '@graphql-yoga/render-graphiql'

const EXAMPLES: Readonly<Record<string, string>> = {
  Listeners: `# Hark: every change an event, every status explained.

query Listeners {
  listeners(first: 20) {
    totalCount
    edges {
      node {
        metadata { namespace name resourceVersion }
        spec { routingKey host port }
        status { status message hasMatchingConnector }
        matchingConnectors { site name host port since }
      }
    }
  }
}
`,
  Apply: `mutation Apply {
  apply(
    input: {
      manifests: [
        {
          apiVersion: "skupper.io/v2alpha1"
          kind: "Listener"
          metadata: { name: "backend", namespace: "hello-world-west" }
          spec: { routingKey: "backend", host: "backend", port: 8080 }
        }
      ]
    }
  ) {
    results { kind namespace name action position }
  }
}
`,
  History: `query History {
  events(first: 50) {
    edges {
      node { position time type stream actor data }
    }
  }
}
`,
  Matched: `subscription Matched {
  hasMatchingConnector(namespace: "hello-world-west", name: "backend") {
    position
    time
    value
  }
}
`,
}

/** GraphiQL opens default tabs only if the last visit left none. */
const RESTORE_EXAMPLES = `<script>
(() => {
  const key = 'graphiql:tabState'
  const examples = ${JSON.stringify(EXAMPLES)}
  try {
    const stored = JSON.parse(localStorage.getItem(key))
    if (!Array.isArray(stored?.tabs)) return
    for (const [name, query] of Object.entries(examples)) {
      if (stored.tabs.some(tab => tab.query === query)) continue
      stored.tabs.push({ id: 'example-' + name, title: name, query, variables: null, headers: null, operationName: name, response: null })
    }
    localStorage.setItem(key, JSON.stringify(stored))
  } catch {}
})()
</script>`

const STYLE = '<style>body { margin: 0; overflow: hidden }</style>'

/** The page includes its scripts and styles. */
const render = (): Buffer => {
  const defaultTabs = Object.values(EXAMPLES).map(query => ({ query }))
  return Buffer.from(
    renderGraphiQL({ title: 'Hark', defaultTabs }).replace('</head>', () => `${STYLE}${RESTORE_EXAMPLES}</head>`),
  )
}

/** At a higher quality, compression takes longer than sending. */
const BROTLI_QUALITY = 5

const COMPRESS: Readonly<Record<string, (page: Buffer) => Promise<Buffer>>> = {
  br: page => promisify(brotliCompress)(page, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: page => promisify(gzip)(page),
}

const encodingFor = (accept: string): string | undefined => {
  const names = accept
    .split(',')
    .map(each =>
      each
        .trim()
        .toLowerCase()
        .split(/\s*;\s*q=/),
    )
    .filter(([, weight]) => weight === undefined || Number(weight) > 0)
    .map(([name]) => name)
  return Object.keys(COMPRESS).find(name => names.includes(name) || names.includes('*'))
}

export class GraphiqlPage {
  #plain: Buffer | undefined
  readonly #compressed = new Map<string, Promise<Buffer>>()

  async encode(accept: string): Promise<{ readonly body: Buffer; readonly encoding: string | undefined }> {
    this.#plain ??= render()
    const encoding = encodingFor(accept)
    if (encoding === undefined) return { body: this.#plain, encoding }
    const compressed = this.#compressed.get(encoding) ?? (COMPRESS[encoding] as (typeof COMPRESS)[string])(this.#plain)
    this.#compressed.set(encoding, compressed)
    return { body: await compressed, encoding }
  }
}
