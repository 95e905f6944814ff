import { type Document, isScalar, type LineCounter, type ParsedNode, parseDocument, visit, YAMLParseError } from 'yaml'

/**
 * Reads a rule's text. The reader's own search for keys that stand twice compares each with all before it: 64 kB of
 * short keys would hold up the platform for ten seconds. Here each is looked up once.
 */
export function readYaml(text: string, lineCounter?: LineCounter): Document.Parsed<ParsedNode> {
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false, ...(lineCounter && { lineCounter }) })
  if (document.errors.length > 0) return document
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        const [from = 0] = key.range ?? []
        if (seen.has(key.value)) document.errors.push(new YAMLParseError([from, from + 1], 'DUPLICATE_KEY', 'Map keys must be unique'))
        seen.add(key.value)
      }
    },
  })
  return document
}
