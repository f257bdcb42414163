import { useSignalEffect } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { areKeysShown, KEY_WORDS } from './keyboard.ts'

/** States what the keys do; the browser closes it at Escape and returns the focus. */
export const KeysDialog = () => {
  const dialog = useRef<HTMLDialogElement>(null)
  useSignalEffect(() => {
    if (areKeysShown.value) dialog.current?.showModal()
  })
  return (
    <dialog
      ref={dialog}
      class="keys"
      aria-labelledby="keys-heading"
      onClose={() => {
        areKeysShown.value = false
      }}
    >
      <h2 id="keys-heading">Keys</h2>
      <dl>
        {KEY_WORDS.map(([keys, words]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  )
}
