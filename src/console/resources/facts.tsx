import type { ComponentChild } from 'preact'

interface Properties {
  readonly facts: readonly (readonly [name: string, value: ComponentChild])[]
}

export const Facts = ({ facts }: Properties) => (
  <dl class="facts">
    {facts
      .filter(([, value]) => value !== undefined && value !== null && value !== '')
      .map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
)
