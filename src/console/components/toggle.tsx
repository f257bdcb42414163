interface Properties {
  readonly words: string
  readonly title?: string
  readonly isOn: boolean
  readonly onToggle: () => void
}

export const Toggle = ({ words, title, isOn, onToggle }: Properties) => (
  <label class="toggle" title={title}>
    <input type="checkbox" checked={isOn} onChange={onToggle} />
    {words}
  </label>
)
