import { z } from 'zod'
import type { EventDefinition } from './definition.ts'
import { sha256 } from './recorded-event.ts'

const base64url = z.string().regex(/^[\w-]+$/)

/** Ed25519 (RFC 8032) over canonical JSON. */
const signed = {
  /** The first 16 hexadecimal digits of the SHA-256 of the public key. */
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  signature: base64url,
}

/** What is recorded for auditors; no read model is made of it. */
export const auditEvents = {
  /** A rejected command, which changed nothing. */
  CommandRefused: {
    category: 'audit',
    data: z.strictObject({
      /** The mutation, such as `updatePort`. */
      command: z.string(),
      /** Absent if the command named none, or several. */
      namespace: z.string().optional(),
      name: z.string().optional(),
      /** An input that is too large is recorded by its size. */
      input: z.union([z.record(z.string(), z.unknown()), z.strictObject({ omittedBytes: z.int() })]),
      /** An ErrorCode. */
      code: z.string(),
      message: z.string(),
    }),
  },

  /** Holds no secret: nobody can authenticate with what an event contains. */
  TokenCreated: {
    category: 'audit',
    data: z.strictObject({
      tokenId: z.uuid(),
      /** The actor of what is done with the token. */
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

  /** Attempts with unknown, revoked or expired tokens, at most one event a minute. */
  TokenRefused: {
    category: 'audit',
    data: z.strictObject({
      /** By address; 20 at most. */
      clients: z.array(z.strictObject({ address: z.string(), attempts: z.int().min(1) })),
      /** From further addresses. */
      otherAttempts: z.int().min(0),
    }),
  },

  /** The signed state of the log: with it, later changes of earlier events can be detected. */
  CheckpointSigned: {
    category: 'audit',
    isBookkeeping: true,
    data: z.strictObject({
      /** Number of events covered, from the first on. */
      events: z.int().min(0),
      /** SHA-256 over these events in order, with their times. */
      logHash: sha256,
      /** Number of streams with a head. */
      streams: z.int().min(0),
      /** Root of a Merkle tree (RFC 6962) over the heads of all streams. */
      root: sha256,
      time: z.iso.datetime(),
      ...signed,
    }),
  },

  /** Events recorded elsewhere were imported into this store. */
  LogImported: {
    category: 'audit',
    data: z.strictObject({
      /** Name of the imported file. */
      file: z.string(),
      /** How many of its events are new to the store. */
      events: z.int().min(1),
      /** How many of its events the store now has. */
      total: z.int().min(1),
    }),
  },

  /** Signed by the previous key, if there is one. */
  SigningKeyIntroduced: {
    category: 'audit',
    data: z.strictObject({
      /** The 32 bytes of the new key. */
      publicKey: base64url,
      newKeyId: z.string(),
      time: z.iso.datetime(),
      ...signed,
    }),
  },
} as const satisfies Record<string, EventDefinition>
