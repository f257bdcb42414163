import { z } from 'zod'
import { sha256 } from './recorded-event.ts'

const base64url = z.string().regex(/^[\w-]+$/)

/** The signature that a checkpoint, or the introduction of a key, bears: Ed25519 (RFC 8032), over canonical JSON. */
const signed = {
  /** The first 16 hexadecimal digits of the SHA-256 of the public key that checks it. */
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  signature: base64url,
}

/** What is kept for auditors: no read model follows it. */
export const auditEventData = {
  /** A command that was not done. It changed nothing of what it was about. */
  CommandRefused: z.strictObject({
    /** The mutation, such as `updatePort`. */
    command: z.string(),
    /** Absent where the command named none, or several. */
    namespace: z.string().optional(),
    name: z.string().optional(),
    /** What was asked; of what is too large to keep, its size in bytes. */
    input: z.union([z.record(z.string(), z.unknown()), z.strictObject({ omittedBytes: z.int() })]),
    /** One of the contract's codes. */
    code: z.string(),
    message: z.string(),
  }),

  /** A token was made, by whoever may write to the data folder. What lets somebody in is in no event. */
  TokenCreated: z.strictObject({
    tokenId: z.uuid(),
    /** Whose it is: the actor of what is done with it. */
    name: z.string(),
    roles: z.array(z.string()),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().optional(),
  }),

  /** A token was taken back. */
  TokenRevoked: z.strictObject({ tokenId: z.uuid(), name: z.string(), revokedAt: z.iso.datetime() }),

  /** Tokens were shown that are not known, were revoked or have expired: as often as once a minute, and once for all of them. */
  TokenRefused: z.strictObject({
    /** From where, and how often; no more than 20. */
    clients: z.array(z.strictObject({ address: z.string(), attempts: z.int().min(1) })),
    /** From elsewhere. */
    otherAttempts: z.int().min(0),
  }),

  /** What the log was, signed: whoever has this can tell whether anything before it was changed since. */
  CheckpointSigned: z.strictObject({
    /** How many events of the log it covers, from the first on. */
    events: z.int().min(0),
    /** SHA-256 over these events in their order, with their times: see src/audit/log-digest.ts. */
    logHash: sha256,
    /** How many streams have a head. */
    streams: z.int().min(0),
    /** The root of a Merkle tree (RFC 6962) over the heads of all streams. */
    root: sha256,
    /** When it was signed. */
    time: z.iso.datetime(),
    ...signed,
  }),

  /** Events that were recorded elsewhere were read into this store. */
  LogImported: z.strictObject({
    /** The name of the file that they came from. */
    file: z.string(),
    /** How many of them the store did not have before. */
    events: z.int().min(1),
    /** How many it has of that file. */
    total: z.int().min(1),
  }),

  /** From here on another key signs; signed by the one before it, where there was one. */
  SigningKeyIntroduced: z.strictObject({
    /** Of the new key: its 32 bytes. */
    publicKey: base64url,
    newKeyId: z.string(),
    time: z.iso.datetime(),
    ...signed,
  }),
} as const
