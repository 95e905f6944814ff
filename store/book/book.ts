import { type DatabaseConnection, Kysely, SqliteAdapter, SqliteDialect, type SqliteDialectConfig, SqliteDriver } from 'kysely'
import type { Offset } from '../../domain/ids.ts'
import { type Database, openDatabase, type Statement } from '../../drivers/sqlite.ts'
import { alertsTable } from './alerts.ts'
import { assetsTable } from './assets.ts'
import { attentionTable } from './attention.ts'
import { calendarsTable } from './calendars.ts'
import { cameraHealthTable } from './camera-health.ts'
import { casesTable } from './cases.ts'
import { controlsTable } from './controls.ts'
import { coverageTable } from './coverage.ts'
import { deliveriesTable } from './deliveries.ts'
import { eventsTable } from './events.ts'
import { evidenceTable } from './evidence.ts'
import { fusionsTable } from './fusions.ts'
import { groupsTable } from './groups.ts'
import { migrate } from './migrations.ts'
import { questionsTable } from './questions.ts'
import { ruleAlertsTable } from './rule-alerts.ts'
import { ruleStatsTable } from './rule-stats.ts'
import { rulesTable } from './rules.ts'
import type { Schema } from './schema.ts'
import { silencesTable } from './silences.ts'
import { type RecordedTransition, transitionsTable } from './transitions.ts'

/** The owner of Kysely, together with the tables beside it: SQL stands nowhere else. */
export interface Tables {
  alerts: ReturnType<typeof alertsTable>
  assets: ReturnType<typeof assetsTable>
  attention: ReturnType<typeof attentionTable>
  calendars: ReturnType<typeof calendarsTable>
  cameraHealth: ReturnType<typeof cameraHealthTable>
  cases: ReturnType<typeof casesTable>
  controls: ReturnType<typeof controlsTable>
  coverage: ReturnType<typeof coverageTable>
  deliveries: ReturnType<typeof deliveriesTable>
  events: ReturnType<typeof eventsTable>
  evidence: ReturnType<typeof evidenceTable>
  fusions: ReturnType<typeof fusionsTable>
  groups: ReturnType<typeof groupsTable>
  questions: ReturnType<typeof questionsTable>
  ruleAlerts: ReturnType<typeof ruleAlertsTable>
  rules: ReturnType<typeof rulesTable>
  silences: ReturnType<typeof silencesTable>
  ruleStats: ReturnType<typeof ruleStatsTable>
  transitions: ReturnType<typeof transitionsTable>
  /** Up to where the journal has been projected; 0 when nothing has. */
  offset(): Promise<Offset>
  setOffset(offset: Offset): Promise<void>
}

/**
 * The projection of the journal that people read: alerts, cases, assets, rules. What only the book knows (evidence,
 * deliveries) is safe against a crash of the process; the rest the journal can rebuild.
 */
export interface Book extends Tables {
  /** All or nothing. Inside, use only the tables handed in: the book's own would wait for the end of this transaction. */
  transaction<T>(work: (tables: Tables) => Promise<T>): Promise<T>
  bookOffset(): Promise<Offset>
  /** Recorded transitions with from ≤ offset ≤ to, in order, for replay. */
  recorded(from: Offset, to: Offset): AsyncIterable<RecordedTransition>
  close(): Promise<void>
}

/** SQLite's DDL is transactional, whatever the dialect says: a migration that fails half-way must leave nothing behind. */
class BookDialect extends SqliteDialect {
  readonly #database: Database
  readonly #config: SqliteDialectConfig

  constructor(database: Database) {
    const config = { database: remembering(database) }
    super(config)
    this.#database = database
    this.#config = config
  }

  /** What a full disk interrupts SQLite has rolled back already: to do it again would only hide why. */
  override createDriver(): SqliteDriver {
    const database = this.#database
    return new (class extends SqliteDriver {
      override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
        if (database.inTransaction) await super.rollbackTransaction(connection)
      }
    })(this.#config)
  }

  override createAdapter(): SqliteAdapter {
    return new (class extends SqliteAdapter {
      override get supportsTransactionalDdl(): boolean {
        return true
      }
    })()
  }
}

/** Opens the book, making or migrating it; `readonly` for a second process that only reads. */
export async function openBook(path: string, { readonly = false } = {}): Promise<Book> {
  const db = new Kysely<Schema>({ dialect: new BookDialect(openDatabase(path, { synchronous: 'NORMAL', readonly })) })
  if (!readonly) await migrate(db)
  const tables = tablesOf(db)
  return {
    ...tables,
    transaction: (work) => db.transaction().execute((transaction) => work(tablesOf(transaction))),
    bookOffset: tables.offset,
    recorded: (from, to) => recorded(tables, from, to),
    close: () => db.destroy(),
  }
}

function tablesOf(db: Kysely<Schema>): Tables {
  return {
    alerts: alertsTable(db),
    assets: assetsTable(db),
    attention: attentionTable(db),
    calendars: calendarsTable(db),
    cameraHealth: cameraHealthTable(db),
    cases: casesTable(db),
    controls: controlsTable(db),
    coverage: coverageTable(db),
    deliveries: deliveriesTable(db),
    events: eventsTable(db),
    evidence: evidenceTable(db),
    fusions: fusionsTable(db),
    groups: groupsTable(db),
    questions: questionsTable(db),
    ruleAlerts: ruleAlertsTable(db),
    rules: rulesTable(db),
    silences: silencesTable(db),
    ruleStats: ruleStatsTable(db),
    transitions: transitionsTable(db),
    offset: async () => (await db.selectFrom('projection').select('offset').executeTakeFirstOrThrow()).offset,
    setOffset: async (offset) => {
      await db.updateTable('projection').set({ offset }).execute()
    },
  }
}

async function* recorded({ transitions }: Tables, from: Offset, to: Offset): AsyncIterable<RecordedTransition> {
  const size = 10_000
  let after = { offset: from, n: -1 }
  for (;;) {
    const page = await transitions.read(after, to, size)
    yield* page
    const last = page.at(-1)
    if (page.length < size || last === undefined) return
    after = last
  }
}

/** Keeps prepared statements: Kysely asks for the same few texts over and over, and preparing costs more than running. */
function remembering(database: Database): { prepare(sql: string): Statement; close(): void } {
  const statements = new Map<string, Statement>()
  return {
    prepare(sql) {
      const known = statements.get(sql)
      if (known) return known
      const statement = database.prepare(sql)
      if (statements.size < 500) statements.set(sql, statement)
      return statement
    },
    close: () => database.close(),
  }
}
