import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Database, openDatabase } from '../../drivers/sqlite.ts'

/**
 * access.db: who may come in, whose devices are, and what people did. A file of its own because nothing can rebuild it from the journal
 * (so every commit is flushed), and because the command line writes to it while the platform runs.
 * Users and tokens share one table: a name in an audit entry means one principal only.
 */
const TABLES = `
CREATE TABLE IF NOT EXISTS principal (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('user', 'token')),
  role TEXT NOT NULL,
  area TEXT NOT NULL,
  secret TEXT,
  at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS principal_token ON principal (secret) WHERE kind = 'token';
CREATE TABLE IF NOT EXISTS gateway (id TEXT PRIMARY KEY, secret TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS owner (device TEXT PRIMARY KEY, gateway TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS session (
  digest TEXT PRIMARY KEY,
  name TEXT NOT NULL REFERENCES principal (name) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  seenAt INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS session_name ON session (name);
CREATE TABLE IF NOT EXISTS code (
  digest TEXT PRIMARY KEY,
  name TEXT NOT NULL REFERENCES principal (name) ON DELETE CASCADE,
  until INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  by TEXT NOT NULL,
  what TEXT NOT NULL,
  target TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
`

/** Opens (and at first makes) the file; it is readable by its owner only. */
export function openTables(path: string): Database {
  // SQLite gives the -wal and -shm files the mode of the database itself, so that must be right before it is opened.
  mkdirSync(dirname(path), { recursive: true })
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
  const db = openDatabase(path, { synchronous: 'FULL' })
  db.exec(TABLES)
  return db
}
