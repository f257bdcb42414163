import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify'

/** Paths from sources and from the package. */
const FOLDERS = ['../../../dist/console', '../../../console']

const PAGES = [
  '/',
  '/network',
  '/listeners',
  '/listeners/:namespace/:name',
  '/connectors',
  '/connectors/:namespace/:name',
  '/multi-key-listeners/:namespace/:name',
  '/sites',
  '/sites/:namespace',
  '/audit',
  '/login',
] as const

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  ...['script-src', 'style-src', 'img-src', 'font-src', 'connect-src', 'manifest-src'].map(what => `${what} 'self'`),
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const NOT_BUILT =
  'The console is not built: run `npm run build:console` and start Hark again. GraphQL is at /graphql.\n'

const findFolder = (): string | undefined =>
  FOLDERS.map(folder => fileURLToPath(new URL(folder, import.meta.url))).find(hasPage)

const hasPage = (folder: string): boolean => existsSync(join(folder, 'index.html'))

/** The console holds no data, so it needs no token. */
export const registerConsole = (app: FastifyInstance, folder = findFolder()): void => {
  if (folder === undefined || !hasPage(folder)) {
    const explain = (_: unknown, reply: FastifyReply) =>
      reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT)
    for (const page of PAGES) app.get(page, explain)
    return
  }
  // Assets have names with hashes of their contents.
  void app.register(async scope => {
    scope.setErrorHandler((error: FastifyError, _, reply) => {
      if (error.statusCode === undefined || error.statusCode >= 500) throw error
      reply.callNotFound()
    })
    await scope.register(fastifyStatic, {
      root: join(folder, 'assets'),
      prefix: '/assets/',
      preCompressed: true,
      index: false,
      dotfiles: 'deny',
      immutable: true,
      maxAge: '1y',
      decorateReply: false,
    })
  })
  void app.register(fastifyStatic, { root: folder, serve: false, preCompressed: true, cacheControl: false })
  for (const path of PAGES) {
    app.get(path, (_, reply) =>
      reply
        .header('cache-control', 'no-cache')
        .header('content-security-policy', CONTENT_SECURITY_POLICY)
        .sendFile('index.html'),
    )
  }
}
