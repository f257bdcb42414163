import type { GraphiQLOptions } from 'graphql-yoga'
import { compress, encodingFor } from '../../http/compression.ts'
import type { OperationPlugin } from '../context.ts'

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

export const GRAPHIQL = { title: 'Hark', defaultTabs: Object.values(EXAMPLES).map(query => ({ query })) }

const render = async (options: GraphiQLOptions): Promise<string> => {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  return renderGraphiQL(options).replace('</head>', () => `${STYLE}${RESTORE_EXAMPLES}</head>`)
}

let page: Promise<string> | undefined

/** It has some megabytes, and its options are always the same. */
export const renderGraphiql = (options: GraphiQLOptions): Promise<string> => {
  page ??= render(options)
  return page
}

export const useCompressedGraphiql = (): OperationPlugin => {
  const compressed = new Map<string, Promise<Uint8Array<ArrayBuffer>>>()
  return {
    onResponse: async ({ request, response, setResponse, fetchAPI }) => {
      if (response.headers.get('content-type') !== 'text/html') return
      const headers = { 'content-type': 'text/html; charset=utf-8', vary: 'accept-encoding' }
      const encoding = encodingFor(request.headers.get('accept-encoding') ?? '')
      if (encoding === undefined) return setResponse(new fetchAPI.Response(await response.text(), { headers }))
      const body = compressed.get(encoding) ?? response.text().then(text => compress(text, encoding))
      compressed.set(encoding, body)
      setResponse(new fetchAPI.Response(await body, { headers: { ...headers, 'content-encoding': encoding } }))
    },
  }
}
