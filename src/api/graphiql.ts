import { renderGraphiQL } from '@graphql-yoga/render-graphiql'

const DEFAULT_QUERY = `# Hark: every change an event, every status explained.

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

mutation Apply {
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

query History {
  events(first: 50) {
    edges {
      node { position time type stream actor data }
    }
  }
}

subscription Matched {
  hasMatchingConnector(namespace: "hello-world-west", name: "backend") {
    position
    time
    value
  }
}
`

/** The page leaves a margin around an editor that is as large as the window. */
const STYLE = '<style>body { margin: 0; overflow: hidden }</style>'

/** The page, with all that it needs in itself: it fetches nothing from anywhere but this server. */
export const graphiqlPage = (): Buffer =>
  Buffer.from(renderGraphiQL({ title: 'Hark', defaultQuery: DEFAULT_QUERY }).replace('</head>', `${STYLE}</head>`))
