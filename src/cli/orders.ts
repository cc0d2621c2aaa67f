/** `evenkeel orders`, `fills` and `alerts`: lists of a running engine, as tables or JSON. */
import type { Command } from 'commander';
import type { QueryAnswer, QueryParams } from '../app/console/contract.ts';
import { MARKOUT_SECONDS } from '../app/console/views.ts';
import { askEngine, type EngineFlags, withEngineFlags } from './engine-client.ts';
import { scopeOf } from './hand.ts';
import { figure, plainText, tableText } from './plain-table.ts';
import { UsageError } from './usage-error.ts';
import { parseWhole } from './whole.ts';

interface ListFlags extends EngineFlags {
	readonly side?: string;
	readonly state?: string;
	readonly limit?: string;
}

const SIDES = ['buy', 'sell'] as const;
const STATES = ['open', 'closed', 'all'] as const;
const LIMIT_MAX = 1_000;

export function addListCommands(program: Command): void {
	listCommand(program, 'orders', 'list the open orders of a running engine, or those that are over')
		.option('--state <state>', `${STATES.join(', ')}; those that are over are the last of this run`, 'open')
		.addHelpText('after', '\nExample:\n  evenkeel orders BTCUSDT --side buy')
		.action(async (symbol: string | undefined, flags: ListFlags) => {
			const params = { ...paramsOf(symbol, flags), state: oneOf('--state', flags.state ?? 'open', STATES) };
			process.exitCode = await list(flags, 'orders', params, ordersText);
		});
	listCommand(program, 'fills', 'list the last fills of a running engine, and how the market went after them')
		.addHelpText('after', '\nExample:\n  evenkeel fills --limit 20')
		.action(async (symbol: string | undefined, flags: ListFlags) => {
			process.exitCode = await list(flags, 'fills', paramsOf(symbol, flags), fillsText);
		});
	withEngineFlags(program.command('alerts').description('list what is wrong with a running engine, and what was'))
		.option('--limit <count>', `at most so many, up to ${LIMIT_MAX}`)
		.addHelpText('after', '\nExample:\n  evenkeel alerts')
		.action(async (flags: ListFlags) => {
			process.exitCode = await list(flags, 'alerts', limitOf(flags), alertsText);
		});
}

function listCommand(program: Command, name: string, description: string): Command {
	return withEngineFlags(program.command(name).description(description).argument('[symbol]', 'such as BTCUSDT; all unless given'))
		.option('--side <side>', 'buy or sell; both unless given')
		.option('--limit <count>', `at most so many, up to ${LIMIT_MAX}`);
}

type ListName = 'orders' | 'fills' | 'alerts';

function list<Name extends ListName>(
	flags: ListFlags,
	name: Name,
	params: QueryParams<Name>,
	textOf: (answer: QueryAnswer<Name>) => string,
): Promise<number> {
	return askEngine(flags, 'viewer', async (client) => {
		const answer = await client.read(name, params);
		process.stdout.write(flags.json === true ? `${JSON.stringify(answer)}\n` : textOf(answer));
		return 0;
	});
}

function paramsOf(symbol: string | undefined, flags: ListFlags) {
	const side = flags.side === undefined ? {} : { side: oneOf('--side', flags.side, SIDES) };
	return { ...scopeOf(symbol), ...side, ...limitOf(flags) };
}

function limitOf({ limit }: ListFlags): { readonly limit?: number } {
	if (limit === undefined) return {};
	const count = parseWhole(limit, { min: 1, max: LIMIT_MAX });
	if (count === undefined) throw new UsageError(`--limit is '${limit}', expected a whole number from 1 to ${LIMIT_MAX}`);
	return { limit: count };
}

function oneOf<Word extends string>(flag: string, found: string, words: readonly Word[]): Word {
	const word = words.find((each) => each === found);
	if (word === undefined) throw new UsageError(`${flag} is '${found}', expected ${words.join(', ')}`);
	return word;
}

function ordersText({ orders, total }: QueryAnswer<'orders'>): string {
	if (orders.length === 0) return 'no orders\n';
	const rows = orders.map((order) => [
		...[order.orderId, order.symbol, order.side, order.price, order.qty, order.filled, order.state, order.owner],
		order.ahead === null ? '' : `${order.ahead} ahead`,
		order.reason ?? '',
	]);
	const headings = ['id', 'symbol', 'side', 'price', 'qty', 'filled', 'state', 'owner', 'queue', 'why'];
	return withRest(tableText(headings, rows, new Set([3, 4, 5])), orders.length, total);
}

function fillsText({ fills, total }: QueryAnswer<'fills'>): string {
	if (fills.length === 0) return 'no fills\n';
	const rows = fills.map((fill) => [
		...[timeText(fill.atMs), fill.symbol, fill.side, fill.price, fill.qty, `${fill.fee} ${fill.feeCurrency}`],
		...[fill.isMaker ? 'maker' : 'taker', figure(fill.edgeBps, 2), ...fill.markoutsBps.map((bps) => figure(bps, 2))],
	]);
	const after = MARKOUT_SECONDS.map((seconds) => `${seconds} s`);
	const headings = ['at', 'symbol', 'side', 'price', 'qty', 'fee', 'as', 'edge bps', ...after];
	const numbers = new Set([3, 4, 5, 7, ...MARKOUT_SECONDS.map((_, at) => at + 8)]);
	return withRest(tableText(headings, rows, numbers), fills.length, total);
}

function alertsText({ alerts }: QueryAnswer<'alerts'>): string {
	if (alerts.length === 0) return 'nothing is wrong, and nothing was\n';
	const rows = alerts.map(({ severity, code, sinceMs, endedMs, count, sentence }) => [
		...[endedMs === null ? 'now' : 'over', severity, code, timeText(sinceMs), String(count), plainText(sentence)],
	]);
	return tableText(['', 'severity', 'code', 'since', 'times', 'what'], rows, new Set([4]));
}

function withRest(table: string, shown: number, total: number): string {
	return total > shown ? `${table}${shown} of ${total}; --limit shows more\n` : table;
}

function timeText(atMs: number): string {
	return new Date(atMs).toISOString().slice(0, 23).replace('T', ' ');
}
