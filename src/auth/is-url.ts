export const isUrl = (text: string): boolean => /^https?:\/\//i.test(text)
