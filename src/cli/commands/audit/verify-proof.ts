import { inclusionProof, verifyProof } from '../../../integrity/proofs/inclusion-proof.ts'
import { CliError, wrongUsage } from '../../errors.ts'
import { formatDocument } from '../../output/format.ts'
import { note, print } from '../../output/print.ts'
import { printable } from '../../output/text.ts'
import { settingsFrom } from '../../runtime/start.ts'
import { keyInFolder, publicKeyIn } from './public-key.ts'
import { readJson } from './read-json.ts'
import type { VerifyFlags } from './verify.ts'

/** Checks a proof of one event, for which no store is needed. */
export const verifyProofCommand = async (file: string, { publicKey, ...flags }: VerifyFlags): Promise<void> => {
  const { data: folder } = await settingsFrom({ ...(flags.data && { data: flags.data }) }, process.env)
  const key = publicKey === undefined ? keyInFolder(folder) : publicKeyIn(publicKey)
  if (key === undefined) throw wrongUsage('--public-key is to say whose signature is to be trusted')
  const { success, data: proof } = inclusionProof.safeParse(readJson(file))
  if (!success) throw new CliError(`${file} is no proof as hark audit prove makes it`)
  const fault = verifyProof(proof, key)
  if (fault !== undefined) throw new CliError(`${file} proves nothing: ${printable(fault)}`)
  const { event, checkpoint } = proof
  if (flags.output !== 'table') print(await formatDocument({ event, checkpoint }, flags.output))
  note(
    `${printable(event.type)} ${printable(event.id)}, revision ${event.revision} of ${printable(event.stream)}, was in the log that was signed at ${checkpoint.time}.`,
  )
}
