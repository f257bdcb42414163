import { RecordDocument } from '../api/generated.ts'
import { useQuery } from '../api/use-query.ts'
import { TimeText } from '../components/time-text.tsx'
import { version } from '../time/log.ts'

export const RecordState = () => {
  const { data } = useQuery(RecordDocument, {}, version.value).value
  if (data === undefined) return null
  const { isSigning, lastCheckpoint } = data.record
  return (
    <p class="record-state">
      {lastCheckpoint ? (
        <>
          <strong>{lastCheckpoint.events} events are signed</strong> up to position {Number(lastCheckpoint.position)},{' '}
          <TimeText time={lastCheckpoint.time} />, with key <code>{lastCheckpoint.keyId}</code>.
        </>
      ) : (
        <strong>No checkpoint is signed yet.</strong>
      )}{' '}
      {isSigning ? '' : 'Checkpoints are not being signed. '}
      <span class="soft">
        {lastCheckpoint && 'These include events of Hark itself that are no entries, such as earlier checkpoints. '}
        <code>hark audit verify</code> checks every event against {lastCheckpoint ? 'the signatures' : 'them'}.
      </span>
    </p>
  )
}
