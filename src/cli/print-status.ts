/** What a running engine does, for a person: the whole first, then a line for each symbol. */
import type { QueryAnswer } from '../app/console/contract.ts';
import { figure, plainText, priceText, rounded, tableText } from './plain-table.ts';

type Overview = QueryAnswer<'overview'>;
type SymbolRow = QueryAnswer<'symbols'>['symbols'][number];

export function statusText(overview: Overview, symbols: readonly SymbolRow[]): string {
	return `${overviewLines(overview).map(plainText).join('\n')}\n\n${symbolsText(symbols)}`;
}

function overviewLines(overview: Overview): readonly string[] {
	const { run, atMs, level, reason, profit, tick, commands, process, alerts, venues } = overview;
	return [
		`${run.mode} ${run.version}, up ${spanText(atMs - run.startedAtMs)}: ${LEVEL_TEXTS[level]}${reason === null ? '' : ` (${reason})`}`,
		...notes(overview).map((note) => `  ${note}`),
		`profit   ${rounded(profit.total)} ${profit.currency} = spread ${rounded(profit.spread)}, inventory ${rounded(profit.inventory)}, fees ${rounded(profit.fees)}, funding ${rounded(profit.funding)}${profit.isComplete ? '' : '; not all of it is known'}`,
		`account  equity ${rounded(overview.equity)}, drawdown ${rounded(overview.drawdown)}, gross ${rounded(overview.grossExposure)}, net ${rounded(overview.netExposure)}`,
		`orders   ${overview.openOrders} open, ${overview.unknownOrders} in doubt, ${overview.fills} fills`,
		`tick     p50 ${tick.p50.toFixed(1)}, p95 ${tick.p95.toFixed(1)}, p99 ${tick.p99.toFixed(1)} ms; ${tick.count} so far, ${tick.overruns} over their deadline`,
		`calls    ${commands.calls} for ${commands.before} commands; ${commands.saved} saved`,
		`process  loop late by ${process.loopDelayP99Ms.toFixed(1)} ms (p99), journal behind by ${process.journalDelayMs.toFixed(1)} ms, heap ${process.heapMb.toFixed(0)} MB`,
		...venues.map(venueLine),
		`alerts   ${alerts.critical} critical, ${alerts.warning} warnings`,
	];
}

const LEVEL_TEXTS: Readonly<Record<Overview['level'], string>> = {
	run: 'running',
	pauseQuoting: 'paused',
	reduceOnly: 'positions may only shrink',
	kill: 'KILLED',
};

function notes({ pauses, reason, isFlattening, isComparing }: Overview): readonly string[] {
	return [
		...pauses.filter((pause) => pause.reason !== reason).map((pause) => `paused: ${pause.reason}`),
		...(isFlattening ? ['positions are being closed'] : []),
		...(isComparing ? ['what we know is being compared with the venues'] : []),
	];
}

function venueLine({ name, environment, isReady, streams, budget, restErrors, reconnects }: Overview['venues'][number]): string {
	const down = streams.filter(({ isUp }) => !isUp).map((stream) => stream.name);
	const state = down.length > 0 ? `down: ${down.join(', ')}` : isReady ? 'up' : 'not ready';
	const least = budget.reduce((left, each) => Math.min(left, each.left), 1);
	return `venue    ${name} (${environment}) ${state}, ${Math.round(least * 100)} % of its limits left, ${restErrors} errors, ${reconnects} reconnects`;
}

const HEADINGS = ['symbol', 'mid', 'bps', 'position', 'orders', 'fills', 'profit', 'up %', 'buy', 'sell'];
const NUMBERS: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7]);

function symbolsText(symbols: readonly SymbolRow[]): string {
	if (symbols.length === 0) return 'no symbols\n';
	const rows = symbols.map((row) => [
		...[row.name, priceText(row.mid), figure(row.spreadBps, 2), row.position],
		...[String(row.openOrders), String(row.fills), row.profit.toFixed(2), (row.uptime * 100).toFixed(1)],
		...[whyText(row.buy, row.ownBid), whyText(row.sell, row.ownAsk)],
	]);
	return tableText(HEADINGS, rows, NUMBERS);
}

/** A price where it quotes, and the reason where not. */
function whyText({ isQuoting, why }: SymbolRow['buy'], own: number | null): string {
	return isQuoting && own !== null ? priceText(own) : why;
}

function spanText(ms: number): string {
	const seconds = Math.max(0, Math.round(ms / 1_000));
	const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
	if (hours > 0) return `${hours} h ${minutes} min`;
	return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
