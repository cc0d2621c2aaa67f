// @ts-check
/**
 * Who may import whom: the rooms of `src/`, in an order in which nobody imports from a room below. A violation prints
 * the rule's name and its comment, which says what is allowed. `npm run check` runs this (scripts/check/direction.ts).
 * Tests (`*.test.ts`, `*.suite.ts`) may import from anywhere; nothing may import a test.
 */
const TESTS = '[.](test|suite)[.]ts$';
const ENGINE_PORTS = 'engine/ports[.]ts';

/** Below these are rooms that think: no file, no socket, no clock, no package. `strategy` may take indicators from npm. */
const PURE = ['ports', 'domain', 'strategy', 'risk', 'portfolio', 'execution', 'engine', 'exchange'];
const PACKAGES_ALLOWED = ['strategy'];
/** The one folder of the exchange that opens sockets. */
const EXCHANGE_SERVER = '^src/exchange/server/';

/**
 * Room, then what it may import besides itself. A path inside a room allows only that part of it.
 * @type {[room: string, mayImport: string[] | 'all above'][]}
 */
const ROOMS = [
	['ports', []],
	['domain', []],
	['strategy', ['domain']],
	['risk', ['domain']],
	['portfolio', ['domain']],
	['execution', ['domain', 'risk']],
	['engine', ['ports', 'domain', 'strategy', 'risk', 'portfolio', 'execution']],
	['network', ['ports']],
	['venues', ['ports', 'domain', 'network', ENGINE_PORTS]],
	['exchange', ['ports', 'domain']], // of domain only types: see exchange-shares-no-code-with-domain
	['trading', ['ports', 'domain', 'network', 'engine']],
	['storage', ['ports', 'domain', 'network', ENGINE_PORTS]],
	['telemetry', ['ports', 'domain', ENGINE_PORTS]],
	['sentinel', ['ports', 'domain', 'network', 'venues']],
	['simulation', 'all above'],
	['backtest', ['ports', 'domain', 'engine', 'exchange/core', 'storage', 'simulation']],
	['fleet', ['ports', 'domain', 'engine', 'storage', 'network']],
	['app', 'all above'],
	['api', ['ports', 'network', 'storage', 'app']],
	['cli', ['app', 'api']], // beside app, what it shows and the running engine's door
];

const names = ROOMS.map(([name]) => name);

/** @typedef {import('dependency-cruiser').IForbiddenRuleType} Rule */

/** @type {Rule[]} */
const roomRules = ROOMS.map(([name, listed], index) => {
	const allowed = listed === 'all above' ? names.slice(0, index) : listed;
	const readable = allowed.map((each) => each.replace('[.]', '.'));
	return {
		name: allowed.length === 0 ? `${name}-imports-nothing` : `${name}-imports-only-what-it-may`,
		comment: `src/${name} may import ${readable.length === 0 ? 'nothing of src but itself' : `only itself and ${readable.join(', ')}`}`,
		severity: 'error',
		from: { path: `^src/${name}/`, pathNot: TESTS },
		to: { path: '^src/', pathNot: [name, ...allowed].map((each) => `^src/${each}${each.endsWith('[.]ts') ? '$' : '/'}`) },
	};
});

/** @type {Rule[]} */
const coreRules = [
	{
		name: 'pure-rooms-use-no-builtins',
		comment: `${PURE.join(', ')} may not import node: modules: time, chance, files and sockets come in through a port (src/ports, src/engine/ports.ts). The façades of the exchange (not its core or market) may import node:crypto, to check signatures`,
		severity: 'error',
		from: { path: `^src/(${PURE.join('|')})/`, pathNot: [TESTS, '^src/exchange/(?!core/|market/)'] },
		to: { dependencyTypes: ['core'] },
	},
	{
		name: 'exchange-facades-use-no-builtins-but-crypto',
		comment:
			'src/exchange may import node:crypto, to check signatures, and no other node: module; only its server/ opens sockets',
		severity: 'error',
		from: { path: '^src/exchange/', pathNot: [TESTS, EXCHANGE_SERVER] },
		to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
	},
	{
		name: 'exchange-server-uses-sockets-only',
		comment: 'src/exchange/server carries bytes: of node: it may import http, net, stream and buffer, of packages ws',
		severity: 'error',
		from: { path: EXCHANGE_SERVER, pathNot: TESTS },
		to: {
			dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown'],
			pathNot: ['^(node:)?(http|net|stream|buffer)$', 'node_modules/(@types/)?ws/'],
		},
	},
	{
		name: 'pure-rooms-use-no-packages',
		comment: `${PURE.filter((room) => !PACKAGES_ALLOWED.includes(room)).join(', ')} may not import packages`,
		severity: 'error',
		from: {
			path: `^src/(${PURE.filter((room) => !PACKAGES_ALLOWED.includes(room)).join('|')})/`,
			pathNot: [TESTS, EXCHANGE_SERVER],
		},
		to: { path: 'node_modules' },
	},
	{
		name: 'exchange-shares-no-code-with-domain',
		comment:
			'src/exchange may use `import type` of src/domain at most: it parses and prints its own decimals, so that one rounding bug cannot pass both sides',
		severity: 'error',
		from: { path: '^src/exchange/', pathNot: TESTS },
		to: { path: '^src/domain/', dependencyTypesNot: ['type-only'] },
	},
	{
		name: 'exchange-never-sees-venues',
		comment:
			'src/exchange and src/venues each write the wire formats from the documents of the exchange, or both could be wrong together',
		severity: 'error',
		from: { path: '^src/exchange/', pathNot: TESTS },
		to: { path: '^src/venues/' },
	},
	{
		name: 'venues-do-not-know-each-other',
		comment:
			'src/venues/<name> may not import another venue; what two share belongs to src/venues/wire, src/network or src/domain',
		severity: 'error',
		from: { path: '^src/venues/([^/]+)/', pathNot: TESTS },
		to: { path: '^src/venues/[^/]+/', pathNot: ['^src/venues/$1/', '^src/venues/wire/'] },
	},
];

/** @type {Rule[]} */
const generalRules = [
	{
		name: 'every-room-is-known',
		comment: `a folder of src must be a room with a rule in .dependency-cruiser.mjs; there are ${names.join(', ')}`,
		severity: 'error',
		from: {},
		to: { path: '^src/[^/]+/', pathNot: `^src/(${names.join('|')})/` },
	},
	{
		name: 'rooms-do-not-use-the-front-door',
		comment: 'src/index.ts is for those who install the package; inside, import the file itself',
		severity: 'error',
		from: { path: '^src/[^/]+/' },
		to: { path: '^src/[^/]+[.]ts$' },
	},
	{
		name: 'no-cycles',
		comment: 'imports must not form a circle, not even of types: move what both need into a file of its own',
		severity: 'error',
		from: {},
		to: { circular: true },
	},
	{
		name: 'nothing-imports-a-test',
		comment: 'a test is the end of a chain of imports; what tests share belongs into a *.suite.ts file or into test/',
		severity: 'error',
		from: {},
		to: { path: '[.]test[.]ts$' },
	},
	{
		name: 'product-imports-no-tests-or-tools',
		comment: 'src may not import test/, bench/, scripts/, examples/ or *.suite.ts; only tests may',
		severity: 'error',
		from: { path: '^src/', pathNot: TESTS },
		to: { path: ['^(test|bench|scripts|examples)/', '[.]suite[.]ts$'] },
	},
	{
		name: 'product-imports-no-dev-dependencies',
		comment:
			'src may import only packages of `dependencies` in package.json; others are not there after `npm install evenkeel`. The SDK of traces is loaded when somebody wants traces, and missed in a sentence',
		severity: 'error',
		from: { path: '^src/', pathNot: [TESTS, '^src/telemetry/trace/traces[.]ts$'].flat() },
		to: { path: 'node_modules', dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
	},
	{
		name: 'dashboard-knows-the-api-by-its-types',
		comment:
			'web/ may import only itself, its packages and `import type` of src/api/types.ts: a page carries no code of the engine',
		severity: 'error',
		from: { path: '^web/(src|dev)/', pathNot: TESTS },
		to: { path: '^(src|test|bench|scripts|examples)/', pathNot: '^src/api/types[.]ts$' },
	},
	{
		name: 'dashboard-takes-types-alone',
		comment: 'web/ may use `import type` of src/api/types.ts at most: a page carries no code of the engine',
		severity: 'error',
		from: { path: '^web/', pathNot: TESTS },
		to: { path: '^src/', dependencyTypesNot: ['type-only'] },
	},
	{
		name: 'dashboard-runs-in-a-browser',
		comment: 'web/src may import no node: module',
		severity: 'error',
		from: { path: '^web/src/', pathNot: TESTS },
		to: { dependencyTypes: ['core'] },
	},
	{
		name: 'imports-resolve',
		comment: 'the file or package does not exist (imports of ours end in .ts)',
		severity: 'error',
		from: {},
		to: { couldNotResolve: true },
	},
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
	forbidden: [...roomRules, ...coreRules, ...generalRules],
	options: {
		tsConfig: { fileName: 'tsconfig.json' },
		tsPreCompilationDeps: true,
		doNotFollow: { path: 'node_modules' },
		exclude: { path: ['node_modules/.*/node_modules', '^(web/)?dist/'] },
		enhancedResolveOptions: {
			extensions: ['.ts', '.mjs', '.js', '.d.ts'],
			exportsFields: ['exports'],
			conditionNames: ['import', 'node', 'types', 'default'],
		},
	},
};
