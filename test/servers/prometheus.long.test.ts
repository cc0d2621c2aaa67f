/**
 * Prometheus itself on what `ops/` hands it: it takes settings and rules, the rules fire when they should, and a running
 * engine tells everything that dashboards and rules ask for.
 */
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { BOARDS } from '../../scripts/grafana/boards.ts';
import { METRICS } from '../../src/telemetry/catalogue.ts';
import { eventually } from '../clients/wait.ts';
import { type Sample, ScrapedEngine } from './scraped-engine.ts';
import { prometheusIn, testWith } from './server-process.ts';

const OPS = fileURLToPath(new URL('../../ops/prometheus/', import.meta.url));
const testPrometheus = testWith(prometheusIn(OPS));

function promtool(...args: readonly string[]): string {
	const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: OPS, encoding: 'utf8' });
	if (status !== 0) throw new Error(`promtool ${args.join(' ')}: ${stdout}${stderr}`);
	return stdout;
}

testPrometheus('settings and rules are taken, and each rule fires when it should and not before', async () => {
	promtool('check', 'config', 'prometheus.yml');
	promtool('check', 'rules', 'alerts.yml');
	promtool('test', 'rules', 'alerts.test.yml');
});

/** What is only there once something has gone wrong, and what shows only what is not well. */
function isOfTrouble(expr: string): boolean {
	return /mm_alerts|mm_strategy_failures|> 0$/.test(expr);
}

/** Of a panel, for everything and over a short time. */
function plain(expr: string): string {
	return expr.replaceAll('$__rate_interval', '8s').replaceAll(/\$(?:instance|exchange|symbol)/g, '.*');
}

/** What changes while an engine trades and nothing goes wrong. */
const MOVING = [
	...['mm_ticks_total', 'mm_commands_total', 'mm_calls_total', 'mm_cmd_coalesced_total', 'mm_orders_ended_total'],
	...['mm_tick_duration_ms_count', 'mm_exchange_req_ms_count', 'latency_ms_count', 'mm_reconciliations_total'],
	...['mm_fills_total', 'mm_fill_volume_total', 'mm_inventory', 'mm_inventory_notional', 'mm_pnl', 'mm_symbol_pnl', 'mm_equity'],
	...['mm_exposure', 'mm_mid_price', 'mm_book_age_seconds', 'mm_quote_uptime_ratio', 'mm_reconciliation_age_seconds'],
	...['mm_rate_budget_left_ratio', 'mm_event_loop_delay_seconds', 'process_cpu_seconds_total', 'nodejs_heap_size_used_bytes'],
	...['mm_denials_total', 'mm_outlet_waiting'],
];

function figuresOf(samples: readonly Sample[]): string {
	return JSON.stringify(samples.map(({ metric, value }) => [metric, value]));
}

/** Until all of these were as they should be at some moment; says which never were. */
async function emptied<Item>(what: string, items: Set<Item>, isFine: (item: Item) => Promise<boolean>): Promise<void> {
	const look = async (): Promise<true | undefined> => {
		for (const item of items) if (await isFine(item)) items.delete(item);
		return items.size === 0 ? true : undefined;
	};
	await eventually(what, look, { withinMs: 40_000 }).catch((error: unknown) => {
		throw new Error(`${what}, but for ${JSON.stringify([...items])}`, { cause: error });
	});
}

testPrometheus('a running engine tells all that the dashboards ask for, and what should move moves', async () => {
	await using engine = await ScrapedEngine.open();
	const before = new Map<string, string>();
	const look = async (name: string): Promise<string> => figuresOf(await engine.query(name));
	await eventually('a first scrape', async () => ((await engine.query('mm_ticks_total > 0')).length > 0 ? true : undefined), {
		withinMs: 20_000,
	});
	for (const name of MOVING) before.set(name, await look(name));
	await sleep(10_000);
	const missing = new Set(METRICS.filter(({ name }) => !isOfTrouble(name)));
	await emptied('metrics that are told', missing, async ({ name, kind }) => {
		return (await engine.query(kind === 'histogram' ? `${name}_count` : name)).length > 0;
	});
	const still = new Set(MOVING);
	await emptied('metrics that move', still, async (name) => (await look(name)) !== before.get(name));
	const asked = Object.values(BOARDS).flatMap(({ rows }) => rows.flatMap(({ panels }) => panels.flatMap(({ ask }) => ask)));
	const unanswered = new Set(asked.map(({ expr }) => expr).filter((expr) => !isOfTrouble(expr)));
	await emptied('panels that show something', unanswered, async (expr) => (await engine.query(plain(expr))).length > 0);
	const told = await engine.query('{job="evenkeel", __name__!~"up|scrape_.*|ALERTS.*"}');
	const unknown = told.filter(({ metric: { __name__: name = '' } }) => {
		return !METRICS.some((entry) => name === entry.name || name.replace(/_(bucket|sum|count)$/, '') === entry.name);
	});
	expect(unknown).toEqual([]);
	expect((await engine.alerts()).filter(({ name, isFiring }) => isFiring && NEVER_OF_PACE.includes(name))).toEqual([]);
});

/** However slow the machine is, these fire for a reason of their own. */
const NEVER_OF_PACE = [
	...['EvenkeelKilled', 'EvenkeelReduceOnly', 'EvenkeelJournalRefused', 'EvenkeelForeignOrders', 'EvenkeelThrottled'],
	...['EvenkeelRejects', 'EvenkeelPointsLost', 'EvenkeelOutletAway', 'EvenkeelRestarts', 'EvenkeelStrategyFails'],
];
