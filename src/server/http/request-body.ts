import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { decodeUtf8, NotUtf8 } from '../../lib/utf8.ts'
import type { EnforcedLimits } from '../enforced-limits.ts'

/** A body that is no JSON text, for a reason that its sender can do something about. */
export class UnreadableBody extends Error {
  readonly statusCode: 400 | 413 | 415

  constructor(statusCode: 400 | 413 | 415, message: string) {
    super(message)
    this.statusCode = statusCode
  }
}

const DECODERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
} as const

/** @throws UnreadableBody */
const decoded = async (body: Buffer, encoding: string, most: number): Promise<Buffer> => {
  if (encoding === '' || encoding === 'identity') return body
  if (!Object.hasOwn(DECODERS, encoding))
    throw new UnreadableBody(415, `The content encoding ${encoding}: send the body as it is, or by gzip, deflate or br`)
  try {
    return await DECODERS[encoding as keyof typeof DECODERS](body, { maxOutputLength: most })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new UnreadableBody(413, 'too large')
    throw new UnreadableBody(400, `The body is not ${encoding}, as its content-encoding says`)
  }
}

/** @throws UnreadableBody */
const textOf = (body: Buffer): string => {
  try {
    return decodeUtf8(body)
  } catch (error) {
    if (error instanceof NotUtf8) throw new UnreadableBody(400, `The body ${error.message}`)
    throw error
  }
}

/** Takes JSON alone: UTF-8, compressed or not. What JSON it is the framework's own parser says. */
export const takeJsonBodies = (app: FastifyInstance, limits: EnforcedLimits): void => {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    const encoding = (request.headers['content-encoding'] ?? '').trim().toLowerCase()
    const text = textOf(await decoded(body, encoding, limits.requestBytes))
    return new Promise((resolve, reject) => {
      void parse(request, text, (error, json) => (error ? reject(error) : resolve(json)))
    })
  })
}
