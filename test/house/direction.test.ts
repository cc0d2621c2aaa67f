/** Proves that the check of import directions sees each kind of wrong import, names the rule and says what is allowed. */
import { expect, test } from 'vitest';
import { checkDirection } from '../../scripts/check/direction.ts';
import { scratch } from './scratch.ts';

/** One wrong import each. */
const faults = [
	{
		name: 'domain imports network',
		from: 'src/domain/a.ts',
		text: "import '../network/socket.ts';",
		rule: 'domain-imports-nothing',
		allowed: 'src/domain may import nothing of src but itself',
	},
	{
		name: 'domain imports a port',
		from: 'src/domain/b.ts',
		text: "import type { Clock } from '../ports/clock.ts'; export type B = Clock;",
		rule: 'domain-imports-nothing',
	},
	{
		name: 'risk imports strategy, which stands beside it',
		from: 'src/risk/a.ts',
		text: "import '../strategy/quoter.ts';",
		rule: 'risk-imports-only-what-it-may',
		allowed: 'only itself and domain',
	},
	{
		name: 'a venue imports the inside of the engine',
		from: 'src/venues/bybit/a.ts',
		text: "import '../../engine/engine.ts';",
		rule: 'venues-imports-only-what-it-may',
	},
	{
		name: 'a venue imports another venue',
		from: 'src/venues/bybit/b.ts',
		text: "import '../binance/codec.ts';",
		rule: 'venues-do-not-know-each-other',
	},
	{
		name: 'the exchange imports a venue',
		from: 'src/exchange/bybit/a.ts',
		text: "import type { Codec } from '../../venues/binance/codec.ts'; export type A = Codec;",
		rule: 'exchange-never-sees-venues',
	},
	{
		name: 'the exchange imports a value of domain',
		from: 'src/exchange/core/a.ts',
		text: "import { ticks } from '../../domain/units.ts'; export const a = ticks;",
		rule: 'exchange-shares-no-code-with-domain',
	},
	{
		name: 'the matching core imports node:crypto',
		from: 'src/exchange/core/b.ts',
		text: "import 'node:crypto';",
		rule: 'pure-rooms-use-no-builtins',
	},
	{
		name: 'the dashboard imports code of the engine',
		from: 'web/src/a.tsx',
		text: "import '../../src/engine/engine.ts';",
		rule: 'dashboard-knows-the-api-by-its-types',
		allowed: 'src/api/types.ts',
	},
	{
		name: 'the dashboard imports a value of the API',
		from: 'web/src/b.ts',
		text: "import { LIMIT } from '../../src/api/types.ts'; export const a = LIMIT;",
		rule: 'dashboard-takes-types-alone',
	},
	{
		name: 'a page imports node:fs',
		from: 'web/src/c.ts',
		text: "import 'node:fs';",
		rule: 'dashboard-runs-in-a-browser',
		allowed: 'no node: module',
	},
	{ name: 'the engine imports node:fs', from: 'src/engine/a.ts', text: "import 'node:fs';", rule: 'pure-rooms-use-no-builtins' },
	{
		name: 'a façade imports node:http',
		from: 'src/exchange/bybit/b.ts',
		text: "import 'node:http';",
		rule: 'exchange-facades-use-no-builtins-but-crypto',
	},
	{
		name: 'the carrier of the exchange imports node:fs',
		from: 'src/exchange/server/a.ts',
		text: "import 'node:fs';",
		rule: 'exchange-server-uses-sockets-only',
		allowed: 'http, net, stream and buffer, of packages ws',
	},
	{
		name: 'a façade imports a package',
		from: 'src/exchange/bybit/c.ts',
		text: "import 'commander';",
		rule: 'pure-rooms-use-no-packages',
	},
	{
		name: 'execution imports a package',
		from: 'src/execution/a.ts',
		text: "import 'commander';",
		rule: 'pure-rooms-use-no-packages',
	},
	{ name: 'two files import each other', from: 'src/portfolio/a.ts', text: "import './b.ts';", rule: 'no-cycles' },
	{
		name: 'a folder of src is not in the table',
		from: 'src/cli/a.ts',
		text: "import '../helpers/all.ts';",
		rule: 'every-room-is-known',
	},
	{
		name: 'a room imports the front door',
		from: 'src/app/a.ts',
		text: "import '../index.ts';",
		rule: 'rooms-do-not-use-the-front-door',
	},
	{
		name: 'something imports a test',
		from: 'bench/a.ts',
		text: "import '../src/domain/units.test.ts';",
		rule: 'nothing-imports-a-test',
	},
	{
		name: 'the product imports a fixture',
		from: 'src/app/b.ts',
		text: "import '../../test/fixture.ts';",
		rule: 'product-imports-no-tests-or-tools',
	},
	{
		name: 'the product imports a development dependency',
		from: 'src/app/c.ts',
		text: "import 'fast-check';",
		rule: 'product-imports-no-dev-dependencies',
	},
	{ name: 'an import that leads nowhere', from: 'src/app/d.ts', text: "import './gone.ts';", rule: 'imports-resolve' },
];

/** Imported by the faults, without fault themselves. */
const innocent = {
	'src/ports/clock.ts': 'export interface Clock { wallMs(): number }',
	'src/domain/units.ts': 'export const ticks = 1; export type Ticks = number;',
	'src/domain/units.test.ts': "import { clock } from '../network/real-clock.ts'; export { clock };",
	'src/network/real-clock.ts': "import { performance } from 'node:perf_hooks'; export const clock = performance;",
	'src/network/socket.ts': "import type { Clock } from '../ports/clock.ts'; export type Socket = Clock;",
	'src/strategy/quoter.ts': "import type { Ticks } from '../domain/units.ts'; export type Q = Ticks;",
	'src/engine/engine.ts': "import '../strategy/quoter.ts';",
	'src/engine/ports.ts': "import type { Clock } from '../ports/clock.ts'; export type VenueGateway = Clock;",
	'src/venues/binance/codec.ts':
		"import type { VenueGateway } from '../../engine/ports.ts'; import '../../network/socket.ts'; export type Codec = VenueGateway;",
	'src/exchange/binance/facade.ts':
		"import 'node:crypto'; import type { Ticks } from '../../domain/units.ts'; export type F = Ticks;",
	'src/exchange/server/carrier.ts': "import 'node:http'; import type { Socket } from 'node:net'; export type S = Socket;",
	'src/api/types.ts': 'export type Limit = number; export const LIMIT = 1;',
	'web/src/page.tsx': "import type { Limit } from '../../src/api/types.ts'; export type Page = Limit;",
	'src/portfolio/b.ts': "import './a.ts';",
	'src/helpers/all.ts': '',
	'src/index.ts': "import './app/main.ts';",
	'src/app/main.ts': "import '../engine/engine.ts'; import 'commander';",
	'test/fixture.ts': "import '../src/engine/engine.ts'; import 'fast-check';",
};

test('every wrong import is reported with its rule and with what is allowed, and no right one is', async () => {
	using folder = scratch({ ...innocent, ...Object.fromEntries(faults.map(({ from, text }) => [from, text])) });
	const { ok, output } = await checkDirection(folder.path);
	expect(ok).toBe(false);
	for (const { name, from, rule, allowed = '' } of faults) {
		const at = output.indexOf(`${rule}: ${from}`);
		expect(at, `${name}, in:\n${output}`).toBeGreaterThan(-1);
		expect(output.slice(at).split('\n')[1], name).toContain(allowed);
	}
	for (const file of Object.keys(innocent).filter((name) => name !== 'src/portfolio/b.ts'))
		expect(output).not.toContain(`: ${file} `);
});

test('a repository without fault passes', async () => {
	const { 'src/portfolio/b.ts': _half, 'src/helpers/all.ts': _stray, ...right } = innocent;
	using folder = scratch(right);
	expect(await checkDirection(folder.path)).toEqual({ ok: true, output: '' });
});

test('a look at nothing is not a success', async () => {
	using folder = scratch({ 'src/readme.md': 'no code here' });
	expect((await checkDirection(folder.path)).ok).toBe(false);
});
