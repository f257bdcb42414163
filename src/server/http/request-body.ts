import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { decodeUtf8, NotUtf8 } from '../../lib/utf8.ts'
import type { EnforcedLimits } from '../limits.ts'

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

const decode = async (body: Buffer, encoding: string, maxBytes: number): Promise<Buffer> => {
  if (encoding === '' || encoding === 'identity') return body
  if (!Object.hasOwn(DECODERS, encoding))
    throw new UnreadableBody(415, `unsupported content encoding ${encoding}: use gzip, deflate, br or none`)
  try {
    return await DECODERS[encoding as keyof typeof DECODERS](body, { maxOutputLength: maxBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new UnreadableBody(413, 'too large')
    throw new UnreadableBody(400, `the body is not valid ${encoding}, but its content-encoding is ${encoding}`)
  }
}

const toText = (body: Buffer): string => {
  try {
    return decodeUtf8(body)
  } catch (error) {
    if (error instanceof NotUtf8) throw new UnreadableBody(400, `the body ${error.message}`)
    throw error
  }
}

/** Two keys that could replace a prototype are no error of syntax. */
const rejectionOf = (text: string, error: Error): Error => {
  try {
    JSON.parse(text)
  } catch {
    return error
  }
  return new UnreadableBody(400, 'the body has the key __proto__ or constructor.prototype, which is rejected')
}

/** Other sites can send form bodies without a preflight request. */
export const registerJsonBodies = (app: FastifyInstance, limits: EnforcedLimits): void => {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    const encoding = (request.headers['content-encoding'] ?? '').trim().toLowerCase()
    const text = toText(await decode(body, encoding, limits.requestBytes))
    return new Promise((resolve, reject) => {
      void parse(request, text, (error, json) => (error ? reject(rejectionOf(text, error)) : resolve(json)))
    })
  })
}
