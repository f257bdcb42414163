import { at } from '../routes/navigation.ts'
import { stepBack, stepForward } from './keyboard.ts'

export const StepButtons = () => (
  <div class="steps">
    <button type="button" onClick={stepBack}>
      ← Event before
    </button>
    <button type="button" onClick={stepForward} disabled={at.value === undefined}>
      Next event →
    </button>
  </div>
)
