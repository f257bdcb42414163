import rhea from 'rhea'

/** What this needs of rhea's reader of messages, which its types leave out. */
interface Decoder {
  decode(buffer: Buffer): unknown
}

/**
 * Keeps rhea from printing what it makes nothing of: a router's words, whatever they are, have no place among the lines of
 * a log. The sections that it knows are read all the same.
 */
const quieten = (decoder: Decoder): void => {
  const { decode } = decoder
  decoder.decode = buffer => {
    const { warn } = console
    console.warn = () => undefined
    try {
      return decode.call(decoder, buffer)
    } finally {
      console.warn = warn
    }
  }
}

quieten(rhea.message as unknown as Decoder)
