import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Projected } from '../../domain/projection.ts'
import { DAY } from '../../domain/time.ts'
import { CAR, CROWD, HEAVY_WHEN } from '../../rules/heavy.fixture.ts'
import type { Quarantine } from '../../rules/state.ts'
import { transitionText } from '../../store/book/transitions.ts'
import { openHistoryReader } from '../../store/history/reader.ts'
import { openJournalReader } from '../../store/journal/reader.ts'
import { openJournalWriter } from '../../store/journal/writer.ts'
import { Snapshots } from '../../store/snapshots.ts'
import { replay } from '../replay.ts'
import { Deadline, LOOKS } from './deadline.ts'
import { type EngineThread, startEngine } from './engine.ts'
import { quarantinesFrom } from './quarantines.ts'

const NOW = Date.UTC(2026, 0, 5)
let folder: string
let ports: MessagePort[]
let writer: ReturnType<typeof openJournalWriter>
let engine: EngineThread | undefined
const paths = () => ({ journal: join(folder, 'journal'), history: join(folder, 'history.db'), snapshots: join(folder, 'snapshots.db') })

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wanglou-quarantine-'))
  ports = []
  writer = openJournalWriter(paths().journal)
})
afterEach(async () => {
  await engine?.close()
  engine = undefined
  for (const port of ports) port.close()
  writer.close()
  rmSync(folder, { recursive: true })
})

const rule = (id: string, words: string) => ({
  type: 'rule' as const,
  by: 't',
  id,
  version: 1,
  state: 'live' as const,
  note: '',
  source: `rule: ${id}\ntitle: { zh: 规则, en: Rule }\n${words}\nseverity: major\n`,
})
const LIGHT = rule('light', 'on: cover\nwhen: tiltDeg > 15')
const HEAVY = rule('heavy', `on: scene\neach: object\nobjects: { labels: [${CAR}], zone: road }\nwhen: ${HEAVY_WHEN}\nfor: 1h`)

function crowd(at: number): { kind: string; device: string; gateway: string; at: number; json: string } {
  return { kind: 'scene', device: 'cam', gateway: 'gw', at, json: JSON.stringify({ at, objects: CROWD }) }
}
const tilt = (device: string, at: number) => ({ kind: 'cover', device, gateway: 'gw', at, json: JSON.stringify({ at, tiltDeg: 40 }) })

/** Far more than the heavy rule can judge within the deadline. */
const SCENES = 80
const DEADLINE_MS = 400

interface Heard {
  entries: Projected[]
  quarantines: Quarantine[]
  failures: string[]
  through: number
}

/** An engine over the journal, with everything that it says; what it asks for is journalled. */
async function listen(deadlineMs: number, heard: Heard = { entries: [], quarantines: [], failures: [], through: 0 }): Promise<Heard> {
  const heads: MessagePort[] = []
  engine = await startEngine({
    paths: paths(),
    historyDays: 30,
    bookOffset: async () => heard.through,
    headPort: () => {
      const { port1, port2 } = new MessageChannel()
      ports.push(port1)
      heads.push(port1)
      return port2
    },
    tick: async () => {},
    quarantine: async (quarantine) => {
      heard.quarantines.push(quarantine)
      const { rule: id, version, from, why } = quarantine
      writer.append([], [{ type: 'rule', by: 'platform', id, version, state: 'quarantined', source: '', note: why, from }], NOW + DAY)
      for (const port of heads) port.postMessage({ head: writer.head() })
    },
    deadlineMs,
    failed: (error) => heard.failures.push(String(error)),
  })
  engine.digests$.subscribe(({ entries, through }) => {
    heard.entries.push(...entries)
    heard.through = through
    engine?.applied(through)
  })
  engine.begin()
  return heard
}

const raised = ({ entries }: Heard): string[] => entries.flatMap((each) => (each.type === 'transition' && each.what === 'raised' ? [`${each.rule} ${each.key}`] : []))

/** What the journal says once more, against what was heard. */
async function replayed(heard: Heard): Promise<Awaited<ReturnType<typeof replay>>> {
  const journal = openJournalReader(paths().journal)
  const history = openHistoryReader(paths().history, journal)
  const snapshots = new Snapshots(paths().snapshots, { readonly: true })
  try {
    return await replay({
      journal,
      history,
      start: undefined,
      quarantines: (from) => quarantinesFrom(journal, from),
      snapshots: snapshots.all(),
      recorded: async (from, through) =>
        heard.entries.flatMap((each) =>
          each.type === 'transition' && each.offset >= from && each.offset <= through ? [{ offset: each.offset, n: each.n, text: transitionText(each) }] : [],
        ),
      text: (transition) => transitionText(transition),
      through: heard.through,
    })
  } finally {
    snapshots.close()
    history.close()
    journal.close()
  }
}

describe('S18 a rule that takes too long', () => {
  it('is out from the record on which it was found, the others go on, and a replay says the same', { timeout: 120_000 }, async () => {
    writer.append([], [LIGHT, HEAVY], NOW)
    writer.append([tilt('before', NOW)], [], NOW)
    writer.append(
      Array.from({ length: SCENES }, (_, i) => crowd(NOW + i)),
      [],
      NOW + 1000,
    )
    writer.append([tilt('after', NOW + 2000)], [], NOW + 2000)
    const heard = await listen(DEADLINE_MS)
    await vi.waitUntil(() => raised(heard).length === 2 && heard.through === writer.head(), { timeout: 100_000, interval: 50 })
    expect(raised(heard).sort()).toEqual(['light after', 'light before'])
    // What was judged before that record is judged again, and on a machine that is busy may take too long in its turn.
    const found = heard.quarantines.length
    expect(found).toBeGreaterThan(0)
    for (const quarantine of heard.quarantines) {
      expect(quarantine).toMatchObject({ rule: 'heavy', version: 1, why: 'judging took longer than 0.4 s' })
      expect(quarantine.from).toBeGreaterThan(3)
      expect(quarantine.from).toBeLessThanOrEqual(3 + SCENES)
    }
    await vi.waitUntil(() => engine?.stats()?.quarantined.length === 1, { timeout: 5000, interval: 50 })

    // Started again, from its snapshot and without one, it knows.
    await engine?.close()
    await listen(DEADLINE_MS, heard)
    writer.append([crowd(NOW + 3000), tilt('later', NOW + 3000)], [], NOW + 3000)
    for (const port of ports) port.postMessage({ head: writer.head() })
    await vi.waitUntil(() => raised(heard).includes('light later'), { timeout: 20_000, interval: 50 })
    expect(heard.quarantines).toHaveLength(found)
    await engine?.close()
    const result = await replayed(heard)
    expect(result.differences).toEqual([])
    expect([result.equal, result.snapshots]).toEqual([result.compared, expect.toSatisfy((n) => Number(n) > 0)])
  })

  it('also when it is an edit that looks back too long: the version never comes into force', { timeout: 120_000 }, async () => {
    writer.append([], [LIGHT], NOW)
    for (let i = 0; i < SCENES; i += 20)
      writer.append(
        Array.from({ length: 20 }, (_, k) => crowd(NOW + i + k)),
        [],
        NOW + i + 20,
      )
    writer.append([], [HEAVY], NOW + 1000)
    writer.append([tilt('after', NOW + 2000)], [], NOW + 2000)
    const heard = await listen(DEADLINE_MS)
    await vi.waitUntil(() => raised(heard).includes('light after'), { timeout: 100_000, interval: 50 })
    expect(heard.quarantines).toMatchObject([{ rule: 'heavy', version: 1, from: SCENES + 2 }])
    await engine?.close()
    expect((await replayed(heard)).differences).toEqual([])
  })
})

describe('the deadline', () => {
  const seen = (turn: number, rule: string | undefined, offset = 7) => ({ turn, offset, rule: rule === undefined ? undefined : { id: rule, version: 1 } })
  const looks = (deadline: Deadline, rules: readonly (string | undefined)[], turn = 1): unknown[] => rules.flatMap((rule) => deadline.look(seen(turn, rule)) ?? [])

  it('is over at the last of its looks at one turn, and blames the rule that was seen most of the time', () => {
    expect(looks(new Deadline(), Array(LOOKS - 1).fill('a'))).toEqual([])
    expect(looks(new Deadline(), Array(LOOKS).fill('a'))).toEqual([{ offset: 7, rule: { id: 'a', version: 1 } }])
  })

  it('blames nobody when many rules were seen, or none', () => {
    const many = Array.from({ length: LOOKS }, (_, i) => 'abc'[i % 3])
    expect(looks(new Deadline(), many)).toEqual([{ offset: 7, rule: undefined }])
    expect(looks(new Deadline(), Array(LOOKS).fill(undefined))).toEqual([{ offset: 7, rule: undefined }])
  })

  it('begins anew with each turn, and rests between them', () => {
    const deadline = new Deadline()
    for (let turn = 1; turn < 50; turn++) expect(looks(deadline, Array(LOOKS - 1).fill('a'), turn)).toEqual([])
    expect(looks(deadline, Array(3 * LOOKS).fill(undefined), 50)).toEqual([])
  })
})
