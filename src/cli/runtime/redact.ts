const SECRETS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'\\]*@/gi, '$1[hidden]@'],
  [/\b(bearer|basic)\s+[^\s"'\\,;]+/gi, '$1 [hidden]'],
  [/\bhark_[\w-]{16,}/g, '[hidden]'],
  [/\beyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?/g, '[hidden]'],
  [/("(?:authorization|password|token|secret|key)"\s*:\s*")(?:[^"\\]|\\.)+/gi, '$1[hidden]'],
]

export const redact = (text: string): string => {
  let hidden = text
  for (const [pattern, instead] of SECRETS) hidden = hidden.replace(pattern, instead)
  return hidden
}
