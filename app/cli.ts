#!/usr/bin/env node
import { Command, Option } from 'commander'
import { ROLES } from '../domain/role.ts'
import { runCommand } from './errors.ts'

/** The command line (contract.md). Each command's code is loaded when it is called: `rules check` need not load ONNX. */
const program = new Command('wanglou').description("Wanglou 望楼: a city's watchtower").showHelpAfterError().version('0.1.0')
const data = (): Option => new Option('--data <dir>', 'data folder').default('./data').env('WANGLOU_DATA')
const role = (): Option => new Option('--role <role>').choices([...ROLES]).makeOptionMandatory()

program
  .command('start')
  .description('starts the platform')
  .option('--config <file>', 'configuration (default: wanglou.yaml if it exists)')
  .option('--data <dir>', 'data folder')
  .option('--http <port>', 'HTTP port', Number)
  .option('--mqtt <port>', 'MQTT port', Number)
  .option('--demo', 'with the demo city and a one-time login link')
  .action((options) => runCommand(async () => (await import('./commands/start.ts')).commandStart(options)))

const config = program.command('config').description('the configuration, wanglou.yaml')
config
  .command('check [file]')
  .description('checks it as a start would, and says everything that is wrong')
  .action((file) => runCommand(async () => (await import('./commands/config.ts')).checkConfig(file)))
config
  .command('schema')
  .description('its JSON Schema, for editors')
  .option('--table', 'all settings as a Markdown table instead')
  .action((options) => runCommand(async () => (await import('./commands/config.ts')).printSchema(options)))

const gateway = program.command('gateway').description('gateways and their passwords')
gateway
  .command('add <id>')
  .addOption(data())
  .option('--json')
  .action((id, options) => runCommand(async () => (await import('./commands/access.ts')).addGateway(id, options)))
gateway
  .command('remove <id>')
  .addOption(data())
  .action((id, options) => runCommand(async () => (await import('./commands/access.ts')).removeGateway(id, options)))
gateway
  .command('list')
  .addOption(data())
  .action((options) => runCommand(async () => (await import('./commands/access.ts')).listGateways(options)))

const user = program.command('user').description('people')
user
  .command('add <name>')
  .description('password from standard input')
  .addOption(data())
  .addOption(role())
  .option('--area <code>', 'what they may see', '')
  .action((name, options) => runCommand(async () => (await import('./commands/access.ts')).addUser(name, options)))
user
  .command('remove <name>')
  .addOption(data())
  .action((name, options) => runCommand(async () => (await import('./commands/access.ts')).removeUser(name, options)))

const token = program.command('token').description('API tokens')
token
  .command('add <name>')
  .addOption(data())
  .addOption(role())
  .option('--area <code>', 'what it may see', '')
  .option('--json')
  .action((name, options) => runCommand(async () => (await import('./commands/access.ts')).addToken(name, options)))
token
  .command('remove <name>')
  .addOption(data())
  .action((name, options) => runCommand(async () => (await import('./commands/access.ts')).removeToken(name, options)))

program
  .command('assets')
  .description('the register')
  .command('import <file>')
  .description('CSV or GeoJSON; all or nothing')
  .addOption(data())
  .action((file, options) => runCommand(async () => (await import('./commands/import.ts')).importAssets(file, options)))

const device = program.command('device').description('devices, and which gateway may report them')
device
  .command('list')
  .addOption(data())
  .option('--gateway <id>', 'of this gateway only')
  .option('--json')
  .action((options) => runCommand(async () => (await import('./commands/device.ts')).listDevices(options)))
device
  .command('move <device> <gateway>')
  .description('gives a device to another gateway')
  .addOption(data())
  .action((id, to, options) => runCommand(async () => (await import('./commands/device.ts')).moveDevice(id, to, options)))

const desk = program.command('desk').description('case systems outside, and what they are owed')
desk
  .command('list')
  .addOption(data())
  .option('--json')
  .action((options) => runCommand(async () => (await import('./commands/desk.ts')).listDesks(options)))
desk
  .command('replay <name>')
  .description('sends dead letters again')
  .addOption(data())
  .action((name, options) => runCommand(async () => (await import('./commands/desk.ts')).replayDesk(name, options)))
desk
  .command('enable <name>')
  .description('sends again to a desk that had answered that it is gone')
  .addOption(data())
  .action((name, options) => runCommand(async () => (await import('./commands/desk.ts')).enableDesk(name, options)))

const rules = program.command('rules').description('the rule book')
rules
  .command('check [paths...]')
  .description('validates rule files')
  .option('--calendars <ids>', "the city's calendars, separated by commas, where they are not those of calendars.yaml beside the rules: rules that name another one are wrong")
  .action((paths, options) => runCommand(async () => (await import('./commands/rules.ts')).commandRulesCheck(paths, options)))
rules
  .command('test [paths...]')
  .description('runs the scenarios beside rule files')
  .action((paths) => runCommand(async () => (await import('./commands/rules.ts')).commandRulesTest(paths)))
rules
  .command('mutate [paths...]')
  .description('changes each threshold, hold and comparison by one step and names what no scenario notices')
  .action((paths) => runCommand(async () => (await import('./commands/rules.ts')).commandRulesMutate(paths)))
rules
  .command('explain <rule>')
  .description('why a rule (all: every rule) did or did not raise an alert about an asset')
  .addOption(data())
  .requiredOption('--asset <id>')
  .option('--at <time>', 'RFC 3339; now by default')
  .option('--json')
  .action((rule, options) => runCommand(async () => (await import('./commands/explain.ts')).commandRulesExplain(rule, options, Date.now())))
rules
  .command('import [paths...]')
  .description('makes rule files new live versions')
  .addOption(data())
  .action((paths, options) => runCommand(async () => (await import('./commands/import.ts')).importRules(paths, options)))
rules
  .command('backtest <rule>')
  .description('what other params would have raised: runs them beside the live version over what is stored')
  .addOption(data())
  .option('--set <name=value>', 'a param; may be given several times', (value: string, before: string[]) => [...before, value], [])
  .option('--from <time>', 'RFC 3339; 24 hours before --to')
  .option('--to <time>', 'RFC 3339; now')
  .option('--json')
  .action((rule, options) => runCommand(async () => (await import('./commands/backtest.ts')).commandBacktest(rule, options)))

program
  .command('replay')
  .description('runs the engine over the journal again and compares')
  .addOption(data())
  .option('--from <time>', 'RFC 3339')
  .option('--to <time>', 'RFC 3339')
  .option('--json')
  .action((options) => runCommand(async () => (await import('./commands/replay.ts')).commandReplay(options)))

const run = program.command('gateway-run').description('edge programs; passwords from WANGLOU_PASSWORD… or WANGLOU_PASSWORDS_FILE')
const edge = (command: Command): Command =>
  command.option('--url <url>', 'broker', 'mqtt://127.0.0.1:1883').option('--outbox <dir>', 'folder of the outbox on disk', './outbox').option('--quiet', 'no progress')
edge(run.command('simulate').description('the demo city at work'))
  .option('--seed <n>', 'of the city and what happens in it', Number, 1)
  .option('--rate <n>', 'messages per second of the whole city', Number)
  .option('--multiplier <n>', 'devices report so many times as often', Number)
  .option('--incidents <n>', 'incidents per minute', Number)
  .option('--covers <n>', '', Number)
  .option('--trucks <n>', '', Number)
  .option('--cameras <n>', '', Number)
  .option('--duration <duration>', 'ends by itself, for example 10m')
  .option('--fast', "the city's clock runs as fast as the platform acknowledges")
  .action((options) => runCommand(async () => (await import('./commands/edge.ts')).commandSimulate(options)))
edge(run.command('replay <file>').description('a recorded trace'))
  .option('--gateway <id>', 'gateway id', 'gw-replay')
  .addOption(new Option('--format <format>').choices(['csv', 'barefoot']))
  .option('--zone <zone>', 'zone of times that have none', '+08:00')
  .option('--speed <n>', 'times as fast as recorded; 0 is all at once', Number, 1)
  .option('--keep-time', 'leaves recorded times as they are')
  .action((file, options) => runCommand(async () => (await import('./commands/edge.ts')).commandReplayTrace(file, options)))
edge(run.command('camera').description('pictures of cameras at the edge: RTSP, HTTP or files'))
  .option('--gateway <id>', 'gateway id', 'gw-camera')
  .requiredOption('--config <file>', 'cameras: {ID: {source, fps, maxWidth}}; the file holds addresses with passwords and should be readable by its owner only')
  .action((options) => runCommand(async () => (await import('./commands/edge.ts')).commandCamera(options)))
edge(run.command('bridge').description("what other systems detect: Frigate's events, ONVIF events over MQTT"))
  .option('--gateway <id>', 'gateway id', 'gw-bridge')
  .requiredOption('--config <file>', 'frigate: …, onvif: …; see docs/seeing.md')
  .action((options) => runCommand(async () => (await import('./commands/edge.ts')).commandBridge(options)))

program
  .command('evidence')
  .description('files that prove alerts')
  .command('verify <what>')
  .description('checks a ZIP, a folder, a manifest.json or an alert of the data folder against hashes and signature, offline')
  .addOption(data())
  .option('--key <file>', "the platform's public key, as its /api/v1/evidence-key says; by default the data folder's")
  .option('--json')
  .action((what, options) => runCommand(async () => (await import('./commands/evidence.ts')).commandEvidenceVerify(what, options)))

const models = program.command('models').description('detection models')
models
  .command('list [dir]')
  .description('manifests, and what is wrong with them')
  .option('--json')
  .action((dir, options) => runCommand(async () => (await import('./commands/models.ts')).commandModelsList(dir, options)))
models
  .command('check <file> [pictures...]')
  .description('runs a manifest, or a bare ONNX file, for which it proposes one')
  .option('--folder <dir>', 'where the ONNX file of a manifest may lie too')
  .option('--threads <n>', 'inside one inference', Number)
  .addOption(new Option('--device <device>').choices(['cpu', 'cuda']))
  .option('--json')
  .action((file, pictures, options) => runCommand(async () => (await import('./commands/models.ts')).commandModelsCheck(file, pictures, options)))

await program.parseAsync()
