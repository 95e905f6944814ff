import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { Schema } from './schema.ts'

/** One step of the book's form. A step that has shipped is never edited; the next change is a new step. */
const MIGRATIONS: Record<string, Migration> = {
  '0001-book': { up: (db) => run(db, BOOK) },
  '0003-rules': { up: (db) => run(db, RULES) },
  '0004-reduction': { up: (db) => run(db, REDUCTION) },
  '0005-controls': { up: (db) => run(db, CONTROLS) },
  '0006-coverage': { up: (db) => run(db, COVERAGE) },
  '0006-evidence': { up: (db) => run(db, EVIDENCE) },
  '0007-questions': { up: (db) => run(db, QUESTIONS) },
  '0008-questions': { up: (db) => run(db, 'alter table questions add column turn integer not null default 0') },
  '0009-rule-guards': { up: (db) => run(db, RULE_GUARDS) },
  '0010-camera-health': { up: (db) => run(db, 'create table cameraHealth (camera text primary key, memory text not null) without rowid') },
}

/** Brings a book of any earlier form to the present one, or throws and leaves it as it was. */
export async function migrate(db: Kysely<Schema>): Promise<void> {
  // Steps of different tables may ship in another order than they are numbered in.
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS }, allowUnorderedMigrations: true })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}

async function run(db: Kysely<unknown>, statements: string): Promise<void> {
  for (const statement of statements.split(';')) if (statement.trim()) await sql.raw(statement).execute(db)
}

const BOOK = `
create table projection (id integer primary key check (id = 1), "offset" integer not null);
insert into projection values (1, 0);

create table transitions ("offset" integer not null, n integer not null, alert text not null, shadow integer not null, json text not null,
  primary key ("offset", n)) without rowid;

create table alerts (
  id text primary key, rule text not null, ruleVersion integer not null, key text not null, asset text not null, devices text not null,
  severity text not null, title text not null, condition text not null, review text not null, verdict text,
  openedAt integer not null, raisedAt integer not null, resolvedAt integer, late integer not null, amended text,
  lon real, lat real, area text, grid text, place text, "values" text not null, params text not null, observations text not null,
  model text, dispatch text, matter text, "case" text, "offset" integer not null);
create index alertsNewest on alerts (raisedAt, id);
create index alertsCondition on alerts (condition, raisedAt, id);
create index alertsReview on alerts (review, raisedAt, id);
create index alertsRule on alerts (rule, raisedAt, id);
create index alertsAsset on alerts (asset, raisedAt, id);
create index alertsOpened on alerts (openedAt);

create table timeline (id integer primary key, alert text not null, at integer not null, by text not null, what text not null, note text not null);
create index timelineAlert on timeline (alert, id);

create table evidence (alert text not null, id text not null, kind text not null, sha256 text not null, at integer not null, primary key (alert, id));
create index evidenceFile on evidence (id);
create table evidenceWanted (alert text primary key, stills integer not null, attempts integer not null, nextAt integer not null);
create index evidenceDue on evidenceWanted (nextAt);

create table cases (
  id text primary key, type text not null, alert text, state text not null, open integer not null, matter text, asset text, department text,
  level text not null, dueAt integer, "from" integer, "to" integer, desk text, place text, "offset" integer not null);
create index casesNewest on cases ("offset");
create index casesAsset on cases (asset, "offset");
create table caseHistory (id integer primary key, "case" text not null, "offset" integer not null, at integer not null, by text not null,
  "from" text, "to" text not null, note text not null, photos text not null);
create index caseHistoryCase on caseHistory ("case", id);

create table events (seq integer primary key autoincrement, id text not null unique, type text not null, time text not null,
  subject text not null, area text, data text not null);

create table deliveries (desk text not null, seq integer not null, lane text not null, attempts integer not null, nextAt integer not null,
  state text not null, lastError text, reference text, primary key (desk, seq)) without rowid;
create index deliveriesLane on deliveries (desk, lane, seq) where state = 'pending';
create index deliveriesState on deliveries (state, desk, seq);
create table desks (name text primary key, disabledAt integer, why text not null);

create table assets (id text primary key, kind text not null, name text not null, place text,
  west real, south real, east real, north real, json text not null);
create index assetsKind on assets (kind, id);
create table areas (code text primary key, level text not null, name text not null, polygon text not null);
create table cameras (id text not null, version integer not null, config text not null, by text not null, at integer not null, primary key (id, version));
create table rules (id text not null, version integer not null, state text not null, source text not null, file text, author text not null,
  note text not null, at integer not null, primary key (id, version));
`

/** Whose vehicle it was, what confirms an alert and what casts doubt on it; and what is still to be asked. */
const QUESTIONS = `
alter table alerts add column vehicle text;
alter table alerts add column attributedAt integer;
alter table alerts add column doubt text;
create table questions (alert text not null, about text not null, answer text, attempts integer not null, nextAt integer, primary key (alert, about)) without rowid;
create index questionsDue on questions (about, nextAt) where nextAt is not null;
create table fusions (source text not null, target text not null, primary key (source, target)) without rowid;
create index fusionsTarget on fusions (target)
`

/** Versions in areas and on trial, the moves of each, and calendars. Shadow transitions are found by rule: what a version in shadow would have raised; and compared by key and time. */
const RULES = `
alter table rules add column base text;
alter table rules add column areas text;
alter table rules add column guard text;
alter table rules add column since integer not null default 0;
alter table rules add column movedBy text not null default '';
alter table rules add column why text not null default '';
alter table rules add column "offset" integer not null default 0;
update rules set since = at, movedBy = author;
create index rulesState on rules (state, id) where state != 'draft';
create table ruleMoves (rule text not null, version integer not null, "offset" integer not null, at integer not null, by text not null,
  state text not null, areas text, note text not null, primary key (rule, "offset", version)) without rowid;
insert into ruleMoves select id, version, 0, at, author, state, null, note from rules;
create index transitionsShadow on transitions (json_extract(json, '$.rule'), json_extract(json, '$.ruleVersion'), "offset") where shadow = 1;
create index alertsKey on alerts (rule, key, openedAt, resolvedAt);
create index alertsVerdict on alerts (rule, raisedAt, verdict) where verdict is not null;
create table calendars (id text primary key, version integer not null, by text not null, at integer not null, json text not null)
`

/** Which alerts are shown: what they are grouped with, what keeps them quiet, and how to find what an event concerns. */
const REDUCTION = `
alter table alerts add column gateway text;
alter table alerts add column "group" text;
alter table alerts add column maintenance text;
alter table alerts add column shown integer not null default 1;
alter table alerts add column by text;
alter table alerts add column ref text;
alter table alerts add column until integer;
create index alertsGoingOn on alerts (rule, asset) where condition <> 'resolved';
create index alertsGroup on alerts ("group", raisedAt) where "group" is not null;
create index alertsStands on alerts ("group", (review = 'judged'), (condition = 'resolved'),
  (case severity when 'critical' then 0 when 'major' then 1 when 'minor' then 2 else 3 end), raisedAt, id) where "group" is not null;
create index alertsQuiet on alerts (ref) where shown = 0;
create index alertsCase on alerts ("case") where "case" is not null;

create table silences (id text primary key, kind text not null, matchers text not null, "from" integer not null, "to" integer not null, by text not null,
  at integer not null, reason text not null, state text not null, removedBy text, endedAt integer, place text, dueAt integer, "offset" integer not null);
create index silencesNewest on silences ("offset");
create index silencesState on silences (state);
create index silencesDue on silences (dueAt) where dueAt is not null;

create table groups (id text primary key, by text not null, key text not null, members integer not null, changes integer, since integer not null,
  until integer, head text);
create index groupsKey on groups (by, key, since);
create index groupsFlapping on groups (until) where by = 'flapping' and until is not null;

create table inhibitions (source text not null, rule text not null, "on" text not null, value text not null, primary key (source, rule, "on")) without rowid;
create index inhibitionsRule on inhibitions (rule, "on", value);
`

/**
 * What changed the engine's picture of the city, kept longer than the journal. A book that was there before begins with
 * its present register, under offsets below 1, and knows what changed from `since` on.
 */
const CONTROLS = `
create table controls ("offset" integer primary key, type text not null, about text not null, json text not null);
create index controlsAbout on controls (type, about, "offset");
create table controlsKept (id integer primary key check (id = 1), since integer not null);
insert into controlsKept select 1, "offset" from projection;
insert into controls select n, 'asset', id, json_object('type', 'asset', 'by', 'platform', 'asset', json(json), 'offset', n, 'receivedAt', 0)
  from (select id, json, -1000000000 + rowid as n from assets where json_extract(json, '$.origin') <> 'auto');
insert into controls select n, 'camera', id, json_object('type', 'camera', 'by', "by", 'id', id, 'version', version, 'config', json(config), 'offset', n, 'receivedAt', 0)
  from (select *, -500000000 + rowid as n from cameras as newest where version = (select max(version) from cameras where cameras.id = newest.id));
insert into controls select n, 'calendar', id, json_object('type', 'calendar', 'by', "by", 'id', id, 'calendar', json(json), 'offset', n, 'receivedAt', 0)
  from (select *, -250000000 + rowid as n from calendars);
insert into controls select n, 'case', id, json_object('type', 'case', 'by', 'platform', 'id', id, 'case', type, 'asset', asset, 'alert', alert, 'state', state,
    'open', json('true'), 'from', "from", 'to', "to", 'desk', desk, 'note', '', 'photos', json('[]'), 'offset', n, 'receivedAt', 0)
  from (select *, -rowid as n from cases where open = 1)
`

/** What was looked at, hour by hour: found by hour for lists and for forgetting, by pair for one of them. */
const COVERAGE = `
create table coverage (hour integer not null, camera text not null, algorithm text not null, through integer not null, frames integer not null,
  inferred integer not null, "blindMs" integer not null, counts text not null, primary key (hour, camera, algorithm)) without rowid;
create index coveragePair on coverage (camera, algorithm, hour)
`

/** What a picture shows, when a file's time was over, and why evidence that is wanted does not come. */
const EVIDENCE = `
alter table evidence add column shows text;
alter table evidence add column bytes integer;
alter table evidence add column deletedAt integer;
create index evidenceOld on evidence (at, alert) where deletedAt is null and kind <> 'manifest';
alter table evidenceWanted add column error text;
alter table evidenceWanted add column turn integer not null default 0
`

/** With which guard a version went live: when it is put back, it is on trial again. What had one before is known of the present only. */
const RULE_GUARDS = `
alter table ruleMoves add column guard text;
update ruleMoves set guard = (select guard from rules where id = ruleMoves.rule and rules.version = ruleMoves.version and rules."offset" = ruleMoves."offset")
`
