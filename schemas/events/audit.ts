import { z } from 'zod'
import type { EventDefinition } from './definition.ts'
import { sha256 } from './recorded-event.ts'

const base64url = z.string().regex(/^[\w-]+$/)

/** Ed25519 (RFC 8032) over canonical JSON. */
const signed = {
  /** The first 16 hexadecimal digits of the public key's SHA-256. */
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  signature: base64url,
}

/** No read model uses these events. */
export const auditEvents = {
  CommandRefused: {
    category: 'audit',
    data: z.strictObject({
      command: z.string(),
      /** Absent if the command named none or several. */
      namespace: z.string().optional(),
      name: z.string().optional(),
      /** Large inputs are replaced by their size. */
      input: z.union([z.record(z.string(), z.unknown()), z.strictObject({ omittedBytes: z.int() })]),
      code: z.string(),
      message: z.string(),
    }),
  },

  /** Contains nothing that could be used to authenticate. */
  TokenCreated: {
    category: 'audit',
    data: z.strictObject({
      tokenId: z.uuid(),
      /** The actor of requests with this token. */
      name: z.string(),
      roles: z.array(z.string()),
      createdAt: z.iso.datetime(),
      expiresAt: z.iso.datetime().optional(),
    }),
  },

  TokenRevoked: {
    category: 'audit',
    data: z.strictObject({ tokenId: z.uuid(), name: z.string(), revokedAt: z.iso.datetime() }),
  },

  /** Attempts with unknown, revoked or expired tokens; at most one event per minute. */
  TokenRefused: {
    category: 'audit',
    data: z.strictObject({
      /** Has at most 20 addresses. */
      clients: z.array(z.strictObject({ address: z.string(), attempts: z.int().min(1) })),
      /** Attempts from other addresses. */
      otherAttempts: z.int().min(0),
    }),
  },

  ReadModelsRebuilt: {
    category: 'audit',
    data: z.strictObject({
      /** Of the last event that the new read models had when they replaced the old ones. */
      position: z.int().min(0),
      /** Whether the replaced file was compared to the end. */
      compared: z.boolean(),
      /** Rows that did not follow from the log. */
      differences: z.int().min(0),
    }),
  },

  /** Earlier states are unknown since; the log has all events. */
  HistoryCompacted: {
    category: 'audit',
    data: z.strictObject({ keptFrom: z.iso.datetime(), keptPosition: z.int().min(0) }),
  },

  /** Makes later changes of earlier events detectable. */
  CheckpointSigned: {
    category: 'audit',
    isBookkeeping: true,
    data: z.strictObject({
      /** Counted from the first event. */
      events: z.int().min(0),
      /** SHA-256 over these events in order, with their times. */
      logHash: sha256,
      streams: z.int().min(0),
      /** Root of a Merkle tree (RFC 6962) over all stream heads. */
      root: sha256,
      time: z.iso.datetime(),
      ...signed,
    }),
  },

  /** Imported events were recorded elsewhere. */
  LogImported: {
    category: 'audit',
    data: z.strictObject({
      file: z.string(),
      /** Events that were new to the store. */
      events: z.int().min(1),
      /** Events of the file that the store has after the import. */
      total: z.int().min(1),
    }),
  },

  SigningKeyIntroduced: {
    category: 'audit',
    data: z.strictObject({
      /** 32 bytes. */
      publicKey: base64url,
      newKeyId: z.string(),
      time: z.iso.datetime(),
      ...signed,
    }),
  },
} as const satisfies Record<string, EventDefinition>
