export interface CsvRecord {
  /** Where it begins, from 1. */
  line: number
  cells: string[]
}

/** RFC 4180: quoted cells may hold commas, quotes and line breaks; empty lines count for nothing. `open`: the line of a quote that nothing closes. */
export function csvRecords(text: string): { records: CsvRecord[]; open?: number } {
  const records: CsvRecord[] = []
  let [cells, cell, quoted, line, began]: [string[], string, boolean, number, number] = [[], '', false, 1, 1]
  let quote = 0
  const finish = (): void => {
    cells.push(cell)
    if (cells.length > 1 || cell.trim() !== '') records.push({ line: began, cells })
    cells = []
    cell = ''
  }
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char === '\n') line++
    if (quoted && char === '"' && text[i + 1] === '"') {
      cell += '"'
      i++
    } else if (char === '"') {
      quoted = !quoted
      quote = line
    } else if (!quoted && char === ',') {
      cells.push(cell)
      cell = ''
    } else if (!quoted && (char === '\n' || char === '\r')) {
      if (char === '\r' && text[i + 1] === '\n') continue
      finish()
      began = line
    } else cell += char
  }
  finish()
  return quoted ? { records, open: quote } : { records }
}
