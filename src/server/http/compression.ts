import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyReply } from 'fastify'

/** At a higher quality, compression takes longer than sending. */
const BROTLI_QUALITY = 5
/** Megabytes of lanes take a third of the time of the default level. */
const GZIP_LEVEL = 1
/** Smaller bodies fit in one packet. */
const MIN_BYTES = 1024

const COMPRESS = {
  br: (body: string | Uint8Array): Promise<Uint8Array<ArrayBuffer>> =>
    promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: (body: string | Uint8Array): Promise<Uint8Array<ArrayBuffer>> => promisify(gzip)(body, { level: GZIP_LEVEL }),
} as const

export type Encoding = keyof typeof COMPRESS

const ACCEPTED = (['br', 'gzip'] as const).map(encoding => ({
  encoding,
  pattern: new RegExp(`\\b${encoding}\\b(?!\\s*;\\s*q=0(\\.0*)?\\s*(,|$))`, 'i'),
}))

export const encodingFor = (accept: string): Encoding | undefined =>
  ACCEPTED.find(({ pattern }) => pattern.test(accept))?.encoding

export const compress = (body: string | Uint8Array, encoding: Encoding): Promise<Uint8Array<ArrayBuffer>> =>
  COMPRESS[encoding](body)

const addVary = (reply: FastifyReply): FastifyReply => {
  const vary = reply.getHeader('vary')
  return reply.header('vary', vary === undefined ? 'accept-encoding' : `${vary}, accept-encoding`)
}

export const sendCompressed = async (reply: FastifyReply, body: string | Buffer): Promise<void> => {
  if (body.length < MIN_BYTES) {
    reply.send(body)
    return
  }
  addVary(reply)
  const encoding = encodingFor(String(reply.request.headers['accept-encoding'] ?? ''))
  if (encoding === undefined) reply.send(body)
  else reply.header('content-encoding', encoding).send(await compress(body, encoding))
}
