import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { renderGraphiQL } from '@graphql-yoga/render-graphiql'

/** Each in a tab of its own, by the name of its operation. */
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

/** GraphiQL keeps its tabs for the next visit, and opens others only where it kept none. */
const KEEP_EXAMPLES = `<script>
(() => {
  const key = 'graphiql:tabState'
  const examples = ${JSON.stringify(EXAMPLES)}
  try {
    const kept = JSON.parse(localStorage.getItem(key))
    if (!Array.isArray(kept?.tabs)) return
    for (const [name, query] of Object.entries(examples)) {
      if (kept.tabs.some(tab => tab.query === query)) continue
      kept.tabs.push({ id: 'example-' + name, title: name, query, variables: null, headers: null, operationName: name, response: null })
    }
    localStorage.setItem(key, JSON.stringify(kept))
  } catch {}
})()
</script>`

/** The page leaves a margin around an editor that is as large as the window. */
const STYLE = '<style>body { margin: 0; overflow: hidden }</style>'

/** The page, with all that it needs in itself: it fetches nothing from anywhere but this server. */
const render = (): Buffer => {
  const defaultTabs = Object.values(EXAMPLES).map(query => ({ query }))
  return Buffer.from(
    renderGraphiQL({ title: 'Hark', defaultTabs }).replace('</head>', () => `${STYLE}${KEEP_EXAMPLES}</head>`),
  )
}

/** Some megabytes: better than this, it would take longer to compress than to send. */
const BROTLI_QUALITY = 5

const COMPRESS: Readonly<Record<string, (page: Buffer) => Promise<Buffer>>> = {
  br: page => promisify(brotliCompress)(page, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: page => promisify(gzip)(page),
}

/** The encoding that a client takes, of those that there are: the best first. */
const encodingFor = (accepted: string): string | undefined => {
  const taken = accepted
    .split(',')
    .map(each =>
      each
        .trim()
        .toLowerCase()
        .split(/\s*;\s*q=/),
    )
    .filter(([, weight]) => weight === undefined || Number(weight) > 0)
    .map(([name]) => name)
  return Object.keys(COMPRESS).find(name => taken.includes(name) || taken.includes('*'))
}

/** The page as it is sent: made, and compressed, when it is asked for first. */
export class GraphiqlPage {
  #plain: Buffer | undefined
  readonly #compressed = new Map<string, Promise<Buffer>>()

  /** @param accepted encodings, as a client names them */
  async for(accepted: string): Promise<{ readonly body: Buffer; readonly encoding: string | undefined }> {
    this.#plain ??= render()
    const encoding = encodingFor(accepted)
    if (encoding === undefined) return { body: this.#plain, encoding }
    const compressed = this.#compressed.get(encoding) ?? (COMPRESS[encoding] as (typeof COMPRESS)[string])(this.#plain)
    this.#compressed.set(encoding, compressed)
    return { body: await compressed, encoding }
  }
}
