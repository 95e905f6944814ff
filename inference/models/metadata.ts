/** Fields of ONNX's ModelProto and StringStringEntryProto (onnx.proto). */
const METADATA_PROPS = 14
const KEY = 1
const VALUE = 2

/** The free texts in an ONNX file, which the runtime does not hand out. A file that is none gives none. */
export function modelMetadata(bytes: Uint8Array): Map<string, string> {
  const texts = new Map<string, string>()
  for (const [field, entry] of fields(bytes)) {
    if (field !== METADATA_PROPS) continue
    const pair = new Map([...fields(entry)].map(([part, text]) => [part, new TextDecoder().decode(text)]))
    texts.set(pair.get(KEY) ?? '', pair.get(VALUE) ?? '')
  }
  return texts
}

/** Length-delimited fields of a protobuf message; others are passed over, and what is cut off ends it. */
function* fields(bytes: Uint8Array): Generator<[field: number, content: Uint8Array]> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; at < bytes.length; factor *= 128) {
      const byte = bytes[at++] as number
      value += (byte & 127) * factor
      if (byte < 128) break
    }
    return value
  }
  while (at < bytes.length) {
    const tag = varint()
    const wire = tag % 8
    if (wire === 2) {
      const length = varint()
      if (at + length > bytes.length) return
      yield [Math.floor(tag / 8), bytes.subarray(at, at + length)]
      at += length
    } else if (wire === 0) varint()
    else if (wire === 1) at += 8
    else if (wire === 5) at += 4
    else return
  }
}

/** Class names as Ultralytics writes them: a Python dictionary `{0: 'person', 1: "driver's cab"}`. undefined if there is none. */
export function metadataLabels(metadata: ReadonlyMap<string, string>): string[] | undefined {
  const labels: string[] = []
  for (const [, index, single, double] of (metadata.get('names') ?? '').matchAll(/(\d+):\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g)) {
    if (Number(index) > 10_000) return undefined
    labels[Number(index)] = (single ?? double ?? '').replaceAll(/\\(.)/g, '$1')
  }
  return labels.length > 0 ? Array.from(labels, (label, index) => label ?? `class_${index}`) : undefined
}
