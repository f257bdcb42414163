/** A property's name as people say it: `routingKey` is the routing key. */
export const words = (property: string): string =>
  property.replace(/(?<=[a-z])[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
