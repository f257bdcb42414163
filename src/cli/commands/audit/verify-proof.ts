import { inclusionProof, verifyProof } from '../../../integrity/proofs/inclusion-proof.ts'
import { VerificationError } from '../../../integrity/verify/finding.ts'
import { printable } from '../../../lib/printable.ts'
import { CliError, usageError } from '../../errors.ts'
import { io } from '../../io.ts'
import { formatDocument } from '../../output/format.ts'
import { note, print } from '../../output/print.ts'
import { settingsFrom } from '../../runtime/start.ts'
import type { VerifyFlags } from './flags.ts'
import { keyInFolder, publicKeyIn } from './public-key.ts'
import { readJson } from './read-json.ts'

export const verifyProofCommand = async (file: string, { publicKey, ...flags }: VerifyFlags): Promise<void> => {
  const { data: folder } = await settingsFrom({ ...(flags.data && { data: flags.data }) }, io().env)
  const key = publicKey === undefined ? keyInFolder(folder) : publicKeyIn(publicKey)
  if (key === undefined) throw usageError('--public-key is required: this data folder has no signing key')
  const { success, data: proof } = inclusionProof.safeParse(readJson(file))
  if (!success) throw new CliError(`${file} must contain a proof made by hark audit prove`)
  try {
    verifyProof(proof, key)
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error
    throw new CliError(`${file} is not valid: ${printable(error.message)}`)
  }
  const { event, checkpoint } = proof
  if (flags.output !== 'table') print(await formatDocument({ event, checkpoint }, flags.output))
  note(
    `${printable(event.type)} ${printable(event.id)}, revision ${event.revision} of ${printable(event.stream)}, was in the log that was signed at ${checkpoint.time}.`,
  )
}
